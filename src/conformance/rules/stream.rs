//! Rules of streams: which events come, and in which order.

use std::collections::BTreeMap;

use crate::conformance::rules::Rule;
use crate::conformance::rules::holds;
use crate::conformance::rules::seen::StreamSeen;
use crate::proto::Role;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::invoke_stream_response::Event;

/// In the order in which they are checked.
pub(super) fn rules<'a>() -> Vec<Rule<StreamSeen<'a>>> {
    vec![
        Rule {
            name: "stream-complete",
            promise: "a stream that ends with OK has message_start, message_stop and metadata, metadata last",
            check: is_complete,
        },
        Rule {
            name: "event-order",
            promise: "message_start comes before blocks, blocks before message_stop, that before metadata, each once",
            check: is_in_order,
        },
        Rule {
            name: "block-order",
            promise: "blocks are numbered from 0, opened once, grow only while open, and are closed",
            check: blocks_are_in_order,
        },
        Rule {
            name: "delta-matches-block",
            promise: "a block grows only by deltas of its own kind",
            check: deltas_match,
        },
        Rule {
            name: "message-start-names-the-answer",
            promise: "message_start has the role, the model and the request id of the answer",
            check: start_names_the_answer,
        },
        Rule {
            name: "heartbeat-only-on-request",
            promise: "heartbeats come only where heartbeat_interval is set",
            check: heartbeats_were_asked_for,
        },
        Rule {
            name: "restart-only-on-request",
            promise: "output is taken back only where recovery is RECOVERY_RESTART",
            check: restarts_were_asked_for,
        },
        Rule {
            name: "time-to-first-token-present",
            promise: "the metadata of a stream says when its content began, within its whole time",
            check: first_token_has_a_time,
        },
    ]
}

/// What is left after output was taken back.
fn kept<'a>(seen: &'a StreamSeen<'_>) -> &'a [Event] {
    let discards =
        |event: &Event| matches!(event, Event::Attempt(attempt) if attempt.output_discarded);
    let begin = seen
        .events
        .iter()
        .rposition(discards)
        .map_or(0, |place| place + 1);
    seen.events.get(begin..).unwrap_or_default()
}

fn is_complete(seen: &StreamSeen<'_>) -> Result<(), String> {
    if !seen.is_complete {
        return Ok(());
    }
    let has = |wanted: fn(&Event) -> bool| kept(seen).iter().any(wanted);
    let missing: Vec<&str> = [
        (
            "message_start",
            has(|event| matches!(event, Event::MessageStart(_))),
        ),
        (
            "message_stop",
            has(|event| matches!(event, Event::MessageStop(_))),
        ),
        ("metadata", has(|event| matches!(event, Event::Metadata(_)))),
    ]
    .into_iter()
    .filter_map(|(name, is_there)| (!is_there).then_some(name))
    .collect();
    holds(missing.is_empty(), || {
        format!("ended with OK without {}", missing.join(", "))
    })
}

/// The place of an event in the order, and its name.
fn place(event: &Event) -> Option<(usize, &'static str)> {
    match event {
        Event::MessageStart(_) => Some((0, "message_start")),
        Event::ContentBlockStart(_) => Some((1, "content_block_start")),
        Event::ContentBlockDelta(_) => Some((1, "content_block_delta")),
        Event::ContentBlockStop(_) => Some((1, "content_block_stop")),
        Event::MessageStop(_) => Some((2, "message_stop")),
        Event::Metadata(_) => Some((3, "metadata")),
        Event::Attempt(_) | Event::Heartbeat(_) => None,
    }
}

fn is_in_order(seen: &StreamSeen<'_>) -> Result<(), String> {
    let mut before: Option<(usize, &str)> = None;
    for event in kept(seen) {
        match (before, place(event)) {
            (Some((3, _)), _) => return Err("something came after metadata".to_owned()),
            (Some((last, name)), Some((this, this_name))) if this < last => {
                return Err(format!("{this_name} came after {name}"));
            }
            (Some((last, name)), Some((this, _))) if this == last && this != 1 => {
                return Err(format!("{name} came twice"));
            }
            (_, Some(this)) => before = Some(this),
            (_, None) => {}
        }
    }
    Ok(())
}

