//! The loop: candidate after candidate, attempt after attempt, until one answers or none is left.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;

use crate::proto::CountTokensRequest;
use crate::proto::CountTokensResponse;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeResponse;
use crate::provider::Call;
use crate::provider::Consequence;
use crate::provider::ErrorKind;
use crate::provider::NextModel;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::SameModel;
use crate::registry::Model;
use crate::routing::adapt::Fit;
use crate::routing::attempt::Attempt;
use crate::routing::attempt::Opened;
use crate::routing::attempt::Whole;
use crate::routing::decision;
use crate::routing::decision::Decision;
use crate::routing::decision::Situation;
use crate::routing::error::RouteError;
use crate::routing::ledger::Ledger;
use crate::routing::needs::Needs;
use crate::routing::plan::Plan;
use crate::routing::policy::Policy;
use crate::routing::policy::PolicyInForce;
use crate::routing::stream::RoutedStream;
use crate::routing::turn::Turn;

/// Finds a model that answers. One per worker; cheap to make.
pub struct Router {
    policy: PolicyInForce,
    provider: Arc<dyn Provider>,
}

/// What a successful attempt leaves behind.
struct Answered<T> {
    output: T,
    model: Arc<Model>,
    ledger: Ledger,
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
        let Answered {
            output,
            model,
            mut ledger,
        } = self.run(&policy, &turn, &attempt, false).await?;
        ledger.identify(&output.request_id);
        ledger.succeed(&output.completion);
        let metadata = turn.answered(&model, ledger, output.completion, None);
        Ok(InvokeResponse {
            text: output.message.text(),
            message: Some(output.message),
            stop_reason: output.stop_reason.into(),
            raw_stop_reason: output.raw_stop_reason,
            additional_model_response_fields: output.additional_model_response_fields,
            metadata: Some(metadata),
        })
    }

    /// Runs one turn up to its first content and gives the stream.
    ///
    /// Nothing reaches the caller before this returns, so a failure here leaves no half-begun
    /// message behind.
    ///
    /// # Errors
    /// [`RouteError`] with everything that was tried.
    pub async fn invoke_stream(&self, turn: Turn) -> Result<RoutedStream, RouteError> {
        let policy = self.policy.current();
        let Answered {
            output,
            model,
            mut ledger,
        } = self.run(&policy, &turn, &Opened, true).await?;
        ledger.identify(&output.rest.request_id);
        if let Some(completion) = &output.completion {
            ledger.charge(completion);
        }
        let limits = turn.limits(&model, &policy.settings);
        Ok(RoutedStream::new(turn, limits, model, ledger, output))
    }

    /// Counts the input tokens of a request with one model's tokenizer.
    ///
    /// # Errors
    /// [`RouteError`]: counts are specific to one model, so there is no fallback.
    pub async fn count_tokens(
        &self,
        request: &CountTokensRequest,
        request_id: &str,
        time: Duration,
    ) -> Result<CountTokensResponse, RouteError> {
        let policy = self.policy.current();
        let model = policy.counting_model(&request.model)?;
        let counted = tokio::time::timeout(time, self.provider.count_tokens(model, request)).await;
        let input_tokens = counted
            .map_err(|_elapsed| RouteError::deadline())?
            .map_err(|error| {
                log_failure(model, request_id, &error);
                RouteError::of_attempt(&error, model)
            })?;
        Ok(CountTokensResponse {
            input_tokens,
            model: model.name.clone(),
        })
    }

    /// The policy for a call that begins now.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.current()
    }

    /// The loop.
    async fn run<A: Attempt>(
        &self,
        policy: &Policy,
        turn: &Turn,
        attempt: &A,
        streaming: bool,
    ) -> Result<Answered<A::Output>, RouteError> {
        let needs = Needs::of(&turn.request, streaming);
        let mut plan = Plan::new(&turn.request, needs, policy)?;
        let mut ledger = Ledger::default();
        let mut progress = Progress {
            calls_left: turn.max_attempts(policy.settings.max_attempts.get()),
            ..Progress::default()
        };
        while let Some((model, mut fit)) = plan.next(&mut ledger) {
            progress.retries_here = 0;
            loop {
                if turn.deadline.time_left() < policy.settings.min_attempt_time {
                    plan.explain(&mut ledger);
                    return Err(turn.failed(RouteError::out_of_time(&ledger), ledger));
                }
                ledger.start(model, fit.adjustments.clone());
                progress.calls_left = progress.calls_left.saturating_sub(1);
                let error = match self.call_once(policy, turn, attempt, model, &fit).await {
                    Ok(output) => {
                        let model = Arc::clone(model);
                        return Ok(Answered {
                            output,
                            model,
                            ledger,
                        });
                    }
                    Err(error) => error,
                };
                if error.kind == ErrorKind::AttemptTimeout && turn.deadline.has_passed() {
                    ledger.identify(&error.request_id);
                    ledger.cancel();
                    return Err(turn.failed(RouteError::deadline(), ledger));
                }
                log_failure(model, &turn.request_id, &error);
                ledger.fail(&error);
                let mut consequence = error.kind.consequence();
                if consequence.next_model == NextModel::LargerWindow {
                    plan.require_larger_window(model);
                }
                if !refit(&mut plan, model, &mut fit, &error) {
                    consequence.same_model = SameModel::Never;
                }
                let situation = progress.situation(turn, consequence, &error, plan.has_next());
                match decision::decide(&situation, &policy.settings) {
                    Decision::SameModel(wait) => {
                        progress.retries += 1;
                        progress.retries_here += 1;
                        sleep(wait).await;
                    }
                    Decision::NextModel => break,
                    Decision::GiveUp => {
                        plan.explain(&mut ledger);
                        let failure = RouteError::exhausted(&ledger);
                        return Err(turn.failed(failure, ledger));
                    }
                }
            }
        }
        Err(turn.failed(RouteError::exhausted(&ledger), ledger))
    }

    async fn call_once<A: Attempt>(
        &self,
        policy: &Policy,
        turn: &Turn,
        attempt: &A,
        model: &Model,
        fit: &Fit,
    ) -> Result<A::Output, ProviderError> {
        let call = Call {
            model,
            request: &turn.request,
            guardrail_processing_mode: turn.guardrail_processing_mode(),
            adaptation: &fit.adaptation,
        };
        let limits = turn.limits(model, &policy.settings);
        let deadline = turn.deadline.instant();
        attempt.run(&*self.provider, call, limits, deadline).await
    }
}

