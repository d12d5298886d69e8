//! The member `features` as it counts: each of its members with the value in force.

use serde_json::Value;
use serde_json::json;

use crate::proto::Capability;
use crate::proto::ServiceTier;
use crate::registry::features::read::BESIDE_TOOL_RESULTS;
use crate::registry::features::read::REASONING;
use crate::registry::features::read::REASONING_REPLAY;
use crate::registry::features::read::SAMPLING;
use crate::registry::features::read::TOP_K;
use crate::registry::model::Capabilities;

/// All of `features`, so that reading it back gives the same capabilities.
pub(in crate::registry) fn features_json(can: &Capabilities) -> Value {
    let flag = |capability| can.flags.contains(&capability);
    let tiers: Vec<&str> = can
        .service_tiers
        .iter()
        .filter_map(|tier| service_tier(*tier))
        .collect();
    json!({
        "streaming": flag(Capability::Streaming),
        "system": flag(Capability::SystemPrompt),
        "tools": flag(Capability::ToolUse),
        "streamingTools": flag(Capability::StreamingToolUse),
        "images": flag(Capability::ImageInput),
        "documents": flag(Capability::DocumentInput),
        "video": flag(Capability::VideoInput),
        "audio": flag(Capability::AudioInput),
        "imageOutput": flag(Capability::ImageOutput),
        "structuredOutput": flag(Capability::StructuredOutput),
        "promptCaching": flag(Capability::PromptCaching),
        "citations": flag(Capability::Citations),
        "guardrails": flag(Capability::Guardrails),
        "tokenCounting": flag(Capability::TokenCounting),
        "optimizedLatency": flag(Capability::OptimizedLatency),
        "reasoning": word(&REASONING, can.reasoning),
        "reasoningReplay": word(&REASONING_REPLAY, can.reasoning_replay),
        "sampling": word(&SAMPLING, can.sampling),
        "topK": word(&TOP_K, can.top_k),
        "toolChoice": tool_choices(can),
        "besideToolResults": word(&BESIDE_TOOL_RESULTS, can.beside_tool_results),
        "toolResultStatus": can.tool_result_status,
        "toolResultImages": can.tool_result_images,
        "systemMessages": can.system_messages,
        "prefill": can.prefill,
        "oneHourCache": can.one_hour_cache,
        "toolCachePoints": can.tool_cache_points,
        "maxStopSequences": can.max_stop_sequences,
        "blankStopSequences": can.blank_stop_sequences,
        "serviceTiers": tiers,
    })
}

/// The word that is read as this value.
fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> Option<&'static str> {
    words
        .iter()
        .find_map(|(word, meant)| (*meant == value).then_some(*word))
}

fn tool_choices(can: &Capabilities) -> Vec<&'static str> {
    let choices = can.tool_choices;
    [
        ("auto", choices.auto),
        ("any", choices.any),
        ("tool", choices.tool),
    ]
    .into_iter()
    .filter_map(|(word, is_taken)| is_taken.then_some(word))
    .collect()
}

const fn service_tier(tier: ServiceTier) -> Option<&'static str> {
    match tier {
        ServiceTier::Priority => Some("priority"),
        ServiceTier::Flex => Some("flex"),
        ServiceTier::Reserved => Some("reserved"),
        ServiceTier::Unspecified | ServiceTier::Default => None,
    }
}
