//! The format's types to models that cannot be wrong, and what must hold between them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::registry::features;
use crate::registry::file::HardLimitsEntry;
use crate::registry::file::LifecycleEntry;
use crate::registry::file::MediaLimitsEntry;
use crate::registry::file::ModelEntry;
use crate::registry::file::Named;
use crate::registry::file::PricesEntry;
use crate::registry::file::RegistryFile;
use crate::registry::file::TimeoutsEntry;
use crate::registry::model::Lifecycle;
use crate::registry::model::Limits;
use crate::registry::model::MediaLimits;
use crate::registry::model::Model;
use crate::registry::model::Timeouts;
use crate::registry::object::member_path;
use crate::registry::price::Prices;
use crate::registry::problem::Problems;
use crate::registry::removed::RemovedModel;
use crate::registry::target::ParseChoices;
use crate::registry::target::Target;

/// Output to ask for when neither request nor file says: enough for most answers, and little to
/// reserve from the account's quota. Every chat model can write as much.
const DEFAULT_MAX_TOKENS: u32 = 4096;

/// All entries that could be read, as models.
pub(super) fn models(
    file: &RegistryFile,
    choices: &ParseChoices,
    problems: &Problems,
) -> Vec<Arc<Model>> {
    check_names(file, problems);
    let mut models: Vec<Arc<Model>> = file
        .model_registry
        .iter()
        .filter_map(|entry| model(entry, choices, problems).map(Arc::new))
        .collect();
    check_replacements(file, problems);
    models.sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
    models
}

/// All removed models.
pub(super) fn removed_models(file: &RegistryFile) -> Vec<RemovedModel> {
    let entries = file.removed_models.iter().map(|entry| &entry.value);
    let removed = entries.filter_map(|entry| {
        Some(RemovedModel {
            model_id: entry.model_id.clone()?,
            name: entry.name.clone(),
            replacement: entry.replacement.clone()?,
            note: entry.note.clone().unwrap_or_default(),
        })
    });
    removed.collect()
}

fn model(entry: &Named<ModelEntry>, choices: &ParseChoices, problems: &Problems) -> Option<Model> {
    let Named { name, path, value } = entry;
    // Everything is looked at before anything is missed, so that all problems are found.
    let limits = limits(value, path, problems);
    let lifecycle = lifecycle(value, path, problems);
    let prices = value.prices.as_ref().map(prices);
    let target = Target::of(value, path, choices, problems)?;

    let provider = match &value.provider {
        Some(provider) => provider.clone(),
        None => provider_of(&target.base_model_id).to_owned(),
    };
    let words = value.capabilities.as_deref().unwrap_or_default();
    let capabilities = features::capabilities(value.features.as_ref(), &target, words);
    Some(Model {
        name: name.clone(),
        aliases: value.aliases.iter().map(|a| a.value.clone()).collect(),
        display_name: value.display_name.clone().unwrap_or_else(|| name.clone()),
        description: value
            .description
            .clone()
            .unwrap_or_else(|| words.join(", ")),
        provider,
        target,
        priority: value.priority?,
        disabled: value.enabled == Some(false),
        capabilities,
        limits: limits?,
        lifecycle: lifecycle?,
        prices: prices.flatten(),
        timeouts: timeouts(value.timeouts.as_ref()),
        regions: value.regions.clone(),
    })
}

/// The first word of an id such as "amazon.nova-pro-v1:0"; empty for an opaque one.
fn provider_of(base_model_id: &str) -> &str {
    base_model_id
        .split_once('.')
        .map_or("", |(provider, _)| provider)
}

fn limits(entry: &ModelEntry, path: &str, problems: &Problems) -> Option<Limits> {
    let hard = entry.hard_limits.as_ref();
    let hard_window = hard.and_then(|hard: &HardLimitsEntry| hard.context_window);
    let hard_output = hard.and_then(|hard| hard.max_output_tokens);

    let context_window_tokens = hard_window.or(entry.context_window).unwrap_or_default();
    let max_output_tokens = match (entry.max_output_tokens, hard_output) {
        (Some(configured), Some(hard)) => configured.min(hard),
        (configured, hard) => configured.or(hard).unwrap_or(DEFAULT_MAX_TOKENS),
    };
    let usual_max_tokens = DEFAULT_MAX_TOKENS.min(max_output_tokens);
    let default_max_tokens = entry.default_max_tokens.unwrap_or(usual_max_tokens);

    let mut is_sound = true;
    if default_max_tokens > max_output_tokens {
        problems.add(
            &member_path(path, "defaultMaxTokens"),
            format!(
                "is {default_max_tokens}; must be at most {max_output_tokens}, the limit on output"
            ),
        );
        is_sound = false;
    }
    if context_window_tokens > 0 && max_output_tokens > context_window_tokens {
        problems.add(
            &member_path(path, "maxOutputTokens"),
            format!(
                "is {max_output_tokens}; must be at most {context_window_tokens}, the context window"
            ),
        );
        is_sound = false;
    }
    is_sound.then_some(Limits {
        context_window_tokens,
        max_output_tokens,
        default_max_tokens,
        media: media_limits(entry.media_limits.as_ref()),
    })
}

