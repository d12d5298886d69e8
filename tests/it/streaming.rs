//! InvokeStream: order, completeness, the commit point, and cancelling.

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::JournalEntry;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::attempt::State;
use bedrock_gateway::proto::invoke_stream_response::Event;
use tonic::Code;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::SECOND;
use crate::support::collect;
use crate::support::failure;
use crate::support::prompt;
use crate::support::reason;
use crate::support::soon;
use crate::support::states;
use crate::support::stream_prompt;
use crate::support::text;

fn kinds(events: &[Event]) -> Vec<&'static str> {
    let mut kinds: Vec<&str> = events
        .iter()
        .map(|event| match event {
            Event::Attempt(_) => "attempt",
            Event::MessageStart(_) => "message_start",
            Event::ContentBlockStart(_) => "block_start",
            Event::ContentBlockDelta(_) => "block_delta",
            Event::ContentBlockStop(_) => "block_stop",
            Event::MessageStop(_) => "message_stop",
            Event::Metadata(_) => "metadata",
            Event::Heartbeat(_) => "heartbeat",
        })
        .collect();
    kinds.dedup();
    kinds
}

#[tokio::test]
async fn stream_delivers_every_event_in_order() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::reply("one two three four five"));

    let stream = gateway
        .inference()
        .invoke_stream(stream_prompt("Hi"))
        .await
        .unwrap();
    let (events, end) = collect(stream.into_inner()).await;

    end.unwrap();
    assert_eq!(text(&events), "one two three four five");
    assert_eq!(
        kinds(&events),
        [
            "attempt",
            "message_start",
            "block_start",
            "block_delta",
            "block_stop",
            "message_stop",
            "metadata"
        ]
    );
}

#[tokio::test]
async fn stream_joins_to_the_message_that_invoke_gives() {
    let gateway = Gateway::start().await;

    let request = prompt("Tell me something.");
    let whole = gateway
        .inference()
        .invoke(request)
        .await
        .unwrap()
        .into_inner();
    let stream = gateway
        .inference()
        .invoke_stream(stream_prompt("Tell me something."))
        .await
        .unwrap();
    let (events, end) = collect(stream.into_inner()).await;

    end.unwrap();
    assert_eq!(text(&events), whole.text);
}

#[tokio::test]
async fn fault_before_content_falls_back_unseen() {
    for broken in [
        Fault::Truncate { after_events: 1 },
        Fault::Cut {
            after_events: Some(1),
        },
        Fault::CorruptCrc { event: 1 },
        Fault::HalfFrame { after_events: 1 },
        Fault::StreamException {
            name: "throttlingException".to_owned(),
            message: None,
            members: serde_json::Map::new(),
            after_events: 1,
        },
    ] {
        let gateway = Gateway::start().await;
        gateway
            .emulator()
            .set_scenario(FIRST, Scenario::fault(broken.clone()));
        gateway
            .emulator()
            .set_scenario(SECOND, Scenario::reply("hello"));

        let stream = gateway
            .inference()
            .invoke_stream(stream_prompt("Hi"))
            .await
            .unwrap();
        assert_eq!(stream.metadata().get("x-served-model").unwrap(), SECOND);
        let (events, end) = collect(stream.into_inner()).await;

        end.unwrap();
        assert_eq!(text(&events), "hello", "{broken:?}");
    }
}

