//! Decides what is said: plainly synthetic, the same for the same request, within its limits.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::catalog::Model;
use crate::emulator::citations::Source;
use crate::emulator::guardrail::Guardrail;
use crate::emulator::guardrail::Verdict;
use crate::emulator::prompt_cache::CachedTokens;
use crate::emulator::request::Asked;
use crate::emulator::scenario::Reply;
use crate::emulator::schema;
use crate::emulator::seed::Seed;
use crate::emulator::writer::Writer;

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
    /// A block as Converse spells it.
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
    /// `trace.guardrail`.
    pub(super) guardrail_trace: Option<Value>,
    /// Members of the reply that a scenario sets or replaces.
    pub(super) members: Map<String, Value>,
}

impl Answer {
    /// `usage` as Converse reports it. Cached tokens are not input tokens there.
    pub(super) fn usage(&self) -> Value {
        let cached = self.cached.clone().unwrap_or_default();
        let written = cached.all_written();
        let fresh = self.input_tokens.saturating_sub(cached.read + written);
        let mut usage = Map::new();
        usage.insert("inputTokens".to_owned(), json!(fresh));
        usage.insert("outputTokens".to_owned(), json!(self.output_tokens));
        let total = self.input_tokens + self.output_tokens;
        usage.insert("totalTokens".to_owned(), json!(total));
        if self.cached.is_some() {
            usage.insert("cacheReadInputTokens".to_owned(), json!(cached.read));
            usage.insert("cacheWriteInputTokens".to_owned(), json!(written));
        }
        if written > 0 {
            let details = cached.written.iter();
            let details: Vec<Value> = details
                .map(|(ttl, tokens)| json!({"ttl": ttl, "inputTokens": tokens}))
                .collect();
            usage.insert("cacheDetails".to_owned(), json!(details));
        }
        usage.extend(self.usage_overrides.clone());
        Value::Object(usage)
    }

    /// All that is said in text.
    pub(super) fn text(&self) -> String {
        let texts = self.blocks.iter().filter_map(|block| match block {
            Block::Text(text) => Some(text.as_str()),
            Block::Exact(block) => block
                .get("text")
                .or_else(|| block.pointer("/citationsContent/content/0/text"))?
                .as_str(),
            Block::Reasoning { .. } | Block::ToolUse { .. } => None,
        });
        texts.collect()
    }
}

/// Makes the answer. `cached` is `None` for models without a prompt cache.
pub(super) fn compose(
    asked: &Asked,
    model: &Model,
    reply: &Reply,
    cached: Option<CachedTokens>,
) -> Answer {
    let mut writer = Writer::new(asked.max_tokens, asked.seed.clone());
    write(&mut writer, asked, model, reply);
    let mut answer = Answer {
        output_tokens: writer.used(),
        stop_reason: writer.stop_reason().to_owned(),
        stop_sequence: writer.stop_sequence(),
        blocks: writer.blocks,
        input_tokens: asked.input_tokens,
        cached,
        usage_overrides: Map::new(),
        guardrail_trace: None,
        members: Map::new(),
    };
    if let Some(guardrail) = &asked.guardrail {
        guard(&mut answer, guardrail);
    }
    if let Some(stop_reason) = &reply.stop_reason {
        answer.stop_reason.clone_from(stop_reason);
    }
    answer.usage_overrides = reply.usage.clone().unwrap_or_default();
    answer.members = reply.members.clone();
    answer
}

fn write(writer: &mut Writer, asked: &Asked, model: &Model, reply: &Reply) {
    if let Some(blocks) = &reply.content {
        return writer.quote(blocks);
    }
    writer.think(asked.thinking, &model.base_id);
    if reply.text.is_some() || reply.tool_use.is_some() {
        if let Some(text) = &reply.text {
            writer.speak(text, &asked.stop_sequences);
        }
        if let Some(tool) = &reply.tool_use {
            writer.call(&tool.name, &tool.input);
        }
    } else if let Some(tool) = &asked.forced_tool {
        let input = schema::fill(&tool.schema, &mut writer.seed);
        writer.call(&tool.name, &input);
    } else if let Some(wanted) = &asked.json_schema {
        let json = schema::fill(wanted, &mut writer.seed);
        writer.speak(&json.to_string(), &asked.stop_sequences);
    } else {
        speak_freely(writer, asked, model);
    }
}

fn speak_freely(writer: &mut Writer, asked: &Asked, model: &Model) {
    let text = text(asked, model, &mut writer.seed);
    writer.speak(&text, &asked.stop_sequences);
    if let Some(tool) = &asked.service_tool {
        writer.serve(tool);
        let searches = tool.contains("search") || tool.contains("grounding");
        match searches {
            true => writer.cite(&Source::of_web()),
            false => writer.speak("[emulator] has run it.", &asked.stop_sequences),
        }
    }
    for source in &asked.sources {
        writer.cite(source);
    }
}

fn text(asked: &Asked, model: &Model, seed: &mut Seed) -> String {
    let length = 16 + seed.below(32);
    let filler = seed.words(length);
    if model.is_stored_prompt() {
        let variables = asked.variables.iter();
        let filled: Vec<String> = variables
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        return format!(
            "[emulator] {} was filled in with [{}] and says:{filler}",
            model.base_id,
            filled.join("; ")
        );
    }
    format!(
        "[emulator] {} was sent {} message(s) of {} tokens and says:{filler}",
        model.base_id, asked.message_count, asked.input_tokens
    )
}

/// Replaces what the guardrail does not let pass, and adds what it tells.
fn guard(answer: &mut Answer, guardrail: &Guardrail) {
    answer.guardrail_trace = guardrail.trace(&answer.text());
    match guardrail.verdict() {
        Verdict::Pass => return,
        Verdict::BlocksOutput => {}
        Verdict::BlocksInput => {
            // The model was never asked.
            answer.input_tokens = 0;
            answer.output_tokens = 0;
            answer.cached = None;
        }
    }
    answer.blocks = vec![Block::Text(Guardrail::message().to_owned())];
    "guardrail_intervened".clone_into(&mut answer.stop_reason);
    answer.stop_sequence = None;
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
