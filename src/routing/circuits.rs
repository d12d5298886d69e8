//! The circuits of all models, shared by all workers: who may call which, and what became of it.
//!
//! Each target has a lock of its own. What it guards changes together, an outcome touches counts,
//! state and moments at once, and it is held for well under a microsecond and never across an
//! await; the map of targets is never changed. What a failure means is read from the table, and
//! what follows for the target is decided by `circuit.rs`.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::provider::ProviderError;
use crate::registry::Model;
use crate::registry::Registry;
use crate::routing::circuit::Circuit;
use crate::routing::circuit::Refusal;
use crate::routing::circuit::State;
use crate::routing::circuit::Ticket;
use crate::routing::retry_budget::RetryBudget;
use crate::settings::CircuitSettings;
use crate::settings::RetryBudgetSettings;
use crate::settings::RoutingSettings;
use crate::telemetry::CircuitCounts;
use crate::telemetry::Metrics;

/// The circuits of the models of one registry.
#[derive(Default)]
pub struct Circuits {
    targets: HashMap<String, Arc<Target>>,
    settings: Settings,
    changes: Arc<watch::Sender<()>>,
    metrics: Arc<Metrics>,
    operation: Operation,
}

/// What the models are called for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Operation {
    /// To answer.
    #[default]
    Answer,
    /// To count tokens.
    Count,
}

/// The rules, which may change while the circuits stay.
#[derive(Clone, Copy, Default)]
struct Settings {
    circuit: CircuitSettings,
    retry_budget: RetryBudgetSettings,
}

/// Where one model runs. Another id or region under the same name is another target.
struct Target {
    model: String,
    invocation_id: String,
    region: String,
    condition: Mutex<Condition>,
    changes: Arc<watch::Sender<()>>,
    counts: Arc<CircuitCounts>,
    operation: Operation,
}

struct Condition {
    circuit: Circuit,
    retry_budget: RetryBudget,
    /// The state that was told last. Time changes it too, without telling.
    told: State,
}

/// The right to call a model once, and the duty to say what became of it. Dropped without that, the
/// call was cancelled, which says nothing about the model.
pub(super) struct Permit(Option<Held>);

struct Held {
    target: Arc<Target>,
    ticket: Ticket,
    settings: CircuitSettings,
}

impl Circuits {
    /// No circuits yet; what they do will be counted here.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            ..Self::default()
        }
    }

    /// The same for counting tokens.
    pub(super) fn of_counting(metrics: Arc<Metrics>) -> Self {
        Self {
            operation: Operation::Count,
            ..Self::new(metrics)
        }
    }

    /// The circuits of a registry that takes the place of this one. Models that stay keep theirs.
    pub(super) fn for_registry(&self, registry: &Registry, settings: &RoutingSettings) -> Self {
        let now = Instant::now();
        let target = |model: &Arc<Model>| {
            let known = self.targets.get(&model.name);
            let known = known.filter(|target| target.is_of(model));
            let target = known.map_or_else(|| self.target(model, now), Arc::clone);
            (model.name.clone(), target)
        };
        Self {
            targets: registry.models().iter().map(target).collect(),
            settings: Settings {
                circuit: settings.circuit,
                retry_budget: settings.retry_budget,
            },
            changes: Arc::clone(&self.changes),
            metrics: Arc::clone(&self.metrics),
            operation: self.operation,
        }
    }

    /// Where what happens to calls is counted.
    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Whether a model is called, if only by probes.
    pub fn admits_calls(&self, model: &Model) -> bool {
        let target = self.targets.get(&model.name);
        target.is_none_or(|target| target.look(|circuit, now| circuit.state(now).admits_calls()))
    }

    /// Whether a model failed so often that single calls probe it. One that rests because of what
    /// Bedrock said is another matter.
    pub(super) fn is_open(&self, model: &Model) -> bool {
        let target = self.targets.get(&model.name);
        target.is_some_and(|target| target.look(|circuit, _now| circuit.is_open()))
    }

    /// Whether Bedrock said that a model is gone for good.
    pub fn is_retired(&self, model: &Model) -> bool {
        let refusal = self.refusal(model);
        refusal.is_some_and(|refusal| refusal.is_retired)
    }

    /// When time alone changes next what [`Circuits::admits_calls`] says of a model.
    pub fn next_change(&self, model: &Model) -> Option<Instant> {
        let target = self.targets.get(&model.name)?;
        target.look(|circuit, now| circuit.next_change(now))
    }

    /// Wakes at every change that time alone does not make, of any model, also under a registry
    /// that takes the place of this one.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }

    /// Why a model is not to be called now; `None` if it may be.
    pub(super) fn refusal(&self, model: &Model) -> Option<Refusal> {
        let target = self.targets.get(&model.name)?;
        target.look(|circuit, now| circuit.refusal(now))
    }

    /// A request passes a model over for that.
    pub(super) fn count_skip(&self, model: &Model) {
        if let Some(target) = self.targets.get(&model.name) {
            target.counts.skips.add_one();
        }
    }

    /// A call begins.
    ///
    /// # Errors
    /// [`Refusal`] if the model is not to be called now.
    pub(super) fn begin(&self, model: &Model) -> Result<Permit, Refusal> {
        let Some(target) = self.targets.get(&model.name) else {
            return Ok(Permit(None));
        };
        let ticket = target.change(|condition, now| {
            let ticket = condition.circuit.begin(now)?;
            condition.retry_budget.deposit(now);
            Ok(ticket)
        })?;
        Ok(self.permit(target, ticket))
    }

    /// A call begins although the model is suspended, because there is no other. `None` if too many
    /// did.
    pub(super) fn begin_anyway(&self, model: &Model) -> Option<Permit> {
        let target = self.targets.get(&model.name)?;
        let ticket = target.change(|condition, now| {
            let ticket = condition.circuit.begin_anyway(now)?;
            condition.retry_budget.deposit(now);
            Some(ticket)
        })?;
        target.counts.forced_calls.add_one();
        Some(self.permit(target, ticket))
    }

    /// A call begins that follows on another one of the same request, whatever the circuit says.
    pub(super) fn begin_again(&self, model: &Model) -> Permit {
        let Some(target) = self.targets.get(&model.name) else {
            return Permit(None);
        };
        let ticket = target.look(|circuit, _now| circuit.begin_again());
        self.permit(target, ticket)
    }

    /// Whether a call may be repeated as it was. Each answer draws on the model's budget.
    pub(super) fn may_repeat(&self, model: &Model) -> bool {
        self.targets.get(&model.name).is_none_or(|target| {
            let settings = &self.settings.retry_budget;
            let allowed =
                target.change(|condition, now| condition.retry_budget.withdraw(settings, now));
            if !allowed {
                target.counts.retries_denied.add_one();
            }
            allowed
        })
    }

    fn permit(&self, target: &Arc<Target>, ticket: Ticket) -> Permit {
        Permit(Some(Held {
            target: Arc::clone(target),
            ticket,
            settings: self.settings.circuit,
        }))
    }

    fn target(&self, model: &Model, now: Instant) -> Arc<Target> {
        let circuit = Circuit::new(now);
        let counts = match self.operation {
            Operation::Answer => &self.metrics.circuits,
            Operation::Count => &self.metrics.counting_circuits,
        };
        Arc::new(Target {
            model: model.name.clone(),
            invocation_id: model.target.invocation_id.clone(),
            region: model.target.region.clone(),
            condition: Mutex::new(Condition {
                told: circuit.state(now),
                circuit,
                retry_budget: RetryBudget::new(now),
            }),
            changes: Arc::clone(&self.changes),
            counts: counts.of(&model.name),
            operation: self.operation,
        })
    }
}

