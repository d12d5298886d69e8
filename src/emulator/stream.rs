//! Writes an answer as the events of a ConverseStream reply, in the service's order.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::answer::Answer;
use crate::emulator::answer::Block;
use crate::emulator::converse;
use crate::emulator::frames;
use crate::emulator::request::Asked;
use crate::emulator::seed::Seed;
use crate::emulator::tokens;

/// Tokens in one piece of text, at most.
const TOKENS_PER_DELTA: u64 = 3;

/// One frame of a streamed reply.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) frame: Bytes,
    /// Whether it carries a part of the answer.
    pub(super) is_content: bool,
    /// Whether the answer is complete with it.
    pub(super) is_stop: bool,
}

impl Event {
    pub(super) fn content(frame: Bytes) -> Self {
        Self {
            frame,
            is_content: true,
            is_stop: false,
        }
    }

    pub(super) fn around(frame: Bytes) -> Self {
        Self {
            frame,
            is_content: false,
            is_stop: false,
        }
    }
}

/// All events of the reply, `messageStart` to `metadata`.
pub(super) fn events(
    answer: &Answer,
    asked: &Asked,
    request: &Value,
    elapsed: Duration,
) -> Vec<Event> {
    let mut seed = asked.seed.clone();
    let mut events = vec![around(
        "messageStart",
        json!({"role": "assistant"}),
        &mut seed,
    )];
    for (index, block) in answer.blocks.iter().enumerate() {
        content_block(index, block, &mut events, &mut seed);
        let stop = json!({"contentBlockIndex": index});
        events.push(around("contentBlockStop", stop, &mut seed));
    }
    let mut stop = Map::new();
    if let Some(fields) = converse::additional_fields(answer, asked) {
        stop.insert("additionalModelResponseFields".to_owned(), fields);
    }
    stop.insert("stopReason".to_owned(), json!(answer.stop_reason));
    events.push(Event {
        is_stop: true,
        ..around("messageStop", Value::Object(stop), &mut seed)
    });
    let mut metadata = Map::new();
    metadata.insert("metrics".to_owned(), converse::metrics(elapsed));
    converse::repeat(request, &mut metadata);
    metadata.insert("usage".to_owned(), answer.usage());
    events.push(around("metadata", Value::Object(metadata), &mut seed));
    events
}

/// A content delta with so much text that few readers will take it.
pub(super) fn huge_text(bytes: usize) -> Event {
    let text = "x".repeat(bytes);
    delta(0, &Delta::Text(&text), &mut Seed::of(b"huge"))
}

/// Text in pieces of a few tokens, whose lengths depend on the seed.
pub(super) fn split(text: &str, seed: &mut Seed) -> Vec<String> {
    let mut parts = Vec::new();
    let mut pieces = tokens::pieces(text).peekable();
    while pieces.peek().is_some() {
        let length = usize::try_from(1 + seed.below(TOKENS_PER_DELTA)).unwrap_or(1);
        parts.push(pieces.by_ref().take(length).collect());
    }
    parts
}

fn content_block(index: usize, block: &Block, events: &mut Vec<Event>, seed: &mut Seed) {
    match block {
        Block::Text(text) => {
            for part in split(text, seed) {
                events.push(delta(index, &Delta::Text(&part), seed));
            }
        }
        Block::Reasoning { text, signature } => {
            for part in split(text, seed) {
                let part = ReasoningDelta::Text(&part);
                events.push(delta(index, &Delta::ReasoningContent(part), seed));
            }
            if let Some(signature) = signature {
                let part = ReasoningDelta::Signature(signature);
                events.push(delta(index, &Delta::ReasoningContent(part), seed));
            }
        }
        Block::ToolUse { id, name, input } => {
            let start = json!({
                "contentBlockIndex": index,
                "start": {"toolUse": {"name": name, "toolUseId": id}}
            });
            events.push(Event {
                is_content: true,
                ..around("contentBlockStart", start, seed)
            });
            // The service begins with an empty piece, and says no more for a call without arguments.
            events.push(delta(index, &Delta::ToolUse(ToolInput { input: "" }), seed));
            if input != "{}" {
                for part in split(input, seed) {
                    let part = ToolInput { input: &part };
                    events.push(delta(index, &Delta::ToolUse(part), seed));
                }
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeltaEvent<'a> {
    content_block_index: usize,
    delta: &'a Delta<'a>,
    p: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Delta<'a> {
    Text(&'a str),
    ToolUse(ToolInput<'a>),
    ReasoningContent(ReasoningDelta<'a>),
}

#[derive(Serialize)]
struct ToolInput<'a> {
    input: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum ReasoningDelta<'a> {
    Text(&'a str),
    Signature(&'a str),
}

fn delta(index: usize, delta: &Delta<'_>, seed: &mut Seed) -> Event {
    let event = DeltaEvent {
        content_block_index: index,
        delta,
        p: frames::padding(seed),
    };
    // Strings and numbers under string keys always serialize.
    let payload = serde_json::to_vec(&event).unwrap_or_default();
    Event::content(frames::event("contentBlockDelta", payload))
}

fn around(kind: &'static str, mut payload: Value, seed: &mut Seed) -> Event {
    if let Some(members) = payload.as_object_mut() {
        members.insert("p".to_owned(), json!(frames::padding(seed)));
    }
    Event::around(frames::event(kind, payload.to_string()))
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
