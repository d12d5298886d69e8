//! Heartbeats and restarts, with paused time.

use std::time::Duration;

use tokio::time::Instant;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::deadline::Deadline;
use crate::proto::AttemptEvent;
use crate::proto::ErrorReason;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamResponse;
use crate::proto::RoutingConfig;
use crate::proto::attempt::State;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::proto::stream_options::Recovery;
use crate::provider::ErrorKind;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::provider::scripted::usage;
use crate::routing::RouteError;
use crate::routing::Turn;
use crate::routing::bench::Bench;
use crate::routing::bench::bench;
use crate::routing::bench::bench_of;
use crate::routing::bench::collect;
use crate::routing::bench::states;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

fn restarting(request: InvokeRequest) -> Turn {
    let mut turn = turn(request);
    turn.stream_options.recovery = Recovery::Restart.into();
    turn
}

fn beating(seconds: i64) -> Turn {
    let mut turn = turn(prompt());
    turn.stream_options.heartbeat_interval = Some(prost_types::Duration { seconds, nanos: 0 });
    turn
}

/// What a caller sees, in a word for each event.
fn told(events: &[InvokeStreamResponse]) -> Vec<String> {
    let told = events.iter().map(|response| match &response.event {
        Some(Sent::Attempt(event)) => {
            let attempt = event.attempt.as_ref().unwrap();
            let state = attempt.state().as_str_name().trim_start_matches("STATE_");
            let discarded = if event.output_discarded {
                " discarded"
            } else {
                ""
            };
            let backoff = event.backoff.map_or("", |_| " backoff");
            format!("{} {state}{discarded}{backoff}", attempt.model)
        }
        Some(Sent::MessageStart(start)) => format!("start {}", start.model),
        Some(Sent::ContentBlockStart(start)) => format!("block {}", start.content_block_index),
        Some(Sent::ContentBlockDelta(_)) => "delta".to_owned(),
        Some(Sent::ContentBlockStop(_)) => "stop".to_owned(),
        Some(Sent::MessageStop(_)) => "end".to_owned(),
        Some(Sent::Metadata(_)) => "metadata".to_owned(),
        Some(Sent::Heartbeat(_)) => "beat".to_owned(),
        None => "nothing".to_owned(),
    });
    told.collect()
}

async fn run(bench: &Bench, turn: Turn) -> (Vec<InvokeStreamResponse>, Option<RouteError>) {
    match bench.router.invoke_stream(turn).await {
        Ok(stream) => collect(stream).await,
        Err(error) => (Vec::new(), Some(error)),
    }
}

#[tokio::test(start_paused = true)]
async fn broken_stream_begins_anew_at_the_next_model_after_a_word_about_it() {
    let script = Scripted::default()
        .on(
            "first",
            [Step::Break(&["be", "gun"], ErrorKind::ModelTimeout)],
        )
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    let (events, error) = run(&bench, restarting(prompt())).await;

    assert_eq!(error, None);
    assert_eq!(
        told(&events),
        [
            "first RUNNING",
            "start first",
            "block 0",
            "delta",
            "delta",
            "first FAILED discarded",
            "second RUNNING",
            "start second",
            "block 0",
            "delta",
            "stop",
            "end",
            "metadata",
        ]
    );
    let Some(Sent::Metadata(metadata)) = &events.last().unwrap().event else {
        panic!("the last event is not metadata");
    };
    assert_eq!(metadata.model, "second");
    assert_eq!(
        states(&metadata.attempts),
        [("first", State::Failed), ("second", State::Succeeded)]
    );
}

#[tokio::test(start_paused = true)]
async fn broken_stream_begins_anew_at_the_same_model_where_the_table_says_so() {
    let broken = Step::Break(&["begun"], ErrorKind::Unavailable);
    let script = Scripted::default().on("first", [broken, Step::Text("hello")]);
    let bench = bench(script);

    let (events, error) = run(&bench, restarting(prompt())).await;

    assert_eq!(error, None);
    assert!(told(&events).contains(&"first FAILED discarded backoff".to_owned()));
    assert_eq!(bench.provider.calls(), ["first", "first"]);
}

