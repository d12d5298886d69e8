//! Models that are left alone for a while: how they show, and how they come back.

use std::time::Duration;
use std::time::SystemTime;

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::GetModelRequest;
use bedrock_gateway::proto::attempt::State as AttemptState;
use bedrock_gateway::proto::model::State;
use futures_util::StreamExt as _;
use futures_util::stream;
use tonic::Code;
use tonic::Streaming;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;

use tonic_types::StatusExt;

use crate::health::asking;
use crate::health::check;
use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::SECOND;
use crate::support::exception_saying;
use crate::support::failure;
use crate::support::only;
use crate::support::prompt;
use crate::support::reason;
use crate::support::soon;
use crate::support::states;

/// How long a change may take to be pushed. It takes a millisecond on an idle machine; the promise
/// is 100 ms.
const PUSHED_WITHIN: Duration = Duration::from_secs(2);

/// The first model fails until its circuit opens. Each call is one upstream call.
async fn open_first(gateway: &Gateway) {
    let failing = Scenario::exception("ModelTimeoutException");
    gateway.emulator().set_scenario(FIRST, failing);
    for _ in 0..5 {
        let failed = gateway.inference().invoke(only(FIRST)).await;
        failed.unwrap_err();
    }
}

async fn state(gateway: &Gateway, model: &str) -> State {
    let request = GetModelRequest {
        name: model.to_owned(),
    };
    let answer = gateway.models().get_model(request).await.unwrap();
    answer.into_inner().model.unwrap().state()
}

async fn watch(gateway: &Gateway, model: &str) -> Streaming<HealthCheckResponse> {
    let request = asking(&format!("models/{model}"));
    gateway.health().watch(request).await.unwrap().into_inner()
}

async fn pushed(watch: &mut Streaming<HealthCheckResponse>) -> ServingStatus {
    let answer = soon(watch.message()).await.unwrap();
    answer.unwrap().status()
}

#[tokio::test]
async fn open_circuit_costs_no_call_and_shows_everywhere() {
    let gateway = Gateway::with(&[("routing.circuit_open_time", "1m")]).await;
    open_first(&gateway).await;

    let answer = gateway.inference().invoke(prompt("Hi")).await.unwrap();

    assert_eq!(gateway.calls()[5..], [SECOND]);
    let attempts = answer.into_inner().metadata.unwrap().attempts;
    assert_eq!(
        states(&attempts),
        [
            (FIRST, AttemptState::Skipped),
            (SECOND, AttemptState::Succeeded)
        ]
    );
    let skip = attempts[0].error.as_ref().unwrap();
    assert_eq!(skip.reason().as_str_name(), "ERROR_REASON_MODEL_SUSPENDED");
    assert_eq!(state(&gateway, FIRST).await, State::Suspended);
    assert_eq!(state(&gateway, SECOND).await, State::Active);
    let health = |model| format!("models/{model}");
    let first = check(&gateway, &health(FIRST)).await;
    let second = check(&gateway, &health(SECOND)).await;
    assert_eq!(first, ServingStatus::NotServing);
    assert_eq!(second, ServingStatus::Serving);
    let counts = gateway.metrics().circuits.of(FIRST);
    assert_eq!((counts.open.value(), counts.skips.value()), (1, 1));
}

#[tokio::test]
async fn model_that_bedrock_says_is_gone_shows_as_retired_and_is_asked_no_more() {
    let gateway = Gateway::start().await;
    let gone = exception_saying(
        "ResourceNotFoundException",
        "This model version has reached the end of its life.",
    );
    gateway.emulator().set_scenario(FIRST, gone);
    let mut watch = watch(&gateway, FIRST).await;
    assert_eq!(pushed(&mut watch).await, ServingStatus::Serving);

    gateway.inference().invoke(prompt("Hi")).await.unwrap();
    let second = gateway.inference().invoke(prompt("Hi")).await.unwrap();

    assert_eq!(gateway.calls(), [FIRST, SECOND, SECOND]);
    let attempts = second.into_inner().metadata.unwrap().attempts;
    let skip = attempts[0].error.as_ref().unwrap();
    assert_eq!(skip.reason().as_str_name(), "ERROR_REASON_MODEL_RETIRED");
    assert_eq!(state(&gateway, FIRST).await, State::Retired);
    assert_eq!(pushed(&mut watch).await, ServingStatus::NotServing);
    let counts = gateway.metrics().circuits.of(FIRST);
    assert_eq!(counts.disabled.value(), 1, "told once");
}

#[tokio::test]
async fn change_of_a_circuit_is_pushed_to_watchers_at_once_and_when_its_time_is_over() {
    let gateway = Gateway::with(&[("routing.circuit_open_time", "500ms")]).await;
    let mut watch = watch(&gateway, FIRST).await;
    assert_eq!(pushed(&mut watch).await, ServingStatus::Serving);
    open_first(&gateway).await;
    let opened = SystemTime::now();

    let closed = pushed(&mut watch).await;
    let pushed_after = opened.elapsed().unwrap();
    let back = pushed(&mut watch).await;
    let back_after = opened.elapsed().unwrap();

    println!("pushed after {pushed_after:?}, and after {back_after:?} of at most 500 ms");
    assert_eq!(closed, ServingStatus::NotServing);
    assert!(pushed_after < PUSHED_WITHIN, "{pushed_after:?}");
    assert_eq!(back, ServingStatus::Serving);
    let latest = Duration::from_millis(500) + PUSHED_WITHIN;
    assert!(back_after < latest, "{back_after:?}");
}

