//! What to do after an attempt failed: the same model again, the next one, or give up. Pure.

use std::time::Duration;

use crate::provider::Consequence;
use crate::provider::NextModel;
use crate::provider::SameModel;
use crate::routing::backoff;
use crate::settings::RoutingSettings;

/// What is known when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    /// What the table says about the failure.
    pub(super) consequence: Consequence,
    /// How long the upstream asked to wait.
    pub(super) retry_after: Option<Duration>,
    /// Repeated calls of this model so far.
    pub(super) retries_here: u32,
    /// Repeated calls of any model so far.
    pub(super) retries: u32,
    /// Whether another candidate could be tried.
    pub(super) others_left: bool,
    /// Whether the model failed so often, perhaps by this failure, that single calls probe it.
    pub(super) is_circuit_open: bool,
    /// Upstream calls that may still be made.
    pub(super) calls_left: u32,
    /// Time until the deadline.
    pub(super) time_left: Duration,
    /// Uniform in [0, 1), for the jitter.
    pub(super) chance: f64,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Call the same model again after this wait.
    SameModel(Duration),
    /// Call the next candidate that suits.
    NextModel,
    /// Answer with the failure.
    GiveUp,
}

/// Repeated calls allowed in a request while another candidate is left: falling back is better
/// than insisting.
const RETRIES_WHILE_OTHERS_ARE_LEFT: u32 = 1;

/// Applies the table to a situation.
pub(super) fn decide(situation: &Situation, settings: &RoutingSettings) -> Decision {
    if situation.calls_left == 0 {
        return Decision::GiveUp;
    }
    if may_retry(situation, settings)
        && let Some(wait) = wait(situation, settings)
    {
        return Decision::SameModel(wait);
    }
    match situation.consequence.next_model {
        NextModel::Never => Decision::GiveUp,
        NextModel::Yes | NextModel::LargerWindow if situation.others_left => Decision::NextModel,
        NextModel::Yes | NextModel::LargerWindow => Decision::GiveUp,
    }
}

/// Whether a decision puts the same request to the same model once more.
pub(super) fn repeats(decision: &Decision, situation: &Situation) -> bool {
    let is_another = is_another_request(situation.consequence.same_model);
    matches!(decision, Decision::SameModel(_)) && !is_another
}

/// Whether the model is asked something else: then there is nothing to wait for.
fn is_another_request(same_model: SameModel) -> bool {
    match same_model {
        SameModel::WithoutCachePoints | SameModel::WithoutRefused => true,
        SameModel::Never | SameModel::Once | SameModel::Yes | SameModel::IfLast => false,
    }
}

fn may_retry(situation: &Situation, settings: &RoutingSettings) -> bool {
    let allowed_here = match situation.consequence.same_model {
        SameModel::Never => false,
        SameModel::Once | SameModel::WithoutCachePoints => situation.retries_here == 0,
        // Each time without something more, so this ends.
        SameModel::Yes | SameModel::WithoutRefused => true,
        SameModel::IfLast => !situation.others_left,
    };
    let falls_back = situation.others_left && situation.consequence.next_model != NextModel::Never;
    // One call probes a model, not two: a second one that succeeds by chance would have the next
    // probe come too soon, and the time after that doubled for nothing.
    if falls_back && situation.is_circuit_open {
        return false;
    }
    let limit = if falls_back {
        settings.max_retries.min(RETRIES_WHILE_OTHERS_ARE_LEFT)
    } else {
        settings.max_retries
    };
    allowed_here && situation.retries < limit
}

/// The wait before the same model is called again; `None` if what the upstream asked for does not
/// fit into the time left.
fn wait(situation: &Situation, settings: &RoutingSettings) -> Option<Duration> {
    let usable = situation.time_left.checked_sub(settings.min_attempt_time)?;
    if is_another_request(situation.consequence.same_model) {
        return Some(Duration::ZERO);
    }
    let ceiling = backoff::ceiling(settings, situation.retries_here, situation.time_left);
    let wait = backoff::jittered(ceiling, situation.chance).min(usable);
    match situation.retry_after {
        None => Some(wait),
        // Another model is ready now: it is not kept waiting for longer than our own back-off.
        Some(asked) if situation.others_left && asked > ceiling => None,
        Some(asked) => (asked <= usable).then_some(asked.max(wait)),
    }
}

#[cfg(test)]
#[path = "decision_tests.rs"]
mod tests;
