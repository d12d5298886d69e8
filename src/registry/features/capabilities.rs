//! What an entry says a model can do, on top of what follows from the rest of the entry.

use crate::proto::Capability;
use crate::proto::ServiceTier;
use crate::registry::features::FeaturesEntry;
use crate::registry::features::claude;
use crate::registry::features::entry::ServiceTierWord;
use crate::registry::features::entry::ToolChoiceWord;
use crate::registry::features::families;
use crate::registry::features::family::Family;
use crate::registry::features::family::STORED_PROMPT;
use crate::registry::features::family::UNKNOWN;
use crate::registry::model::Capabilities;
use crate::registry::model::ReasoningReplay;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::ToolChoices;
use crate::registry::target::Target;

/// The capabilities of a model: its `features` on top of what follows from target and free words.
pub(in crate::registry) fn capabilities(
    features: Option<&FeaturesEntry>,
    target: &Target,
    words: &[String],
) -> Capabilities {
    let family = family_of(target, words);
    let unset = FeaturesEntry::default();
    let given = features.unwrap_or(&unset);
    let reasoning = given.reasoning.unwrap_or(family.reasoning);
    Capabilities {
        flags: flags(given, &family, reasoning),
        reasoning,
        reasoning_replay: given.reasoning_replay.unwrap_or_else(|| replay(reasoning)),
        sampling: given.sampling.unwrap_or(family.sampling),
        top_k: given.top_k.unwrap_or(family.top_k),
        tool_choices: match &given.tool_choice {
            Some(words) => tool_choices(words),
            None => family.tool_choices,
        },
        beside_tool_results: given
            .beside_tool_results
            .unwrap_or(family.beside_tool_results),
        tool_result_status: given
            .tool_result_status
            .unwrap_or(family.tool_result_status),
        tool_result_images: given
            .tool_result_images
            .unwrap_or(family.tool_result_images),
        system_messages: given.system_messages.unwrap_or(family.system_messages),
        prefill: given.prefill.unwrap_or(family.prefill),
        one_hour_cache: given.one_hour_cache.unwrap_or(family.one_hour_cache),
        tool_cache_points: given.tool_cache_points.unwrap_or(family.tool_cache_points),
        max_stop_sequences: given
            .max_stop_sequences
            .unwrap_or(family.max_stop_sequences),
        blank_stop_sequences: given
            .blank_stop_sequences
            .unwrap_or(family.blank_stop_sequences),
        service_tiers: match &given.service_tiers {
            Some(words) => words.iter().map(|word| service_tier(*word)).collect(),
            None => family.service_tiers.to_vec(),
        },
    }
}

fn family_of(target: &Target, words: &[String]) -> Family {
    if target.is_prompt {
        return STORED_PROMPT;
    }
    let id = &target.base_model_id;
    let family = claude::family(id)
        .or_else(|| families::family(id))
        .unwrap_or(UNKNOWN);
    let meant = words.iter().filter_map(|word| capability(word));
    meant.fold(family, |family, capability| Family {
        flags: family.flags.and(&[capability]),
        ..family
    })
}

/// The capability that a free word means, if it means one.
fn capability(word: &str) -> Option<Capability> {
    let word = word.trim().to_lowercase().replace([' ', '_'], "-");
    match word.as_str() {
        "vision" | "images" | "multimodal" => Some(Capability::ImageInput),
        "tools" | "tool-use" | "function-calling" => Some(Capability::ToolUse),
        "documents" => Some(Capability::DocumentInput),
        "video" => Some(Capability::VideoInput),
        "audio" => Some(Capability::AudioInput),
        _ => None,
    }
}

/// In the order of their numbers in the API.
fn flags(given: &FeaturesEntry, family: &Family, reasoning: ReasoningStyle) -> Vec<Capability> {
    let said = [
        (Capability::Streaming, given.streaming),
        (Capability::SystemPrompt, given.system),
        (Capability::ToolUse, given.tools),
        (Capability::StreamingToolUse, given.streaming_tools),
        (Capability::ImageInput, given.images),
        (Capability::DocumentInput, given.documents),
        (Capability::VideoInput, given.video),
        (Capability::AudioInput, given.audio),
        (Capability::ImageOutput, given.image_output),
        (
            Capability::Reasoning,
            Some(reasoning != ReasoningStyle::None),
        ),
        (Capability::StructuredOutput, given.structured_output),
        (Capability::PromptCaching, given.prompt_caching),
        (Capability::Citations, given.citations),
        (Capability::Guardrails, given.guardrails),
        (Capability::TokenCounting, given.token_counting),
        (Capability::OptimizedLatency, given.optimized_latency),
    ];
    let there = said
        .into_iter()
        .filter(|(capability, given)| given.unwrap_or_else(|| family.flags.contains(*capability)));
    there.map(|(capability, _)| capability).collect()
}

/// Only Claude takes its reasoning back: others refuse it, or refuse its signature.
fn replay(reasoning: ReasoningStyle) -> ReasoningReplay {
    if reasoning.is_of_claude() {
        ReasoningReplay::Signed
    } else {
        ReasoningReplay::None
    }
}

fn tool_choices(words: &[ToolChoiceWord]) -> ToolChoices {
    ToolChoices {
        auto: words.contains(&ToolChoiceWord::Auto),
        any: words.contains(&ToolChoiceWord::Any),
        tool: words.contains(&ToolChoiceWord::Tool),
    }
}

const fn service_tier(word: ServiceTierWord) -> ServiceTier {
    match word {
        ServiceTierWord::Priority => ServiceTier::Priority,
        ServiceTierWord::Flex => ServiceTier::Flex,
        ServiceTierWord::Reserved => ServiceTier::Reserved,
    }
}

#[cfg(test)]
#[path = "capabilities_tests.rs"]
mod tests;
