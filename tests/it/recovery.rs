//! InvokeStream after its commit point: heartbeats and restarts, on the wire.

use std::time::Duration;

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::StreamOptions;
use bedrock_gateway::proto::attempt::State;
use bedrock_gateway::proto::invoke_stream_response::Event;
use bedrock_gateway::proto::stream_options::Recovery;
use tonic::Code;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::SECOND;
use crate::support::collect;
use crate::support::failure;
use crate::support::reason;
use crate::support::states;
use crate::support::stream_prompt;
use crate::support::text;

const WORDS: &str = "one two three four five six seven eight";

/// A reply that breaks after this many upstream events: content begins with the third.
fn broken(fault: Fault) -> Scenario {
    let mut scenario = Scenario::reply(WORDS);
    scenario.fault = Some(fault);
    scenario
}

fn with(options: StreamOptions) -> InvokeStreamRequest {
    InvokeStreamRequest {
        stream_options: Some(options),
        ..stream_prompt("Hi")
    }
}

fn restarting() -> InvokeStreamRequest {
    with(StreamOptions {
        recovery: Recovery::Restart.into(),
        ..StreamOptions::default()
    })
}

/// What a careful caller keeps: nothing from before the last word that something was discarded.
fn kept(events: &[Event]) -> &[Event] {
    let discarded =
        |event: &Event| matches!(event, Event::Attempt(event) if event.output_discarded);
    let last = events.iter().rposition(discarded);
    last.map_or(events, |last| &events[last..])
}

#[tokio::test]
async fn stream_that_breaks_begins_anew_at_the_next_model() {
    for fault in [
        Fault::Truncate { after_events: 4 },
        Fault::Cut {
            after_events: Some(4),
        },
        Fault::CorruptCrc { event: 4 },
        Fault::StreamException {
            name: "modelTimeoutException".to_owned(),
            message: None,
            members: serde_json::Map::new(),
            after_events: 4,
        },
    ] {
        let gateway = Gateway::with(&[("routing.max_retries", "0")]).await;
        gateway
            .emulator()
            .set_scenario(FIRST, broken(fault.clone()));
        gateway
            .emulator()
            .set_scenario(SECOND, Scenario::reply("hello"));

        let stream = gateway
            .inference()
            .invoke_stream(restarting())
            .await
            .unwrap();
        let (events, end) = collect(stream.into_inner()).await;

        end.unwrap();
        assert_eq!(text(kept(&events)), "hello", "{fault:?}");
        assert_ne!(text(&events), "hello", "{fault:?}");
        let Some(Event::Metadata(metadata)) = events.last() else {
            panic!("the last event is not metadata: {fault:?}");
        };
        assert_eq!(
            states(&metadata.attempts),
            [(FIRST, State::Failed), (SECOND, State::Succeeded)]
        );
        assert_eq!(gateway.calls(), [FIRST, SECOND]);
    }
}

#[tokio::test]
async fn stream_that_breaks_everywhere_is_aborted_after_all_restarts() {
    let gateway = Gateway::with(&[("routing.max_retries", "0")]).await;
    gateway
        .emulator()
        .set_scenario("*", broken(Fault::Truncate { after_events: 4 }));
    let mut request = restarting();
    request.routing_config = Some(bedrock_gateway::proto::RoutingConfig {
        max_attempts: Some(2),
        ..Default::default()
    });

    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let (events, end) = collect(stream.into_inner()).await;

    let status = end.unwrap_err();
    assert_eq!(status.code(), Code::Aborted);
    assert_eq!(reason(&status), "STREAM_INTERRUPTED");
    let failure = failure(&status);
    assert!(failure.output_started);
    // What could not be tried any more was passed over.
    assert_eq!(
        states(&failure.metadata.unwrap().attempts)[..2],
        [(FIRST, State::Failed), (SECOND, State::Failed)]
    );
    assert_eq!(gateway.calls(), [FIRST, SECOND]);
    let starts = events
        .iter()
        .filter(|event| matches!(event, Event::MessageStart(_)));
    assert_eq!(starts.count(), 2);
}

#[tokio::test]
async fn model_that_hangs_is_seen_to_hang_if_the_caller_wants_heartbeats() {
    let gateway = Gateway::start().await;
    let hang = Fault::Hang { after_events: None };
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::fault(hang));
    gateway
        .emulator()
        .set_scenario(SECOND, Scenario::reply("hello"));
    let request = with(StreamOptions {
        heartbeat_interval: Duration::from_secs(1).try_into().ok(),
        first_token_timeout: Duration::from_millis(2_500).try_into().ok(),
        ..StreamOptions::default()
    });

    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let headers = stream.metadata().clone();
    let (events, end) = collect(stream.into_inner()).await;

    end.unwrap();
    assert!(headers.contains_key("x-request-id"));
    assert!(!headers.contains_key("x-served-model"));
    assert_eq!(text(&events), "hello");
    let before: Vec<String> = events
        .iter()
        .map_while(|event| match event {
            Event::Attempt(event) => {
                let attempt = event.attempt.as_ref().unwrap();
                Some(format!("{} {:?}", attempt.model, attempt.state()))
            }
            Event::Heartbeat(_) => Some("heartbeat".to_owned()),
            _ => None,
        })
        .collect();
    assert_eq!(
        before,
        [
            &format!("{FIRST} Running"),
            "heartbeat",
            "heartbeat",
            &format!("{FIRST} Failed"),
            &format!("{SECOND} Running")
        ]
    );
}

#[tokio::test]
async fn call_with_heartbeats_that_fails_everywhere_ends_with_its_status() {
    let gateway = Gateway::with(&[("routing.max_retries", "0")]).await;
    gateway
        .emulator()
        .set_scenario("*", Scenario::fault(Fault::Truncate { after_events: 1 }));
    let request = with(StreamOptions {
        heartbeat_interval: Duration::from_secs(1).try_into().ok(),
        ..StreamOptions::default()
    });

    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let (events, end) = collect(stream.into_inner()).await;

    let status = end.unwrap_err();
    assert_eq!(reason(&status), "UPSTREAM_STREAM_TRUNCATED");
    assert!(!failure(&status).output_started);
    assert!(!events.is_empty());
    assert!(
        events
            .iter()
            .all(|event| matches!(event, Event::Attempt(_)))
    );
}
