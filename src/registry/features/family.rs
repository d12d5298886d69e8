//! What the models of one family have in common on Converse, as a value that tables can hold.

use crate::proto::Capability;
use crate::proto::ServiceTier;
use crate::registry::model::BesideToolResults;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::ToolChoices;
use crate::registry::model::TopK;

/// What the models of one family have in common. The members mean what those of
/// [`Capabilities`](crate::registry::Capabilities) mean.
#[derive(Clone, Copy)]
pub(super) struct Family {
    pub(super) flags: Flags,
    pub(super) reasoning: ReasoningStyle,
    pub(super) sampling: Sampling,
    pub(super) top_k: TopK,
    pub(super) tool_choices: ToolChoices,
    pub(super) beside_tool_results: BesideToolResults,
    pub(super) tool_result_status: bool,
    pub(super) tool_result_images: bool,
    pub(super) system_messages: bool,
    pub(super) prefill: bool,
    pub(super) one_hour_cache: bool,
    pub(super) tool_cache_points: bool,
    pub(super) max_stop_sequences: u32,
    pub(super) blank_stop_sequences: bool,
    pub(super) service_tiers: &'static [ServiceTier],
}

/// A model nobody knows: what nearly every model on Converse does, and nothing that a model has
/// been seen to refuse. Only sampling is read generously: nearly all take both parameters, and to
/// leave one out is to change what the caller asked.
pub(super) const UNKNOWN: Family = Family {
    flags: Flags::of(&[
        Capability::Streaming,
        Capability::SystemPrompt,
        Capability::Guardrails,
    ]),
    reasoning: ReasoningStyle::None,
    sampling: Sampling::Both,
    top_k: TopK::None,
    tool_choices: NO_CHOICE,
    beside_tool_results: BesideToolResults::Nothing,
    tool_result_status: false,
    tool_result_images: false,
    system_messages: false,
    prefill: false,
    one_hour_cache: false,
    tool_cache_points: false,
    // The least of any model that takes some.
    max_stop_sequences: 4,
    blank_stop_sequences: false,
    // A tier the model does not run on fails the whole request; without one it runs as usual.
    service_tiers: &[],
};

/// A prompt stored at Bedrock. It brings its own instructions, tools and inference parameters, and
/// a request that sets these is refused; which model is behind is not known.
///
/// Source: API reference of Converse, `modelId`, seen 2026-11-22.
pub(super) const STORED_PROMPT: Family = Family {
    flags: UNKNOWN.flags.without(&[Capability::SystemPrompt]),
    sampling: Sampling::None,
    max_stop_sequences: 0,
    ..UNKNOWN
};

pub(super) const NO_CHOICE: ToolChoices = ToolChoices {
    auto: false,
    any: false,
    tool: false,
};

pub(super) const AUTO: ToolChoices = ToolChoices {
    auto: true,
    ..NO_CHOICE
};

pub(super) const AUTO_OR_ANY: ToolChoices = ToolChoices { any: true, ..AUTO };

pub(super) const EVERY_CHOICE: ToolChoices = ToolChoices {
    tool: true,
    ..AUTO_OR_ANY
};

/// A set of capabilities.
#[derive(Clone, Copy)]
pub(super) struct Flags(u32);

impl Flags {
    pub(super) const fn of(capabilities: &[Capability]) -> Self {
        Self(0).and(capabilities)
    }

    pub(super) const fn and(self, more: &[Capability]) -> Self {
        Self(self.0 | bits(more))
    }

    pub(super) const fn without(self, fewer: &[Capability]) -> Self {
        Self(self.0 & !bits(fewer))
    }

    pub(super) const fn contains(self, capability: Capability) -> bool {
        self.0 & bits(&[capability]) != 0
    }
}

const fn bits(mut capabilities: &[Capability]) -> u32 {
    let mut bits = 0;
    while let [first, rest @ ..] = capabilities {
        bits |= 1 << (*first as u32);
        capabilities = rest;
    }
    bits
}
