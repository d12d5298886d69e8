//! What the registry knows about one model.

use std::time::Duration;

use jiff::civil::Date;
use schemars::JsonSchema;

use crate::proto::Capability;
use crate::proto::ServiceTier;
use crate::registry::price::Prices;
use crate::registry::target::Target;

/// An entry of the registry: what callers ask for by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Unique name, the key in `modelRegistry`.
    pub name: String,
    /// Other names by which requests may refer to the model.
    pub aliases: Vec<String>,
    /// Name for people.
    pub display_name: String,
    /// What the model is good for.
    pub description: String,
    /// Who made the model, for example "anthropic".
    pub provider: String,
    /// Where Bedrock runs it.
    pub target: Target,
    /// Position in the order of attempts; lower is tried earlier. Not unique, gaps are legal.
    pub priority: i32,
    /// Whether the operator turned the model off.
    pub disabled: bool,
    /// What the model can do.
    pub capabilities: Capabilities,
    /// How much fits into the model.
    pub limits: Limits,
    /// When the model ages and what follows it.
    pub lifecycle: Lifecycle,
    /// What a token costs, if known.
    pub prices: Option<Prices>,
    /// Time limits of an attempt that differ from the gateway's settings.
    pub timeouts: Timeouts,
    /// AWS regions from which the model can be called; empty means any.
    pub regions: Vec<String>,
}

/// What a model can do, and how it wants to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Everything that is simply there or not.
    pub flags: Vec<Capability>,
    /// Whether and how the model reasons before it answers.
    pub reasoning: ReasoningStyle,
    /// Whether the model takes its own reasoning back.
    pub reasoning_replay: ReasoningReplay,
    /// Which of `temperature` and `top_p` one request may set.
    pub sampling: Sampling,
    /// Where the model takes `top_k`.
    pub top_k: TopK,
    /// Which choices of tools a request may make.
    pub tool_choices: ToolChoices,
    /// What else may stand in a message that holds the result of a tool.
    pub beside_tool_results: BesideToolResults,
    /// Whether the model takes the status of a tool's result.
    pub tool_result_status: bool,
    /// Whether a tool's result may hold images.
    pub tool_result_images: bool,
    /// Whether instructions may stand between the messages, as messages of the system.
    pub system_messages: bool,
    /// Whether the last message may be the beginning of the model's own answer.
    pub prefill: bool,
    /// Whether the prompt cache keeps entries for an hour, not only for five minutes.
    pub one_hour_cache: bool,
    /// Whether cache points may stand among the tools.
    pub tool_cache_points: bool,
    /// Most strings that end the answer; zero if the model takes none.
    pub max_stop_sequences: u32,
    /// Whether a string that ends the answer may consist of blanks.
    pub blank_stop_sequences: bool,
    /// Capacity tiers on which the model runs, the default one aside.
    pub service_tiers: Vec<ServiceTier>,
}

/// Whether and how a model reasons before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum ReasoningStyle {
    /// Not at all.
    None,
    /// On request, within a budget of tokens: Claude up to 4.5.
    Budget,
    /// On request, within a budget or as much as the model sees fit: Claude 4.6.
    BudgetOrAdaptive,
    /// On request, as much as the model sees fit or an effort suggests: Claude from 4.7.
    Adaptive,
    /// The same on every request, without a switch: Claude Fable and Mythos, Opus and Sonnet 5.5.
    AlwaysAdaptive,
    /// On every request, with an effort as `reasoning_effort`: gpt-oss, GLM-5.3.
    Effort,
    /// On request, if `reasoning_effort` is "high"; "none" turns it off: DeepSeek-V3, GLM up to 5.
    EffortOrNone,
    /// On every request, with an effort as `reasoning.effort`: Grok, GPT-6 Astra, GPT-6.1 Sol.
    NestedEffort,
    /// As much as `reasoning.effort` says, which may be "none": GPT-5.4 and later.
    NestedEffortOrNone,
    /// As much as `reasoning_config` says, "none" if it says nothing: Qwen.
    Qwen,
    /// On request, with an effort in `reasoningConfig`: Nova 2.
    Nova,
    /// On every request, without a switch: DeepSeek-R1.
    Always,
}

impl ReasoningStyle {
    /// Whether Claude reasons like this.
    pub(crate) const fn is_of_claude(self) -> bool {
        match self {
            Self::Budget | Self::BudgetOrAdaptive | Self::Adaptive | Self::AlwaysAdaptive => true,
            Self::None
            | Self::Effort
            | Self::EffortOrNone
            | Self::NestedEffort
            | Self::NestedEffortOrNone
            | Self::Qwen
            | Self::Nova
            | Self::Always => false,
        }
    }
}

