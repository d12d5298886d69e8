//! The loop: candidate after candidate, attempt after attempt, until one answers or none is left.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::proto::AttemptEvent;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeRequest;
use crate::proto::stream_options::Recovery;
use crate::provider::Call;
use crate::provider::Completion;
use crate::provider::ErrorKind;
use crate::provider::NextModel;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::SameModel;
use crate::registry::Model;
use crate::routing::adapt::Fit;
use crate::routing::attempt::Attempt;
use crate::routing::attempt::AttemptTime;
use crate::routing::attempt::log_failure;
use crate::routing::bound::Bound;
use crate::routing::cancelled;
use crate::routing::cancelled::Delivered;
use crate::routing::circuits::Permit;
use crate::routing::decision::Decision;
use crate::routing::error::RouteError;
use crate::routing::ledger::Ledger;
use crate::routing::plan::Plan;
use crate::routing::policy::Policy;
use crate::routing::progress::Failed;
use crate::routing::progress::Progress;
use crate::routing::reports;
use crate::routing::reports::Reporter;
use crate::routing::turn::AttemptLimits;
use crate::routing::turn::Turn;
use crate::routing::turn::Wanted;

/// One call on its way through the models. Owns all it needs, so that it can wait inside a response
/// and be taken up again.
///
/// Dropped before it has ended, its caller went away.
pub(super) struct Failover {
    turn: Turn,
    wanted: Wanted,
    policy: Arc<Policy>,
    provider: Arc<dyn Provider>,
    /// `None` once nothing more may be tried.
    plan: Option<Plan>,
    /// The model to call again before any other, after this wait.
    again: Option<(Candidate, Duration)>,
    ledger: Ledger,
    /// Of the attempt under way, until it is known what became of it.
    permit: Option<Permit>,
    progress: Progress,
    /// Whether the caller was ever sent content.
    output_started: bool,
    /// Whether it was sent content of the attempt under way.
    is_committed: bool,
    /// `None` if the caller need not see attempts before there is content.
    reporter: Option<Reporter>,
    /// What was handed to the caller.
    pub(super) delivered: Delivered,
    /// Whether it is known what the caller gets.
    has_ended: bool,
}

/// A model that suits the request.
pub(super) struct Candidate {
    pub(super) model: Arc<Model>,
    fit: Fit,
}

impl Failover {
    /// Lists the candidates of a call.
    ///
    /// # Errors
    /// What [`Plan::new`] finds.
    pub(super) fn new(
        turn: Turn,
        wanted: Wanted,
        policy: Arc<Policy>,
        provider: Arc<dyn Provider>,
    ) -> Result<Self, RouteError> {
        let plan = Plan::new(Arc::clone(&turn.request), wanted, Arc::clone(&policy))?;
        let progress = Progress::new(turn.max_attempts(policy.settings.max_attempts.get()));
        Ok(Self {
            turn,
            wanted,
            policy,
            provider,
            plan: Some(plan),
            again: None,
            ledger: Ledger::default(),
            permit: None,
            progress,
            output_started: false,
            is_committed: false,
            reporter: None,
            delivered: Delivered::default(),
            has_ended: false,
        })
    }

    /// From now on attempts are told as they start and fail.
    pub(super) fn report(&mut self) -> UnboundedReceiver<AttemptEvent> {
        let (reporter, reports) = Reporter::new();
        self.reporter = Some(reporter);
        reports
    }

    /// Calls models until one answers, or the process ends.
    ///
    /// # Errors
    /// What ends the call, with everything that was tried.
    pub(super) async fn answer<A: Attempt>(
        &mut self,
        attempt: &A,
    ) -> Result<(Candidate, A::Output), RouteError> {
        let cutting = self.turn.cutting.clone();
        let answered = cutting.run_until_cancelled(self.search(attempt)).await;
        answered.unwrap_or_else(|| Err(self.stop(RouteError::not_serving())))
    }

    async fn search<A: Attempt>(
        &mut self,
        attempt: &A,
    ) -> Result<(Candidate, A::Output), RouteError> {
        loop {
            let candidate = self.next().await?;
            match self.call(attempt, &candidate).await {
                Ok(output) => {
                    if let Some(plan) = &self.plan {
                        plan.confirm(&candidate.model, &candidate.fit);
                    }
                    return Ok((candidate, output));
                }
                Err(error) => {
                    let backoff = self.fail(candidate, &error)?;
                    self.tell(backoff);
                }
            }
        }
    }

