//! What the registry knows about one model.

use std::time::Duration;

use jiff::civil::Date;
use schemars::JsonSchema;

use crate::proto::Capability;
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
    /// Which of `temperature` and `top_p` one request may set.
    pub sampling: Sampling,
    /// Where the model takes `top_k`.
    pub top_k: TopK,
}

/// Whether and how a model reasons before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(rename_all = "camelCase")]
pub enum ReasoningStyle {
    /// Not at all.
    None,
    /// On request, within a budget of tokens: Claude up to 4.5.
    Budget,
    /// On request, as much as the model sees fit or an effort suggests: Claude from 4.6.
    Adaptive,
    /// On every request, without a switch: DeepSeek-R1.
    Always,
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

impl Model {
    /// Whether the model can do this.
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.flags.contains(&capability)
    }

    /// Whether a reasoning block may be sent back to this model: only to the one that signed it.
    /// `signed_by` is the registry name in the block, empty if the caller does not know.
    pub fn keeps_reasoning_of(&self, signed_by: &str) -> bool {
        match self.capabilities.reasoning {
            ReasoningStyle::None | ReasoningStyle::Always => false,
            ReasoningStyle::Budget | ReasoningStyle::Adaptive => {
                signed_by.is_empty() || signed_by == self.name
            }
        }
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
