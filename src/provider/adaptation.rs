//! What of a request is sent differently to one model, so that nobody copies the request.
//!
//! Routing decides it; the adapter to the host of models does as it says, and decides nothing.

use crate::proto::ContentBlock;
use crate::proto::ReasoningBlock;
use crate::proto::Role;
use crate::proto::content_block::Block;
use crate::proto::reasoning_block::Content;
use crate::registry::Model;
use crate::registry::ReasoningReplay;

/// What of a request is sent differently to one model. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adaptation {
    /// Most tokens of the answer: `inference_config.max_tokens` to send, whatever the request says.
    pub max_tokens: i32,
    /// Send no `max_tokens`; the model sets its own limit.
    pub omit_max_tokens: bool,
    /// Leave `inference_config.temperature` out.
    pub omit_temperature: bool,
    /// Leave `inference_config.top_p` out.
    pub omit_top_p: bool,
    /// Leave `inference_config.top_k` out.
    pub omit_top_k: bool,
    /// Send only so many of `inference_config.stop_sequences`, if there is a limit.
    pub max_stop_sequences: Option<u32>,
    /// Leave those of `inference_config.stop_sequences` out that consist of blanks.
    pub omit_blank_stop_sequences: bool,
    /// How to ask the model to reason, whatever `reasoning_config` says; `None` asks nothing.
    pub reasoning: Option<Reasoning>,
    /// Which reasoning blocks of the conversation to send.
    pub reasoning_blocks: ReasoningBlocks,
    /// Leave cache points out.
    pub omit_cache_points: bool,
    /// Leave cache points among the tools out.
    pub omit_tool_cache_points: bool,
    /// Leave the time to live out of cache points, so that the model's default of five minutes holds.
    pub omit_cache_ttl: bool,
    /// Leave `tool_config.tool_choice` out.
    pub omit_tool_choice: bool,
    /// Leave the status of tool results out.
    pub omit_tool_result_status: bool,
    /// Leave `latency_mode` out.
    pub omit_latency_mode: bool,
    /// Leave `service_tier` out.
    pub omit_service_tier: bool,
    /// Leave `additional_model_request_fields` out.
    pub omit_additional_fields: bool,
    /// Ask for the whole answer: the model cannot stream it.
    pub whole_answer: bool,
}

/// How a model is asked to reason. How it is spelled is a matter of the model's family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reasoning {
    /// Whether it shall reason, and within which bounds.
    pub mode: ReasoningMode,
    /// How hard it shall try, among the levels that the model knows.
    pub effort: Option<Effort>,
}

/// Whether a model shall reason, and within which bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasoningMode {
    /// Not at all.
    Off,
    /// Within this many tokens.
    Budget(i32),
    /// As much as the model sees fit, or its effort allows.
    Free,
}

/// How hard a model shall try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// As little as possible.
    Low,
    /// Balanced.
    Medium,
    /// Thoroughly.
    High,
    /// More than thoroughly.
    ExtraHigh,
    /// Without restraint.
    Max,
}

/// Which reasoning blocks of a conversation a model gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReasoningBlocks {
    /// All.
    #[default]
    All,
    /// Its own, signed or encrypted.
    Own,
    /// None.
    None,
}

impl Adaptation {
    /// Whether this reasoning block of the conversation is sent to this model.
    pub fn keeps_reasoning(&self, block: &ReasoningBlock, model: &Model) -> bool {
        match self.reasoning_blocks {
            ReasoningBlocks::All => true,
            ReasoningBlocks::Own => is_sealed(block) && is_of(block, model),
            ReasoningBlocks::None => false,
        }
    }
}

impl ReasoningBlocks {
    /// Those that a model takes back.
    pub fn of(replay: ReasoningReplay) -> Self {
        match replay {
            ReasoningReplay::Signed => Self::Own,
            ReasoningReplay::None => Self::None,
        }
    }
}

/// Whether a block is blank text of the assistant's, which is sent to no model: models write such
/// text beside reasoning and calls of tools, and refuse to read it.
///
/// Source: strands-agents/harness-sdk#3029, seen 2026-11-25.
pub fn is_blank_answer(role: Role, content: &ContentBlock) -> bool {
    let is_blank = |text: &str| text.chars().all(char::is_whitespace);
    role == Role::Assistant && matches!(&content.block, Some(Block::Text(text)) if is_blank(text))
}

/// Whether the block can prove that a model made it.
fn is_sealed(block: &ReasoningBlock) -> bool {
    match &block.content {
        Some(Content::ReasoningText(reasoning)) => !reasoning.signature.is_empty(),
        Some(Content::RedactedContent(data)) => !data.is_empty(),
        None => false,
    }
}

/// Whether this model made the block, as far as the caller knows.
fn is_of(block: &ReasoningBlock, model: &Model) -> bool {
    let maker = &block.model;
    maker.is_empty() || *maker == model.name || model.aliases.contains(maker)
}
