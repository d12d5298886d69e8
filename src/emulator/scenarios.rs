//! Which scenario applies to the next call of a model.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::scenario::Scenario;
use crate::emulator::scenario_json;
use crate::emulator::scenario_json::Plan;

/// The name that stands for every model.
pub(super) const ANY_MODEL: &str = "*";

/// All scenarios in force, by registry key, raw id or `*`.
#[derive(Debug, Default)]
pub(super) struct Scenarios {
    slots: Mutex<HashMap<String, Slot>>,
}

#[derive(Debug, Default)]
struct Slot {
    queue: VecDeque<Arc<Scenario>>,
    steady: Option<Arc<Scenario>>,
}

impl Scenarios {
    /// Replaces whatever the model had.
    pub(super) fn replace(&self, model: &str, plan: Plan) {
        let slot = Slot {
            queue: plan.queue.into_iter().map(Arc::new).collect(),
            steady: plan.steady.map(Arc::new),
        };
        self.lock().insert(model.to_owned(), slot);
    }

    /// Adds one scenario for one call, behind those that wait already.
    pub(super) fn push(&self, model: &str, scenario: Scenario) {
        let mut slots = self.lock();
        let slot = slots.entry(model.to_owned()).or_default();
        slot.queue.push_back(Arc::new(scenario));
    }

    pub(super) fn remove(&self, model: &str) {
        self.lock().remove(model);
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// The scenario of the next call, used up if it was a queued one. `None` is the common case.
    pub(super) fn take(&self, model: &str) -> Option<Arc<Scenario>> {
        let mut slots = self.lock();
        if slots.is_empty() {
            return None;
        }
        let names = [model, ANY_MODEL];
        names
            .iter()
            .find_map(|name| slots.get_mut(*name)?.queue.pop_front())
            .or_else(|| {
                names
                    .iter()
                    .find_map(|name| slots.get(*name)?.steady.clone())
            })
    }

    /// Every scenario, for the control endpoint.
    pub(super) fn list(&self) -> Value {
        let slots = self.lock();
        let listed: Map<String, Value> = slots
            .iter()
            .map(|(model, slot)| {
                let queue: Vec<Value> = slot
                    .queue
                    .iter()
                    .map(|one| scenario_json::written(one))
                    .collect();
                let steady = slot.steady.as_deref().map(scenario_json::written);
                (model.clone(), json!({"queue": queue, "steady": steady}))
            })
            .collect();
        Value::Object(listed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queued_scenarios_come_first_and_only_once() {
        let scenarios = Scenarios::default();
        scenarios.push("m", Scenario::reply("once"));
        scenarios.replace(
            ANY_MODEL,
            Plan {
                queue: Vec::new(),
                steady: Some(Scenario::reply("always")),
            },
        );

        let said: Vec<_> = (0..3)
            .filter_map(|_| scenarios.take("m")?.reply.text.clone())
            .collect();

        assert_eq!(said, ["once", "always", "always"]);
    }
}
