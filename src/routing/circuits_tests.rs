use tokio::time::advance;
use tonic::Code;

use super::*;
use crate::deadline::Deadline;
use crate::proto::ErrorReason;
use crate::proto::InvocationMetadata;
use crate::proto::RoutingConfig;
use crate::proto::attempt::State as AttemptState;
use crate::provider::ErrorKind;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::routing::RouteError;
use crate::routing::bench::Bench;
use crate::routing::bench::bench_of;
use crate::routing::bench::collect;
use crate::routing::bench::policy_of;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

fn one(steps: impl IntoIterator<Item = Step>) -> Bench {
    bench_of(
        vec![model("first", 1)],
        Scripted::default().on("first", steps),
    )
}

fn two(first: impl IntoIterator<Item = Step>, second: impl IntoIterator<Item = Step>) -> Bench {
    let script = Scripted::default().on("first", first).on("second", second);
    bench_of(vec![model("first", 1), model("second", 2)], script)
}

/// Counted, and not tried again on the same model.
fn fail(times: usize) -> Vec<Step> {
    vec![Step::Fail(ErrorKind::ModelTimeout); times]
}

fn answer(times: usize) -> Vec<Step> {
    vec![Step::Text("hello"); times]
}

async fn call(bench: &Bench) -> Result<InvocationMetadata, RouteError> {
    let reply = bench.router.invoke(turn(prompt())).await?;
    Ok(reply.metadata.unwrap())
}

async fn calls(bench: &Bench, times: usize) {
    for _ in 0..times {
        // What becomes of them is told by what follows.
        let _ = call(bench).await;
    }
}

fn admits(bench: &Bench) -> bool {
    let policy = bench.router.policy();
    policy.circuits.admits_calls(&policy.registry.models()[0])
}

#[tokio::test(start_paused = true)]
async fn open_circuit_lets_the_next_model_answer_without_a_call_of_the_first() {
    let bench = two(fail(5), answer(6));
    calls(&bench, 5).await;
    let before = bench.provider.calls().len();

    let answered = call(&bench).await.unwrap();

    assert_eq!(bench.provider.calls()[before..], ["second"]);
    let skipped = &answered.attempts[0];
    assert_eq!(skipped.state(), AttemptState::Skipped);
    let error = skipped.error.as_ref().unwrap();
    assert_eq!(error.reason(), ErrorReason::ModelSuspended);
    let why = "the model is suspended: it failed too often; next try in ";
    assert!(error.message.starts_with(why), "{}", error.message);
}

#[tokio::test(start_paused = true)]
async fn calls_of_callers_find_out_that_a_model_is_back() {
    let bench = two([fail(5), answer(3)].concat(), answer(5));
    calls(&bench, 5).await;
    advance(Duration::from_secs(2)).await;

    calls(&bench, 3).await;

    assert_eq!(bench.provider.calls()[10..], ["first"; 3]);
    let policy = bench.router.policy();
    let model = &policy.registry.models()[0];
    assert_eq!(
        policy.circuits.targets[&model.name].look(Circuit::state),
        State::Closed
    );
}

