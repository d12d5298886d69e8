use std::time::Duration;

use tokio_stream::StreamExt as _;
use tonic::Code;

use super::MAX_TOGETHER;
use crate::deadline::Deadline;
use crate::proto::Capability;
use crate::proto::ErrorReason;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamResponse;
use crate::proto::RoutingConfig;
use crate::proto::attempt::State;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::provider::scripted::usage;
use crate::routing::RouteError;
use crate::routing::RoutedStream;
use crate::routing::bench::Bench;
use crate::routing::bench::bench;
use crate::routing::bench::bench_of;
use crate::routing::bench::collect;
use crate::routing::bench::states;
use crate::routing::bench::text;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

async fn next(stream: &mut RoutedStream) -> InvokeStreamResponse {
    stream.next().await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn stream_delivers_the_message_and_its_metadata_last() {
    let bench = bench(Scripted::default().on("first", [Step::Text("hello")]));

    let stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    let (events, error) = collect(stream).await;

    assert_eq!(error, None);
    assert_eq!(text(&events), "hello");
    let Some(Sent::Metadata(metadata)) = &events.last().unwrap().event else {
        panic!("the last event is not metadata");
    };
    assert_eq!(metadata.model, "first");
    assert_eq!(states(&metadata.attempts), [("first", State::Succeeded)]);
    assert!(matches!(events[0].event, Some(Sent::Attempt(_))));
    assert!(matches!(events[1].event, Some(Sent::MessageStart(_))));
}

#[tokio::test(start_paused = true)]
async fn stream_that_breaks_before_content_falls_back_without_a_trace_in_the_message() {
    let script = Scripted::default()
        .on("first", [Step::Break(&[], ErrorKind::ModelTimeout)])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    let stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    let (events, error) = collect(stream).await;

    assert_eq!(error, None);
    assert_eq!(text(&events), "hello");
    let starts: Vec<&str> = events
        .iter()
        .filter_map(|event| match &event.event {
            Some(Sent::MessageStart(start)) => Some(start.model.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(starts, ["second"]);
}

#[tokio::test(start_paused = true)]
async fn stream_that_breaks_after_content_is_aborted_and_nothing_is_retried() {
    let script = Scripted::default().on("first", [Step::Break(&["begun"], ErrorKind::Unavailable)]);
    let bench = bench(script);

    let stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    let (events, error) = collect(stream).await;

    let error = error.unwrap();
    assert_eq!(text(&events), "begun");
    assert_eq!(error.code, Code::Aborted);
    assert_eq!(error.reason, ErrorReason::StreamInterrupted);
    assert!(error.output_started);
    let attempts = error.metadata.unwrap().attempts;
    let cause = attempts[0].error.as_ref().unwrap();
    assert_eq!(cause.reason(), ErrorReason::UpstreamUnavailable);
    assert_eq!(bench.provider.calls(), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn what_follows_on_the_complete_message_does_not_matter() {
    let late_failure = Step::FailAfter("hello", ErrorKind::Unavailable);
    let bench = bench(Scripted::default().on("first", [Step::Linger("hello"), late_failure]));

    for _ in 0..2 {
        let stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
        let (events, error) = collect(stream).await;

        assert_eq!((text(&events).as_str(), error), ("hello", None));
        let last = &events.last().unwrap().event;
        assert!(matches!(last, Some(Sent::Metadata(_))), "{last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_are_there_at_once_leave_together_up_to_a_bound() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["more"; 100])]));
    let mut stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    let mut most_held = 0;

    // The first leaves at the commit point, with what came before.
    while text(&[next(&mut stream).await]).is_empty() {}
    for _ in 1..100 {
        next(&mut stream).await;
        most_held = most_held.max(stream.ready.len());
    }

    assert_eq!(most_held, MAX_TOGETHER - 1);
}

#[tokio::test(start_paused = true)]
async fn stream_that_falls_silent_is_aborted_after_the_idle_limit() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["begun"])]));
    let stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    let started = tokio::time::Instant::now();

    let (events, error) = collect(stream).await;

    assert_eq!(text(&events), "begun");
    assert_eq!(error.unwrap().reason, ErrorReason::StreamInterrupted);
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn deadline_ends_a_stream_under_way() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["begun"])]));
    let mut turn = turn(prompt());
    turn.deadline = Deadline::after(turn.arrived, Duration::from_secs(5));
    let stream = bench.router.invoke_stream(turn).await.unwrap();

    let (_events, error) = collect(stream).await;

    let error = error.unwrap();
    assert_eq!(error.code, Code::DeadlineExceeded);
    assert!(error.output_started);
}

/// Two models, the first of which cannot stream.
fn bench_without_stream(script: Scripted) -> Bench {
    let mut first = model("first", 1);
    let flags = &mut first.capabilities.flags;
    flags.retain(|flag| *flag != Capability::Streaming);
    bench_of(vec![first, model("second", 2)], script)
}

#[tokio::test(start_paused = true)]
async fn whole_answer_is_waited_for_as_long_as_a_unary_attempt_may_take() {
    let script = Scripted::default()
        .on("first", [Step::Silence])
        .on("second", [Step::Text("hello")]);
    let bench = bench_without_stream(script);
    let mut turn = turn(prompt());
    turn.stream_options.first_token_timeout = Duration::from_secs(5).try_into().ok();
    let started = tokio::time::Instant::now();

    let stream = bench.router.invoke_stream(turn).await.unwrap();
    let (events, error) = collect(stream).await;

    assert_eq!((text(&events).as_str(), error), ("hello", None));
    assert_eq!(bench.provider.calls(), ["first", "second"]);
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn deadline_ends_the_wait_for_a_whole_answer() {
    let bench = bench_without_stream(Scripted::default().on("first", [Step::Silence]));
    let mut turn = turn(InvokeRequest {
        routing_config: Some(RoutingConfig {
            max_attempts: Some(1),
            ..RoutingConfig::default()
        }),
        ..prompt()
    });
    turn.deadline = Deadline::after(turn.arrived, Duration::from_secs(5));

    let error = bench.router.invoke_stream(turn).await.err().unwrap();

    assert_eq!(error.code, Code::DeadlineExceeded);
    assert!(!error.output_started);
    assert_eq!(
        states(&error.metadata.unwrap().attempts),
        [("first", State::Cancelled)]
    );
}

#[tokio::test(start_paused = true)]
async fn stream_of_a_whole_answer_that_is_cut_off_keeps_what_it_used() {
    let bench = bench_without_stream(Scripted::default().on("first", [Step::Text("hello")]));
    let mut stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();

    let error = stream.stop(RouteError::not_serving()).unwrap();

    let attempts = error.metadata.unwrap().attempts;
    assert_eq!(states(&attempts), [("first", State::Cancelled)]);
    assert_eq!(attempts[0].usage, Some(usage()));
}

#[test]
fn events_stay_small_because_they_are_moved_from_hand_to_hand() {
    assert!(size_of::<Event>() <= 96);
    assert!(size_of::<InvokeStreamResponse>() <= 96);
}
