//! The text of a registry file to the types of its format: names of members, types, bounds.
//!
//! What the values mean together, and whether they fit each other, is not decided here.

use crate::registry::features::features;
use crate::registry::file::HardLimitsEntry;
use crate::registry::file::LifecycleEntry;
use crate::registry::file::MediaLimitsEntry;
use crate::registry::file::ModelEntry;
use crate::registry::file::Named;
use crate::registry::file::Placed;
use crate::registry::file::PricesEntry;
use crate::registry::file::RegistryFile;
use crate::registry::file::RemovedEntry;
use crate::registry::file::TimeoutsEntry;
use crate::registry::node::Node;
use crate::registry::object::Object;
use crate::registry::object::Unused;
use crate::registry::problem::Problems;
use crate::registry::values;
use crate::registry::values::check_name;
use crate::registry::values::choice;
use crate::registry::values::count;
use crate::registry::values::date;
use crate::registry::values::decimal;
use crate::registry::values::filled_text;
use crate::registry::values::list;
use crate::registry::values::model_id;
use crate::registry::values::name;
use crate::registry::values::names;
use crate::registry::values::regions;

/// Reads a whole file. `None` if not even its outermost object could be read.
pub(super) fn registry_file(text: &str, problems: &Problems) -> Option<RegistryFile> {
    let mut object = Node::parse(text, problems)?.object()?;
    let file = RegistryFile {
        model_registry: object
            .required("modelRegistry", model_entries)
            .unwrap_or_default(),
        removed_models: object
            .optional("removedModels", removed_entries)
            .unwrap_or_default(),
        test_configuration: object.unused("testConfiguration"),
        test_prompts: object.unused("testPrompts"),
        inference_profiles: object.unused("inferenceProfiles"),
        metadata: object.unused("metadata"),
        schema: object.unused("$schema"),
    };
    object.finish();
    Some(file)
}

fn model_entries(node: &Node<'_>) -> Option<Vec<Named<ModelEntry>>> {
    let entries = node.object()?.entries();
    if entries.is_empty() {
        node.wrong("is empty; must have at least one model");
    }
    let read = entries.into_iter().filter_map(|(name, node)| {
        check_name(&node, &name);
        Some(Named {
            name,
            path: node.path.clone(),
            value: model_entry(&node)?,
        })
    });
    Some(read.collect())
}

fn model_entry(node: &Node<'_>) -> Option<ModelEntry> {
    let mut object = node.object()?;
    let entry = ModelEntry {
        model_id: object.required("modelId", model_id),
        priority: object.required("priority", |node| {
            i32::try_from(node.integer(0, i64::from(i32::MAX))?).ok()
        }),
        display_name: object.optional("displayName", filled_text),
        description: object.optional("description", Node::text),
        provider: object.optional("provider", filled_text),
        family: checked(&mut object, "family"),
        aliases: object.optional("aliases", names).unwrap_or_default(),
        capabilities: object.optional("capabilities", |node| list(node, filled_text)),
        features: object.optional("features", features),
        context_window: object.optional("contextWindow", count),
        max_output_tokens: object.optional("maxOutputTokens", count),
        default_max_tokens: object.optional("defaultMaxTokens", count),
        hard_limits: object.optional("hardLimits", hard_limits),
        media_limits: object.optional("mediaLimits", media_limits),
        requires_inference_profile: object.optional("requiresInferenceProfile", Node::boolean),
        inference_profile_arn: object.optional("inferenceProfileArn", Node::text),
        regions: object.optional("regions", regions).unwrap_or_default(),
        destination_regions: object
            .optional("destinationRegions", regions)
            .unwrap_or_default(),
        destination_regions_source: object.optional("destinationRegionsSource", Node::text),
        enabled: object.optional("enabled", Node::boolean),
        deprecated: object.optional("deprecated", Node::boolean),
        deprecation_note: object.optional("deprecationNote", Node::text),
        lifecycle: object.optional("lifecycle", lifecycle),
        prices: object.optional("prices", prices),
        timeouts: object.optional("timeouts", timeouts),
    };
    object.finish();
    Some(entry)
}

fn hard_limits(node: &Node<'_>) -> Option<HardLimitsEntry> {
    let mut object = node.object()?;
    let limits = HardLimitsEntry {
        context_window: object.optional("contextWindow", count),
        max_output_tokens: object.optional("maxOutputTokens", count),
        source: checked(&mut object, "source"),
    };
    object.finish();
    Some(limits)
}

fn media_limits(node: &Node<'_>) -> Option<MediaLimitsEntry> {
    let mut object = node.object()?;
    let limits = MediaLimitsEntry {
        max_images: object.optional("maxImages", count),
        max_image_bytes: object.optional("maxImageBytes", count),
        max_documents: object.optional("maxDocuments", count),
        max_document_bytes: object.optional("maxDocumentBytes", count),
        max_inline_bytes: object.optional("maxInlineBytes", count),
    };
    object.finish();
    Some(limits)
}

fn lifecycle(node: &Node<'_>) -> Option<LifecycleEntry> {
    let mut object = node.object()?;
    let lifecycle = LifecycleEntry {
        legacy_date: object.optional("legacyDate", date),
        end_of_life_date: object.optional("endOfLifeDate", date),
        replacement: object.optional("replacement", Node::text),
        source: checked(&mut object, "source"),
    };
    object.finish();
    Some(lifecycle)
}

fn prices(node: &Node<'_>) -> Option<PricesEntry> {
    let mut object = node.object()?;
    let prices = PricesEntry {
        currency: {
            object.optional("currency", |node| choice(node, &[("USD", ())]));
            Unused
        },
        input_per_million: object.required("inputPerMillion", decimal),
        output_per_million: object.required("outputPerMillion", decimal),
        cache_read_per_million: object.optional("cacheReadPerMillion", decimal),
        cache_write_per_million: object.optional("cacheWritePerMillion", decimal),
        cache_write_one_hour_per_million: object.optional("cacheWriteOneHourPerMillion", decimal),
    };
    object.finish();
    Some(prices)
}

fn timeouts(node: &Node<'_>) -> Option<TimeoutsEntry> {
    let mut object = node.object()?;
    let timeouts = TimeoutsEntry {
        attempt_ms: object.optional("attemptMs", values::timeout_ms),
        first_event_ms: object.optional("firstEventMs", values::timeout_ms),
        idle_ms: object.optional("idleMs", values::timeout_ms),
    };
    object.finish();
    Some(timeouts)
}

fn removed_entries(node: &Node<'_>) -> Option<Vec<Placed<RemovedEntry>>> {
    list(node, |node| {
        let mut object = node.object()?;
        let entry = RemovedEntry {
            model_id: object.required("modelId", model_id),
            name: object.optional("name", name),
            replacement: object.required("replacement", Node::text),
            note: object.optional("note", Node::text),
        };
        object.finish();
        Some(Placed {
            path: node.path.clone(),
            value: entry,
        })
    })
}

/// Reads a text that is for people only.
fn checked(object: &mut Object<'_>, key: &'static str) -> Unused {
    object.optional(key, Node::text);
    Unused
}
