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
    let mut body = Map::new();
    if let Some(fields) = additional_fields(answer, asked) {
        body.insert("additionalModelResponseFields".to_owned(), fields);
    }
    body.insert("metrics".to_owned(), metrics(elapsed));
    body.insert(
        "output".to_owned(),
        json!({"message": {"content": content, "role": "assistant"}}),
    );
    repeat(request, &mut body);
    body.insert("stopReason".to_owned(), json!(answer.stop_reason));
    body.insert("usage".to_owned(), answer.usage());
    Value::Object(body)
}

pub(super) fn metrics(elapsed: Duration) -> Value {
    json!({"latencyMs": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)})
}

pub(super) fn repeat(request: &Value, reply: &mut Map<String, Value>) {
    for name in REPEATED {
        if let Some(value) = request.get(name) {
            reply.insert(name.to_owned(), value.clone());
        }
    }
}

pub(super) fn additional_fields(answer: &Answer, asked: &Asked) -> Option<Value> {
    asked
        .wants_stop_sequence
        .then(|| json!({"stop_sequence": answer.stop_sequence}))
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
    }
}
