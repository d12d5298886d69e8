//! Writes an answer as the body of a Converse reply.

use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::answer::Answer;
use crate::emulator::answer::Block;
use crate::emulator::request::Asked;

/// Members of the request that the service repeats in its reply.
const REPEATED: [&str; 2] = ["performanceConfig", "serviceTier"];

/// The JSON of the whole reply.
pub(super) fn body(answer: &Answer, asked: &Asked, request: &Value, elapsed: Duration) -> Value {
    let content: Vec<Value> = answer.blocks.iter().map(content).collect();
    let mut body = around(answer, asked, request, elapsed);
    body.insert(
        "output".to_owned(),
        json!({"message": {"content": content, "role": "assistant"}}),
    );
    Value::Object(body)
}

/// All members of the reply beside its message.
pub(super) fn around(
    answer: &Answer,
    asked: &Asked,
    request: &Value,
    elapsed: Duration,
) -> Map<String, Value> {
    let mut members = Map::new();
    if asked.wants_stop_sequence {
        members.insert(
            "additionalModelResponseFields".to_owned(),
            json!({"stop_sequence": answer.stop_sequence}),
        );
    }
    let latency_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    members.insert("metrics".to_owned(), json!({"latencyMs": latency_ms}));
    for name in REPEATED {
        if let Some(value) = request.get(name) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    members.insert("stopReason".to_owned(), json!(answer.stop_reason));
    members.insert("usage".to_owned(), answer.usage());
    members.extend(answer.members.clone());
    members
}

fn content(block: &Block) -> Value {
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
