//! The loop: candidate after candidate, attempt after attempt, until one answers or none is left.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use tracing::warn;

use crate::proto::Capability;
use crate::proto::CountTokensRequest;
use crate::proto::CountTokensResponse;
use crate::proto::ErrorReason;
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
use crate::registry::Registry;
use crate::routing::adapt::Fit;
use crate::routing::attempt::Attempt;
use crate::routing::attempt::Opened;
use crate::routing::attempt::Whole;
use crate::routing::availability::Availability;
use crate::routing::decision;
use crate::routing::decision::Decision;
use crate::routing::decision::Situation;
use crate::routing::error::RouteError;
use crate::routing::learned::Learned;
use crate::routing::ledger::Ledger;
use crate::routing::needs::Needs;
use crate::routing::plan;
use crate::routing::plan::Choices;
use crate::routing::plan::Plan;
use crate::routing::stream::RoutedStream;
use crate::routing::turn::Turn;
use crate::settings::RoutingSettings;

/// Finds a model that answers. One per worker; cheap to make.
pub struct Router {
    registry: Arc<Registry>,
    provider: Arc<dyn Provider>,
    settings: RoutingSettings,
    availability: Availability,
    learned: Arc<Learned>,
    default_model: Option<String>,
}

/// What a successful attempt leaves behind.
struct Answered<T> {
    output: T,
    model: Arc<Model>,
    ledger: Ledger,
}

impl Router {
    /// A router over the models of a registry and one host of models.
    pub fn new(
        registry: Arc<Registry>,
        provider: Arc<dyn Provider>,
        settings: RoutingSettings,
        availability: Availability,
        learned: Arc<Learned>,
        default_model: Option<String>,
    ) -> Self {
        Self {
            registry,
            provider,
            settings,
            availability,
            learned,
            default_model,
        }
    }

    /// Runs one turn and gives the finished message.
    ///
    /// # Errors
    /// [`RouteError`] with everything that was tried.
    pub async fn invoke(&self, turn: Turn) -> Result<InvokeResponse, RouteError> {
        let attempt = Whole {
            stream_above_tokens: self.settings.invoke_stream_threshold_tokens,
        };
        let Answered {
            output,
            model,
            mut ledger,
        } = self.run(&turn, &attempt, false).await?;
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
        let Answered {
            output,
            model,
            mut ledger,
        } = self.run(&turn, &Opened, true).await?;
        ledger.identify(&output.rest.request_id);
        if let Some(completion) = &output.completion {
            ledger.charge(completion);
        }
        let limits = turn.limits(&model, &self.settings);
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
        let model = self.counting_model(&request.model)?;
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

    /// One model by name or alias.
    ///
    /// # Errors
    /// MODEL_NOT_FOUND, with the replacement if the model was removed.
    pub fn model(&self, name: &str) -> Result<&Arc<Model>, RouteError> {
        let found = self.registry.find(name);
        found.ok_or_else(|| plan::unknown_model(&self.registry, name, "name"))
    }

    /// What keeps a model from being called at all, if anything does.
    pub fn availability(&self) -> &Availability {
        &self.availability
    }

    /// Request fields that a model refused so far, as callers write them.
    pub fn refused_fields(&self, model: &Model) -> impl Iterator<Item = &'static str> {
        self.learned.about(model).fields()
    }

    /// The models.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The named model, or the first that is there and can count: the default before the others.
    fn counting_model(&self, name: &str) -> Result<&Arc<Model>, RouteError> {
        let can_count = |model: &&Arc<Model>| {
            model.can(Capability::TokenCounting) && self.availability.objection(model).is_none()
        };
        if name.is_empty() {
            let default = self.default_model.as_deref();
            let default = default.and_then(|name| self.registry.find(name));
            let mut models = default.into_iter().chain(self.registry.models());
            return models.find(can_count).ok_or_else(|| {
                let message = "no model that is available can count tokens";
                RouteError::new(ErrorReason::CapabilityUnsupported, message.to_owned())
            });
        }
        let model = self
            .registry
            .find(name)
            .ok_or_else(|| plan::unknown_model(&self.registry, name, "model"))?;
        if let Some(skip) = self.availability.objection(model) {
            return Err(RouteError::new(skip.reason, skip.message));
        }
        if !can_count(&model) {
            let message = format!("{} cannot count tokens", model.name);
            return Err(RouteError::new(ErrorReason::CapabilityUnsupported, message));
        }
        Ok(model)
    }

    /// The loop.
    async fn run<A: Attempt>(
        &self,
        turn: &Turn,
        attempt: &A,
        streaming: bool,
    ) -> Result<Answered<A::Output>, RouteError> {
        let needs = Needs::of(&turn.request, streaming);
        let choices = Choices {
            registry: &self.registry,
            availability: &self.availability,
            learned: &self.learned,
            default_model: self.default_model.as_deref(),
            fallback: self.settings.fallback,
        };
        let mut plan = Plan::new(&turn.request, needs, &choices)?;
        let mut ledger = Ledger::default();
        let mut progress = Progress {
            calls_left: turn.max_attempts(self.settings.max_attempts.get()),
            ..Progress::default()
        };
        while let Some((model, mut fit)) = plan.next(&mut ledger) {
            progress.retries_here = 0;
            loop {
                if turn.deadline.time_left() < self.settings.min_attempt_time {
                    plan.explain(&mut ledger);
                    return Err(turn.failed(RouteError::out_of_time(&ledger), ledger));
                }
                ledger.start(model, fit.adjustments.clone());
                progress.calls_left = progress.calls_left.saturating_sub(1);
                let error = match self.call_once(turn, attempt, model, &fit).await {
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
                match decision::decide(&situation, &self.settings) {
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
        let limits = turn.limits(model, &self.settings);
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