#[tokio::test]
async fn model_that_is_back_answers_again_after_two_probes() {
    let gateway = Gateway::with(&[("routing.circuit_open_time", "200ms")]).await;
    open_first(&gateway).await;
    let mut watch = watch(&gateway, FIRST).await;
    while pushed(&mut watch).await != ServingStatus::Serving {}
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::reply("back"));

    for _ in 0..3 {
        let answer = gateway.inference().invoke(prompt("Hi")).await.unwrap();
        assert_eq!(answer.into_inner().text, "back");
    }

    assert_eq!(gateway.metrics().circuits.of(FIRST).closed.value(), 1);
}

#[tokio::test]
async fn circuit_is_shared_by_all_workers() {
    let settings = [("routing.circuit_open_time", "1m"), ("server.workers", "2")];
    let gateway = Gateway::with(&settings).await;
    open_first(&gateway).await;

    let mut elsewhere = gateway.another_connection().await;
    elsewhere.invoke(prompt("Hi")).await.unwrap();

    assert_eq!(gateway.calls()[5..], [SECOND]);
}

#[tokio::test]
async fn model_that_may_not_be_called_is_suspended_by_one_failure() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::exception("AccessDeniedException"));

    for _ in 0..2 {
        gateway.inference().invoke(prompt("Hi")).await.unwrap();
    }

    assert_eq!(gateway.calls(), [FIRST, SECOND, SECOND]);
    assert_eq!(state(&gateway, FIRST).await, State::Suspended);
    assert_eq!(gateway.metrics().circuits.of(FIRST).disabled.value(), 1);
}

#[tokio::test]
async fn call_that_finds_all_models_suspended_fails_at_once_and_says_when_to_come_back() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::exception("ResourceNotFoundException"));
    let mut reasons = Vec::new();
    for _ in 0..2 {
        let status = gateway.inference().invoke(only(FIRST)).await.unwrap_err();
        reasons.push(reason(&status));
    }
    let calls = gateway.calls().len();

    let status = gateway.inference().invoke(only(FIRST)).await.unwrap_err();

    // The second call was made although the model was suspended.
    assert_eq!(reasons, ["UPSTREAM_RESOURCE_NOT_FOUND"; 2]);
    assert_eq!(calls, 2);
    assert_eq!(gateway.calls().len(), 2);
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status), "MODEL_SUSPENDED");
    let delay = status.get_details_retry_info().unwrap().retry_delay;
    let delay = delay.unwrap().as_secs();
    assert!((280..=300).contains(&delay), "{delay}");
    assert!(status.metadata().get("grpc-retry-pushback-ms").is_some());
    let attempts = failure(&status).metadata.unwrap().attempts;
    assert_eq!(states(&attempts), [(FIRST, AttemptState::Skipped)]);
}

#[tokio::test]
async fn callers_who_go_away_or_ask_for_the_wrong_suspend_nothing() {
    let gateway = Gateway::start().await;
    let hang = Fault::Hang { after_events: None };
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::fault(hang));
    for call in 1..=6 {
        let mut client = gateway.inference();
        let leaving = tokio::spawn(async move { client.invoke(only(FIRST)).await });
        let begun = gateway
            .emulator()
            .wait_until(|entries| entries.len() == call);
        soon(begun).await;
        leaving.abort();
    }
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::exception("ValidationException"));

    for _ in 0..6 {
        let status = gateway.inference().invoke(only(FIRST)).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }

    assert_eq!(gateway.calls().len(), 12);
    assert_eq!(state(&gateway, FIRST).await, State::Active);
}

#[tokio::test]
async fn half_of_all_calls_failing_does_not_multiply_them() {
    const CALLS: usize = 800;
    let settings = [
        ("routing.circuit_opens_after", "0"),
        // However long the test takes.
        ("routing.retry_budget_min_per_second", "0"),
    ];
    let gateway = Gateway::with(&settings).await;
    for call in 0..2 * CALLS {
        let scenario = match call % 2 {
            0 => Scenario::exception("ServiceUnavailableException"),
            _ => Scenario::reply("hello"),
        };
        gateway.emulator().push_scenario(FIRST, scenario);
    }

    let made = (0..CALLS).map(|_| async {
        let answer = gateway.inference().invoke(only(FIRST)).await;
        answer.is_ok()
    });
    let answered: Vec<bool> = stream::iter(made).buffer_unordered(8).collect().await;

    let upstream = gateway.calls().len();
    let good = answered.iter().filter(|good| **good).count();
    println!("{CALLS} calls, {good} answered, {upstream} upstream");
    assert!(upstream > CALLS, "nothing was repeated");
    assert!(upstream * 100 <= CALLS * 112, "{upstream}");
}
