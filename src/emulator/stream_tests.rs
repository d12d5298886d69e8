use std::time::Duration;

use aws_smithy_eventstream::frame::read_message_from;

use super::*;
use crate::emulator::body::Step;
use crate::emulator::catalog::Catalog;
use crate::emulator::faults;
use crate::emulator::scenario::Delay;
use crate::emulator::scenario::Fault;
use crate::emulator::scenario::Reply;

fn asked() -> (Value, Catalog) {
    let registry = include_str!("fixtures/models.json").to_owned();
    let catalog = Catalog::read(&[registry], "us-east-1", None).unwrap();
    let request = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
    (request, catalog)
}

fn events_with(reply: &Reply) -> Vec<Event> {
    let (request, catalog) = asked();
    let model = catalog.resolve("us.deepseek.r1-v1:0").unwrap();
    let asked = Asked::of_converse(&request, model);
    let answer = crate::emulator::answer::compose(&asked, model, reply, None);
    let exchange = Exchange {
        request: &request,
        asked: &asked,
        model,
        routes_to: None,
        answer: &answer,
        elapsed: Duration::ZERO,
    };
    events(&exchange).unwrap()
}

fn events_of(words: &str) -> Vec<Event> {
    events_with(&Reply {
        text: Some(words.to_owned()),
        ..Reply::default()
    })
}

/// Type and payload of each event, as another decoder reads them.
fn decoded(events: &[Event]) -> Vec<(String, Value)> {
    events
        .iter()
        .map(|event| {
            let message = read_message_from(&mut event.frame.clone()).unwrap();
            let kind = message.headers()[0].value().as_string().unwrap();
            let payload = serde_json::from_slice(message.payload()).unwrap();
            (kind.as_str().to_owned(), payload)
        })
        .collect()
}

#[test]
fn events_come_in_the_services_order_and_only_tools_have_a_block_start() {
    let events = decoded(&events_of("some words to say"));

    let mut kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "messageStart",
            "contentBlockDelta",
            "contentBlockStop",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata"
        ]
    );
}

#[test]
fn the_deltas_make_up_the_text_and_every_payload_is_padded() {
    let events = decoded(&events_of("some words to say, and some more of them"));

    let text: String = events
        .iter()
        .filter_map(|(_, payload)| payload.pointer("/delta/text")?.as_str())
        .collect();
    assert_eq!(text, "some words to say, and some more of them");
    assert!(events.iter().all(|(_, payload)| payload["p"].is_string()));
}

#[test]
fn a_truncated_stream_never_has_its_message_stop() {
    let fault = Fault::Truncate {
        after_events: 1_000,
    };

    let steps = faults::steps(events_of("words"), Delay::default(), Some(&fault));

    let stops = steps.iter().filter(|step| match step {
        Step::Send(frame) => frame.windows(11).any(|window| window == b"messageStop"),
        _ => false,
    });
    assert_eq!(stops.count(), 0);
    assert!(steps.len() > 2);
}

#[test]
fn pauses_stand_where_the_scenario_wants_them() {
    let delay = Delay {
        headers_ms: 0,
        first_event_ms: 1,
        first_token_ms: 2,
        between_events_ms: 0,
    };

    let steps = faults::steps(events_of("words"), delay, None);

    assert_eq!(steps[0], Step::Pause(Duration::from_millis(1)));
    assert_eq!(steps[2], Step::Pause(Duration::from_millis(2)));
    let pauses = steps.iter().filter(|step| matches!(step, Step::Pause(_)));
    assert_eq!(pauses.count(), 2);
}

#[test]
fn members_of_the_reply_stand_in_the_event_that_knows_them() {
    let reply = Reply {
        text: Some("words".to_owned()),
        members: Map::from_iter([
            ("stopReason".to_owned(), json!("guardrail_intervened")),
            (
                "trace".to_owned(),
                json!({"promptRouter": {"invokedModelId": "m"}}),
            ),
        ]),
        ..Reply::default()
    };

    let events = decoded(&events_with(&reply));

    let [.., (stop, stopped), (metadata, said)] = &events[..] else {
        panic!("too few events");
    };
    assert_eq!(
        (stop.as_str(), metadata.as_str()),
        ("messageStop", "metadata")
    );
    assert_eq!(stopped["stopReason"], "guardrail_intervened");
    assert_eq!(said["trace"]["promptRouter"]["invokedModelId"], "m");
    assert!(said["usage"]["totalTokens"].is_u64());
    assert!(said.get("stopReason").is_none());
}

#[test]
fn events_of_a_scenario_are_sent_as_written() {
    let written = [
        json!({"somethingNew": {"z": 1, "a": 2}}),
        json!({"throttlingException": {"message": "slower", "more": true}}),
    ];
    let (request, catalog) = asked();
    let model = catalog.resolve("us.deepseek.r1-v1:0").unwrap();

    let events = exact(&written, &Asked::of_converse(&request, model));

    let mut frame = events[1].frame.clone();
    let exception = read_message_from(&mut frame).unwrap();
    let [(kind, payload), (name, failure)] = &decoded(&events)[..] else {
        panic!("two events expected");
    };
    assert_eq!(kind, "somethingNew");
    assert_eq!((&payload["z"], &payload["a"]), (&json!(1), &json!(2)));
    assert!(payload["p"].is_string());
    assert_eq!(name, "throttlingException");
    assert_eq!(
        exception.headers()[0].name().as_str(),
        ":exception-type",
        "an exception is no event"
    );
    assert_eq!(*failure, json!({"message": "slower", "more": true}));
}