fn blocks_are_in_order(seen: &StreamSeen<'_>) -> Result<(), String> {
    let mut opened = 0;
    let mut open = Vec::new();
    for event in kept(seen) {
        match event {
            Event::ContentBlockStart(start) => {
                let index = start.content_block_index;
                holds(index == opened, || {
                    format!("block {index} was opened where {opened} was due")
                })?;
                opened += 1;
                open.push(index);
            }
            Event::ContentBlockDelta(delta) => {
                let index = delta.content_block_index;
                holds(open.contains(&index), || {
                    format!("block {index} grew while it was not open")
                })?;
            }
            Event::ContentBlockStop(stop) => {
                let index = stop.content_block_index;
                holds(open.contains(&index), || {
                    format!("block {index} was closed without being open")
                })?;
                open.retain(|other| *other != index);
            }
            Event::MessageStop(_) => {
                holds(open.is_empty(), || {
                    format!("blocks {open:?} were never closed")
                })?;
            }
            Event::MessageStart(_)
            | Event::Metadata(_)
            | Event::Attempt(_)
            | Event::Heartbeat(_) => {}
        }
    }
    Ok(())
}

fn deltas_match(seen: &StreamSeen<'_>) -> Result<(), String> {
    let mut kinds = BTreeMap::new();
    for event in kept(seen) {
        match event {
            Event::ContentBlockStart(start) => {
                kinds.insert(start.content_block_index, start.start.as_ref());
            }
            Event::ContentBlockDelta(delta) => {
                let index = delta.content_block_index;
                let start = kinds.get(&index).copied().flatten();
                holds(suits(start, delta.delta.as_ref()), || {
                    format!("block {index} got a delta of another kind")
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Kinds that are newer than this program suit everything.
fn suits(start: Option<&Start>, delta: Option<&Delta>) -> bool {
    match (start, delta) {
        (None, _) | (_, None) => true,
        (Some(Start::Text(_)), Some(delta)) => matches!(delta, Delta::Text(_) | Delta::Citation(_)),
        (Some(Start::ToolUse(_)), Some(delta)) => matches!(delta, Delta::ToolUse(_)),
        (Some(Start::ToolResult(_)), Some(delta)) => matches!(delta, Delta::ToolResult(_)),
        (Some(Start::Reasoning(_)), Some(delta)) => matches!(delta, Delta::Reasoning(_)),
        (Some(Start::Image(_)), Some(delta)) => matches!(delta, Delta::Image(_)),
        (Some(Start::Whole(_)), Some(_)) => false,
    }
}

fn start_names_the_answer(seen: &StreamSeen<'_>) -> Result<(), String> {
    let mut start = None;
    for event in kept(seen) {
        match event {
            Event::MessageStart(message) => start = Some(message),
            Event::Metadata(metadata) => {
                let Some(start) = start else { return Ok(()) };
                holds(start.role() == Role::Assistant, || {
                    "its role is not ROLE_ASSISTANT".to_owned()
                })?;
                holds(start.model == metadata.model, || {
                    format!("it names {}, the metadata {}", start.model, metadata.model)
                })?;
                holds(start.request_id == metadata.request_id, || {
                    "its request id is not that of the metadata".to_owned()
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn heartbeats_were_asked_for(seen: &StreamSeen<'_>) -> Result<(), String> {
    let is_heartbeat = |event: &Event| matches!(event, Event::Heartbeat(_));
    let asked = seen.asked.stream_options.heartbeat_interval.is_some();
    holds(asked || !seen.events.iter().any(is_heartbeat), || {
        "a heartbeat came unasked".to_owned()
    })
}

fn restarts_were_asked_for(seen: &StreamSeen<'_>) -> Result<(), String> {
    use crate::proto::stream_options::Recovery;

    let asked = seen.asked.stream_options.recovery() == Recovery::Restart;
    holds(asked || kept(seen).len() == seen.events.len(), || {
        "output was taken back unasked".to_owned()
    })
}

fn first_token_has_a_time(seen: &StreamSeen<'_>) -> Result<(), String> {
    let metadata = seen.events.iter().find_map(|event| match event {
        Event::Metadata(metadata) => Some(metadata),
        _ => None,
    });
    let Some(metadata) = metadata else {
        return Ok(());
    };
    let Some(first) = metadata.time_to_first_token else {
        return Err("time_to_first_token is missing".to_owned());
    };
    let pair = |span: prost_types::Duration| (span.seconds, span.nanos);
    let total = metadata.total_latency.map(pair);
    holds(total.is_none_or(|total| pair(first) <= total), || {
        "time_to_first_token is longer than total_latency".to_owned()
    })
}