/// Whether a model takes its own reasoning back as part of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum ReasoningReplay {
    /// Signed or encrypted, as it made it: Claude.
    Signed,
    /// Not at all.
    None,
}

/// Which choices of tools a request may make. Leaving it to the model is always one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolChoices {
    /// `auto`, spelled out.
    pub auto: bool,
    /// `any`: some tool must be called.
    pub any: bool,
    /// `tool`: this tool must be called.
    pub tool: bool,
}

/// What else may stand in a message that holds the result of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum BesideToolResults {
    /// Anything.
    Anything,
    /// Anything but documents and video: Claude.
    NoFiles,
    /// Nothing: Llama and Mistral.
    Nothing,
}

/// Which of `temperature` and `top_p` one request may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum Sampling {
    /// Either or both.
    Both,
    /// One of them, not both: Claude 4.x up to 4.6.
    One,
    /// Neither: Claude from 4.7.
    None,
}

/// Where a model takes `top_k`; it is not a parameter of Converse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum TopK {
    /// Nowhere.
    None,
    /// As `top_k` at the top level.
    Anthropic,
    /// As `topK` in `inferenceConfig`.
    Nova,
}

/// How much fits into a model, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most tokens of input and output together: the provider's limit if the file knows it, the
    /// configured one otherwise; zero if neither is known.
    pub context_window_tokens: u32,
    /// Most tokens of output the gateway asks for: the lower of the configured limit and the
    /// provider's; 4096 if neither is known.
    pub max_output_tokens: u32,
    /// Tokens of output to ask for when a request does not say. Bedrock reserves them from the
    /// account's quota, so smaller is better.
    pub default_max_tokens: u32,
    /// How many and how large the media of a request may be.
    pub media: MediaLimits,
}

/// How many media one request may hold, and how large each may be, in bytes before base64.
///
/// The default is what Bedrock documents for Converse: 20 images of 3.75 MB, five documents of
/// 4.5 MB. Source: API reference of Converse, seen 2026-11-22. Video is limited to 25 MB inline
/// by the user guide of Nova, seen 2026-11-22.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaLimits {
    /// Most images.
    pub max_images: u32,
    /// Most bytes of one image.
    pub max_image_bytes: u32,
    /// Most documents.
    pub max_documents: u32,
    /// Most bytes of one document.
    pub max_document_bytes: u32,
    /// Most bytes of one video or sound recording that is not in S3.
    pub max_inline_bytes: u32,
}

impl Default for MediaLimits {
    fn default() -> Self {
        Self {
            max_images: 20,
            max_image_bytes: 3_932_160,
            max_documents: 5,
            max_document_bytes: 4_718_592,
            max_inline_bytes: 26_214_400,
        }
    }
}

/// When a model ages, as the provider announced it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// From this day the model is legacy: still there, not for new users.
    pub legacy: Option<Date>,
    /// From this day the model is gone.
    pub end_of_life: Option<Date>,
    /// Registry name of the model to use instead.
    pub replacement: Option<String>,
    /// Marked `deprecated` in the file: treated like a model past its end of life.
    pub deprecated: bool,
}

/// Time limits of one attempt; unset means the gateway's setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// A whole unary attempt.
    pub attempt: Option<Duration>,
    /// From the start of a streamed attempt to its first event.
    pub first_event: Option<Duration>,
    /// Between two events of a stream.
    pub idle: Option<Duration>,
}

#[cfg(test)]
impl Capabilities {
    /// Of a model that can do everything and refuses nothing.
    pub(crate) fn unrestricted() -> Self {
        Self {
            flags: (1..=16)
                .filter_map(|number| Capability::try_from(number).ok())
                .collect(),
            reasoning: ReasoningStyle::Budget,
            reasoning_replay: ReasoningReplay::Signed,
            sampling: Sampling::Both,
            top_k: TopK::Anthropic,
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
}

impl Model {
    /// Whether the model can do this.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.flags.contains(&capability)
    }

    /// Whether the model is called from this AWS region.
    pub fn is_offered_in(&self, region: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|offered| offered == region)
    }
}

impl Lifecycle {
    /// Whether the model is gone on this day.
    pub fn is_over(&self, today: Date) -> bool {
        self.deprecated || self.end_of_life.is_some_and(|end| end <= today)
    }

    /// Whether the model is legacy, and not yet gone, on this day.
    pub fn is_legacy(&self, today: Date) -> bool {
        !self.is_over(today) && self.legacy.is_some_and(|legacy| legacy <= today)
    }
}
