//! What the gateway says of its own health: phase of life, readiness, and each model.
//!
//! Passive: no call to Bedrock is made for it. A failing Bedrock changes only what is said of its
//! models, because a restart or another replica would not help.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::routing::Policy;
use crate::routing::PolicyInForce;

/// Name under which only the process itself is reported, also while it drains.
pub const LIVENESS: &str = "liveness";
/// Health name of the service that runs models; `""` is the same.
pub const INFERENCE_SERVICE: &str = "bedrock.gateway.v1.InferenceService";
/// Health name of the service that lists models.
pub const MODEL_SERVICE: &str = "bedrock.gateway.v1.ModelService";
/// Before a model's name: the health of that model.
pub const MODEL_PREFIX: &str = "models/";

/// Where the process is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Registry loaded, credentials not yet resolved.
    Starting,
    /// Ready for calls.
    Serving,
    /// Calls are still taken, but no more should be sent.
    Draining,
    /// No calls are taken; watchers are let go.
    Closing,
}

/// The health of the gateway, for all who ask or watch.
#[derive(Clone)]
pub struct Health {
    phase: Arc<watch::Sender<Phase>>,
    policy: PolicyInForce,
}

impl Health {
    /// The health of a gateway that is starting.
    pub fn new(policy: PolicyInForce) -> Self {
        Self {
            phase: Arc::new(watch::Sender::new(Phase::Starting)),
            policy,
        }
    }

    /// Enters a phase. Phases only move forward.
    pub fn enter(&self, phase: Phase) {
        self.phase.send_if_modified(|current| {
            let later = phase > *current;
            if later {
                *current = phase;
            }
            later
        });
    }

    /// The phases from now on.
    pub fn phases(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// Wakes when other models may be there.
    pub fn policies(&self) -> watch::Receiver<Arc<Policy>> {
        self.policy.changes()
    }

    /// Wakes when calls changed whether a model serves.
    pub fn circuits(&self) -> watch::Receiver<()> {
        self.policy.current().circuits.changes()
    }

    /// The phase now.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Whether what has this name serves; `None` if nothing has it.
    pub fn is_serving(&self, name: &str, phase: Phase) -> Option<bool> {
        match name {
            LIVENESS => Some(true),
            "" | INFERENCE_SERVICE => Some(phase == Phase::Serving && self.has_a_model()),
            MODEL_SERVICE => Some(phase < Phase::Draining),
            _ => {
                let policy = self.policy.current();
                let model = policy.registry.find(name.strip_prefix(MODEL_PREFIX)?)?;
                let is_available = policy.availability.objection(model).is_none();
                Some(is_available && policy.circuits.admits_calls(model))
            }
        }
    }

    /// When time alone changes next whether what has this name serves.
    pub fn next_change(&self, name: &str) -> Option<Instant> {
        let policy = self.policy.current();
        let model = policy.registry.find(name.strip_prefix(MODEL_PREFIX)?)?;
        policy.circuits.next_change(model)
    }

    fn has_a_model(&self) -> bool {
        let policy = self.policy.current();
        let mut models = policy.registry.models().iter();
        models.any(|model| policy.availability.objection(model).is_none())
    }
}
