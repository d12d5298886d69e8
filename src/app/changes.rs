//! What differs between two registries, for the log.

use crate::registry::Model;
use crate::registry::Registry;

/// Names of models that came, went or changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ModelChanges {
    pub(super) added: Vec<String>,
    pub(super) removed: Vec<String>,
    pub(super) changed: Vec<String>,
}

impl ModelChanges {
    /// What makes one registry the other.
    pub(super) fn between(old: &Registry, new: &Registry) -> Self {
        Self {
            added: names(new, |model| of_name(old, model).is_none()),
            removed: names(old, |model| of_name(new, model).is_none()),
            changed: names(new, |model| {
                of_name(old, model).is_some_and(|old| old != model)
            }),
        }
    }

    /// Whether nothing differs.
    pub(super) fn are_none(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// The model of the same name; its aliases may have belonged to another one.
fn of_name<'a>(registry: &'a Registry, model: &Model) -> Option<&'a Model> {
    let models = registry.models().iter();
    models
        .map(AsRef::as_ref)
        .find(|other| other.name == model.name)
}

fn names(registry: &Registry, is_meant: impl Fn(&Model) -> bool) -> Vec<String> {
    let models = registry.models().iter();
    let meant = models.filter(|model| is_meant(model));
    meant.map(|model| model.name.clone()).collect()
}