    /// The attempt under way failed after the caller was sent content of it: decides whether
    /// another may begin anew, and tells the caller what to forget.
    ///
    /// # Errors
    /// What ends the call, if nothing may follow.
    pub(super) fn restart(
        &mut self,
        candidate: Candidate,
        error: &ProviderError,
    ) -> Result<AttemptEvent, RouteError> {
        let backoff = self.fail(candidate, error)?;
        self.is_committed = false;
        let attempts = self.ledger.attempts();
        if let Some(reporter) = &mut self.reporter {
            reporter.skip(attempts);
        }
        let failed = attempts.last().cloned().unwrap_or_default();
        Ok(AttemptEvent {
            output_discarded: true,
            ..reports::event(&failed, backoff)
        })
    }

    /// The attempt under way failed: decides what follows, and after which wait.
    ///
    /// # Errors
    /// What ends the call, if nothing may follow.
    fn fail(
        &mut self,
        mut candidate: Candidate,
        error: &ProviderError,
    ) -> Result<Option<Duration>, RouteError> {
        let is_about_time = self.is_committed || error.kind == ErrorKind::AttemptTimeout;
        if is_about_time && self.turn.deadline.has_passed() {
            self.ledger.identify(&error.request_id);
            return Err(self.stop(RouteError::deadline()));
        }
        log_failure(&candidate.model, &self.turn.request_id, error);
        self.ledger.fail(error);
        let permit = self.permit.take();
        if let Some(permit) = permit.filter(|_| !self.is_impatience(&candidate.model, error)) {
            permit.fail(error);
        }
        let Some(plan) = &mut self.plan else {
            return Err(self.exhausted());
        };
        let mut consequence = error.kind.consequence();
        if consequence.next_model == NextModel::LargerWindow {
            plan.require_larger_window(&candidate.model);
        }
        if !refit(plan, &mut candidate, error) {
            consequence.same_model = SameModel::Never;
        }
        let failed = Failed {
            model: &candidate.model,
            consequence,
            retry_after: error.retry_after,
            others_left: plan.has_next(),
            time_left: self.turn.deadline.time_left(),
        };
        let circuits = self.policy.circuits_for(self.wanted);
        let progress = &mut self.progress;
        match progress.decide(&failed, &self.policy.settings, circuits) {
            Decision::SameModel(wait) => {
                self.again = Some((candidate, wait));
                Ok(Some(wait))
            }
            Decision::NextModel => Ok(None),
            Decision::GiveUp => Err(self.exhausted()),
        }
    }

    /// The attempt under way gave the whole answer: what the caller learns about the call.
    pub(super) fn succeed(
        &mut self,
        model: &Model,
        completion: Completion,
        time_to_first_token: Option<Duration>,
    ) -> InvocationMetadata {
        self.ledger.succeed(&completion);
        if let Some(permit) = self.permit.take() {
            permit.succeed();
        }
        InvocationMetadata {
            model: model.name.clone(),
            cost: self.ledger.last_cost(),
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
            ..self.metadata()
        }
    }

    /// Ends the call for a reason that has nothing to do with the upstream.
    pub(super) fn stop(&mut self, error: RouteError) -> RouteError {
        self.ledger.cancel();
        self.failed(error)
    }

    /// The caller receives content of the attempt under way now. Unless it asked for a restart,
    /// nothing more may be tried, and nothing is kept for that.
    pub(super) fn commit(&mut self) {
        self.output_started = true;
        self.is_committed = true;
        if let Some(permit) = &mut self.permit {
            permit.commit();
        }
        if self.turn.stream_options.recovery() == Recovery::Restart {
            return;
        }
        self.plan = None;
        // The prompt is not needed any more, and a stream may live for minutes.
        self.turn.request = Arc::new(InvokeRequest {
            model: self.turn.request.model.clone(),
            routing_config: self.turn.request.routing_config.clone(),
            ..InvokeRequest::default()
        });
    }

    /// The call.
    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    /// What was tried.
    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The attempt under way is known upstream by this name, and has used this for sure.
    pub(super) fn note(&mut self, upstream_request_id: &str, completion: Option<&Completion>) {
        self.ledger.identify(upstream_request_id);
        if let Some(completion) = completion {
            self.ledger.charge(completion);
        }
    }

    /// Limits of an attempt at this model.
    pub(super) fn limits(&self, model: &Model) -> AttemptLimits {
        self.turn.limits(model, &self.policy.settings)
    }

    /// Begins an attempt at the next candidate, or at the same again after its wait.
    async fn next(&mut self) -> Result<Candidate, RouteError> {
        let candidate = match self.again.take() {
            Some((candidate, wait)) => {
                sleep(wait).await;
                let circuits = self.policy.circuits_for(self.wanted);
                self.permit = Some(circuits.begin_again(&candidate.model));
                candidate
            }
            None => {
                self.progress.move_on();
                let plan = self.plan.as_mut();
                let next = plan.and_then(|plan| plan.next(&mut self.ledger));
                let (model, fit, permit) = next.ok_or_else(|| self.exhausted())?;
                self.permit = Some(permit);
                Candidate { model, fit }
            }
        };
        if self.turn.deadline.time_left() < self.policy.settings.min_attempt_time {
            return Err(self.out_of_time());
        }
        let adjustments = candidate.fit.adjustments.clone();
        self.ledger.start(&candidate.model, adjustments);
        self.progress.call();
        self.tell(None);
        Ok(candidate)
    }

