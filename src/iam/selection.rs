//! The models that a gateway would call, by name or all of them.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use crate::registry::Model;
use crate::registry::Registry;

/// The models to allow, and those left out.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// In the order of the registry, each once.
    pub models: Vec<Arc<Model>>,
    /// Models that a gateway would not call either.
    pub left_out: Vec<LeftOut>,
}

/// A model that needs no permission, since a gateway does not call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Registry name.
    pub model: String,
    /// Why it is not called.
    pub reason: String,
}

/// A name for which the registry has no model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownModel {
    /// As it was given.
    pub name: String,
    /// Name of a model to use instead, or that may have been meant.
    pub instead: Option<String>,
    /// Whether the registry had a model of this name once.
    pub was_removed: bool,
}

/// Finds the models with these names or aliases, or all if there are no names, that a gateway in
/// `region` calls on this day.
///
/// # Errors
/// Every name that the registry does not know.
pub fn select(
    registry: &Registry,
    names: &[String],
    region: &str,
    today: Date,
    try_retired_models: bool,
) -> Result<Selection, Vec<UnknownModel>> {
    let unknown: Vec<UnknownModel> = names
        .iter()
        .filter(|name| registry.find(name).is_none())
        .map(|name| {
            let is_callable =
                |model: &Model| objection(model, region, today, try_retired_models).is_none();
            unknown(registry, name, is_callable)
        })
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let named: Vec<&Arc<Model>> = names
        .iter()
        .filter_map(|name| registry.find(name))
        .collect();
    let wanted = registry
        .models()
        .iter()
        .filter(|model| names.is_empty() || named.iter().any(|named| named.name == model.name));

    let mut selection = Selection::default();
    for model in wanted {
        match objection(model, region, today, try_retired_models) {
            Some(reason) => selection.left_out.push(LeftOut {
                model: model.name.clone(),
                reason,
            }),
            None => selection.models.push(Arc::clone(model)),
        }
    }
    Ok(selection)
}

fn objection(model: &Model, region: &str, today: Date, try_retired_models: bool) -> Option<String> {
    let lifecycle = &model.lifecycle;
    if model.disabled {
        return Some("the registry turns it off".to_owned());
    }
    if !try_retired_models && lifecycle.is_over(today) {
        let end = lifecycle.end_of_life.map_or_else(
            || "it is deprecated".to_owned(),
            |end| format!("it reached its end of life on {end}"),
        );
        return Some(match &lifecycle.replacement {
            Some(name) => format!("{end}; use {name}"),
            None => end,
        });
    }
    if !model.is_offered_in(region) {
        return Some(format!(
            "it is not offered in {region}, only in {}",
            model.regions.join(", ")
        ));
    }
    None
}

fn unknown(registry: &Registry, name: &str, is_callable: impl Fn(&Model) -> bool) -> UnknownModel {
    let removed = registry.removed(name);
    let instead = match removed {
        Some(removed) => Some(removed.replacement.as_str()),
        None => registry.nearest(name, is_callable),
    };
    UnknownModel {
        name: name.to_owned(),
        instead: instead.map(str::to_owned),
        was_removed: removed.is_some(),
    }
}

impl fmt::Display for UnknownModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, instead, .. } = self;
        match instead {
            Some(instead) if self.was_removed => {
                write!(f, "{name:?} was taken out of the registry; use {instead}")
            }
            Some(instead) => write!(
                f,
                "{name:?} is not a model of the registry; did you mean {instead}?"
            ),
            None => write!(
                f,
                "{name:?} is not a model of the registry; `bedrock-gateway models` lists them"
            ),
        }
    }
}
