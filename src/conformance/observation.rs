//! What was asked, and what came of it.

use std::time::Duration;

use prost::Message as _;
use tonic::Status;
use tonic::metadata::MetadataMap;

use crate::conformance::result::Finding;
use crate::proto::CountTokensResponse;
use crate::proto::InvocationFailure;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::Model;
use crate::proto::StreamOptions;
use crate::proto::invoke_stream_response::Event;

/// Type of the detail that tells what was tried.
const FAILURE_TYPE: &str = "/bedrock.gateway.v1.InvocationFailure";

/// What was asked.
#[derive(Clone, Default)]
pub(super) struct Asked {
    /// The request; of CountTokens only the model.
    pub(super) request: InvokeRequest,
    /// The options of a stream.
    pub(super) stream_options: StreamOptions,
    /// Whether only the requested model may answer.
    pub(super) only_this_model: bool,
    /// Whether models are asked, so that there are attempts to tell of.
    pub(super) asks_models: bool,
    /// The deadline.
    pub(super) timeout: Duration,
}

/// What came of a call.
pub(super) struct Observed {
    /// Headers of the answer, or of the status.
    pub(super) headers: MetadataMap,
    /// From the call to its end, as seen from here.
    pub(super) took: Duration,
    /// From the call to the first piece of content.
    pub(super) first_content: Option<Duration>,
    /// How it ended.
    pub(super) ended: Ended,
    /// What a client library made wrong of it.
    pub(super) findings: Vec<Finding>,
}

/// How a call ended.
pub(super) enum Ended {
    /// With a whole answer.
    Answer(Box<InvokeResponse>),
    /// A stream ended with OK.
    Stream(Vec<Event>),
    /// With a count of tokens.
    Count(CountTokensResponse),
    /// With a list of models.
    Models(Vec<Model>),
    /// With one model.
    Model(Box<Model>),
    /// With a status, after these events.
    Failed(Box<Status>, Vec<Event>),
    /// It did not, in its time and a while.
    Late,
}

impl Observed {
    /// The ledger, of an answer or of a failure.
    pub(super) fn metadata(&self) -> Option<InvocationMetadata> {
        match &self.ended {
            Ended::Answer(answer) => answer.metadata.clone(),
            Ended::Stream(events) => events.iter().find_map(|event| {
                let Event::Metadata(metadata) = event else {
                    return None;
                };
                Some((**metadata).clone())
            }),
            Ended::Failed(status, _) => invocation_failure(status)?.metadata,
            Ended::Count(_) | Ended::Models(_) | Ended::Model(_) | Ended::Late => None,
        }
    }
}

/// The detail of a status that tells what was tried.
pub(super) fn invocation_failure(status: &Status) -> Option<InvocationFailure> {
    let details = tonic_types::pb::Status::decode(status.details()).ok()?;
    let any = details
        .details
        .iter()
        .find(|any| any.type_url.ends_with(FAILURE_TYPE))?;
    InvocationFailure::decode(any.value.as_slice()).ok()
}
