//! What Claude does, generation by generation.
//!
//! Sources, all seen 2026-11-22: the AWS page "Supported models and model features" of Converse;
//! the request rules of LiteLLM 1.109.1, its list of models included, of pydantic-ai 2.68, whose
//! authors tried them on Bedrock, and of langchain-aws 1.9.1.

use crate::proto::Capability;
use crate::registry::features::family::AUTO;
use crate::registry::features::family::EVERY_CHOICE;
use crate::registry::features::family::Family;
use crate::registry::features::family::UNKNOWN;
use crate::registry::model::BesideToolResults;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::TopK;

const PREFIX: &str = "anthropic.claude-";

/// Each generation, the latest first, and the version from which it counts.
const GENERATIONS: [((u32, u32), Family); 9] = [
    ((4, 8), CLAUDE_4_8),
    ((4, 7), CLAUDE_4_7),
    ((4, 6), CLAUDE_4_6),
    ((4, 5), CLAUDE_4_5),
    ((4, 1), CLAUDE_4_1),
    ((3, 7), CLAUDE_3_7),
    ((3, 5), CLAUDE_3_5),
    ((3, 0), CLAUDE_3),
    ((0, 0), CLAUDE_2),
];

/// Models that differ from their generation, by the beginning of what follows "claude-". The first
/// that fits counts.
const EXCEPTIONS: [(&str, Family); 7] = [
    ("3-5-sonnet-20241022", CLAUDE_3_5_V2),
    ("3-5-haiku", CLAUDE_3_5_HAIKU),
    ("fable-5-1", CLAUDE_FABLE_5_1),
    ("fable", CLAUDE_FABLE),
    ("mythos", CLAUDE_MYTHOS),
    ("opus-5-5", CLAUDE_5_5),
    ("sonnet-5-5", CLAUDE_5_5),
];

const CLAUDE_2: Family = Family {
    flags: UNKNOWN.flags.and(&[Capability::DocumentInput]),
    top_k: TopK::Anthropic,
    tool_choices: EVERY_CHOICE,
    beside_tool_results: BesideToolResults::NoFiles,
    tool_result_status: true,
    tool_result_images: true,
    prefill: true,
    tool_cache_points: true,
    max_stop_sequences: 2500,
    ..UNKNOWN
};

const CLAUDE_3: Family = Family {
    flags: CLAUDE_2.flags.and(&[
        Capability::ToolUse,
        Capability::StreamingToolUse,
        Capability::ImageInput,
    ]),
    ..CLAUDE_2
};

const CLAUDE_3_5: Family = Family {
    flags: CLAUDE_3.flags.and(&[Capability::TokenCounting]),
    ..CLAUDE_3
};

/// The second Sonnet 3.5.
const CLAUDE_3_5_V2: Family = Family {
    flags: CLAUDE_3_5
        .flags
        .and(&[Capability::PromptCaching, Capability::Citations]),
    ..CLAUDE_3_5
};

const CLAUDE_3_5_HAIKU: Family = Family {
    flags: CLAUDE_3_5_V2.flags.without(&[Capability::ImageInput]),
    tool_result_images: false,
    ..CLAUDE_3_5_V2
};

const CLAUDE_3_7: Family = Family {
    reasoning: ReasoningStyle::Budget,
    ..CLAUDE_3_5_V2
};

const CLAUDE_4_1: Family = Family {
    sampling: Sampling::One,
    ..CLAUDE_3_7
};

const CLAUDE_4_5: Family = Family {
    flags: CLAUDE_4_1.flags.and(&[Capability::StructuredOutput]),
    one_hour_cache: true,
    ..CLAUDE_4_1
};

const CLAUDE_4_6: Family = Family {
    reasoning: ReasoningStyle::BudgetOrAdaptive,
    prefill: false,
    ..CLAUDE_4_5
};

/// Bedrock's CountTokens knows models up to 4.6; those since are counted at another endpoint.
const CLAUDE_4_7: Family = Family {
    flags: CLAUDE_4_6.flags.without(&[Capability::TokenCounting]),
    reasoning: ReasoningStyle::Adaptive,
    sampling: Sampling::None,
    top_k: TopK::None,
    ..CLAUDE_4_6
};

const CLAUDE_4_8: Family = Family {
    system_messages: true,
    ..CLAUDE_4_7
};

/// Opus and Sonnet. As they always reason, no tool can be forced.
const CLAUDE_5_5: Family = Family {
    reasoning: ReasoningStyle::AlwaysAdaptive,
    tool_choices: AUTO,
    ..CLAUDE_4_8
};

const CLAUDE_MYTHOS: Family = Family {
    reasoning: ReasoningStyle::AlwaysAdaptive,
    ..CLAUDE_4_8
};

const CLAUDE_FABLE: Family = Family {
    flags: CLAUDE_MYTHOS.flags.without(&[Capability::StructuredOutput]),
    ..CLAUDE_MYTHOS
};

const CLAUDE_FABLE_5_1: Family = Family {
    tool_choices: AUTO,
    ..CLAUDE_FABLE
};

/// What a Claude model does; `None` if the id is not one's.
pub(super) fn family(base_model_id: &str) -> Option<Family> {
    let name = base_model_id.strip_prefix(PREFIX)?;
    let is_exception = |(beginning, _): &&(&str, Family)| name.starts_with(beginning);
    if let Some((_, family)) = EXCEPTIONS.iter().find(is_exception) {
        return Some(*family);
    }
    let version = version(name);
    let (_, family) = GENERATIONS.iter().find(|(since, _)| version >= *since)?;
    Some(*family)
}

/// Generation of a Claude model: `3-5-sonnet-…` is (3, 5), `opus-4-1-…` (4, 1), `sonnet-5` (5, 0).
/// Longer numbers are dates. (0, 0) for older forms of name.
fn version(name: &str) -> (u32, u32) {
    let mut parts = name
        .split('-')
        .map(|part| part.parse::<u32>().ok().filter(|number| *number < 100))
        .skip_while(Option::is_none);
    let major = parts.next().flatten().unwrap_or_default();
    let minor = parts.next().flatten().unwrap_or_default();
    (major, minor)
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn generation_is_read_from_the_name() {
        for (name, expected) in [
            ("3-opus-20240229-v1:0", (3, 0)),
            ("3-5-sonnet-20241022-v2:0", (3, 5)),
            ("opus-4-1-20250805-v1:0", (4, 1)),
            ("opus-4-20250514-v1:0", (4, 0)),
            ("opus-4-6-v1", (4, 6)),
            ("sonnet-5", (5, 0)),
            ("fable-5-1", (5, 1)),
            ("v2:1", (0, 0)),
            ("instant-v1", (0, 0)),
        ] {
            assert_eq!(version(name), expected, "{name}");
        }
    }
}