#[tokio::test]
async fn fault_after_content_is_aborted_and_never_ok() {
    for (broken, cause) in [
        (
            Fault::Truncate { after_events: 3 },
            "UPSTREAM_STREAM_TRUNCATED",
        ),
        (
            Fault::Cut {
                after_events: Some(3),
            },
            "UPSTREAM_",
        ),
        (Fault::CorruptCrc { event: 3 }, "UPSTREAM_PROTOCOL_ERROR"),
        (Fault::HalfFrame { after_events: 3 }, "UPSTREAM_"),
        (
            Fault::StreamException {
                name: "serviceUnavailableException".to_owned(),
                message: None,
                members: serde_json::Map::new(),
                after_events: 3,
            },
            "UPSTREAM_UNAVAILABLE",
        ),
    ] {
        let gateway = Gateway::start().await;
        let mut scenario = Scenario::reply("one two three four five six seven eight");
        scenario.fault = Some(broken.clone());
        gateway.emulator().set_scenario(FIRST, scenario);

        let stream = gateway
            .inference()
            .invoke_stream(stream_prompt("Hi"))
            .await
            .unwrap();
        let (events, end) = collect(stream.into_inner()).await;

        let status = end.unwrap_err();
        assert!(!text(&events).is_empty(), "{broken:?}");
        assert_eq!(status.code(), Code::Aborted, "{broken:?}");
        assert_eq!(reason(&status), "STREAM_INTERRUPTED");
        let failure = failure(&status);
        assert!(failure.output_started);
        let attempts = failure.metadata.unwrap().attempts;
        assert_eq!(states(&attempts), [(FIRST, State::Failed)]);
        let error = attempts[0].error.as_ref().unwrap();
        assert!(
            error.reason().as_str_name().contains(cause),
            "{broken:?}: {error:?}"
        );
        assert_eq!(gateway.calls(), [FIRST]);
    }
}

#[tokio::test]
async fn stream_that_fails_everywhere_is_trailers_only() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario("*", Scenario::fault(Fault::Truncate { after_events: 1 }));

    let status = gateway
        .inference()
        .invoke_stream(stream_prompt("Hi"))
        .await
        .unwrap_err();

    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status), "UPSTREAM_STREAM_TRUNCATED");
    assert!(!failure(&status).output_started);
}

#[tokio::test]
async fn caller_who_goes_away_ends_the_upstream_call() {
    let gateway = Gateway::start().await;
    let stream = gateway.silent_stream().await;

    drop(stream);

    soon(upstream_closed(&gateway)).await;
}

#[tokio::test]
async fn caller_who_goes_away_before_the_first_word_ends_the_upstream_call() {
    let gateway = Gateway::start().await;
    let hang = Fault::Hang { after_events: None };
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::fault(hang));
    let mut client = gateway.inference();
    let call = tokio::spawn(async move { client.invoke(prompt("Hi")).await });
    soon(gateway.emulator().wait_until(|entries| entries.len() == 1)).await;

    call.abort();

    soon(upstream_closed(&gateway)).await;
}

async fn upstream_closed(gateway: &Gateway) {
    let emulator = gateway.emulator();
    emulator
        .wait_until(|entries| entries.iter().any(|entry| entry.client_closed))
        .await;
}

#[tokio::test]
async fn two_hundred_callers_who_go_away_leave_no_call_upstream() {
    let gateway = Gateway::start().await;
    let hang = |after_events| Scenario::fault(Fault::Hang { after_events });
    gateway.emulator().set_scenario(FIRST, hang(Some(3)));
    gateway.emulator().set_scenario(SECOND, hang(None));
    let mut late = Vec::new();
    // As many at a time as one connection carries.
    for round in [100, 200] {
        let mut streams = Vec::new();
        let mut calls = Vec::new();
        for _ in 0..50 {
            let mut client = gateway.inference();
            let stream = client.invoke_stream(stream_prompt("Hi")).await;
            streams.push(stream.unwrap());
            let mut request = prompt("Hi");
            SECOND.clone_into(&mut request.model);
            calls.push(tokio::spawn(async move { client.invoke(request).await }));
        }
        let are_begun = |entries: &[JournalEntry]| entries.len() == round;
        soon(gateway.emulator().wait_until(are_begun)).await;

        let left_at_ms = now_ms();
        drop(streams);
        for call in &calls {
            call.abort();
        }

        let are_closed = |entries: &[JournalEntry]| entries.iter().all(|entry| entry.client_closed);
        let entries = soon(gateway.emulator().wait_until(are_closed)).await;
        let ends = entries.iter().skip(round - 100);
        late.extend(ends.filter_map(|entry| Some(entry.ended_at_ms? - left_at_ms)));
    }
    // A loaded machine is late by itself: the usual call counts, not the last.
    late.sort_unstable();
    assert_eq!(late.len(), 200);
    assert!(late[100] <= 100, "{} ms", late[100]);
}

fn now_ms() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}
