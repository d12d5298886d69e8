//! Decides what is said: plainly synthetic, the same for the same request, within its limits.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::catalog::Model;
use crate::emulator::prompt_cache::CachedTokens;
use crate::emulator::request::Asked;
use crate::emulator::request::Thinking;
use crate::emulator::scenario::Reply;
use crate::emulator::schema;
use crate::emulator::seed::Seed;
use crate::emulator::signature;
use crate::emulator::tokens;

/// One content block of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    Reasoning {
        text: String,
        signature: Option<String>,
    },
    Text(String),
    ToolUse {
        id: String,
        name: String,
        /// JSON text; only the beginning of it if the tokens ran out.
        input: String,
    },
    /// A block of a scenario, as Converse spells it.
    Exact(Value),
}

/// A complete answer, in no wire format yet.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) blocks: Vec<Block>,
    pub(super) stop_reason: String,
    pub(super) stop_sequence: Option<String>,
    pub(super) input_tokens: u64,
    pub(super) output_tokens: u64,
    cached: Option<CachedTokens>,
    usage_overrides: Map<String, Value>,
    /// Members of the reply that a scenario sets or replaces.
    pub(super) members: Map<String, Value>,
}

impl Answer {
    /// `usage` as Converse reports it. Cached tokens are not input tokens there.
    pub(super) fn usage(&self) -> Value {
        let cached = self.cached.unwrap_or_default();
        let fresh = self
            .input_tokens
            .saturating_sub(cached.read + cached.written);
        let mut usage = Map::new();
        usage.insert("inputTokens".to_owned(), json!(fresh));
        usage.insert("outputTokens".to_owned(), json!(self.output_tokens));
        let total = self.input_tokens + self.output_tokens;
        usage.insert("totalTokens".to_owned(), json!(total));
        if self.cached.is_some() {
            usage.insert("cacheReadInputTokens".to_owned(), json!(cached.read));
            usage.insert("cacheWriteInputTokens".to_owned(), json!(cached.written));
        }
        usage.extend(self.usage_overrides.clone());
        Value::Object(usage)
    }
}

/// Makes the answer. `cached` is `None` for models without a prompt cache.
pub(super) fn compose(
    asked: &Asked,
    model: &Model,
    reply: &Reply,
    cached: Option<CachedTokens>,
) -> Answer {
    let mut writer = Writer {
        left: asked.max_tokens,
        blocks: Vec::new(),
        stop: None,
        seed: asked.seed.clone(),
    };
    if let Some(blocks) = &reply.content {
        writer.quote(blocks);
    } else {
        writer.think(asked.thinking, &model.base_id);
        match &asked.forced_tool {
            Some(tool) if reply.text.is_none() && reply.tool_use.is_none() => {
                let input = schema::fill(&tool.schema, &mut writer.seed);
                writer.call(&tool.name, &input);
            }
            _ => {
                if reply.text.is_some() || reply.tool_use.is_none() {
                    let text = text(asked, model, reply, &mut writer.seed);
                    writer.speak(&text, &asked.stop_sequences);
                }
                if let Some(tool) = &reply.tool_use {
                    writer.call(&tool.name, &tool.input);
                }
            }
        }
    }
    let (stop_reason, stop_sequence) = writer.stop.unwrap_or(("end_turn", None));
    Answer {
        output_tokens: asked.max_tokens - writer.left,
        blocks: writer.blocks,
        stop_reason: reply
            .stop_reason
            .clone()
            .unwrap_or_else(|| stop_reason.to_owned()),
        stop_sequence,
        input_tokens: asked.input_tokens,
        cached,
        usage_overrides: reply.usage.clone().unwrap_or_default(),
        members: reply.members.clone(),
    }
}

fn text(asked: &Asked, model: &Model, reply: &Reply, seed: &mut Seed) -> String {
    if let Some(text) = &reply.text {
        return text.clone();
    }
    if let Some(wanted) = &asked.json_schema {
        return schema::fill(wanted, seed).to_string();
    }
    let length = 16 + seed.below(32);
    let filler = seed.words(length);
    format!(
        "[emulator] {} was sent {} message(s) of {} tokens and says:{filler}",
        model.base_id, asked.message_count, asked.input_tokens
    )
}

/// Writes blocks until the tokens run out or something ends the answer.
struct Writer {
    left: u64,
    blocks: Vec<Block>,
    stop: Option<(&'static str, Option<String>)>,
    seed: Seed,
}

impl Writer {
    /// Says exactly these blocks, whatever the limits.
    fn quote(&mut self, blocks: &[Value]) {
        for block in blocks {
            self.left = self.left.saturating_sub(tokens::value(block));
            let call = block.get("toolUse");
            // The service itself runs tools of its own.
            if call.is_some_and(|call| call.get("type").is_none()) {
                self.stop = Some(("tool_use", None));
            }
            self.blocks.push(Block::Exact(block.clone()));
        }
    }

    fn think(&mut self, thinking: Thinking, model: &str) {
        let (budget, is_signed) = match thinking {
            Thinking::Off => return,
            Thinking::Signed(budget) => (budget, true),
            Thinking::Unsigned => (u64::MAX, false),
        };
        let length = 8 + self.seed.below(16);
        let filler = self.seed.words(length);
        let thought = format!("[emulator] pretends to think:{filler}");
        let text = self.take(tokens::prefix(&thought, budget));
        let signature = is_signed.then(|| signature::of(model, &text));
        self.blocks.push(Block::Reasoning { text, signature });
    }

    fn speak(&mut self, text: &str, stop_sequences: &[String]) {
        if self.stop.is_some() {
            return;
        }
        let before = self.left;
        let mut said = self.take(text);
        let end = stop_sequences
            .iter()
            .filter_map(|sequence| Some((said.find(sequence.as_str())?, sequence)))
            .min_by_key(|(position, _)| *position);
        if let Some((position, sequence)) = end {
            said.truncate(position);
            self.left = before - tokens::count(&said);
            self.stop = Some(("stop_sequence", Some(sequence.clone())));
        }
        if !said.is_empty() {
            self.blocks.push(Block::Text(said));
        }
    }

    fn call(&mut self, name: &str, input: &Value) {
        if self.stop.is_some() {
            return;
        }
        let input = self.take(&input.to_string());
        self.stop.get_or_insert(("tool_use", None));
        self.blocks.push(Block::ToolUse {
            id: format!("tooluse_{}", self.seed.identifier(22)),
            name: name.to_owned(),
            input,
        });
    }

    /// As much of the text as there are tokens for.
    fn take(&mut self, text: &str) -> String {
        let taken = tokens::prefix(text, self.left);
        self.left -= tokens::count(taken);
        if taken.len() < text.len() {
            self.stop = Some(("max_tokens", None));
        }
        taken.to_owned()
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
