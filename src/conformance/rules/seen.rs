//! What rules look at.

use std::time::Duration;

use tonic::Code;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic_types::ErrorDetails;
use tonic_types::StatusExt as _;

use crate::conformance::models;
use crate::conformance::observation::Asked;
use crate::conformance::observation::Observed;
use crate::conformance::observation::invocation_failure;
use crate::proto::CountTokensResponse;
use crate::proto::ErrorReason;
use crate::proto::InvocationFailure;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeResponse;
use crate::proto::Message;
use crate::proto::Model;
use crate::proto::invoke_stream_response::Event;

/// An answer, whole or joined from a stream.
pub(super) struct AnswerSeen<'a> {
    pub(super) asked: &'a Asked,
    pub(super) answer: &'a InvokeResponse,
    pub(super) message: &'a Message,
    pub(super) metadata: &'a InvocationMetadata,
    pub(super) headers: &'a MetadataMap,
    pub(super) took: Duration,
    /// The registry's entry of the model that answered, if it has one.
    pub(super) model: Option<&'a Model>,
    /// The entry of the model that was asked for, if one was.
    pub(super) requested: Option<&'a Model>,
}

impl<'a> AnswerSeen<'a> {
    pub(super) fn new(
        asked: &'a Asked,
        observed: &'a Observed,
        answer: &'a InvokeResponse,
        models: &'a [Model],
    ) -> Option<Self> {
        let metadata = answer.metadata.as_ref()?;
        Some(Self {
            asked,
            answer,
            message: answer.message.as_ref()?,
            metadata,
            headers: &observed.headers,
            took: observed.took,
            model: models.iter().find(|model| model.name == metadata.model),
            requested: models::find(models, &asked.request.model),
        })
    }

    /// The text of a header.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The events of a stream.
pub(super) struct StreamSeen<'a> {
    pub(super) asked: &'a Asked,
    pub(super) events: &'a [Event],
    /// Whether it ended with OK.
    pub(super) is_complete: bool,
}

/// A status, and what came before it.
pub(super) struct FailureSeen<'a> {
    pub(super) asked: &'a Asked,
    pub(super) code: Code,
    pub(super) details: ErrorDetails,
    /// The reason, if the API knows it.
    pub(super) reason: Option<ErrorReason>,
    pub(super) failure: Option<InvocationFailure>,
    pub(super) events: &'a [Event],
    pub(super) headers: &'a MetadataMap,
}

impl<'a> FailureSeen<'a> {
    pub(super) fn new(
        asked: &'a Asked,
        status: &'a Status,
        events: &'a [Event],
        headers: &'a MetadataMap,
    ) -> Self {
        let details = status.get_error_details();
        let reason = details
            .error_info()
            .and_then(|info| ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)));
        Self {
            asked,
            code: status.code(),
            reason,
            details,
            failure: invocation_failure(status),
            events,
            headers,
        }
    }
}

/// A count of tokens.
pub(super) struct CountSeen<'a> {
    pub(super) asked: &'a Asked,
    pub(super) count: &'a CountTokensResponse,
    pub(super) models: &'a [Model],
}

/// Entries of the registry, and what was listed before.
pub(super) struct CatalogueSeen<'a> {
    /// The name or alias of the one model that was asked for.
    pub(super) asked: Option<&'a str>,
    pub(super) listed: &'a [Model],
    /// Empty if nothing was.
    pub(super) models: &'a [Model],
}