fn media_limits(given: Option<&MediaLimitsEntry>) -> MediaLimits {
    let usual = MediaLimits::default();
    let Some(given) = given else { return usual };
    MediaLimits {
        max_images: given.max_images.unwrap_or(usual.max_images),
        max_image_bytes: given.max_image_bytes.unwrap_or(usual.max_image_bytes),
        max_documents: given.max_documents.unwrap_or(usual.max_documents),
        max_document_bytes: given.max_document_bytes.unwrap_or(usual.max_document_bytes),
        max_inline_bytes: given.max_inline_bytes.unwrap_or(usual.max_inline_bytes),
    }
}

fn lifecycle(entry: &ModelEntry, path: &str, problems: &Problems) -> Option<Lifecycle> {
    let deprecated = entry.deprecated.unwrap_or_default();
    let Some(given) = &entry.lifecycle else {
        return Some(Lifecycle {
            deprecated,
            ..Lifecycle::default()
        });
    };
    let LifecycleEntry {
        legacy_date: legacy,
        end_of_life_date: end_of_life,
        replacement,
        source: _,
    } = given;
    if let (Some(legacy), Some(end)) = (legacy, end_of_life)
        && end < legacy
    {
        problems.add(
            &member_path(&member_path(path, "lifecycle"), "endOfLifeDate"),
            format!("is {end}; must not be before legacyDate {legacy}"),
        );
        return None;
    }
    Some(Lifecycle {
        legacy: *legacy,
        end_of_life: *end_of_life,
        replacement: replacement.clone(),
        deprecated,
    })
}

fn prices(given: &PricesEntry) -> Option<Prices> {
    Some(Prices {
        input: given.input_per_million?.nanos,
        output: given.output_per_million?.nanos,
        cache_read: given.cache_read_per_million.map(|price| price.nanos),
        cache_write: given.cache_write_per_million.map(|price| price.nanos),
        cache_write_one_hour: given
            .cache_write_one_hour_per_million
            .map(|price| price.nanos),
    })
}

fn timeouts(given: Option<&TimeoutsEntry>) -> Timeouts {
    let duration = |ms: u32| Duration::from_millis(ms.into());
    given.map_or_else(Timeouts::default, |given| Timeouts {
        attempt: given.attempt_ms.map(duration),
        first_event: given.first_event_ms.map(duration),
        idle: given.idle_ms.map(duration),
    })
}

/// Checks that no request could mean two models.
fn check_names(file: &RegistryFile, problems: &Problems) {
    let mut owners: HashMap<&str, String> = HashMap::new();
    for entry in &file.model_registry {
        owners.insert(&entry.name, format!("the name of model {:?}", entry.name));
    }
    let mut claim = |name, path: &str, meaning: String| {
        if let Some(owner) = owners.get(name) {
            problems.add(path, format!("{name:?} is already {owner}; must be unique"));
        } else {
            owners.insert(name, meaning);
        }
    };
    for entry in &file.model_registry {
        for alias in &entry.value.aliases {
            let meaning = format!("an alias of model {:?}", entry.name);
            claim(&alias.value, &alias.path, meaning);
        }
    }
    for removed in &file.removed_models {
        for (key, name) in [
            ("modelId", &removed.value.model_id),
            ("name", &removed.value.name),
        ] {
            if let Some(name) = name {
                let path = member_path(&removed.path, key);
                claim(name, &path, "that of a removed model".to_owned());
            }
        }
    }
}

/// Checks that whoever is sent to another model finds it.
fn check_replacements(file: &RegistryFile, problems: &Problems) {
    let is_known = |name: &str| file.model_registry.iter().any(|entry| entry.name == name);
    for entry in &file.model_registry {
        let lifecycle = entry.value.lifecycle.as_ref();
        let Some(replacement) = lifecycle.and_then(|given| given.replacement.as_ref()) else {
            continue;
        };
        let path = member_path(&member_path(&entry.path, "lifecycle"), "replacement");
        if *replacement == entry.name {
            problems.add(&path, "is the model itself; must be another model");
        } else if !is_known(replacement) {
            problems.add(&path, unknown_replacement(replacement));
        }
    }
    for removed in &file.removed_models {
        if let Some(replacement) = &removed.value.replacement
            && !is_known(replacement)
        {
            let path = member_path(&removed.path, "replacement");
            problems.add(&path, unknown_replacement(replacement));
        }
    }
}

fn unknown_replacement(name: &str) -> String {
    format!("{name:?} is not a model of this file; must be a name in modelRegistry")
}
