//! The attempt ledger: what was tried, skipped and changed, in order.

use std::time::Duration;
use std::time::SystemTime;

use prost_types::Timestamp;
use tokio::time::Instant;

use crate::proto::Adjustment;
use crate::proto::Attempt;
use crate::proto::AttemptError;
use crate::proto::Cost;
use crate::proto::ErrorReason;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::attempt::State;
use crate::provider::Completion;
use crate::provider::ErrorKind;
use crate::provider::Origin;
use crate::provider::ProviderError;
use crate::registry::Model;
use crate::registry::Prices;
use crate::registry::total_cost;
use crate::routing::adapt::Skip;
use crate::routing::availability;
use crate::routing::circuit::Refusal;

/// What was tried, skipped and changed, in order.
#[derive(Default)]
pub(super) struct Ledger {
    attempts: Vec<Attempt>,
    failures: Vec<ErrorKind>,
    origin: Option<Box<Origin>>,
    calls: u32,
    started: Option<Instant>,
    /// Of the model that is being called.
    prices: Option<Prices>,
    /// Of the same. Zero if not known.
    context_window: u32,
    retry_after: Option<Duration>,
    /// The shortest time until a suspended candidate is due.
    next_try: Option<Duration>,
}

impl Ledger {
    /// A candidate that was not called.
    pub(super) fn skip(&mut self, model: &Model, skip: &Skip) {
        let number = self.next_number();
        self.attempts.push(Attempt {
            number,
            model: model.name.clone(),
            state: State::Skipped.into(),
            error: Some(AttemptError {
                code: skip.code().into(),
                reason: skip.reason.into(),
                message: skip.message.clone(),
                upstream_error: String::new(),
            }),
            region: model.target.region.clone(),
            ..Attempt::default()
        });
    }

    /// A candidate that was not called because of what became of earlier calls.
    pub(super) fn suspended(&mut self, model: &Model, refusal: &Refusal) {
        if refusal.is_retired {
            let skip =
                availability::retired(model, "Bedrock says that the model reached its end of life");
            self.skip(model, &skip);
            return;
        }
        let wait = refusal.until - Instant::now();
        let next_try = self.next_try.map_or(wait, |known| known.min(wait));
        self.next_try = Some(next_try);
        let why = refusal.why;
        let skip = Skip {
            reason: ErrorReason::ModelSuspended,
            message: format!("the model is suspended: {why}; next try in {wait:.1?}"),
        };
        self.skip(model, &skip);
    }

    /// A call begins.
    pub(super) fn start(&mut self, model: &Model, adjustments: Vec<Adjustment>) {
        let number = self.next_number();
        self.calls += 1;
        self.started = Some(Instant::now());
        self.prices = model.prices;
        self.context_window = model.limits.context_window_tokens;
        self.attempts.push(Attempt {
            number,
            model: model.name.clone(),
            state: State::Running.into(),
            start_time: Some(Timestamp::from(SystemTime::now())),
            region: model.target.region.clone(),
            adjustments,
            ..Attempt::default()
        });
    }

    /// The call under way has an upstream identifier.
    pub(super) fn identify(&mut self, upstream_request_id: &str) {
        if let Some(attempt) = self.attempts.last_mut() {
            upstream_request_id.clone_into(&mut attempt.upstream_request_id);
        }
    }

    /// The call under way was used, whatever becomes of it.
    pub(super) fn charge(&mut self, completion: &Completion) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.usage.clone_from(&completion.usage);
            attempt.cost = cost(self.prices.as_ref(), self.context_window, completion);
        }
    }

    /// The call under way produced the answer.
    pub(super) fn succeed(&mut self, completion: &Completion) {
        self.charge(completion);
        self.close(State::Succeeded, |_attempt| {});
    }

    /// The call under way failed.
    pub(super) fn fail(&mut self, error: &ProviderError) {
        self.failures.push(error.kind);
        self.origin.clone_from(&error.origin);
        self.retry_after = match (self.retry_after, error.retry_after) {
            (Some(known), Some(asked)) => Some(known.min(asked)),
            (known, asked) => known.or(asked),
        };
        if let Some(completion) = &error.completion {
            self.charge(completion);
        }
        let consequence = error.kind.consequence();
        self.close(State::Failed, |attempt| {
            if !error.request_id.is_empty() {
                error
                    .request_id
                    .clone_into(&mut attempt.upstream_request_id);
            }
            attempt.error = Some(AttemptError {
                code: consequence.code.into(),
                reason: consequence.reason.into(),
                message: error.message.clone().into_owned(),
                upstream_error: error.upstream_error.clone().into_owned(),
            });
        });
    }

    /// The call under way, if there is one, was stopped for no fault of the model.
    pub(super) fn cancel(&mut self) {
        if self.started.is_some() {
            self.close(State::Cancelled, |_attempt| {});
        }
    }

    /// The shortest wait that any failure asked for.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The shortest time until a suspended candidate is due.
    pub(super) fn next_try(&self) -> Option<Duration> {
        self.next_try
    }

    /// What the model's own server said about the last failure.
    pub(super) fn origin(&self) -> Option<&Origin> {
        self.origin.as_deref()
    }

    /// Upstream calls so far.
    pub(super) fn calls(&self) -> u32 {
        self.calls
    }

    /// Kinds of the failures so far, in order.
    pub(super) fn failures(&self) -> &[ErrorKind] {
        &self.failures
    }

    /// The attempts so far, in order.
    pub(super) fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// What the last attempt cost, if that is known.
    pub(super) fn last_cost(&self) -> Option<Cost> {
        self.attempts.last()?.cost.clone()
    }

    /// What all attempts cost that reported usage; `None` if that of one is not known.
    pub(super) fn total_cost(&self) -> Option<Cost> {
        let used = || {
            self.attempts
                .iter()
                .filter(|attempt| attempt.usage.is_some())
        };
        if used().any(|attempt| attempt.cost.is_none()) {
            return None;
        }
        total_cost(used().filter_map(|attempt| attempt.cost.as_ref()))
    }

    /// The attempts, in order.
    pub(super) fn into_attempts(self) -> Vec<Attempt> {
        self.attempts
    }

    fn close(&mut self, state: State, fill: impl FnOnce(&mut Attempt)) {
        let started = self.started.take();
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.state = state.into();
            attempt.latency = started.and_then(|started| started.elapsed().try_into().ok());
            fill(attempt);
        }
    }

    fn next_number(&self) -> i32 {
        i32::try_from(self.attempts.len() + 1).unwrap_or(i32::MAX)
    }
}

/// The registry knows the prices of the default tier, of the standard variant and of the context
/// window it names: what ran on another cost something else. A caller can ask Claude Sonnet 4.5 for
/// a larger window, in which input costs twice as much.
///
/// Source: LiteLLM 1.109.1, its list of models, seen 2026-11-22.
fn cost(prices: Option<&Prices>, context_window: u32, completion: &Completion) -> Option<Cost> {
    let usage = completion.usage.as_ref()?;
    let is_default_tier = match completion.service_tier {
        ServiceTier::Unspecified | ServiceTier::Default => true,
        ServiceTier::Priority | ServiceTier::Flex | ServiceTier::Reserved => false,
    };
    let is_optimized = completion.latency_mode == LatencyMode::Optimized;
    let input = [
        usage.input_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
    ];
    let input: i64 = input.into_iter().map(i64::from).sum();
    let is_beyond_window = context_window > 0 && input > i64::from(context_window);
    if !is_default_tier || is_optimized || is_beyond_window {
        return None;
    }
    prices?.cost(usage)
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
