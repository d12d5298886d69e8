//! The member `features` of an entry, as types.
//!
//! Part of the format; see `file`. The JSON Schema is generated from these types, so their comments
//! are for those who write the file.

use schemars::JsonSchema;

use crate::registry::model::BesideToolResults;
use crate::registry::model::ReasoningReplay;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::TopK;

/// What a model can do, and how it wants to be asked. What is left out is derived from the model id
/// and the capabilities.
#[derive(Default, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::registry) struct FeaturesEntry {
    /// Stream its answer.
    pub(in crate::registry) streaming: Option<bool>,
    /// Follow system instructions.
    pub(in crate::registry) system: Option<bool>,
    /// Call tools.
    pub(in crate::registry) tools: Option<bool>,
    /// Call tools while streaming.
    pub(in crate::registry) streaming_tools: Option<bool>,
    /// Read images.
    pub(in crate::registry) images: Option<bool>,
    /// Read documents.
    pub(in crate::registry) documents: Option<bool>,
    /// Read video.
    pub(in crate::registry) video: Option<bool>,
    /// Read audio.
    pub(in crate::registry) audio: Option<bool>,
    /// Produce images.
    pub(in crate::registry) image_output: Option<bool>,
    /// Conform to a JSON Schema.
    pub(in crate::registry) structured_output: Option<bool>,
    /// Cache prompt prefixes at cache points.
    pub(in crate::registry) prompt_caching: Option<bool>,
    /// Cite sources.
    pub(in crate::registry) citations: Option<bool>,
    /// Work with guardrails.
    pub(in crate::registry) guardrails: Option<bool>,
    /// Count tokens.
    pub(in crate::registry) token_counting: Option<bool>,
    /// Offer a latency-optimized variant.
    pub(in crate::registry) optimized_latency: Option<bool>,
    /// Whether and how the model reasons before it answers.
    pub(in crate::registry) reasoning: Option<ReasoningStyle>,
    /// Whether the model takes its own reasoning back. Follows from `reasoning` if absent.
    pub(in crate::registry) reasoning_replay: Option<ReasoningReplay>,
    /// Which of temperature and top_p one request may set.
    pub(in crate::registry) sampling: Option<Sampling>,
    /// Where the model takes top_k.
    pub(in crate::registry) top_k: Option<TopK>,
    /// Which choices of tools a request may spell out.
    #[schemars(extend("uniqueItems" = true))]
    pub(in crate::registry) tool_choice: Option<Vec<ToolChoiceWord>>,
    /// What else may stand in a message that holds the result of a tool.
    pub(in crate::registry) beside_tool_results: Option<BesideToolResults>,
    /// Take the status of a tool's result.
    pub(in crate::registry) tool_result_status: Option<bool>,
    /// Read images in a tool's result.
    pub(in crate::registry) tool_result_images: Option<bool>,
    /// Take instructions between the messages.
    pub(in crate::registry) system_messages: Option<bool>,
    /// Continue an answer whose beginning is the last message.
    pub(in crate::registry) prefill: Option<bool>,
    /// Keep what is cached for an hour, if a cache point says so.
    pub(in crate::registry) one_hour_cache: Option<bool>,
    /// Take cache points among the tools.
    pub(in crate::registry) tool_cache_points: Option<bool>,
    /// Most strings that end the answer; 0 if the model takes none.
    #[schemars(range(max = 2500))]
    pub(in crate::registry) max_stop_sequences: Option<u32>,
    /// Take strings that end the answer and consist of blanks.
    pub(in crate::registry) blank_stop_sequences: Option<bool>,
    /// Capacity tiers on which the model runs, the default one aside.
    #[schemars(extend("uniqueItems" = true))]
    pub(in crate::registry) service_tiers: Option<Vec<ServiceTierWord>>,
}

/// A choice of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(in crate::registry) enum ToolChoiceWord {
    /// The model decides, spelled out. It also decides if the request chooses nothing.
    Auto,
    /// Some tool must be called.
    Any,
    /// One particular tool must be called.
    Tool,
}

/// A capacity tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub(in crate::registry) enum ServiceTierWord {
    /// Served ahead of others, at a higher price.
    Priority,
    /// Served after others, at a lower price.
    Flex,
    /// Capacity reserved by the account.
    Reserved,
}