/// Takes out of the request what the model refused of it. `false` if the failure calls for that,
/// and nothing can be taken out.
fn refit(plan: &mut Plan<'_>, model: &Model, fit: &mut Fit, error: &ProviderError) -> bool {
    // Learned from, whatever follows.
    let refitted = error
        .refused
        .is_some_and(|refused| plan.refit(model, fit, refused));
    match error.kind.consequence().same_model {
        SameModel::WithoutCachePoints => plan.leave_out_cache_points(fit),
        SameModel::WithoutRefused => refitted,
        SameModel::Never | SameModel::Once | SameModel::Yes | SameModel::IfLast => true,
    }
}

/// How far the loop has come.
#[derive(Clone, Copy, Default)]
struct Progress {
    calls_left: u32,
    retries: u32,
    retries_here: u32,
}

impl Progress {
    fn situation(
        &self,
        turn: &Turn,
        consequence: Consequence,
        error: &ProviderError,
        others_left: bool,
    ) -> Situation {
        Situation {
            consequence,
            retry_after: error.retry_after,
            retries_here: self.retries_here,
            retries: self.retries,
            others_left,
            calls_left: self.calls_left,
            time_left: turn.deadline.time_left(),
            chance: fastrand::f64(),
        }
    }
}

/// Logs a failed attempt once, where it stops.
pub(super) fn log_failure(model: &Model, request_id: &str, error: &ProviderError) {
    let cause = error.source.as_ref().map(ToString::to_string);
    warn!(
        request_id,
        model = %model.name,
        region = %model.target.region,
        reason = error.kind.consequence().reason.as_str_name(),
        upstream_error = %error.upstream_error,
        upstream_request_id = %error.request_id,
        cause = cause.as_deref(),
        "attempt failed"
    );
}

impl Turn {
    /// What the caller learns about an answered call.
    pub(super) fn answered(
        &self,
        model: &Model,
        ledger: Ledger,
        completion: crate::provider::Completion,
        time_to_first_token: Option<Duration>,
    ) -> InvocationMetadata {
        InvocationMetadata {
            model: model.name.clone(),
            cost: ledger.last_cost(),
            usage: completion.usage,
            upstream_latency: completion
                .latency
                .and_then(|latency| latency.try_into().ok()),
            time_to_first_token: time_to_first_token.and_then(|time| time.try_into().ok()),
            latency_mode: completion.latency_mode.into(),
            service_tier: completion.service_tier.into(),
            guardrail_trace: completion.guardrail_trace.map(|trace| *trace),
            prompt_router_model_id: completion.prompt_router_model_id,
            omitted_members: completion.omitted_members,
            ..self.metadata(ledger)
        }
    }

    /// Attaches what was tried to a failure.
    pub(super) fn failed(&self, mut error: RouteError, ledger: Ledger) -> RouteError {
        error.metadata = Some(Box::new(self.metadata(ledger)));
        error
    }

    fn metadata(&self, ledger: Ledger) -> InvocationMetadata {
        InvocationMetadata {
            request_id: self.request_id.clone(),
            requested_model: self.request.model.clone(),
            total_cost: ledger.total_cost(),
            attempts: ledger.into_attempts(),
            total_latency: self.arrived.elapsed().try_into().ok(),
            ..InvocationMetadata::default()
        }
    }
}

#[cfg(test)]
#[path = "router_tests.rs"]
mod tests;
