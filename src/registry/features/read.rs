//! The member `features` from the text of a file: names of members, types, words, bounds.

use crate::registry::features::FeaturesEntry;
use crate::registry::features::entry::ServiceTierWord;
use crate::registry::features::entry::ToolChoiceWord;
use crate::registry::model::BesideToolResults;
use crate::registry::model::ReasoningReplay;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::TopK;
use crate::registry::node::Node;
use crate::registry::values::choice;
use crate::registry::values::choices;

/// Most strings that end an answer, for any model.
///
/// Source: botocore 1.44.5, `InferenceConfigurationStopSequencesList`, seen 2026-11-22.
const MOST_STOP_SEQUENCES: i64 = 2500;

pub(super) const REASONING: [(&str, ReasoningStyle); 12] = [
    ("none", ReasoningStyle::None),
    ("budget", ReasoningStyle::Budget),
    ("budgetOrAdaptive", ReasoningStyle::BudgetOrAdaptive),
    ("adaptive", ReasoningStyle::Adaptive),
    ("alwaysAdaptive", ReasoningStyle::AlwaysAdaptive),
    ("effort", ReasoningStyle::Effort),
    ("effortOrNone", ReasoningStyle::EffortOrNone),
    ("nestedEffort", ReasoningStyle::NestedEffort),
    ("nestedEffortOrNone", ReasoningStyle::NestedEffortOrNone),
    ("qwen", ReasoningStyle::Qwen),
    ("nova", ReasoningStyle::Nova),
    ("always", ReasoningStyle::Always),
];

pub(super) const REASONING_REPLAY: [(&str, ReasoningReplay); 2] = [
    ("signed", ReasoningReplay::Signed),
    ("none", ReasoningReplay::None),
];

pub(super) const SAMPLING: [(&str, Sampling); 3] = [
    ("both", Sampling::Both),
    ("one", Sampling::One),
    ("none", Sampling::None),
];

pub(super) const TOP_K: [(&str, TopK); 3] = [
    ("anthropic", TopK::Anthropic),
    ("nova", TopK::Nova),
    ("none", TopK::None),
];

const TOOL_CHOICE: [(&str, ToolChoiceWord); 3] = [
    ("auto", ToolChoiceWord::Auto),
    ("any", ToolChoiceWord::Any),
    ("tool", ToolChoiceWord::Tool),
];

pub(super) const BESIDE_TOOL_RESULTS: [(&str, BesideToolResults); 3] = [
    ("anything", BesideToolResults::Anything),
    ("noFiles", BesideToolResults::NoFiles),
    ("nothing", BesideToolResults::Nothing),
];

const SERVICE_TIERS: [(&str, ServiceTierWord); 3] = [
    ("priority", ServiceTierWord::Priority),
    ("flex", ServiceTierWord::Flex),
    ("reserved", ServiceTierWord::Reserved),
];

/// Reads `features`. `None` if it is no object.
pub(in crate::registry) fn features(node: &Node<'_>) -> Option<FeaturesEntry> {
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
        image_output: object.optional("imageOutput", Node::boolean),
        structured_output: object.optional("structuredOutput", Node::boolean),
        prompt_caching: object.optional("promptCaching", Node::boolean),
        citations: object.optional("citations", Node::boolean),
        guardrails: object.optional("guardrails", Node::boolean),
        token_counting: object.optional("tokenCounting", Node::boolean),
        optimized_latency: object.optional("optimizedLatency", Node::boolean),
        reasoning: object.optional("reasoning", |node| choice(node, &REASONING)),
        reasoning_replay: object
            .optional("reasoningReplay", |node| choice(node, &REASONING_REPLAY)),
        sampling: object.optional("sampling", |node| choice(node, &SAMPLING)),
        top_k: object.optional("topK", |node| choice(node, &TOP_K)),
        tool_choice: object.optional("toolChoice", |node| choices(node, &TOOL_CHOICE)),
        beside_tool_results: object.optional("besideToolResults", |node| {
            choice(node, &BESIDE_TOOL_RESULTS)
        }),
        tool_result_status: object.optional("toolResultStatus", Node::boolean),
        tool_result_images: object.optional("toolResultImages", Node::boolean),
        system_messages: object.optional("systemMessages", Node::boolean),
        prefill: object.optional("prefill", Node::boolean),
        one_hour_cache: object.optional("oneHourCache", Node::boolean),
        tool_cache_points: object.optional("toolCachePoints", Node::boolean),
        max_stop_sequences: object.optional("maxStopSequences", |node| {
            u32::try_from(node.integer(0, MOST_STOP_SEQUENCES)?).ok()
        }),
        blank_stop_sequences: object.optional("blankStopSequences", Node::boolean),
        service_tiers: object.optional("serviceTiers", |node| choices(node, &SERVICE_TIERS)),
    };
    object.finish();
    Some(features)
}
