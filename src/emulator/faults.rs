//! Turns the events of a streamed reply, and what a scenario does to them, into steps of a body.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Map;
use serde_json::Value;

use crate::emulator::body::Step;
use crate::emulator::deltas;
use crate::emulator::errors;
use crate::emulator::frames;
use crate::emulator::scenario::Delay;
use crate::emulator::scenario::Fault;
use crate::emulator::stream::Event;

/// The steps of a streamed body.
pub(super) fn steps(mut events: Vec<Event>, delay: Delay, fault: Option<&Fault>) -> Vec<Step> {
    let ending = fault.map_or_else(Vec::new, |fault| apply(fault, &mut events));
    let mut steps = paced(events, delay);
    if !ending.is_empty() {
        // What was sent before the end must be on its way when the connection breaks.
        steps.push(Step::Flush);
        steps.extend(ending);
    }
    steps
}

/// Steps of a unary body that breaks off; `None` if the fault does not break it.
pub(super) fn broken_body(body: &Bytes, fault: &Fault) -> Option<Vec<Step>> {
    let ending = match fault {
        Fault::Cut { .. } | Fault::HalfFrame { .. } => Step::Cut,
        Fault::Reset { .. } => Step::Reset,
        Fault::Hang { .. } => Step::Hang,
        Fault::Exception { .. }
        | Fault::StreamException { .. }
        | Fault::StreamError { .. }
        | Fault::Truncate { .. }
        | Fault::CorruptCrc { .. }
        | Fault::Garbage { .. }
        | Fault::HugeFrame { .. } => return None,
    };
    let half = body.slice(..body.len() / 2);
    Some(vec![Step::Send(half), Step::Flush, ending])
}

/// The JSON of an exception: its message, then its other members.
pub(super) fn exception_payload(message: &str, members: &Map<String, Value>) -> String {
    let mut payload = Map::new();
    payload.insert("message".to_owned(), Value::String(message.to_owned()));
    payload.extend(members.clone());
    Value::Object(payload).to_string()
}

/// Changes the events as the fault says, and returns what comes in place of their end.
fn apply(fault: &Fault, events: &mut Vec<Event>) -> Vec<Step> {
    match fault {
        Fault::StreamException {
            name,
            message,
            members,
            after_events,
        } => {
            let message = message
                .as_deref()
                .unwrap_or_else(|| errors::default_message(name));
            let frame = frames::exception(name, exception_payload(message, members));
            replace_end(events, *after_events, frame);
        }
        Fault::StreamError {
            code,
            message,
            after_events,
        } => replace_end(events, *after_events, frames::error(code, message)),
        Fault::HalfFrame { after_events } => {
            let half = events.get(*after_events).map(|event| {
                let frame = &event.frame;
                frame.slice(..frame.len() / 2)
            });
            replace_end(events, *after_events, half.unwrap_or_default());
        }
        Fault::Truncate { after_events } => {
            // Whatever the number, the answer must not be complete.
            let complete = events.iter().position(|event| event.is_stop);
            events.truncate(complete.map_or(*after_events, |stop| stop.min(*after_events)));
        }
        Fault::CorruptCrc { event } => {
            if let Some(event) = events.get_mut(*event) {
                event.frame = frames::with_wrong_checksum(&event.frame);
            }
        }
        Fault::HugeFrame {
            bytes,
            after_events,
        } => {
            if let Some(event) = events.get_mut(*after_events) {
                *event = deltas::huge_text(*bytes);
            }
        }
        Fault::Cut { after_events } => return break_off(events, *after_events, Step::Cut),
        Fault::Reset { after_events } => return break_off(events, *after_events, Step::Reset),
        Fault::Hang { after_events } => return break_off(events, *after_events, Step::Hang),
        // These two are played before there is a stream.
        Fault::Exception { .. } | Fault::Garbage { .. } => {}
    }
    Vec::new()
}

fn replace_end(events: &mut Vec<Event>, after_events: usize, last: Bytes) {
    events.truncate(after_events);
    events.push(Event::around(last));
}

fn break_off(events: &mut Vec<Event>, after_events: Option<usize>, ending: Step) -> Vec<Step> {
    events.truncate(after_events.unwrap_or(0));
    vec![ending]
}

/// The events with the scenario's pauses between them.
fn paced(events: Vec<Event>, delay: Delay) -> Vec<Step> {
    if delay == Delay::default() {
        return events
            .into_iter()
            .map(|event| Step::Send(event.frame))
            .collect();
    }
    let mut steps = Vec::new();
    let mut was_content_seen = false;
    for (position, event) in events.into_iter().enumerate() {
        let is_first_content = event.is_content && !was_content_seen;
        was_content_seen |= event.is_content;
        let pause_ms = if position == 0 {
            delay.first_event_ms
        } else if is_first_content {
            delay.first_token_ms.max(delay.between_events_ms)
        } else {
            delay.between_events_ms
        };
        if pause_ms > 0 {
            steps.push(Step::Pause(Duration::from_millis(pause_ms)));
        }
        steps.push(Step::Send(event.frame));
    }
    steps
}
