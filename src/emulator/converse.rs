//! Writes an answer as the body of a Converse reply.

use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::answer::Answer;
use crate::emulator::answer::Block;
use crate::emulator::catalog::Model;
use crate::emulator::native;
use crate::emulator::request::Asked;

/// Members of the request that the service repeats in its reply.
const REPEATED: [&str; 2] = ["performanceConfig", "serviceTier"];

/// One exchange, as far as a reply to Converse depends on it.
pub(super) struct Exchange<'a> {
    pub(super) request: &'a Value,
    pub(super) asked: &'a Asked,
    pub(super) model: &'a Model,
    /// The model behind a prompt router.
    pub(super) routes_to: Option<&'a str>,
    pub(super) answer: &'a Answer,
    pub(super) elapsed: Duration,
}

impl Exchange<'_> {
    /// The JSON of the whole reply.
    pub(super) fn body(&self) -> Value {
        let content: Vec<Value> = self.answer.blocks.iter().map(content).collect();
        let mut body = self.around();
        body.insert(
            "output".to_owned(),
            json!({"message": {"content": content, "role": "assistant"}}),
        );
        Value::Object(body)
    }

    /// All members of the reply beside its message.
    pub(super) fn around(&self) -> Map<String, Value> {
        let answer = self.answer;
        let mut members = Map::new();
        let fields = native::fields(answer, self.asked, self.model);
        if let Some(fields) = fields {
            members.insert("additionalModelResponseFields".to_owned(), fields);
        }
        let latency_ms = u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX);
        members.insert("metrics".to_owned(), json!({"latencyMs": latency_ms}));
        for name in REPEATED {
            if let Some(value) = self.request.get(name) {
                members.insert(name.to_owned(), value.clone());
            }
        }
        members.insert("stopReason".to_owned(), json!(answer.stop_reason));
        if let Some(trace) = self.trace() {
            members.insert("trace".to_owned(), trace);
        }
        members.insert("usage".to_owned(), answer.usage());
        members.extend(answer.members.clone());
        members
    }

    fn trace(&self) -> Option<Value> {
        let mut trace = Map::new();
        if let Some(guardrail) = &self.answer.guardrail_trace {
            trace.insert("guardrail".to_owned(), guardrail.clone());
        }
        if let Some(arn) = self.routes_to {
            trace.insert("promptRouter".to_owned(), json!({"invokedModelId": arn}));
        }
        (!trace.is_empty()).then_some(Value::Object(trace))
    }
}

/// A content block as Converse spells it.
pub(super) fn content(block: &Block) -> Value {
    match block {
        Block::Text(text) => json!({"text": text}),
        Block::Reasoning {
            text,
            signature: Some(signature),
        } => json!({"reasoningContent": {"reasoningText": {"signature": signature, "text": text}}}),
        Block::Reasoning {
            text,
            signature: None,
        } => json!({"reasoningContent": {"reasoningText": {"text": text}}}),
        Block::ToolUse { id, name, input } => {
            // Arguments cut off by maxTokens are no JSON, and the service leaves them out.
            let input: Value = serde_json::from_str(input).unwrap_or_else(|_| json!({}));
            json!({"toolUse": {"input": input, "name": name, "toolUseId": id}})
        }
        Block::Exact(block) => block.clone(),
    }
}