impl Permit {
    /// The answer began to reach the caller.
    pub(super) fn commit(&mut self) {
        if let Some(Held { target, ticket, .. }) = &mut self.0 {
            target.change(|condition, now| condition.circuit.commit(ticket, now));
        }
    }

    /// The call succeeded.
    pub(super) fn succeed(mut self) {
        if let Some(Held { target, ticket, .. }) = self.0.take() {
            target.change(|condition, now| condition.circuit.succeed(ticket, now));
        }
    }

    /// The call failed.
    pub(super) fn fail(mut self, error: &ProviderError) {
        if let Some(Held {
            target,
            ticket,
            settings,
        }) = self.0.take()
        {
            let chance = fastrand::f64();
            target.change(|condition, now| {
                let circuit = &mut condition.circuit;
                circuit.fail(ticket, error, &settings, now, chance);
            });
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(Held { target, ticket, .. }) = self.0.take() {
            target.change(|condition, _now| condition.circuit.cancel(ticket));
        }
    }
}

impl Target {
    fn is_of(&self, model: &Model) -> bool {
        self.invocation_id == model.target.invocation_id && self.region == model.target.region
    }

    fn look<T>(&self, read: impl FnOnce(&Circuit, Instant) -> T) -> T {
        let condition = self.condition.lock();
        let condition = condition.unwrap_or_else(PoisonError::into_inner);
        read(&condition.circuit, Instant::now())
    }

    /// Changes the condition, and tells of a change of state, also of one that time made before.
    fn change<T>(&self, change: impl FnOnce(&mut Condition, Instant) -> T) -> T {
        let condition = self.condition.lock();
        let mut condition = condition.unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let by_time = condition.tell(now);
        let changed = change(&mut condition, now);
        let by_call = condition.tell(now);
        let next_try = condition.circuit.refusal(now);
        drop(condition);
        for state in [by_time, by_call].into_iter().flatten() {
            self.tell(state, next_try.map(|refusal| refusal.until - now));
        }
        changed
    }

    /// Logs, counts and pushes a change of state.
    fn tell(&self, state: State, next_try_in: Option<Duration>) {
        let (model, region) = (&self.model, &self.region);
        let operation = match self.operation {
            Operation::Answer => None,
            Operation::Count => Some("CountTokens"),
        };
        match state {
            State::Closed => {
                self.counts.closed.add_one();
                info!(%model, %region, operation, "the model is called as usual again");
            }
            State::HalfOpen => {
                self.counts.half_open.add_one();
                info!(%model, %region, operation, "the circuit is half-open: single calls probe the model");
            }
            State::Open => {
                self.counts.open.add_one();
                warn!(%model, %region, operation, ?next_try_in, "the circuit is open: the model failed too often");
            }
            State::Suspended(cause) => match cause.remedy {
                None => {
                    self.counts.cooling.add_one();
                    warn!(%model, %region, operation, ?next_try_in, "the model is passed over: {}", cause.why);
                }
                Some(remedy) => {
                    self.counts.disabled.add_one();
                    let why = cause.why;
                    error!(%model, %region, operation, ?next_try_in, "the model is passed over: {why}; {remedy}");
                }
            },
        }
        self.changes.send_replace(());
    }
}

impl Condition {
    /// The state, if it is another than the one told last.
    fn tell(&mut self, now: Instant) -> Option<State> {
        let state = self.circuit.state(now);
        (std::mem::replace(&mut self.told, state) != state).then_some(state)
    }
}

#[cfg(test)]
#[path = "circuits_tests.rs"]
mod tests;
