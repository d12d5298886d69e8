//! What differs between two registries, model by model and member by member, defaults applied.

use serde_json::Value;
use serde_json::json;

use crate::registry::Model;
use crate::registry::Registry;
use crate::registry::RemovedModel;

/// What differs between two registries.
#[derive(Debug, Default)]
pub(super) struct Differences {
    /// Names of models that only the new one has, in its order.
    pub(super) added: Vec<String>,
    /// Names of models that only the old one has, in its order.
    pub(super) gone: Vec<String>,
    /// Models that both have and that are not the same.
    pub(super) changed: Vec<Change>,
    /// The order in which models that both have are tried, old and new, if it is another.
    pub(super) order: Option<(Vec<String>, Vec<String>)>,
    /// Entries of `removedModels` that are not in both, or not the same.
    pub(super) removed_models: Vec<Difference>,
}

/// A model that both registries have.
#[derive(Debug)]
pub(super) struct Change {
    /// Its name.
    pub(super) model: String,
    /// What differs.
    pub(super) members: Vec<Difference>,
}

/// A value that differs; null where there is none.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// What it is the value of.
    pub(super) path: String,
    /// In the old registry.
    pub(super) old: Value,
    /// In the new one.
    pub(super) new: Value,
}

impl Differences {
    /// Compares two registries.
    pub(super) fn between(old: &Registry, new: &Registry) -> Self {
        let common = |one: &Registry, other: &Registry| -> Vec<String> {
            let both = one.models().iter();
            let both = both.filter(|model| by_name(other, &model.name).is_some());
            both.map(|model| model.name.clone()).collect()
        };
        let only = |one: &Registry, other: &Registry| -> Vec<String> {
            let alone = one.models().iter();
            let alone = alone.filter(|model| by_name(other, &model.name).is_none());
            alone.map(|model| model.name.clone()).collect()
        };
        let (old_order, new_order) = (common(old, new), common(new, old));
        let changed = new_order.iter().filter_map(|name| {
            let members = members(by_name(old, name)?, by_name(new, name)?);
            let model = name.clone();
            (!members.is_empty()).then_some(Change { model, members })
        });
        Self {
            added: only(new, old),
            gone: only(old, new),
            changed: changed.collect(),
            removed_models: removed_models(old, new),
            order: (old_order != new_order).then_some((old_order, new_order)),
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.gone.is_empty()
            && self.changed.is_empty()
            && self.order.is_none()
            && self.removed_models.is_empty()
    }
}

/// By its name; an alias may be another model's name elsewhere.
fn by_name<'a>(registry: &'a Registry, name: &str) -> Option<&'a Model> {
    let found = registry.find(name).filter(|model| model.name == name);
    found.map(|model| &**model)
}

/// What differs between two models of one name, in the order of the file's members.
fn members(old: &Model, new: &Model) -> Vec<Difference> {
    let mut members = compared(&facts(old), &facts(new));
    let is_arn = |model: &Model| model.target.invocation_id.starts_with("arn:");
    if !is_arn(old) && !is_arn(new) {
        // What is called says it already.
        members.retain(|member| member.path != "modelId");
    }
    members
}

/// All that decides how a model is called and asked, as paths and values.
fn facts(model: &Model) -> Vec<(String, Value)> {
    let mut entry = model.entry();
    if let Some(id) = entry.get_mut("modelId") {
        *id = json!(model.target.base_model_id);
    }
    let mut facts = vec![("calledAs".to_owned(), json!(model.target.invocation_id))];
    flatten(String::new(), &entry, &mut facts);
    facts
}

fn flatten(path: String, value: &Value, facts: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let path = match path.as_str() {
                    "" => key.clone(),
                    path => format!("{path}.{key}"),
                };
                flatten(path, value, facts);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            facts.push((path, value.clone()));
        }
    }
}

fn removed_models(old: &Registry, new: &Registry) -> Vec<Difference> {
    let facts = |registry: &Registry| -> Vec<(String, Value)> {
        let removed = registry.removed_models().into_iter();
        removed
            .map(|removed| (removed.model_id.clone(), says(removed)))
            .collect()
    };
    compared(&facts(old), &facts(new))
}

fn says(removed: &RemovedModel) -> Value {
    let name = removed
        .name
        .as_deref()
        .map_or_else(String::new, |name| format!("{name}, "));
    let note = match removed.note.as_str() {
        "" => String::new(),
        note => format!(" ({note})"),
    };
    json!(format!("{name}use {}{note}", removed.replacement))
}

/// The paths whose values differ: those of the new side in its order, then those only the old has.
fn compared(old: &[(String, Value)], new: &[(String, Value)]) -> Vec<Difference> {
    let value = |facts: &[(String, Value)], path: &str| -> Value {
        let found = facts.iter().find(|(known, _)| known == path);
        found.map_or(Value::Null, |(_, value)| value.clone())
    };
    let gone = old
        .iter()
        .filter(|(path, _)| !new.iter().any(|(known, _)| known == path));
    new.iter()
        .chain(gone)
        .map(|(path, _)| Difference {
            path: path.clone(),
            old: value(old, path),
            new: value(new, path),
        })
        .filter(|difference| difference.old != difference.new)
        .collect()
}

#[cfg(test)]
#[path = "differences_tests.rs"]
mod tests;
