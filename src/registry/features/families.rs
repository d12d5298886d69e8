//! What the models of other makers than Anthropic do, by the beginning of their ids.
//!
//! Sources, all seen 2026-11-22: the AWS pages "Supported models and model features" of Converse,
//! "Service tiers" and "Prompt caching"; the request rules of LiteLLM 1.109.1, its list of models
//! included, of pydantic-ai 2.68, whose authors tried them on Bedrock, of langchain-aws 1.9.1 and
//! of strands-agents 1.62. For stop sequences also crewAI#3317 (gpt-oss) and
//! dify-official-plugins#1767 (Qwen). What none of them says is as for an unknown model.

use crate::proto::Capability;
use crate::proto::ServiceTier;
use crate::registry::features::family::AUTO;
use crate::registry::features::family::AUTO_OR_ANY;
use crate::registry::features::family::EVERY_CHOICE;
use crate::registry::features::family::Family;
use crate::registry::features::family::UNKNOWN;
use crate::registry::model::BesideToolResults;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::TopK;

/// The longest beginning that fits an id counts.
const FAMILIES: &[(&str, Family)] = &[
    ("amazon.nova-", NOVA),
    ("amazon.nova-2-", NOVA_2),
    ("amazon.nova-2-lite", on_tiers(NOVA_2)),
    ("amazon.nova-micro", NOVA_MICRO),
    ("amazon.nova-premier", on_tiers(NOVA)),
    ("amazon.nova-pro", on_tiers(NOVA)),
    ("amazon.titan-", WITHOUT_SYSTEM),
    ("cohere.command-light-text", WITHOUT_SYSTEM),
    ("cohere.command-r", COMMAND_R),
    ("cohere.command-text", WITHOUT_SYSTEM),
    ("deepseek.r1", DEEPSEEK_R1),
    ("deepseek.v3", DEEPSEEK_V3),
    ("google.gemma-3", seeing(TRIED_WITHOUT_A_STREAM)),
    ("meta.llama2-", TEXT_ONLY_LLAMA),
    ("meta.llama3-", LLAMA),
    ("meta.llama3-2-11b", seeing(LLAMA)),
    ("meta.llama3-2-1b", TEXT_ONLY_LLAMA),
    ("meta.llama3-2-3b", TEXT_ONLY_LLAMA),
    ("meta.llama3-2-90b", seeing(LLAMA)),
    ("meta.llama3-70b", TEXT_ONLY_LLAMA),
    ("meta.llama3-8b", TEXT_ONLY_LLAMA),
    ("meta.llama4-", LLAMA_4),
    ("minimax.minimax-m2", TRIED_WITHOUT_A_STREAM),
    ("mistral.devstral", on_tiers(MISTRAL)),
    ("mistral.magistral", on_tiers(seeing(MISTRAL_WITH_SCHEMAS))),
    ("mistral.ministral", on_tiers(seeing(MISTRAL_WITH_SCHEMAS))),
    ("mistral.mistral-7b", MISTRAL_7B),
    ("mistral.mistral-large-2", MISTRAL_LARGE),
    ("mistral.mistral-large-3", MISTRAL_LARGE_3),
    ("mistral.mistral-small", MISTRAL),
    ("mistral.mixtral", MISTRAL_7B),
    ("mistral.pixtral", PIXTRAL),
    ("mistral.voxtral", VOXTRAL),
    ("moonshot.kimi-k2-thinking", KIMI_THINKING),
    ("moonshotai.kimi-", seeing(OPEN_WEIGHTS)),
    ("nvidia.nemotron-nano-", TRIED_WITHOUT_A_STREAM),
    ("nvidia.nemotron-nano-12b", seeing(TRIED_WITHOUT_A_STREAM)),
    ("nvidia.nemotron-super-", NEMOTRON_SUPER),
    ("openai.gpt-", GPT),
    ("openai.gpt-6-astra", ALWAYS_REASONING_GPT),
    ("openai.gpt-6.1-sol", ALWAYS_REASONING_GPT),
    ("openai.gpt-oss-", GPT_OSS),
    ("qwen.qwen3-", QWEN),
    ("qwen.qwen3-coder-", QWEN_CODER),
    ("qwen.qwen3-vl-", seeing(QWEN)),
    ("writer.palmyra-", PALMYRA),
    ("xai.grok-", GROK),
    ("zai.glm-", GLM),
    ("zai.glm-5.3", GLM_5_3),
];

const TOOLS: &[Capability] = &[Capability::ToolUse, Capability::StreamingToolUse];

/// What all known models do that a cautious reading denies: only Claude is known to refuse blank
/// stop sequences, only Palmyra the status of a result.
const KNOWN: Family = Family {
    beside_tool_results: BesideToolResults::Anything,
    tool_result_status: true,
    blank_stop_sequences: true,
    ..UNKNOWN
};

const WITHOUT_SYSTEM: Family = Family {
    flags: KNOWN.flags.without(&[Capability::SystemPrompt]),
    ..KNOWN
};

/// Prompt caching does not reach the tools.
const NOVA: Family = Family {
    flags: NOVA_MICRO.flags.and(&[
        Capability::ImageInput,
        Capability::DocumentInput,
        Capability::VideoInput,
    ]),
    tool_result_images: true,
    ..NOVA_MICRO
};

const NOVA_MICRO: Family = Family {
    flags: KNOWN.flags.and(TOOLS).and(&[Capability::PromptCaching]),
    top_k: TopK::Nova,
    tool_choices: EVERY_CHOICE,
    prefill: true,
    ..KNOWN
};

const NOVA_2: Family = Family {
    reasoning: ReasoningStyle::Nova,
    prefill: false,
    ..NOVA
};

