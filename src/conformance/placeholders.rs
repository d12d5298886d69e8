//! Names of models that a case leaves open: `{model}`, the one it runs for, `{alias}`, another name
//! of the same, and `{other}`, one more.

use serde_json::Value;

/// What stands for the model that a case runs for.
pub(super) const MODEL: &str = "{model}";
/// What stands for its first alias.
pub(super) const ALIAS: &str = "{alias}";
/// What stands for another model.
pub(super) const OTHER: &str = "{other}";

/// What the placeholders mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) model: Option<String>,
    pub(super) alias: Option<String>,
    pub(super) other: Option<String>,
}

impl Names {
    /// Names that stand for any, to check a request before models are known.
    pub(super) fn samples() -> Self {
        Self {
            model: Some("model".to_owned()),
            alias: Some("alias".to_owned()),
            other: Some("other".to_owned()),
        }
    }

    /// The text with names in the place of placeholders.
    pub(super) fn fill_text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let names = [
            (MODEL, &self.model),
            (ALIAS, &self.alias),
            (OTHER, &self.other),
        ];
        for (placeholder, name) in names {
            if let Some(name) = name {
                text = text.replace(placeholder, name);
            }
        }
        text
    }

    /// The same for every text within a value. Names of members are no texts.
    pub(super) fn fill(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill_text(text)),
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(name, value)| (name.clone(), self.fill(value)))
                    .collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}