#[tokio::test(start_paused = true)]
async fn silence_after_content_begins_anew_too() {
    let script = Scripted::default()
        .on("first", [Step::Hang(&["begun"])])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    let (events, error) = run(&bench, restarting(prompt())).await;

    assert_eq!(error, None);
    assert!(told(&events).contains(&"first FAILED discarded".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn attempt_that_fails_before_its_content_leaves_no_trace_in_a_restarted_message() {
    let script = Scripted::default()
        .on("first", [Step::Break(&["begun"], ErrorKind::ModelTimeout)])
        .on("second", [Step::Break(&[], ErrorKind::ModelTimeout)])
        .on("third", [Step::Text("hello")]);
    let bench = bench(script);

    let (events, error) = run(&bench, restarting(prompt())).await;

    assert_eq!(error, None);
    let told = told(&events);
    assert_eq!(
        told[4..8],
        [
            "first FAILED discarded",
            "second FAILED",
            "third RUNNING",
            "start third"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn restart_that_leads_nowhere_is_aborted_with_the_cause_in_the_last_attempt() {
    let script = Scripted::default()
        .on("first", [Step::Break(&["begun"], ErrorKind::ModelTimeout)])
        .on("second", [Step::Fail(ErrorKind::NotFound)])
        .on("third", [Step::Fail(ErrorKind::AccessDenied)]);
    let bench = bench(script);

    let (_events, error) = run(&bench, restarting(prompt())).await;

    let error = error.unwrap();
    assert_eq!(error.code, Code::Aborted);
    assert_eq!(error.reason, ErrorReason::StreamInterrupted);
    assert!(error.output_started);
    let attempts = error.metadata.unwrap().attempts;
    let cause = attempts.last().unwrap().error.as_ref().unwrap();
    assert_eq!(cause.reason(), ErrorReason::UpstreamAccessDenied);
}

#[tokio::test(start_paused = true)]
async fn callers_fault_after_content_begins_nothing_anew() {
    let script = Scripted::default().on("first", [Step::Break(&["begun"], ErrorKind::Validation)]);
    let bench = bench(script);

    let (events, error) = run(&bench, restarting(prompt())).await;

    assert_eq!(error.unwrap().reason, ErrorReason::StreamInterrupted);
    assert_eq!(told(&events).last().unwrap(), "delta");
    assert_eq!(bench.provider.calls(), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn restarts_are_bounded_like_all_attempts() {
    let broken = || Step::Break(&["begun"], ErrorKind::ModelTimeout);
    let script = Scripted::default()
        .on("first", [broken()])
        .on("second", [broken()]);
    let bench = bench(script);
    let request = InvokeRequest {
        routing_config: Some(RoutingConfig {
            max_attempts: Some(2),
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    let (_events, error) = run(&bench, restarting(request)).await;

    assert_eq!(error.unwrap().reason, ErrorReason::StreamInterrupted);
    assert_eq!(bench.provider.calls(), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn deadline_holds_over_restarts() {
    let script = Scripted::default()
        .on("first", [Step::Break(&["begun"], ErrorKind::ModelTimeout)])
        .on("second", [Step::Hang(&["again"])]);
    let bench = bench_of(vec![model("first", 1), model("second", 2)], script);
    let mut turn = restarting(prompt());
    turn.deadline = Deadline::after(turn.arrived, Duration::from_secs(5));
    let started = Instant::now();

    let (_events, error) = run(&bench, turn).await;

    let error = error.unwrap();
    assert_eq!(started.elapsed().as_secs(), 5);
    assert_eq!(error.code, Code::DeadlineExceeded);
    assert!(error.output_started);
    assert_eq!(
        states(&error.metadata.unwrap().attempts),
        [("first", State::Failed), ("second", State::Cancelled)]
    );
}

#[tokio::test(start_paused = true)]
async fn usage_of_discarded_output_stays_in_the_ledger() {
    let used = Step::BreakUsed(&["begun"], ErrorKind::ModelTimeout);
    let script = Scripted::default()
        .on("first", [used])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    let (events, error) = run(&bench, restarting(prompt())).await;

    assert_eq!(error, None);
    let Some(Sent::Metadata(metadata)) = &events.last().unwrap().event else {
        panic!("the last event is not metadata");
    };
    assert_eq!(metadata.attempts[0].usage, Some(usage()));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_told_while_they_run_and_silence_has_a_pulse() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::Unavailable), Step::Silence])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    let (events, error) = run(&bench, beating(10)).await;

    assert_eq!(error, None);
    assert_eq!(
        told(&events),
        [
            "first RUNNING",
            "first FAILED backoff",
            "first RUNNING",
            "beat",
            "beat",
            "first FAILED",
            "second RUNNING",
            "start second",
            "block 0",
            "delta",
            "stop",
            "end",
            "metadata",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn silence_after_content_has_a_pulse_until_the_idle_limit() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["begun"])]));

    let (events, error) = run(&bench, beating(9)).await;

    assert_eq!(error.unwrap().reason, ErrorReason::StreamInterrupted);
    let told = told(&events);
    assert_eq!(
        told[..4],
        ["first RUNNING", "start first", "block 0", "delta"]
    );
    assert_eq!(told[4..7], ["beat", "beat", "beat"]);
    assert_eq!(told.len(), 7);
}

#[tokio::test(start_paused = true)]
async fn call_with_a_pulse_that_fails_altogether_ends_with_its_status_after_its_attempts() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::ModelTimeout)])
        .on("second", [Step::Fail(ErrorKind::ModelTimeout)]);
    let mut third = model("third", 3);
    third.disabled = true;
    let bench = bench_of(vec![model("first", 1), model("second", 2), third], script);

    let (events, error) = run(&bench, beating(10)).await;

    let error = error.unwrap();
    assert_eq!(error.reason, ErrorReason::UpstreamModelTimeout);
    assert!(!error.output_started);
    assert_eq!(
        told(&events),
        [
            "first RUNNING",
            "first FAILED",
            "second RUNNING",
            "second FAILED",
            "third SKIPPED"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn first_sign_of_life_does_not_wait_for_the_model() {
    let bench = bench(Scripted::default().on("first", [Step::Silence]));
    let started = Instant::now();

    let mut stream = bench.router.invoke_stream(beating(10)).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();

    assert_eq!(started.elapsed(), Duration::ZERO);
    assert!(matches!(first.event, Some(Sent::Attempt(_))));
    assert_eq!(stream.answered_by(), None);
}

#[tokio::test(start_paused = true)]
async fn pulse_and_restart_go_together() {
    let script = Scripted::default()
        .on("first", [Step::Break(&["begun"], ErrorKind::ModelTimeout)])
        .on("second", [Step::Fail(ErrorKind::ModelTimeout)])
        .on("third", [Step::Text("hello")]);
    let bench = bench(script);
    let mut turn = beating(10);
    turn.stream_options.recovery = Recovery::Restart.into();

    let (events, error) = run(&bench, turn).await;

    assert_eq!(error, None);
    assert_eq!(
        told(&events)[..9],
        [
            "first RUNNING",
            "start first",
            "block 0",
            "delta",
            "first FAILED discarded",
            "second RUNNING",
            "second FAILED",
            "third RUNNING",
            "start third",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn end_of_the_process_ends_a_search_with_its_ledger() {
    let bench = bench(Scripted::default().on("first", [Step::Silence]));
    let turn = turn(prompt());
    let cutting = turn.cutting.clone();

    let invoke = bench.router.invoke(turn);
    let (ended, ()) = tokio::join!(invoke, async { cutting.cancel() });

    let error = ended.unwrap_err();
    assert_eq!(error.reason, ErrorReason::NotServing);
    let attempts = error.metadata.unwrap().attempts;
    assert_eq!(states(&attempts), [("first", State::Cancelled)]);
}

#[test]
fn event_about_an_attempt_without_a_pause_has_no_backoff() {
    let event: AttemptEvent =
        crate::routing::reports::event(&crate::proto::Attempt::default(), Some(Duration::ZERO));

    assert_eq!(event.backoff, None);
}