#[tokio::test(start_paused = true)]
async fn suspended_models_are_tried_once_a_second_and_else_fail_at_once() {
    let bench = one(vec![Step::Fail(ErrorKind::AccessDenied); 3]);
    calls(&bench, 1).await;

    let forced = call(&bench).await.unwrap_err();
    let refused = call(&bench).await.unwrap_err();
    advance(Duration::from_secs(1)).await;
    let forced_again = call(&bench).await.unwrap_err();

    assert_eq!(forced.reason, ErrorReason::UpstreamAccessDenied);
    assert_eq!(refused.reason, ErrorReason::ModelSuspended);
    assert_eq!(refused.code, Code::Unavailable);
    assert_eq!(refused.retry_after, Some(Duration::from_secs(300)));
    assert_eq!(forced_again.reason, ErrorReason::UpstreamAccessDenied);
    assert_eq!(bench.provider.calls().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn suspended_model_is_left_alone_by_a_call_that_could_try_another() {
    let denied = Step::Fail(ErrorKind::AccessDenied);
    let breaks = [Step::Text("hello"), Step::Fail(ErrorKind::ModelTimeout)];
    let bench = two([denied], breaks);
    calls(&bench, 1).await;

    let error = call(&bench).await.unwrap_err();

    assert_eq!(error.reason, ErrorReason::UpstreamModelTimeout);
    assert_eq!(bench.provider.calls(), ["first", "second", "second"]);
}

#[tokio::test(start_paused = true)]
async fn of_suspended_models_the_one_due_first_is_tried() {
    let denied = Step::Fail(ErrorKind::AccessDenied);
    let used_up = [Step::Fail(ErrorKind::DailyQuota), Step::Text("hello")];
    let bench = two([denied], used_up);
    calls(&bench, 1).await;

    let answered = call(&bench).await.unwrap();

    assert_eq!(answered.model, "second");
    assert_eq!(bench.provider.calls(), ["first", "second", "second"]);
    let skipped: Vec<_> = answered
        .attempts
        .iter()
        .map(|attempt| &attempt.model)
        .collect();
    assert_eq!(skipped, ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn single_model_loses_nothing_for_being_throttled_once() {
    let throttled = [Step::FailFor(ErrorKind::Throttled, Duration::from_secs(90))];
    let bench = one([&throttled[..], &answer(50)].concat());
    calls(&bench, 1).await;

    for _ in 0..50 {
        call(&bench).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn cancelled_probe_makes_room_for_the_next_call() {
    let bench = two(
        [fail(5), vec![Step::Silence], answer(1)].concat(),
        answer(5),
    );
    calls(&bench, 5).await;
    advance(Duration::from_secs(2)).await;

    let cancelled = tokio::time::timeout(Duration::from_secs(1), call(&bench)).await;

    assert!(cancelled.is_err());
    assert_eq!(call(&bench).await.unwrap().model, "first");
}

#[tokio::test(start_paused = true)]
async fn probe_that_fails_is_not_repeated_while_there_is_another_model() {
    let probe = vec![Step::Fail(ErrorKind::Unavailable)];
    let bench = two([fail(5), probe, answer(1)].concat(), answer(6));
    calls(&bench, 5).await;
    advance(Duration::from_secs(2)).await;
    let before = bench.provider.calls().len();

    let answered = call(&bench).await.unwrap();

    assert_eq!(bench.provider.calls()[before..], ["first", "second"]);
    assert_eq!(answered.model, "second");
    assert!(!admits(&bench));
}

#[tokio::test(start_paused = true)]
async fn while_a_probe_is_under_way_others_go_to_the_next_model() {
    let bench = two([fail(5), vec![Step::Silence]].concat(), answer(6));
    calls(&bench, 5).await;
    advance(Duration::from_secs(2)).await;

    let (_probe, other) = tokio::join!(
        tokio::time::timeout(Duration::from_secs(1), call(&bench)),
        call(&bench)
    );

    assert_eq!(other.unwrap().model, "second");
}

#[tokio::test(start_paused = true)]
async fn callers_who_leave_ask_for_the_wrong_or_hurry_open_nothing() {
    let steps = [
        vec![Step::Silence; 10],
        vec![Step::Fail(ErrorKind::Validation); 10],
        vec![Step::Fail(ErrorKind::ContextTooLong); 10],
        vec![Step::Silence; 10],
    ];
    let bench = one(steps.concat());
    let hurried = || {
        let limit = Duration::from_millis(300).try_into().unwrap();
        let mut request = prompt();
        request.routing_config = Some(RoutingConfig {
            attempt_timeout: Some(limit),
            ..RoutingConfig::default()
        });
        turn(request)
    };

    for _ in 0..10 {
        let left = tokio::time::timeout(Duration::from_millis(300), call(&bench)).await;
        assert!(left.is_err());
    }
    calls(&bench, 20).await;
    for _ in 0..10 {
        let error = bench.router.invoke(hurried()).await.unwrap_err();
        assert_eq!(error.reason, ErrorReason::AttemptTimeout);
    }

    assert_eq!(bench.provider.calls().len(), 40);
    assert!(admits(&bench));
}

#[tokio::test(start_paused = true)]
async fn attempts_that_a_near_deadline_cut_short_open_nothing() {
    let bench = two(vec![Step::Silence; 6], answer(6));

    for _ in 0..6 {
        let mut turn = turn(prompt());
        turn.deadline = Deadline::after(turn.arrived, Duration::from_secs(10));
        let answered = bench.router.invoke(turn).await.unwrap();
        assert_eq!(answered.metadata.unwrap().model, "second");
    }

    assert!(admits(&bench));
}

#[tokio::test(start_paused = true)]
async fn model_that_does_not_answer_in_the_operators_time_opens_its_circuit() {
    let bench = one(vec![Step::Silence; 5]);

    calls(&bench, 5).await;

    assert!(!admits(&bench));
}

#[tokio::test(start_paused = true)]
async fn streams_that_break_after_content_open_the_circuit_and_dropped_ones_do_not() {
    let broken = Step::Break(&["begun"], ErrorKind::Truncated);
    let bench = one([vec![Step::Hang(&["begun"]); 10], vec![broken; 5]].concat());

    for _ in 0..10 {
        let stream = bench.router.invoke_stream(turn(prompt())).await;
        drop(stream.unwrap());
    }
    assert!(admits(&bench));
    for _ in 0..5 {
        let stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
        let (_, error) = collect(stream).await;
        assert!(error.is_some());
    }

    assert!(!admits(&bench));
}

#[tokio::test(start_paused = true)]
async fn exhausted_budget_ends_the_call_with_its_own_failure() {
    let bench = one(vec![Step::Fail(ErrorKind::NotReady); 1_000]);

    let mut reasons = Vec::new();
    for _ in 0..20 {
        reasons.push(call(&bench).await.unwrap_err().reason);
    }

    // Twenty calls, ten free repeated ones, one for each ten calls, and one for each second that
    // the pauses between them took.
    let made = bench.provider.calls().len();
    assert!((30..=36).contains(&made), "{made}");
    assert_eq!(reasons, [ErrorReason::UpstreamModelNotReady; 20]);
}

#[tokio::test(start_paused = true)]
async fn circuit_stays_with_its_target_when_the_policy_is_replaced() {
    let bench = one(fail(5));
    calls(&bench, 5).await;
    let before = bench.router.policy();
    let mut changes = before.circuits.changes();
    changes.mark_unchanged();
    let mut moved = model("first", 1);
    moved.target.region = "eu-west-1".to_owned();

    let same = policy_of(vec![model("first", 1)]).after(&before);
    let other = policy_of(vec![moved.clone()]).after(&before);

    assert!(!same.circuits.admits_calls(&model("first", 1)));
    assert!(other.circuits.admits_calls(&moved));
    advance(Duration::from_secs(2)).await;
    same.circuits.begin(&model("first", 1)).unwrap().succeed();
    assert!(changes.has_changed().unwrap());
}

#[tokio::test(start_paused = true)]
async fn changes_skips_and_denials_are_counted() {
    let metrics = Arc::new(Metrics::default());
    let policy = policy_of(vec![model("first", 1)]).counting(Arc::clone(&metrics));
    let (circuits, first) = (&policy.circuits, model("first", 1));
    let timeout = ProviderError::new(ErrorKind::ModelTimeout, "scripted failure");

    for _ in 0..5 {
        circuits.begin(&first).unwrap().fail(&timeout);
    }
    circuits.count_skip(&first);
    drop(circuits.begin_anyway(&first));
    while circuits.may_repeat(&first) {}
    advance(Duration::from_secs(2)).await;
    for _ in 0..2 {
        circuits.begin(&first).unwrap().succeed();
    }

    let counts = metrics.circuits.of("first");
    let counted = [
        &counts.open,
        &counts.half_open,
        &counts.closed,
        &counts.skips,
        &counts.forced_calls,
        &counts.retries_denied,
    ];
    assert_eq!(counted.map(|count| count.value()), [1; 6]);
}
