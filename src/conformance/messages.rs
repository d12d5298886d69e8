//! Messages of the API as proto JSON, read by the descriptors that every gateway serves.

use std::sync::LazyLock;

use prost::Message;
use prost::Name;
use prost_reflect::DescriptorPool;
use prost_reflect::DynamicMessage;
use serde_json::Map;
use serde_json::Value;

use crate::conformance::case::Call;
use crate::proto::CountTokensRequest;
use crate::proto::FILE_DESCRIPTOR_SET;
use crate::proto::GetModelRequest;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;
use crate::proto::ListModelsRequest;

/// The API's descriptors. They are compiled in; a test reads them.
pub(super) static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap_or_default());

/// Reads a message. An unknown field is an error.
///
/// # Errors
/// What is wrong, with the name of the field.
pub(super) fn read<T: Message + Name + Default>(json: &Value) -> Result<T, String> {
    let descriptor = POOL
        .get_message_by_name(&T::full_name())
        .ok_or_else(|| format!("{} is not described", T::NAME))?;
    DynamicMessage::deserialize(descriptor, json)
        .map_err(|error| format!("is no {}: {error}", T::NAME))?
        .transcode_to()
        .map_err(|error| format!("is no {}: {error}", T::NAME))
}

/// The request of a stream: that of a whole answer, and its own options.
pub(super) fn with_stream_options(request: &Value, stream_options: Option<&Value>) -> Value {
    let mut members = request.as_object().cloned().unwrap_or_else(Map::new);
    if let Some(options) = stream_options {
        members.insert("stream_options".to_owned(), options.clone());
    }
    Value::Object(members)
}

/// What is wrong with the request of such a call.
pub(super) fn check(call: Call, request: &Value, stream_options: Option<&Value>) -> Vec<String> {
    let stream = with_stream_options(request, stream_options);
    let read = match call {
        Call::Invoke => read::<InvokeRequest>(request).map(drop),
        Call::Stream => read::<InvokeStreamRequest>(&stream).map(drop),
        Call::InvokeAndStream => read::<InvokeRequest>(request)
            .and_then(|_| read::<InvokeStreamRequest>(&stream))
            .map(drop),
        Call::CountTokens => read::<CountTokensRequest>(request).map(drop),
        Call::ListModels => read::<ListModelsRequest>(request).map(drop),
        Call::GetModel => read::<GetModelRequest>(request).map(drop),
    };
    read.err().into_iter().collect()
}
