//! The text of a registry file to the types of its format: names of members, types, bounds.
//!
//! What the values mean together, and whether they fit each other, is not decided here.

use jiff::civil::Date;

use crate::registry::file::Decimal;
use crate::registry::file::FeaturesEntry;
use crate::registry::file::HardLimitsEntry;
use crate::registry::file::LifecycleEntry;
use crate::registry::file::ModelEntry;
use crate::registry::file::Named;
use crate::registry::file::Placed;
use crate::registry::file::PricesEntry;
use crate::registry::file::RegistryFile;
use crate::registry::file::RemovedEntry;
use crate::registry::file::TimeoutsEntry;
use crate::registry::json::Node;
use crate::registry::json::Object;
use crate::registry::json::Unused;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::TopK;
use crate::registry::problem::Problems;

/// A guard against slips of the pen, far above any price.
const MOST_DOLLARS: i64 = 1_000_000;
const NANOS_PER_DOLLAR: i64 = 1_000_000_000;
const MOST_TIMEOUT_MS: i64 = 3_600_000;

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
        context_window: object.optional("contextWindow", tokens),
        max_output_tokens: object.optional("maxOutputTokens", tokens),
        default_max_tokens: object.optional("defaultMaxTokens", tokens),
        hard_limits: object.optional("hardLimits", hard_limits),
        requires_inference_profile: object.optional("requiresInferenceProfile", Node::boolean),
        inference_profile_arn: object.optional("inferenceProfileArn", Node::text),
        regions: object.optional("regions", regions).unwrap_or_default(),
        destination_regions: object
            .optional("destinationRegions", regions)
            .unwrap_or_default(),
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

fn features(node: &Node<'_>) -> Option<FeaturesEntry> {
    let mut object = node.object()?;
    let features = FeaturesEntry {
        streaming: object.optional("streaming", Node::boolean),
        system: object.optional("system", Node::boolean),
        tools: object.optional("tools", Node::boolean),
        streaming_tools: object.optional("streamingTools", Node::boolean),
        images: object.optional("images", Node::boolean),
        documents: object.optional("documents", Node::boolean),
        video: object.optional("video", Node::boolean),
        audio: object.optional("audio", Node::boolean),
        structured_output: object.optional("structuredOutput", Node::boolean),
        prompt_caching: object.optional("promptCaching", Node::boolean),
        citations: object.optional("citations", Node::boolean),
        guardrails: object.optional("guardrails", Node::boolean),
        token_counting: object.optional("tokenCounting", Node::boolean),
        optimized_latency: object.optional("optimizedLatency", Node::boolean),
        reasoning: object.optional("reasoning", |node| {
            choice(
                node,
                &[
                    ("none", ReasoningStyle::None),
                    ("budget", ReasoningStyle::Budget),
                    ("adaptive", ReasoningStyle::Adaptive),
                    ("always", ReasoningStyle::Always),
                ],
            )
        }),
        sampling: object.optional("sampling", |node| {
            choice(
                node,
                &[
                    ("both", Sampling::Both),
                    ("one", Sampling::One),
                    ("none", Sampling::None),
                ],
            )
        }),
        top_k: object.optional("topK", |node| {
            choice(
                node,
                &[
                    ("anthropic", TopK::Anthropic),
                    ("nova", TopK::Nova),
                    ("none", TopK::None),
                ],
            )
        }),
    };
    object.finish();
    Some(features)
}

