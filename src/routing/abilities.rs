//! What a model can do as far as is known now: what the registry says, less what the model refused
//! since the process began.

use crate::proto::Capability;
use crate::proto::ServiceTier;
use crate::proto::tool_choice::Choice;
use crate::provider::Refusable;
use crate::registry::Model;
use crate::registry::ReasoningReplay;
use crate::registry::ReasoningStyle;
use crate::registry::Sampling;
use crate::registry::TopK;
use crate::routing::learned::Refusals;

/// A model with what it refused.
#[derive(Clone, Copy)]
pub(super) struct Abilities<'a> {
    pub(super) model: &'a Model,
    pub(super) refused: Refusals,
}

impl Abilities<'_> {
    /// Whether the model can do this.
    pub(super) fn can(self, capability: Capability) -> bool {
        self.model.can(capability)
            && (self.refused.is_empty()
                || !refusal_of(capability).is_some_and(|refused| self.refused.has(refused)))
    }

    /// Whether the model streams its answer, with tools or without.
    pub(super) fn streams(self, with_tools: bool) -> bool {
        self.can(Capability::Streaming) && (!with_tools || self.can(Capability::StreamingToolUse))
    }

    /// Whether the model takes a temperature.
    pub(super) fn takes_temperature(self) -> bool {
        self.samples() && !self.refused.has(Refusable::Temperature)
    }

    /// Whether the model takes `top_p`.
    pub(super) fn takes_top_p(self) -> bool {
        self.samples() && !self.refused.has(Refusable::TopP)
    }

    /// Whether the model takes a temperature and `top_p` together.
    pub(super) fn takes_both(self) -> bool {
        self.model.capabilities.sampling == Sampling::Both
            && !self.refused.has(Refusable::BothSamplings)
    }

    /// Whether the model takes `top_k`.
    pub(super) fn takes_top_k(self) -> bool {
        self.samples()
            && self.model.capabilities.top_k != TopK::None
            && !self.refused.has(Refusable::TopK)
    }

    /// How the model reasons.
    pub(super) fn reasoning(self) -> ReasoningStyle {
        if self.refused.has(Refusable::Reasoning) {
            ReasoningStyle::None
        } else {
            self.model.capabilities.reasoning
        }
    }

    /// Whether the model takes its own reasoning back.
    pub(super) fn reasoning_replay(self) -> ReasoningReplay {
        if self.refused.has(Refusable::ReasoningBlocks) {
            ReasoningReplay::None
        } else {
            self.model.capabilities.reasoning_replay
        }
    }

    /// Most strings that end the answer.
    pub(super) fn max_stop_sequences(self) -> u32 {
        if self.refused.has(Refusable::StopSequences) {
            0
        } else {
            self.model.capabilities.max_stop_sequences
        }
    }

    /// Whether the model takes this choice of tools.
    pub(super) fn takes_choice(self, choice: &Choice) -> bool {
        let choices = self.model.capabilities.tool_choices;
        let (takes, refused) = match choice {
            Choice::Auto(_) => (choices.auto, Refusable::ToolChoiceAuto),
            Choice::Any(_) => (choices.any, Refusable::ToolChoiceAny),
            Choice::Tool(_) => (choices.tool, Refusable::ToolChoiceTool),
        };
        takes && !self.refused.has(refused)
    }

    /// Whether the model takes the status of a tool's result.
    pub(super) fn takes_tool_result_status(self) -> bool {
        self.model.capabilities.tool_result_status && !self.refused.has(Refusable::ToolResultStatus)
    }

    /// Whether the last message may be the beginning of the model's answer.
    pub(super) fn takes_prefill(self) -> bool {
        self.model.capabilities.prefill && !self.refused.has(Refusable::Prefill)
    }

    /// Whether the model runs on this tier, and takes the word for it.
    pub(super) fn runs_on(self, tier: ServiceTier) -> bool {
        let is_offered = match tier {
            ServiceTier::Unspecified | ServiceTier::Default => true,
            ServiceTier::Priority | ServiceTier::Flex | ServiceTier::Reserved => {
                self.model.capabilities.service_tiers.contains(&tier)
            }
        };
        is_offered && !self.refused.has_tier(tier)
    }

    fn samples(self) -> bool {
        self.model.capabilities.sampling != Sampling::None
    }
}

/// The refusal that takes a capability away.
fn refusal_of(capability: Capability) -> Option<Refusable> {
    Some(match capability {
        Capability::Streaming => Refusable::Streaming,
        Capability::SystemPrompt => Refusable::System,
        Capability::ToolUse => Refusable::Tools,
        Capability::StreamingToolUse => Refusable::StreamedTools,
        Capability::ImageInput => Refusable::Images,
        Capability::DocumentInput => Refusable::Documents,
        Capability::VideoInput => Refusable::Video,
        Capability::AudioInput => Refusable::Audio,
        Capability::Reasoning => Refusable::Reasoning,
        Capability::StructuredOutput => Refusable::StructuredOutput,
        Capability::Citations => Refusable::Citations,
        Capability::Guardrails => Refusable::Guardrail,
        Capability::OptimizedLatency => Refusable::LatencyMode,
        Capability::PromptCaching => Refusable::CachePoints,
        Capability::Unspecified | Capability::ImageOutput | Capability::TokenCounting => {
            return None;
        }
    })
}