    /// Whether an attempt failed only because the caller gave it less time than the operator does:
    /// that says nothing about the model.
    fn is_impatience(&self, model: &Model, error: &ProviderError) -> bool {
        let is_timeout = error.kind == ErrorKind::AttemptTimeout;
        error.cut_short || (is_timeout && self.turn.hurries(model, &self.policy.settings))
    }

    async fn call<A: Attempt>(
        &mut self,
        attempt: &A,
        candidate: &Candidate,
    ) -> Result<A::Output, ProviderError> {
        let time = self.time(&candidate.model);
        let call = Call {
            model: &candidate.model,
            request: &self.turn.request,
            guardrail_processing_mode: self.turn.guardrail_processing_mode(),
            adaptation: &candidate.fit.adaptation,
        };
        attempt.run(&*self.provider, call, time).await
    }

    /// The time of an attempt at this model that begins now.
    fn time(&mut self, model: &Model) -> AttemptTime {
        let limits = self.limits(model);
        let deadline = self.turn.deadline;
        let least = self.policy.settings.min_attempt_time;
        let longest = limits.unary.max(limits.first_event);
        let share = Bound::share(deadline.time_left(), least);
        // The next candidate is looked for only if it matters.
        let share = share.filter(|share| {
            let matters = share.at < Instant::now() + longest;
            matters && self.progress.calls_left() > 0 && self.others_left()
        });
        AttemptTime {
            limits,
            end: Bound::deadline(deadline.instant()),
            share,
        }
    }

    /// Whether another candidate suits the request.
    fn others_left(&mut self) -> bool {
        self.plan.as_mut().is_some_and(Plan::has_next)
    }

    /// Too little time is left for another attempt: what failed so far says more than the clock.
    fn out_of_time(&mut self) -> RouteError {
        if self.ledger.failures().is_empty() {
            self.failed(RouteError::deadline())
        } else {
            self.exhausted()
        }
    }

    /// Nothing is left to try.
    fn exhausted(&mut self) -> RouteError {
        self.explain();
        let error = if self.output_started {
            RouteError::interrupted(&self.ledger)
        } else {
            RouteError::exhausted(&self.ledger)
        };
        self.failed(error)
    }

    /// Attaches what was tried to a failure.
    fn failed(&mut self, mut error: RouteError) -> RouteError {
        self.permit = None;
        self.explain();
        self.tell(None);
        error.output_started = self.output_started;
        error.metadata = Some(Box::new(self.metadata()));
        error
    }

    /// Tells what is new in the ledger, if the caller wants to see it now.
    fn tell(&mut self, backoff: Option<Duration>) {
        if let Some(reporter) = &mut self.reporter {
            reporter.tell(self.ledger.attempts(), backoff);
        }
    }

    /// Writes those passed over into the ledger.
    fn explain(&mut self) {
        if let Some(plan) = &mut self.plan {
            plan.explain(&mut self.ledger);
        }
    }

    /// Somebody else notes that the caller went away.
    pub(super) fn leave_unnoted(&mut self) {
        self.has_ended = true;
    }

    /// Notes that the caller went away.
    pub(super) fn note_cancelled(&self, metadata: &InvocationMetadata) {
        let metrics = self.policy.circuits.metrics();
        cancelled::note(self.wanted.method(), metadata, self.delivered, metrics);
    }

    fn metadata(&mut self) -> InvocationMetadata {
        self.has_ended = true;
        let ledger = std::mem::take(&mut self.ledger);
        InvocationMetadata {
            request_id: self.turn.request_id.clone(),
            requested_model: self.turn.request.model.clone(),
            total_cost: ledger.total_cost(),
            attempts: ledger.into_attempts(),
            total_latency: self.turn.arrived.elapsed().try_into().ok(),
            ..InvocationMetadata::default()
        }
    }
}

impl Drop for Failover {
    fn drop(&mut self) {
        // Inside a response, somebody who notes it for us has given up the reports before.
        let is_left = self.reporter.as_ref().is_some_and(Reporter::is_left);
        if !self.has_ended && !is_left {
            self.ledger.cancel();
            let metadata = self.metadata();
            self.note_cancelled(&metadata);
        }
    }
}

/// Takes out of the request what the model refused of it. `false` if the failure calls for that,
/// and nothing can be taken out.
fn refit(plan: &mut Plan, candidate: &mut Candidate, error: &ProviderError) -> bool {
    let Candidate { model, fit } = candidate;
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

#[cfg(test)]
#[path = "failover_tests.rs"]
mod tests;