const COMMAND_R: Family = Family {
    flags: KNOWN.flags.and(TOOLS),
    ..KNOWN
};

/// Results of tools stand alone, and tools do not work in streams.
const LLAMA: Family = Family {
    flags: KNOWN.flags.and(&[Capability::ToolUse]),
    tool_choices: AUTO,
    beside_tool_results: BesideToolResults::Nothing,
    ..KNOWN
};

const TEXT_ONLY_LLAMA: Family = Family {
    flags: LLAMA.flags.without(&[Capability::ToolUse]),
    ..LLAMA
};

const LLAMA_4: Family = Family {
    flags: LLAMA
        .flags
        .and(&[Capability::ImageInput, Capability::DocumentInput]),
    tool_result_images: true,
    ..LLAMA
};

/// Results of tools stand alone, and tools do not work in streams.
const MISTRAL: Family = Family {
    flags: KNOWN.flags.and(&[Capability::ToolUse]),
    beside_tool_results: BesideToolResults::Nothing,
    max_stop_sequences: 10,
    ..KNOWN
};

const MISTRAL_WITH_SCHEMAS: Family = Family {
    flags: MISTRAL.flags.and(&[Capability::StructuredOutput]),
    ..MISTRAL
};

const MISTRAL_7B: Family = Family {
    flags: WITHOUT_SYSTEM.flags,
    ..MISTRAL
};

const MISTRAL_LARGE: Family = Family {
    tool_choices: AUTO_OR_ANY,
    ..MISTRAL
};

const MISTRAL_LARGE_3: Family = Family {
    tool_choices: AUTO_OR_ANY,
    ..on_tiers(seeing(MISTRAL_WITH_SCHEMAS))
};

const PIXTRAL: Family = Family {
    flags: MISTRAL
        .flags
        .and(&[Capability::ImageInput, Capability::DocumentInput]),
    ..MISTRAL
};

const VOXTRAL: Family = Family {
    flags: KNOWN
        .flags
        .and(&[Capability::AudioInput, Capability::StructuredOutput]),
    ..on_tiers(MISTRAL)
};

/// The only one that refuses the status of a result.
const PALMYRA: Family = Family {
    flags: KNOWN
        .flags
        .and(&[Capability::ToolUse, Capability::DocumentInput]),
    beside_tool_results: BesideToolResults::Nothing,
    tool_result_status: false,
    ..KNOWN
};

const DEEPSEEK_R1: Family = Family {
    flags: KNOWN.flags.and(&[Capability::DocumentInput]),
    reasoning: ReasoningStyle::Always,
    max_stop_sequences: 10,
    ..KNOWN
};

/// Models with open weights, which Bedrock serves itself.
const OPEN_WEIGHTS: Family = Family {
    flags: KNOWN.flags.and(TOOLS).and(&[Capability::StructuredOutput]),
    ..on_tiers(KNOWN)
};

/// Nobody has said that these call tools in a stream.
const TRIED_WITHOUT_A_STREAM: Family = Family {
    flags: OPEN_WEIGHTS.flags.without(&[Capability::StreamingToolUse]),
    ..OPEN_WEIGHTS
};

const NEMOTRON_SUPER: Family = Family {
    flags: TRIED_WITHOUT_A_STREAM
        .flags
        .without(&[Capability::StructuredOutput]),
    ..TRIED_WITHOUT_A_STREAM
};

const DEEPSEEK_V3: Family = Family {
    reasoning: ReasoningStyle::EffortOrNone,
    tool_choices: AUTO_OR_ANY,
    ..OPEN_WEIGHTS
};

const GLM: Family = DEEPSEEK_V3;

const GLM_5_3: Family = Family {
    reasoning: ReasoningStyle::Effort,
    tool_choices: EVERY_CHOICE,
    service_tiers: &[],
    ..GLM
};

const GPT_OSS: Family = Family {
    reasoning: ReasoningStyle::Effort,
    max_stop_sequences: 0,
    ..OPEN_WEIGHTS
};

const KIMI_THINKING: Family = Family {
    reasoning: ReasoningStyle::Always,
    ..OPEN_WEIGHTS
};

const QWEN: Family = Family {
    reasoning: ReasoningStyle::Qwen,
    max_stop_sequences: 0,
    ..OPEN_WEIGHTS
};

const QWEN_CODER: Family = Family {
    reasoning: ReasoningStyle::None,
    ..QWEN
};

/// GPT-5.4 and later. Caches prompts by itself and takes no cache points.
const GPT: Family = Family {
    flags: KNOWN.flags.and(TOOLS).and(&[Capability::ImageInput]),
    reasoning: ReasoningStyle::NestedEffortOrNone,
    sampling: Sampling::None,
    tool_choices: EVERY_CHOICE,
    max_stop_sequences: 0,
    ..KNOWN
};

const ALWAYS_REASONING_GPT: Family = Family {
    reasoning: ReasoningStyle::NestedEffort,
    ..GPT
};

const GROK: Family = ALWAYS_REASONING_GPT;

const fn seeing(family: Family) -> Family {
    Family {
        flags: family.flags.and(&[Capability::ImageInput]),
        ..family
    }
}

/// Which models run on which tiers is read off the price list of AWS, too.
const fn on_tiers(family: Family) -> Family {
    Family {
        service_tiers: &[ServiceTier::Priority, ServiceTier::Flex],
        ..family
    }
}

/// What a model does; `None` if its family is not known.
pub(super) fn family(base_model_id: &str) -> Option<Family> {
    let fitting = FAMILIES
        .iter()
        .filter(|(beginning, _)| base_model_id.starts_with(beginning));
    let (_, family) = fitting.max_by_key(|(beginning, _)| beginning.len())?;
    Some(*family)
}
