//! What models refused by name, remembered until the process ends or the model changes.
//!
//! The registry may not know yet what a new model does not take. The first request that finds out
//! pays for it; all later ones, of every worker, are adapted as if the registry had said so.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::proto::Capability;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::ServiceTier;
use crate::proto::tool_choice::Choice;
use crate::provider::Adaptation;
use crate::provider::ReasoningBlocks;
use crate::provider::Refusable;
use crate::registry::Model;
use crate::registry::Registry;
use crate::routing::needs::Needs;

/// What each model of a registry has refused so far. Shared by all workers, without locks.
#[derive(Debug, Default)]
pub(super) struct Learned {
    by_model: HashMap<String, Arc<AtomicU64>>,
}

/// A set of things that a model refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refusals(u64);

/// The first bit of tiers: a model that refuses one tier may well run on another.
const FIRST_TIER: u32 = 48;

impl Learned {
    /// Nothing yet, about the models of a registry.
    pub(super) fn new(registry: &Registry) -> Self {
        let models = registry.models().iter();
        Self {
            by_model: models
                .map(|model| (model.name.clone(), Arc::default()))
                .collect(),
        }
    }

    /// The same for a registry that takes the place of another one. Models that stayed as they
    /// were keep what is known of them, and share what calls under way still find out.
    pub(super) fn for_registry(&self, old: &Registry, new: &Registry) -> Self {
        let stayed = |model: &Model| old.find(&model.name).is_some_and(|old| is_same(old, model));
        let known = |model: &Arc<Model>| {
            let known = self.by_model.get(&model.name);
            let known = known.filter(|_| stayed(model));
            (model.name.clone(), known.cloned().unwrap_or_default())
        };
        Self {
            by_model: new.models().iter().map(known).collect(),
        }
    }

    /// What a model refused so far.
    pub(super) fn about(&self, model: &Model) -> Refusals {
        let bits = self.by_model.get(&model.name);
        Refusals(bits.map_or(0, |bits| bits.load(Ordering::Relaxed)))
    }

    /// Remembers what a model refused. `false` if it was known.
    pub(super) fn remember(&self, model: &Model, refused: Refusals) -> bool {
        self.by_model.get(&model.name).is_some_and(|bits| {
            let known = Refusals(bits.fetch_or(refused.0, Ordering::Relaxed));
            !known.include(refused)
        })
    }
}

impl Refusals {
    /// One refusal of this request, as it was put to the model.
    pub(super) fn of(refused: Refusable, request: &InvokeRequest) -> Self {
        match refused {
            Refusable::ServiceTier => Self::of_tier(request.service_tier()),
            _ => Self(bit(refused as u32)),
        }
    }

    /// Both.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What of it holds for every request: which members the caller adds by hand is its own affair.
    pub(super) fn lasting(self) -> Self {
        Self(self.0 & !bit(Refusable::AdditionalFields as u32))
    }

    /// Whether this was refused.
    pub(super) fn has(self, refused: Refusable) -> bool {
        self.include(Self(bit(refused as u32)))
    }

    /// Whether this tier was refused.
    pub(super) fn has_tier(self, tier: ServiceTier) -> bool {
        self.include(Self::of_tier(tier))
    }

    /// Whether nothing was refused.
    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The fields of a request that were refused, as callers write them.
    pub(super) fn fields(self) -> impl Iterator<Item = &'static str> {
        // Where the default tier is taken, only values are refused.
        let takes_no_tier = self.has_tier(ServiceTier::Default);
        let tier = takes_no_tier.then_some("service_tier");
        let fields = FIELDS.iter().filter(move |(refused, _)| self.has(*refused));
        fields.map(|(_, field)| *field).chain(tier)
    }

    const fn include(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn of_tier(tier: ServiceTier) -> Self {
        Self(bit(FIRST_TIER + tier as u32))
    }
}

/// Whether two entries of a name would refuse the same.
fn is_same(one: &Model, other: &Model) -> bool {
    one.name == other.name
        && one.target == other.target
        && one.capabilities == other.capabilities
        && one.limits == other.limits
}

/// What of a request, adapted like this, can have caused a refusal; `None` if nothing of it can.
/// Words about something else that sound like a refusal must not be remembered. A member that the
/// caller added by hand may be what the field of that name becomes.
pub(super) fn cause(
    refused: Refusable,
    request: &InvokeRequest,
    needs: &Needs,
    adaptation: &Adaptation,
) -> Option<Refusable> {
    let candidates = [refused, Refusable::AdditionalFields].into_iter();
    let mut sent = candidates.filter(|part| was_sent(*part, request, needs, adaptation));
    sent.next()
}

