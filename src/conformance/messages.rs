//! Messages of the API as proto JSON, read by the descriptors that every gateway serves.

use std::sync::LazyLock;

use prost::Name;
use prost_reflect::DescriptorPool;
use prost_reflect::DynamicMessage;
use serde_json::Value;

use crate::conformance::case::Call;
use crate::proto::CountTokensRequest;
use crate::proto::FILE_DESCRIPTOR_SET;
use crate::proto::GetModelRequest;
use crate::proto::InvokeRequest;
use crate::proto::ListModelsRequest;

/// The API's descriptors. They are compiled in; a test reads them.
pub(super) static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap_or_default());

/// The request of a call. That of a stream is the same as of a whole answer, beside its options.
#[derive(Clone)]
pub(super) enum Message {
    /// Of `Invoke` and `InvokeStream`.
    Invoke(Box<InvokeRequest>),
    /// Of `CountTokens`.
    CountTokens(CountTokensRequest),
    /// Of `ListModels`.
    ListModels(ListModelsRequest),
    /// Of `GetModel`.
    GetModel(GetModelRequest),
}

impl Message {
    /// Reads the request of such a call.
    ///
    /// # Errors
    /// As [`read`].
    pub(super) fn read(call: Call, json: &Value) -> Result<Self, String> {
        Ok(match call {
            Call::Invoke | Call::Stream | Call::InvokeAndStream => {
                Self::Invoke(Box::new(read(json)?))
            }
            Call::CountTokens => Self::CountTokens(read(json)?),
            Call::ListModels => Self::ListModels(read(json)?),
            Call::GetModel => Self::GetModel(read(json)?),
        })
    }
}

/// Reads a message. An unknown field is an error.
///
/// # Errors
/// What is wrong, with the name of the field.
pub(super) fn read<M: prost::Message + Name + Default>(json: &Value) -> Result<M, String> {
    let wrong = |problem: String| format!("is no {}: {problem}", M::NAME);
    let descriptor = POOL
        .get_message_by_name(&M::full_name())
        .ok_or_else(|| format!("{} is not described", M::NAME))?;
    DynamicMessage::deserialize(descriptor, json)
        .map_err(|error| wrong(error.to_string()))?
        .transcode_to()
        .map_err(|error| wrong(error.to_string()))
}
