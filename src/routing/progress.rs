//! How far a call has come through its attempts, and what may follow when one failed.

use std::time::Duration;

use crate::provider::Consequence;
use crate::provider::SameModel;
use crate::registry::Model;
use crate::routing::circuits::Circuits;
use crate::routing::decision;
use crate::routing::decision::Decision;
use crate::routing::decision::Situation;
use crate::settings::RoutingSettings;

/// How far a call has come.
pub(super) struct Progress {
    calls_left: u32,
    retries: u32,
    retries_here: u32,
}

/// An attempt that failed.
pub(super) struct Failed<'a> {
    /// The model that was called.
    pub(super) model: &'a Model,
    /// What the table says about the failure.
    pub(super) consequence: Consequence,
    /// How long the upstream asked to wait.
    pub(super) retry_after: Option<Duration>,
    /// Whether another candidate could be tried.
    pub(super) others_left: bool,
    /// Until the deadline.
    pub(super) time_left: Duration,
}

impl Progress {
    /// Nothing was called yet; so many upstream calls may be made.
    pub(super) fn new(calls: u32) -> Self {
        Self {
            calls_left: calls,
            retries: 0,
            retries_here: 0,
        }
    }

    /// Upstream calls that may still be made.
    pub(super) fn calls_left(&self) -> u32 {
        self.calls_left
    }

    /// Another model is next.
    pub(super) fn move_on(&mut self) {
        self.retries_here = 0;
    }

    /// An upstream call is made.
    pub(super) fn call(&mut self) {
        self.calls_left = self.calls_left.saturating_sub(1);
    }

    /// Decides what follows. A call that would only be repeated draws on its model's budget.
    pub(super) fn decide(
        &mut self,
        failed: &Failed<'_>,
        settings: &RoutingSettings,
        circuits: &Circuits,
    ) -> Decision {
        let mut situation = Situation {
            consequence: failed.consequence,
            retry_after: failed.retry_after,
            retries_here: self.retries_here,
            retries: self.retries,
            others_left: failed.others_left,
            is_circuit_open: circuits.is_open(failed.model),
            calls_left: self.calls_left,
            time_left: failed.time_left,
            chance: fastrand::f64(),
        };
        let mut decision = decision::decide(&situation, settings);
        if decision::repeats(&decision, &situation) && !circuits.may_repeat(failed.model) {
            situation.consequence.same_model = SameModel::Never;
            decision = decision::decide(&situation, settings);
        }
        if matches!(decision, Decision::SameModel(_)) {
            self.retries += 1;
            self.retries_here += 1;
        }
        decision
    }
}