fn was_sent(
    refused: Refusable,
    request: &InvokeRequest,
    needs: &Needs,
    adaptation: &Adaptation,
) -> bool {
    let config = request.inference_config.as_ref();
    let is_set = |has: fn(&InferenceConfig) -> bool| config.is_some_and(has);
    let temperature = is_set(|config| config.temperature.is_some()) && !adaptation.omit_temperature;
    let top_p = is_set(|config| config.top_p.is_some()) && !adaptation.omit_top_p;
    let tools = request.tool_config.as_ref();
    let choice = tools.and_then(|tools| tools.tool_choice.as_ref()?.choice.as_ref());
    let choice = choice.filter(|_| !adaptation.omit_tool_choice);
    match refused {
        Refusable::Temperature => temperature,
        Refusable::TopP => top_p,
        Refusable::BothSamplings => temperature && top_p,
        Refusable::TopK => is_set(|config| config.top_k.is_some()) && !adaptation.omit_top_k,
        Refusable::StopSequences => {
            is_set(|config| !config.stop_sequences.is_empty())
                && adaptation.max_stop_sequences != Some(0)
        }
        Refusable::Reasoning => adaptation.reasoning.is_some(),
        Refusable::ReasoningBlocks => {
            needs.has_reasoning_blocks && adaptation.reasoning_blocks != ReasoningBlocks::None
        }
        Refusable::Tools => needs.implies(Capability::ToolUse),
        Refusable::StreamedTools => needs.implies(Capability::ToolUse) && !adaptation.whole_answer,
        Refusable::ToolChoiceAuto => matches!(choice, Some(Choice::Auto(_))),
        Refusable::ToolChoiceAny => matches!(choice, Some(Choice::Any(_))),
        Refusable::ToolChoiceTool => matches!(choice, Some(Choice::Tool(_))),
        Refusable::ToolResultStatus => {
            needs.has_tool_result_status && !adaptation.omit_tool_result_status
        }
        Refusable::System => needs.implies(Capability::SystemPrompt),
        Refusable::Images => {
            needs.implies(Capability::ImageInput) || needs.implies(Capability::ImageOutput)
        }
        Refusable::Documents => needs.implies(Capability::DocumentInput),
        Refusable::Video => needs.implies(Capability::VideoInput),
        Refusable::Audio => needs.implies(Capability::AudioInput),
        Refusable::Citations => needs.implies(Capability::Citations),
        Refusable::StructuredOutput => needs.implies(Capability::StructuredOutput),
        Refusable::Guardrail => needs.implies(Capability::Guardrails),
        Refusable::CachePoints => needs.has_cache_points && !adaptation.omit_cache_points,
        Refusable::LatencyMode => needs.wants_optimized_latency && !adaptation.omit_latency_mode,
        Refusable::ServiceTier => {
            request.service_tier() != ServiceTier::Unspecified && !adaptation.omit_service_tier
        }
        Refusable::Streaming => !adaptation.whole_answer,
        Refusable::Prefill => needs.has_prefill,
        Refusable::AdditionalFields => {
            let fields = request.additional_model_request_fields.as_ref();
            fields.is_some_and(|fields| !fields.fields.is_empty())
                && !adaptation.omit_additional_fields
        }
    }
}

fn bit(number: u32) -> u64 {
    1_u64.checked_shl(number).unwrap_or(0)
}

/// The fields that stand for what can be refused. Two settings that only exclude each other are
/// none, and a model that does not stream refuses no field.
#[rustfmt::skip]
const FIELDS: &[(Refusable, &str)] = &[
    (Refusable::Temperature,      "inference_config.temperature"),
    (Refusable::TopP,             "inference_config.top_p"),
    (Refusable::TopK,             "inference_config.top_k"),
    (Refusable::StopSequences,    "inference_config.stop_sequences"),
    (Refusable::Reasoning,        "reasoning_config"),
    (Refusable::ReasoningBlocks,  "messages.content.reasoning"),
    (Refusable::Tools,            "tool_config"),
    (Refusable::ToolChoiceAuto,   "tool_config.tool_choice.auto"),
    (Refusable::ToolChoiceAny,    "tool_config.tool_choice.any"),
    (Refusable::ToolChoiceTool,   "tool_config.tool_choice.tool"),
    (Refusable::ToolResultStatus, "messages.content.tool_result.status"),
    (Refusable::System,           "system"),
    (Refusable::Images,           "messages.content.image"),
    (Refusable::Documents,        "messages.content.document"),
    (Refusable::Video,            "messages.content.video"),
    (Refusable::Audio,            "messages.content.audio"),
    (Refusable::Citations,        "messages.content.document.citations_config"),
    (Refusable::StructuredOutput, "output_config.json_schema"),
    (Refusable::Guardrail,        "guardrail_config"),
    (Refusable::CachePoints,      "messages.content.cache_point"),
    (Refusable::CachePoints,      "system.cache_point"),
    (Refusable::CachePoints,      "tool_config.tools.cache_point"),
    (Refusable::LatencyMode,      "latency_mode"),
];

#[cfg(test)]
#[path = "learned_tests.rs"]
mod tests;
