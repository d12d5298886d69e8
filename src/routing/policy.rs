//! What decides about calls: the models and the rules. Replaced as a whole, never changed.

use std::sync::Arc;

use tokio::sync::watch;

use crate::proto::Capability;
use crate::proto::ErrorReason;
use crate::registry::Model;
use crate::registry::Registry;
use crate::routing::availability::Availability;
use crate::routing::circuits::Circuits;
use crate::routing::error::RouteError;
use crate::routing::learned::Learned;
use crate::routing::turn::Wanted;
use crate::settings::RoutingSettings;
use crate::telemetry::Metrics;

/// What decides about calls. A call keeps the one it began with to its end.
pub struct Policy {
    /// The models.
    pub registry: Arc<Registry>,
    /// Failure, fallback and time.
    pub settings: RoutingSettings,
    /// What keeps a model from being called at all.
    pub availability: Availability,
    /// What models refused so far.
    pub(super) learned: Arc<Learned>,
    /// Who is left alone for now.
    pub circuits: Arc<Circuits>,
    /// The same for counting tokens, which has other quotas, rights and ids: a model that cannot be
    /// counted may well answer, and the other way round.
    pub(super) counting_circuits: Arc<Circuits>,
    /// Model to try first when a request names none; registry order if absent.
    pub default_model: Option<String>,
}

impl Policy {
    /// A policy that has learned nothing yet.
    pub fn new(
        registry: Arc<Registry>,
        settings: RoutingSettings,
        availability: Availability,
        default_model: Option<String>,
    ) -> Self {
        Self {
            learned: Arc::new(Learned::new(&registry)),
            circuits: Arc::new(Circuits::default().for_registry(&registry, &settings)),
            counting_circuits: Arc::new(
                Circuits::of_counting(Arc::default()).for_registry(&registry, &settings),
            ),
            registry,
            settings,
            availability,
            default_model,
        }
    }

    /// The same, before any call; what becomes of its circuits is counted here.
    #[must_use]
    pub fn counting(mut self, metrics: Arc<Metrics>) -> Self {
        let made = |circuits: Circuits| circuits.for_registry(&self.registry, &self.settings);
        self.counting_circuits = Arc::new(made(Circuits::of_counting(Arc::clone(&metrics))));
        self.circuits = Arc::new(made(Circuits::new(metrics)));
        self
    }

    /// The same, with the circuits of models that stay where they are, and with what an earlier
    /// policy learned about models that stayed as they were.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        let kept = |circuits: &Circuits| circuits.for_registry(&self.registry, &self.settings);
        self.circuits = Arc::new(kept(&earlier.circuits));
        self.counting_circuits = Arc::new(kept(&earlier.counting_circuits));
        let learned = &earlier.learned;
        self.learned = Arc::new(learned.for_registry(&earlier.registry, &self.registry));
        self
    }

    /// One model by name or alias.
    ///
    /// # Errors
    /// MODEL_NOT_FOUND, with the replacement if the model was removed.
    pub fn model(&self, name: &str) -> Result<&Arc<Model>, RouteError> {
        let found = self.registry.find(name);
        found.ok_or_else(|| self.unknown_model(name, "name"))
    }

    /// The error for a name that the registry does not have.
    pub(super) fn unknown_model(&self, name: &str, field: &str) -> RouteError {
        let reason = ErrorReason::ModelNotFound;
        let is_callable = |model: &Model| self.availability.objection(model).is_none();
        let error = if let Some(removed) = self.registry.removed(name) {
            let instead = &removed.replacement;
            let message = format!("model \"{name}\" was removed; use \"{instead}\"");
            RouteError::new(reason, message).with_fact("replacement", instead.clone())
        } else {
            let hint = match self.registry.nearest(name, is_callable) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "ListModels names them".to_owned(),
            };
            RouteError::new(reason, format!("no model is named \"{name}\"; {hint}"))
        };
        error.with_fact("field", field).with_fact("model", name)
    }

    /// Request fields that a model refused so far, as callers write them.
    pub fn refused_fields(&self, model: &Model) -> impl Iterator<Item = &'static str> {
        self.learned.about(model).fields()
    }

    /// The circuits that a call is let through by.
    pub(super) fn circuits_for(&self, wanted: Wanted) -> &Circuits {
        match wanted {
            Wanted::Message | Wanted::Stream => &self.circuits,
            Wanted::Count => &self.counting_circuits,
        }
    }

    /// The named model, or the first that is active and can count: the default before the others. If
    /// none is active, the first that can count.
    ///
    /// # Errors
    /// MODEL_NOT_FOUND, or why the model cannot be called or cannot count.
    pub(super) fn counting_model(&self, name: &str) -> Result<&Arc<Model>, RouteError> {
        let can_count = |model: &&Arc<Model>| {
            model.can(Capability::TokenCounting) && self.availability.objection(model).is_none()
        };
        if name.is_empty() {
            let is_active = |model: &&Arc<Model>| {
                let circuits = [&self.circuits, &self.counting_circuits];
                circuits.iter().all(|circuits| circuits.admits_calls(model))
            };
            let default = self.default_model.as_deref();
            let default = default.and_then(|name| self.registry.find(name));
            let models = default.into_iter().chain(self.registry.models());
            let mut counting = models.filter(can_count);
            let first = counting.clone().find(is_active).or_else(|| counting.next());
            return first.ok_or_else(|| {
                let message = "no model that is available can count tokens";
                RouteError::new(ErrorReason::CapabilityUnsupported, message.to_owned())
            });
        }
        let model = self
            .registry
            .find(name)
            .ok_or_else(|| self.unknown_model(name, "model"))?;
        if let Some(skip) = self.availability.objection(model) {
            return Err(RouteError::new(skip.reason, skip.message));
        }
        if !can_count(&model) {
            let message = format!("{} cannot count tokens", model.name);
            return Err(RouteError::new(ErrorReason::CapabilityUnsupported, message));
        }
        Ok(model)
    }
}

/// The policy in force, shared by all workers and by health.
#[derive(Clone)]
pub struct PolicyInForce(Arc<watch::Sender<Arc<Policy>>>);

impl PolicyInForce {
    /// This policy is in force.
    pub fn new(policy: Policy) -> Self {
        Self(Arc::new(watch::Sender::new(Arc::new(policy))))
    }

    /// The policy for a call that begins now.
    pub fn current(&self) -> Arc<Policy> {
        Arc::clone(&self.0.borrow())
    }

    /// Calls that begin from now on follow this policy; those under way keep theirs.
    pub fn replace(&self, policy: Policy) {
        self.0.send_replace(Arc::new(policy));
    }

    /// Wakes when another policy is in force.
    pub fn changes(&self) -> watch::Receiver<Arc<Policy>> {
        self.0.subscribe()
    }
}
