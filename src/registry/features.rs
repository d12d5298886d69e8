//! What a model can do: as the file says, and derived where it does not say.
//!
//! A plain file names provider, id and a few free words. From these follows what the provider's
//! models of that generation do on Converse. An entry's `features` have the last word, flag by
//! flag, so an unknown model costs a line in the file and no code.
//!
//! Sources: the AWS page "Supported models and model features" of Converse and the request rules
//! observed by open-source clients of Converse, seen 2026-11-22.

use crate::proto::Capability;
use crate::proto::ServiceTier;
use crate::registry::file::FeaturesEntry;
use crate::registry::model::BesideToolResults;
use crate::registry::model::Capabilities;
use crate::registry::model::ReasoningReplay;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::ToolChoices;
use crate::registry::model::TopK;

/// The capabilities of a model: its `features` on top of what follows from the rest.
pub(super) fn capabilities(
    features: Option<&FeaturesEntry>,
    provider: &str,
    base_model_id: &str,
    words: &[String],
) -> Capabilities {
    let derived = Derived::new(provider, base_model_id, words);
    let unset = FeaturesEntry::default();
    let given = features.unwrap_or(&unset);
    let reasoning = given.reasoning.unwrap_or(derived.reasoning);
    let flags = [
        (Capability::Streaming, given.streaming),
        (Capability::SystemPrompt, given.system),
        (Capability::ToolUse, given.tools),
        (Capability::StreamingToolUse, given.streaming_tools),
        (Capability::ImageInput, given.images),
        (Capability::DocumentInput, given.documents),
        (Capability::VideoInput, given.video),
        (Capability::AudioInput, given.audio),
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
    let is_there = |&(capability, given): &(Capability, Option<bool>)| {
        given.unwrap_or_else(|| derived.flags.contains(&capability))
    };
    Capabilities {
        flags: flags
            .iter()
            .filter(|flag| is_there(flag))
            .map(|(capability, _)| *capability)
            .collect(),
        reasoning,
        reasoning_replay: match reasoning {
            ReasoningStyle::Budget
            | ReasoningStyle::BudgetOrAdaptive
            | ReasoningStyle::Adaptive => ReasoningReplay::Signed,
            ReasoningStyle::None
            | ReasoningStyle::Effort
            | ReasoningStyle::EffortOrNone
            | ReasoningStyle::Qwen
            | ReasoningStyle::Nova
            | ReasoningStyle::Always => ReasoningReplay::None,
        },
        sampling: given.sampling.unwrap_or(derived.sampling),
        top_k: given.top_k.unwrap_or(derived.top_k),
        tool_choices: ToolChoices {
            auto: true,
            any: true,
            tool: true,
        },
        beside_tool_results: BesideToolResults::Anything,
        tool_result_status: true,
        tool_result_images: true,
        system_messages: true,
        prefill: true,
        one_hour_cache: true,
        tool_cache_points: true,
        max_stop_sequences: 2500,
        blank_stop_sequences: true,
        service_tiers: vec![
            ServiceTier::Priority,
            ServiceTier::Flex,
            ServiceTier::Reserved,
        ],
    }
}

/// What follows from provider, id and free words.
struct Derived {
    flags: Vec<Capability>,
    reasoning: ReasoningStyle,
    sampling: Sampling,
    top_k: TopK,
}

impl Derived {
    fn new(provider: &str, base_model_id: &str, words: &[String]) -> Self {
        let provider = provider.to_lowercase();
        // What every model on Converse does, except a few of 2023.
        let mut derived = Self {
            flags: vec![
                Capability::Streaming,
                Capability::SystemPrompt,
                Capability::Guardrails,
            ],
            reasoning: ReasoningStyle::None,
            sampling: Sampling::Both,
            top_k: TopK::None,
        };
        if base_model_id.starts_with("anthropic.claude") {
            derived.add_claude(base_model_id);
        } else if base_model_id.starts_with("amazon.nova") {
            derived.add_nova(base_model_id);
        } else {
            derived.add_other(&provider, base_model_id);
        }
        derived.add_words(words);
        derived
    }

    fn add_claude(&mut self, id: &str) {
        let version = claude_version(id);
        self.top_k = TopK::Anthropic;
        self.flags.push(Capability::DocumentInput);
        if version >= (3, 0) {
            self.flags.push(Capability::ToolUse);
            self.flags.push(Capability::StreamingToolUse);
        }
        if version >= (3, 5) {
            self.flags.push(Capability::TokenCounting);
        }
        // The second Sonnet 3.5 and the first Haiku 3.5 came on this day.
        if version >= (3, 7) || id.contains("20241022") {
            self.flags.push(Capability::PromptCaching);
            self.flags.push(Capability::Citations);
        }
        if version >= (3, 7) {
            self.reasoning = ReasoningStyle::Budget;
        }
        if version >= (4, 0) {
            self.flags.push(Capability::ImageInput);
        }
        if version >= (4, 1) {
            self.sampling = Sampling::One;
        }
        if version >= (4, 5) {
            self.flags.push(Capability::StructuredOutput);
        }
        if version >= (4, 6) {
            self.reasoning = ReasoningStyle::Adaptive;
        }
        if version >= (4, 7) {
            self.sampling = Sampling::None;
            self.top_k = TopK::None;
        }
    }

    fn add_nova(&mut self, id: &str) {
        self.top_k = TopK::Nova;
        self.flags.extend([
            Capability::ToolUse,
            Capability::StreamingToolUse,
            Capability::PromptCaching,
        ]);
        if !id.contains("micro") {
            self.flags.extend([
                Capability::ImageInput,
                Capability::DocumentInput,
                Capability::VideoInput,
            ]);
        }
    }

    fn add_other(&mut self, provider: &str, id: &str) {
        match provider {
            "deepseek" if id.contains(".r1") => {
                self.flags.push(Capability::DocumentInput);
                self.reasoning = ReasoningStyle::Always;
            }
            "meta" | "mistral" | "mistral ai" | "writer" => {
                self.flags.push(Capability::ToolUse);
            }
            "openai" => {
                self.add_tools_and_schemas();
                self.reasoning = ReasoningStyle::Always;
                if id.contains("gpt-6") {
                    self.sampling = Sampling::None;
                }
            }
            "deepseek" | "qwen" => self.add_tools_and_schemas(),
            _ => {}
        }
    }

    fn add_tools_and_schemas(&mut self) {
        self.flags.extend([
            Capability::ToolUse,
            Capability::StreamingToolUse,
            Capability::StructuredOutput,
        ]);
    }

    fn add_words(&mut self, words: &[String]) {
        for word in words {
            let word = word.trim().to_lowercase().replace([' ', '_'], "-");
            match word.as_str() {
                "vision" | "images" | "multimodal" => self.flags.push(Capability::ImageInput),
                "tools" | "tool-use" | "function-calling" => self.flags.push(Capability::ToolUse),
                "documents" => self.flags.push(Capability::DocumentInput),
                "video" => self.flags.push(Capability::VideoInput),
                "audio" => self.flags.push(Capability::AudioInput),
                _ => {}
            }
        }
    }
}

/// Generation of a Claude model: `claude-3-5-sonnet-…` is (3, 5), `claude-opus-4-1-…` (4, 1),
/// `claude-sonnet-5` (5, 0). Longer numbers are dates. (0, 0) for older forms of id.
fn claude_version(id: &str) -> (u32, u32) {
    let mut parts = id
        .split('-')
        .map(|part| part.parse::<u32>().ok().filter(|number| *number < 100))
        .skip_while(Option::is_none);
    let major = parts.next().flatten().unwrap_or_default();
    let minor = parts.next().flatten().unwrap_or_default();
    (major, minor)
}

#[cfg(test)]
#[path = "features_tests.rs"]
mod tests;
