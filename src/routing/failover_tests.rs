use std::time::Duration;

use tokio::time::Instant;
use tonic::Code;

use crate::deadline::Deadline;
use crate::proto::ErrorReason;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::RoutingConfig;
use crate::proto::attempt::State;
use crate::provider::ErrorKind;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::routing::Turn;
use crate::routing::bench::bench;
use crate::routing::bench::bench_of;
use crate::routing::bench::collect;
use crate::routing::bench::states;
use crate::routing::bench::text;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

/// A call with this much time.
fn within(time: Duration, request: InvokeRequest) -> Turn {
    let turn = turn(request);
    Turn {
        deadline: Deadline::after(turn.arrived, time),
        ..turn
    }
}

#[tokio::test(start_paused = true)]
async fn model_that_hangs_leaves_a_share_of_the_deadline_to_the_next() {
    let script = Scripted::default()
        .on("first", [Step::Silence])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);
    let started = Instant::now();

    let turn = within(Duration::from_secs(10), prompt());
    let reply = bench.router.invoke(turn).await.unwrap();

    assert_eq!(started.elapsed().as_secs(), 6);
    let attempts = reply.metadata.unwrap().attempts;
    assert_eq!(
        states(&attempts),
        [("first", State::Failed), ("second", State::Succeeded)]
    );
    let error = attempts[0].error.as_ref().unwrap();
    assert_eq!(error.reason(), ErrorReason::AttemptTimeout);
    assert!(
        error
            .message
            .ends_with("the deadline's share of this attempt")
    );
}

#[tokio::test(start_paused = true)]
async fn stream_that_does_not_begin_leaves_a_share_of_the_deadline_to_the_next() {
    let script = Scripted::default()
        .on("first", [Step::Hang(&[])])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);
    let started = Instant::now();

    let turn = within(Duration::from_secs(10), prompt());
    let stream = bench.router.invoke_stream(turn).await.unwrap();

    assert_eq!(stream.answered_by(), Some(("second", 2)));
    assert_eq!(started.elapsed().as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn last_model_may_take_all_the_time_that_is_left() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::Throttled)])
        .on("second", [Step::Silence]);
    let bench = bench_of(vec![model("first", 1), model("second", 2)], script);
    let started = Instant::now();

    let turn = within(Duration::from_secs(10), prompt());
    let error = bench.router.invoke(turn).await.unwrap_err();

    assert_eq!(started.elapsed().as_secs(), 10);
    assert_eq!(error.code, Code::DeadlineExceeded);
    assert_eq!(error.reason, ErrorReason::DeadlineExceeded);
    assert_eq!(
        states(&error.metadata.unwrap().attempts),
        [("first", State::Failed), ("second", State::Cancelled)]
    );
}

#[tokio::test(start_paused = true)]
async fn model_gets_all_the_time_if_no_further_call_is_allowed() {
    let bench = bench(Scripted::default().on("first", [Step::Silence]));
    let request = InvokeRequest {
        routing_config: Some(RoutingConfig {
            max_attempts: Some(1),
            ..RoutingConfig::default()
        }),
        ..prompt()
    };
    let started = Instant::now();

    let turn = within(Duration::from_secs(10), request);
    let error = bench.router.invoke(turn).await.unwrap_err();

    assert_eq!(started.elapsed().as_secs(), 10);
    assert_eq!(error.reason, ErrorReason::DeadlineExceeded);
}

#[tokio::test(start_paused = true)]
async fn stream_that_has_begun_is_not_ended_by_its_share() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["begun"])]));
    let started = Instant::now();

    let turn = within(Duration::from_secs(10), prompt());
    let stream = bench.router.invoke_stream(turn).await.unwrap();
    let (events, error) = collect(stream).await;

    assert_eq!(text(&events), "begun");
    assert_eq!(error.unwrap().reason, ErrorReason::DeadlineExceeded);
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn answer_that_is_gathered_and_has_begun_is_not_ended_by_its_share() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["begun"])]));
    let request = InvokeRequest {
        inference_config: Some(InferenceConfig {
            max_tokens: Some(4_000),
            ..InferenceConfig::default()
        }),
        ..prompt()
    };
    let started = Instant::now();

    let turn = within(Duration::from_secs(10), request);
    let error = bench.router.invoke(turn).await.unwrap_err();

    assert_eq!(started.elapsed().as_secs(), 10);
    assert_eq!(error.reason, ErrorReason::DeadlineExceeded);
}

#[tokio::test(start_paused = true)]
async fn configured_limit_counts_where_it_is_shorter_than_the_share() {
    let script = Scripted::default()
        .on("first", [Step::Silence])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    let turn = within(Duration::from_secs(60), prompt());
    let reply = bench.router.invoke(turn).await.unwrap();

    let attempts = reply.metadata.unwrap().attempts;
    let error = attempts[0].error.as_ref().unwrap();
    assert_eq!(
        error.message,
        "the model did not answer within 30000 ms, the limit on an attempt"
    );
}