fn hard_limits(node: &Node<'_>) -> Option<HardLimitsEntry> {
    let mut object = node.object()?;
    let limits = HardLimitsEntry {
        context_window: object.optional("contextWindow", tokens),
        max_output_tokens: object.optional("maxOutputTokens", tokens),
        source: checked(&mut object, "source"),
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
    let milliseconds = |node: &Node<'_>| u32::try_from(node.integer(1, MOST_TIMEOUT_MS)?).ok();
    let mut object = node.object()?;
    let timeouts = TimeoutsEntry {
        attempt_ms: object.optional("attemptMs", milliseconds),
        first_event_ms: object.optional("firstEventMs", milliseconds),
        idle_ms: object.optional("idleMs", milliseconds),
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

fn list<'a, T>(node: &Node<'a>, read: impl Fn(&Node<'a>) -> Option<T>) -> Option<Vec<T>> {
    Some(node.array()?.iter().filter_map(read).collect())
}

fn names(node: &Node<'_>) -> Option<Vec<Placed<String>>> {
    list(node, |node| {
        Some(Placed {
            path: node.path.clone(),
            value: name(node)?,
        })
    })
}

fn name(node: &Node<'_>) -> Option<String> {
    let name = node.text()?;
    check_name(node, &name);
    Some(name)
}

/// The API promises names of this form; see `Model.name`.
fn check_name(node: &Node<'_>, name: &str) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '-');
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !begins_well || name.len() > 128 || !name.chars().all(allowed) {
        node.wrong(format!(
            "{name:?} is not a name; must be 1 to 128 of a-z A-Z 0-9 . _ : -, first a letter or digit"
        ));
    }
}

fn model_id(node: &Node<'_>) -> Option<String> {
    let id = node.text()?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-');
    if id.is_empty() || id.len() > 2048 || !id.chars().all(allowed) {
        node.wrong(format!(
            "{id:?} is not a model id; must be 1 to 2048 of a-z A-Z 0-9 . _ : / -"
        ));
        return None;
    }
    Some(id)
}

fn filled_text(node: &Node<'_>) -> Option<String> {
    let text = node.text()?;
    if text.trim().is_empty() {
        node.wrong("is blank; must have text");
        return None;
    }
    Some(text)
}

fn tokens(node: &Node<'_>) -> Option<u32> {
    // The API counts tokens in 32 bits with a sign.
    u32::try_from(node.integer(1, i64::from(i32::MAX))?).ok()
}

fn regions(node: &Node<'_>) -> Option<Vec<String>> {
    list(node, |node| {
        let region = node.text()?;
        if is_region(&region) {
            return Some(region);
        }
        node.wrong(format!(
            "{region:?} is not an AWS region; must be like us-east-1"
        ));
        None
    })
}

/// Whether this has the form of an AWS region: two letters, words, a number.
pub(super) fn is_region(text: &str) -> bool {
    let Some((rest, number)) = text.rsplit_once('-') else {
        return false;
    };
    let mut words = rest.split('-');
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    matches!(number.len(), 1 | 2)
        && number.bytes().all(|b| b.is_ascii_digit())
        && words
            .next()
            .is_some_and(|geo| geo.len() == 2 && is_word(geo))
        && rest.contains('-')
        && words.all(is_word)
}

fn date(node: &Node<'_>) -> Option<Date> {
    let text = node.text()?;
    // The parser also knows other spellings; the format has one.
    match text.parse() {
        Ok(date) if text.len() == "2026-11-22".len() => Some(date),
        _ => {
            node.wrong(format!(
                "{text:?} is not a date; must be a day like 2026-11-22"
            ));
            None
        }
    }
}

fn choice<T: Copy>(node: &Node<'_>, choices: &[(&str, T)]) -> Option<T> {
    let text = node.text()?;
    let chosen = choices.iter().find(|(name, _)| *name == text);
    if chosen.is_none() {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        node.wrong(format!("{text:?} is unknown; must be {}", names.join(", ")));
    }
    chosen.map(|(_, value)| *value)
}

fn decimal(node: &Node<'_>) -> Option<Decimal> {
    let digits = node.digits()?;
    if digits.starts_with('-') {
        node.wrong(format!("is {digits}; must not be negative"));
        return None;
    }
    match nanos(&digits) {
        Some(nanos) if nanos <= MOST_DOLLARS * NANOS_PER_DOLLAR => Some(Decimal { nanos }),
        _ => {
            node.wrong(format!(
                "is {digits}; must be an amount up to {MOST_DOLLARS} with at most nine decimals"
            ));
            None
        }
    }
}

/// The billionths in a decimal number, exactly, or nothing.
fn nanos(digits: &str) -> Option<i64> {
    let (number, exponent) = match digits.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let all = format!("{whole}{fraction}");
    if whole.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mantissa: i64 = all.parse().ok()?;
    let decimals = i32::try_from(fraction.len()).ok()?;
    let shift = exponent.checked_sub(decimals)?.checked_add(9)?;
    let power = 10_i64.checked_pow(shift.unsigned_abs());
    match power {
        _ if mantissa == 0 => Some(0),
        Some(power) if shift >= 0 => mantissa.checked_mul(power),
        Some(power) if mantissa % power == 0 => Some(mantissa / power),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_exact_nanos() {
        for (digits, expected) in [
            ("3", Some(3_000_000_000)),
            ("0.035", Some(35_000_000)),
            ("18.75", Some(18_750_000_000)),
            ("0.000000001", Some(1)),
            ("1.10000000000000", Some(1_100_000_000)),
            ("25e-2", Some(250_000_000)),
            ("1E3", Some(1_000_000_000_000)),
            ("10e-10", Some(1)),
            ("0e-99", Some(0)),
            ("0.0000000001", None),
            ("1e99", None),
            ("1e99999999999", None),
            ("", None),
            (".5", None),
            ("1,5", None),
        ] {
            assert_eq!(nanos(digits), expected, "{digits:?}");
        }
    }

    #[test]
    fn regions_have_two_letters_words_and_a_number() {
        for region in ["us-east-1", "ap-southeast-2", "us-gov-west-1", "cn-north-1"] {
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "us",
            "us-1",
            "useast1",
            "us-east-",
            "US-east-1",
            "us--1",
        ] {
            assert!(!is_region(region), "{region}");
        }
    }
}
