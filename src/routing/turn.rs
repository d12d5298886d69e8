//! One conversation turn on its way through the models, and what is wanted of them.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::deadline::Deadline;
use crate::proto::InvokeRequest;
use crate::proto::StreamOptions;
use crate::proto::stream_options::GuardrailProcessingMode;
use crate::registry::Model;
use crate::settings::RoutingSettings;

/// A validated request with what the edge knows about the call.
pub struct Turn {
    /// What the caller asked.
    pub request: Arc<InvokeRequest>,
    /// Gateway identifier of the call.
    pub request_id: String,
    /// When the call arrived.
    pub arrived: Instant,
    /// When it must be answered.
    pub deadline: Deadline,
    /// What the caller chose for its stream; the default for a unary call.
    pub stream_options: StreamOptions,
    /// Ends the call when the process ends.
    pub cutting: CancellationToken,
}

/// Time limits of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AttemptLimits {
    /// From the start of a call over Converse to its answer.
    pub(crate) unary: Duration,
    /// From the start of a streamed attempt to its first content.
    pub(crate) first_event: Duration,
    /// Between two events of a stream.
    pub(crate) idle: Duration,
    /// From the start of a streamed attempt to its end, if the caller limits it.
    pub(crate) streamed: Option<Duration>,
}

/// What a caller wants of the models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A finished message.
    Message,
    /// A message while it is generated.
    Stream,
    /// The number of input tokens.
    Count,
}

impl Wanted {
    /// The method that asks for it.
    pub(super) fn method(self) -> &'static str {
        match self {
            Self::Message => "Invoke",
            Self::Stream => "InvokeStream",
            Self::Count => "CountTokens",
        }
    }
}

impl Turn {
    /// Most upstream calls, within the operator's limit.
    pub(crate) fn max_attempts(&self, limit: u32) -> u32 {
        let config = self.request.routing_config.as_ref();
        config
            .and_then(|config| config.max_attempts)
            .and_then(|asked| u32::try_from(asked).ok())
            .map_or(limit, |asked| asked.clamp(1, limit))
    }

    /// How a guardrail treats the stream.
    pub(crate) fn guardrail_processing_mode(&self) -> GuardrailProcessingMode {
        self.stream_options.guardrail_processing_mode()
    }

    /// Whether the request allows an attempt at this model less time than others do.
    pub(crate) fn hurries(&self, model: &Model, settings: &RoutingSettings) -> bool {
        let others = Self {
            request: Arc::default(),
            stream_options: StreamOptions::default(),
            request_id: String::new(),
            cutting: self.cutting.clone(),
            ..*self
        };
        let limits = self.limits(model, settings);
        limits.are_below(others.limits(model, settings))
    }

    /// After how much silence towards the caller the stream shows that it is alive.
    pub(crate) fn heartbeat_interval(&self) -> Option<Duration> {
        duration(self.stream_options.heartbeat_interval.as_ref())
    }

    /// The limits of an attempt at this model: the request's, else the model's, else the
    /// operator's.
    pub(crate) fn limits(&self, model: &Model, settings: &RoutingSettings) -> AttemptLimits {
        let config = self.request.routing_config.as_ref();
        // A limit beyond the longest deadline limits nothing, and could not be added to a moment.
        let limit = |value: Option<&prost_types::Duration>| {
            duration(value).map(|limit| limit.min(settings.max_deadline))
        };
        let attempt = config.and_then(|config| limit(config.attempt_timeout.as_ref()));
        let first_event = limit(self.stream_options.first_token_timeout.as_ref());
        let idle = limit(self.stream_options.idle_timeout.as_ref());
        let limits = &model.timeouts;
        AttemptLimits {
            unary: attempt
                .or(limits.attempt)
                .unwrap_or(settings.attempt_timeout),
            first_event: first_event
                .or(attempt)
                .or(limits.first_event)
                .or(limits.attempt)
                .unwrap_or(settings.first_event_timeout),
            idle: idle.or(limits.idle).unwrap_or(settings.idle_timeout),
            streamed: attempt,
        }
    }
}

impl AttemptLimits {
    /// Whether an attempt may have less time than under other limits.
    fn are_below(self, others: Self) -> bool {
        self.unary < others.unary
            || self.first_event < others.first_event
            || self.idle < others.idle
            || self.streamed.is_some()
    }
}

fn duration(value: Option<&prost_types::Duration>) -> Option<Duration> {
    value.and_then(|value| Duration::try_from(*value).ok())
}

#[cfg(test)]
#[path = "turn_tests.rs"]
mod tests;
