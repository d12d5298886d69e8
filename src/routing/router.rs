//! What the edge asks for: an answer, a stream, a count of tokens.

use std::sync::Arc;

use crate::proto::CountTokensResponse;
use crate::proto::InvokeResponse;
use crate::provider::Completion;
use crate::provider::Provider;
use crate::routing::attempt::Counted;
use crate::routing::attempt::Opened;
use crate::routing::attempt::Whole;
use crate::routing::error::RouteError;
use crate::routing::failover::Failover;
use crate::routing::policy::Policy;
use crate::routing::policy::PolicyInForce;
use crate::routing::stream::RoutedStream;
use crate::routing::turn::Turn;
use crate::routing::turn::Wanted;

/// Finds a model that answers. One per worker; cheap to make.
pub struct Router {
    policy: PolicyInForce,
    provider: Arc<dyn Provider>,
}

impl Router {
    /// A router over one host of models.
    pub fn new(policy: PolicyInForce, provider: Arc<dyn Provider>) -> Self {
        Self { policy, provider }
    }

    /// Runs one turn and gives the finished message.
    ///
    /// # Errors
    /// [`RouteError`] with everything that was tried.
    pub async fn invoke(&self, turn: Turn) -> Result<InvokeResponse, RouteError> {
        let policy = self.policy.current();
        let attempt = Whole {
            stream_above_tokens: policy.settings.invoke_stream_threshold_tokens,
        };
        let provider = Arc::clone(&self.provider);
        let mut failover = Failover::new(turn, Wanted::Message, policy, provider)?;
        let (candidate, reply) = failover.answer(&attempt).await?;
        failover.note(&reply.request_id, None);
        let metadata = failover.succeed(&candidate.model, reply.completion, None);
        Ok(InvokeResponse {
            text: reply.message.text(),
            message: Some(reply.message),
            stop_reason: reply.stop_reason.into(),
            raw_stop_reason: reply.raw_stop_reason,
            additional_model_response_fields: reply.additional_model_response_fields,
            metadata: Some(metadata),
        })
    }

    /// Runs one turn up to its first content and gives the stream; or gives it at once, if the
    /// caller wants to see that it is alive.
    ///
    /// Without that wish nothing reaches the caller before this returns, so a failure here leaves
    /// no half-begun message behind.
    ///
    /// # Errors
    /// [`RouteError`] with everything that was tried.
    pub async fn invoke_stream(&self, turn: Turn) -> Result<RoutedStream, RouteError> {
        let policy = self.policy.current();
        let provider = Arc::clone(&self.provider);
        let heartbeat = turn.heartbeat_interval();
        let mut failover = Failover::new(turn, Wanted::Stream, policy, provider)?;
        if let Some(interval) = heartbeat {
            return Ok(RoutedStream::alive(failover, interval));
        }
        let (candidate, stream) = failover.answer(&Opened).await?;
        Ok(RoutedStream::begun(failover, candidate, stream))
    }

    /// Counts the input tokens of a conversation with one model's tokenizer. Counts are specific to
    /// one model, so there is no fallback.
    ///
    /// # Errors
    /// [`RouteError`] with everything that was tried.
    pub async fn count_tokens(&self, turn: Turn) -> Result<CountTokensResponse, RouteError> {
        let policy = self.policy.current();
        let provider = Arc::clone(&self.provider);
        let mut failover = Failover::new(turn, Wanted::Count, policy, provider)?;
        let (candidate, input_tokens) = failover.answer(&Counted).await?;
        let metadata = failover.succeed(&candidate.model, Completion::default(), None);
        Ok(CountTokensResponse {
            input_tokens,
            model: metadata.model,
        })
    }

    /// The policy for a call that begins now.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.current()
    }
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
