//! The entry of a model as it counts: every member with the value in force, whether it was written
//! or follows from the rest.

use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::registry::features::features_json;
use crate::registry::model::Lifecycle;
use crate::registry::model::MediaLimits;
use crate::registry::model::Model;
use crate::registry::model::Timeouts;
use crate::registry::price::Prices;
use crate::registry::price::dollars;

impl Model {
    /// The model as an entry of a registry file, with nothing left to be derived: two models are
    /// called and asked alike if their entries are equal. Texts that are for the log or for people
    /// who edit the file are left out.
    ///
    /// What is called stands as `modelId`; no profile is required then.
    pub fn entry(&self) -> Value {
        let limits = &self.limits;
        let mut entry = json!({
            "modelId": self.target.invocation_id,
            "priority": self.priority,
            "displayName": self.display_name,
            "description": self.description,
            "provider": self.provider,
            "aliases": self.aliases,
            "enabled": !self.disabled,
            "deprecated": self.lifecycle.deprecated,
            "maxOutputTokens": limits.max_output_tokens,
            "defaultMaxTokens": limits.default_max_tokens,
            "mediaLimits": media_limits(&limits.media),
            "regions": self.regions,
            "destinationRegions": self.target.destination_regions,
            "lifecycle": lifecycle(&self.lifecycle),
            "timeouts": timeouts(&self.timeouts),
            "features": features_json(&self.capabilities),
        });
        if let Some(members) = entry.as_object_mut() {
            if limits.context_window_tokens > 0 {
                let window = limits.context_window_tokens.into();
                members.insert("contextWindow".to_owned(), window);
            }
            if let Some(prices) = &self.prices {
                members.insert("prices".to_owned(), prices_json(prices));
            }
            // An empty name cannot be written; it follows from an opaque id.
            if self.provider.is_empty() {
                members.remove("provider");
            }
        }
        entry
    }
}

fn media_limits(limits: &MediaLimits) -> Value {
    json!({
        "maxImages": limits.max_images,
        "maxImageBytes": limits.max_image_bytes,
        "maxDocuments": limits.max_documents,
        "maxDocumentBytes": limits.max_document_bytes,
        "maxInlineBytes": limits.max_inline_bytes,
    })
}

fn lifecycle(lifecycle: &Lifecycle) -> Value {
    given([
        ("legacyDate", lifecycle.legacy.map(|day| day.to_string())),
        (
            "endOfLifeDate",
            lifecycle.end_of_life.map(|day| day.to_string()),
        ),
        ("replacement", lifecycle.replacement.clone()),
    ])
}

fn prices_json(prices: &Prices) -> Value {
    given([
        ("inputPerMillion", Some(dollars(prices.input))),
        ("outputPerMillion", Some(dollars(prices.output))),
        ("cacheReadPerMillion", prices.cache_read.map(dollars)),
        ("cacheWritePerMillion", prices.cache_write.map(dollars)),
        (
            "cacheWriteOneHourPerMillion",
            prices.cache_write_one_hour.map(dollars),
        ),
    ])
}

fn timeouts(timeouts: &Timeouts) -> Value {
    let ms = |time: Duration| u64::try_from(time.as_millis()).ok();
    given([
        ("attemptMs", timeouts.attempt.and_then(ms)),
        ("firstEventMs", timeouts.first_event.and_then(ms)),
        ("idleMs", timeouts.idle.and_then(ms)),
    ])
}

/// An object of the members that have a value.
fn given<T: Into<Value>, const N: usize>(members: [(&str, Option<T>); N]) -> Value {
    let members: Map<String, Value> = members
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
        .collect();
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::registry::CallReason;
    use crate::registry::Registry;
    use crate::registry::support::choices;
    use crate::registry::support::registry;

    /// What of a model does not come back from its entry: how the file said what is called.
    fn comparable(model: &Arc<Model>) -> Model {
        let mut model = Model::clone(model);
        model.target.reason = CallReason::ModelId;
        model
    }

    #[test]
    fn entries_read_back_give_the_same_models() {
        for path in [
            "config/aws-bedrock-models.json",
            "config/aws-bedrock-models.2026-11.json",
            "tests/fixtures/registry/accepted/every_member.json",
            "tests/fixtures/registry/accepted/plain.json",
            "tests/fixtures/registry/accepted/smallest.json",
            "tests/fixtures/registry/accepted/prompts_and_routers.json",
        ] {
            let original = registry(path);
            let entries = original.models().iter();
            let entries: Map<String, Value> = entries
                .map(|model| (model.name.clone(), model.entry()))
                .collect();

            let text = json!({ "modelRegistry": entries }).to_string();
            let again = Registry::parse(&text, &choices()).unwrap();

            let comparable = |registry: &Registry| -> Vec<Model> {
                registry.models().iter().map(comparable).collect()
            };
            assert_eq!(comparable(&again), comparable(&original), "{path}");
        }
    }
}
