//! Writes an answer as the events of a ConverseStream reply, in the service's order.

use bytes::Bytes;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::converse::Exchange;
use crate::emulator::deltas;
use crate::emulator::errors::Refusal;
use crate::emulator::frames;
use crate::emulator::request::Asked;
use crate::emulator::seed::Seed;

/// Members of a reply that a stream says in `messageStop`; all others stand in `metadata`.
const IN_MESSAGE_STOP: [&str; 2] = ["additionalModelResponseFields", "stopReason"];

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
///
/// # Errors
/// A scenario may have blocks that no stream can carry.
pub(super) fn events(exchange: &Exchange<'_>) -> Result<Vec<Event>, Refusal> {
    let mut seed = exchange.asked.seed.clone();
    let mut events = vec![around(
        "messageStart",
        json!({"role": "assistant"}),
        &mut seed,
    )];
    for (index, block) in exchange.answer.blocks.iter().enumerate() {
        deltas::block(index, block, &mut events, &mut seed)?;
    }
    let (stop, metadata): (Map<_, _>, Map<_, _>) = exchange
        .around()
        .into_iter()
        .partition(|(name, _)| IN_MESSAGE_STOP.contains(&name.as_str()));
    events.push(Event {
        is_stop: true,
        ..around("messageStop", Value::Object(stop), &mut seed)
    });
    events.push(around("metadata", Value::Object(metadata), &mut seed));
    Ok(events)
}

/// The events of a scenario, as written.
pub(super) fn exact(written: &[Value], asked: &Asked) -> Vec<Event> {
    let mut seed = asked.seed.clone();
    let events = written.iter().filter_map(Value::as_object).flatten();
    events
        .map(|(kind, payload)| {
            if kind.ends_with("Exception") {
                return Event::around(frames::exception(kind, payload.to_string()));
            }
            Event {
                is_content: ["contentBlockStart", "contentBlockDelta"].contains(&kind.as_str()),
                is_stop: kind == "messageStop",
                ..around(kind, payload.clone(), &mut seed)
            }
        })
        .collect()
}

/// A stream in which the model fails at once.
pub(super) fn broken(message: &str, asked: &Asked) -> Vec<Event> {
    let start = json!({"messageStart": {"role": "assistant"}});
    let failure = json!({"modelStreamErrorException": {"message": message}});
    exact(&[start, failure], asked)
}

/// An event with its padding.
pub(super) fn around(kind: &str, mut payload: Value, seed: &mut Seed) -> Event {
    if let Some(members) = payload.as_object_mut() {
        members.insert("p".to_owned(), json!(frames::padding(seed)));
    }
    Event::around(frames::event(kind, payload.to_string()))
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
