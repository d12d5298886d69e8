//! The name that was probably meant where there is no model of the given one.

use std::iter;

use crate::registry::catalogue::Registry;
use crate::registry::model::Model;

/// How alike two names must be to suggest one for the other, of 1.
const ALIKE: f64 = 0.8;

impl Registry {
    /// The name or alias that was probably meant: of a model that can be called rather than of
    /// another, then one that begins so, then the one that is most alike.
    pub fn nearest(&self, name: &str, is_callable: impl Fn(&Model) -> bool) -> Option<&str> {
        let mut nearest = None;
        for model in self.models() {
            let is_callable = is_callable(model);
            for known in iter::once(&model.name).chain(&model.aliases) {
                let begins_so = !name.is_empty() && known.starts_with(name);
                let likeness = strsim::jaro_winkler(name, known);
                let rank = (is_callable, begins_so, likeness);
                let is_nearer = nearest.is_none_or(|(best, _)| rank > best);
                if (begins_so || likeness >= ALIKE) && is_nearer {
                    nearest = Some((rank, known.as_str()));
                }
            }
        }
        nearest.map(|(_, known)| known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ParseChoices;
    use crate::settings::ProfileAccount;

    #[test]
    fn name_of_a_model_that_can_be_called_is_suggested_first() {
        let text = include_str!("../../config/aws-bedrock-models.json");
        let choices = ParseChoices {
            region: "us-east-1".to_owned(),
            profile_account: ProfileAccount::AsWritten,
        };
        let registry = Registry::parse(text, &choices).unwrap();
        let is_alive =
            |model: &Model| ["claude-opus-4-1", "claude-sonnet-4-5"].contains(&&*model.name);

        for (name, meant) in [
            ("claude-sonet", Some("claude-sonnet-4-5")),
            ("claude-opus", Some("claude-opus-4-1")),
            ("deepseek", Some("deepseek-r1")),
            ("deepsek-r1", Some("deepseek-r1")),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(registry.nearest(name, is_alive), meant, "{name:?}");
        }
    }
}
