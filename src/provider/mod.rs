//! The port: what routing needs from a host of models.
//!
//! A provider makes exactly one upstream call per method call. It converts and classifies; it
//! never retries, waits or chooses.

mod adaptation;
mod error;
mod refusal;
#[cfg(test)]
pub(crate) mod scripted;
mod suspension;

use std::pin::Pin;
use std::time::Duration;

use tokio_stream::Stream;

use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
use crate::proto::ContentBlockStopEvent;
use crate::proto::GuardrailTrace;
use crate::proto::InvokeRequest;
use crate::proto::LatencyMode;
use crate::proto::Message;
use crate::proto::MessageStopEvent;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::Usage;
use crate::proto::stream_options::GuardrailProcessingMode;
use crate::registry::Model;

pub use adaptation::is_blank_answer;
pub use adaptation::{Adaptation, Effort, Reasoning, ReasoningBlocks, ReasoningMode};
pub use error::{Consequence, ErrorKind, NextModel, Origin, ProviderError, SameModel};
pub use refusal::Refusable;
pub use suspension::{CircuitEffect, Suspension};

/// A host of models.
#[tonic::async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Runs one turn and waits for the whole message.
    ///
    /// Dropping the future ends the upstream call.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; its consequence says what to do.
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, ProviderError>;

    /// Starts one turn and returns when the upstream has accepted it.
    ///
    /// Dropping the future or the stream ends the upstream call.
    ///
    /// # Errors
    /// Any [`ErrorKind`], from the call itself or from the stream.
    async fn invoke_stream(&self, call: Call<'_>) -> Result<EventStream, ProviderError>;

    /// Counts the input tokens of a conversation with one model's tokenizer. Of the request only
    /// what a [`CountTokensRequest`](crate::proto::CountTokensRequest) has is read.
    ///
    /// # Errors
    /// Any [`ErrorKind`]; [`ErrorKind::CannotCount`] if the model cannot.
    async fn count_tokens(&self, call: Call<'_>) -> Result<i32, ProviderError>;
}

/// One upstream call: a request, the model that shall answer, and what to change for it.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The model to call.
    pub model: &'a Model,
    /// What the caller asked, validated.
    pub request: &'a InvokeRequest,
    /// How a guardrail treats a stream. Only [`Provider::invoke_stream`] reads it.
    pub guardrail_processing_mode: GuardrailProcessingMode,
    /// What of the request is sent differently to this model.
    pub adaptation: &'a Adaptation,
}

/// A finished message.
#[derive(Clone, PartialEq)]
pub struct Reply {
    /// The message, with role ROLE_ASSISTANT.
    pub message: Message,
    /// Why generation ended.
    pub stop_reason: StopReason,
    /// The same as the upstream spelled it.
    pub raw_stop_reason: String,
    /// Values found at `additional_model_response_field_paths`.
    pub additional_model_response_fields: Option<prost_types::Struct>,
    /// The upstream's identifier of the call.
    pub request_id: String,
    /// Usage and the rest of what the upstream says about the call.
    pub completion: Completion,
}

/// What the upstream says about a call when it is over.
#[derive(Clone, Default, PartialEq)]
pub struct Completion {
    /// Tokens used, if the upstream said.
    pub usage: Option<Usage>,
    /// Processing time as the upstream measured it.
    pub latency: Option<Duration>,
    /// The latency mode that was used.
    pub latency_mode: LatencyMode,
    /// The tier that was used.
    pub service_tier: ServiceTier,
    /// What the guardrail did, if the request asked for it.
    pub guardrail_trace: Option<Box<GuardrailTrace>>,
    /// The model a prompt router chose; empty if none was used.
    pub prompt_router_model_id: String,
    /// Parts of the answer that the API cannot carry, by place and the upstream's name.
    pub omitted_members: Vec<String>,
}

/// A message while it is generated.
///
/// The order is checked and completed by the provider: one [`Event::MessageStart`], for each block
/// one start, its deltas and one stop, then [`Event::MessageStop`] and [`Event::Completion`]. The
/// stream ends without an error only after all of these; an end before is
/// [`ErrorKind::Truncated`]. After an error the stream ends.
pub struct EventStream {
    /// The upstream's identifier of the call.
    pub request_id: String,
    /// The events.
    pub events: Pin<Box<dyn Stream<Item = Result<Event, ProviderError>> + Send>>,
}

/// One step in the generation of a message.
pub enum Event {
    /// The message begins.
    MessageStart,
    /// A content block begins.
    BlockStart(ContentBlockStartEvent),
    /// A content block grows.
    BlockDelta(ContentBlockDeltaEvent),
    /// A content block is complete.
    BlockStop(ContentBlockStopEvent),
    /// The message is complete.
    MessageStop(MessageStopEvent),
    /// The call is complete. Boxed: it is large, and most events are not.
    Completion(Box<Completion>),
}
