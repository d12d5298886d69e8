//! grpc.health.v1: names, phases and watching.

use std::time::Duration;

use bedrock_gateway::emulator::Scenario;
use tokio::time::Instant;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::soon;

pub(crate) fn asking(service: &str) -> HealthCheckRequest {
    HealthCheckRequest {
        service: service.to_owned(),
    }
}

pub(crate) async fn check(gateway: &Gateway, service: &str) -> ServingStatus {
    let answer = gateway.health().check(asking(service)).await.unwrap();
    answer.into_inner().status()
}

/// Waits until the gateway has resolved its credentials.
pub(crate) async fn ready(gateway: &Gateway) {
    let mut watch = gateway
        .health()
        .watch(asking(""))
        .await
        .unwrap()
        .into_inner();
    let serving = async { while next(&mut watch).await != ServingStatus::Serving {} };
    soon(serving).await;
}

async fn next(watch: &mut tonic::Streaming<HealthCheckResponse>) -> ServingStatus {
    watch.message().await.unwrap().unwrap().status()
}

#[tokio::test]
async fn names_that_exist_are_serving() {
    let gateway = Gateway::start().await;
    ready(&gateway).await;

    for service in [
        "",
        "liveness",
        "bedrock.gateway.v1.InferenceService",
        "bedrock.gateway.v1.ModelService",
        "models/claude-opus-4-1",
    ] {
        assert_eq!(
            check(&gateway, service).await,
            ServingStatus::Serving,
            "{service}"
        );
    }
}

#[tokio::test]
async fn retired_model_is_not_serving() {
    let gateway = Gateway::start().await;

    assert_eq!(
        check(&gateway, "models/claude-3-opus").await,
        ServingStatus::NotServing
    );
}

#[tokio::test]
async fn failing_bedrock_does_not_change_readiness() {
    let gateway = Gateway::start().await;
    ready(&gateway).await;
    gateway
        .emulator()
        .set_scenario("*", Scenario::exception("InternalServerException"));

    gateway
        .inference()
        .invoke(crate::support::prompt("Hi"))
        .await
        .unwrap_err();

    assert_eq!(check(&gateway, "").await, ServingStatus::Serving);
    assert_eq!(check(&gateway, "liveness").await, ServingStatus::Serving);
}

#[tokio::test]
async fn check_of_an_unknown_name_is_not_found() {
    let gateway = Gateway::start().await;

    let status = gateway
        .health()
        .check(asking("models/nobody"))
        .await
        .unwrap_err();

    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn watch_of_an_unknown_name_stays_open() {
    let gateway = Gateway::start().await;
    let watch = gateway.health().watch(asking("nobody")).await.unwrap();
    let mut watch = watch.into_inner();

    assert_eq!(soon(next(&mut watch)).await, ServingStatus::ServiceUnknown);
    let more = tokio::time::timeout(std::time::Duration::from_millis(50), watch.message()).await;
    assert!(more.is_err(), "the stream ended or sent more");
}

#[tokio::test]
async fn drain_is_pushed_to_watchers_and_ends_them() {
    let gateway = Gateway::start().await;
    ready(&gateway).await;
    let mut service = gateway
        .health()
        .watch(asking(""))
        .await
        .unwrap()
        .into_inner();
    let mut process = gateway
        .health()
        .watch(asking("liveness"))
        .await
        .unwrap()
        .into_inner();
    let mut model = gateway
        .health()
        .watch(asking(&format!("models/{FIRST}")))
        .await
        .unwrap()
        .into_inner();
    for watch in [&mut service, &mut process, &mut model] {
        assert_eq!(soon(next(watch)).await, ServingStatus::Serving);
    }
    let (running, _channel) = gateway.into_running();

    let drained = tokio::spawn(running.drain(std::future::pending()));

    assert_eq!(soon(next(&mut service)).await, ServingStatus::NotServing);
    for watch in [&mut service, &mut process, &mut model] {
        assert!(soon(watch.message()).await.unwrap().is_none());
    }
    soon(drained).await.unwrap();
}

#[tokio::test]
async fn while_load_balancers_are_told_calls_are_taken_and_the_process_lives() {
    let gateway = Gateway::with(&[("server.drain_delay", "5m")]).await;
    ready(&gateway).await;
    let mut watch = gateway
        .health()
        .watch(asking(""))
        .await
        .unwrap()
        .into_inner();
    soon(next(&mut watch)).await;
    let (mut health, mut inference) = (gateway.health(), gateway.inference());
    let (running, _channel) = gateway.into_running();
    let (hurry, told) = tokio::sync::oneshot::channel();

    let begun = Instant::now();
    let drained = tokio::spawn(running.drain(async { told.await.unwrap() }));
    let pushed = soon(next(&mut watch)).await;
    let within = begun.elapsed();
    let liveness = health.check(asking("liveness")).await.unwrap();
    let readiness = health.check(asking("")).await.unwrap();
    let answer = inference.invoke(crate::support::prompt("Hi")).await;

    assert_eq!(pushed, ServingStatus::NotServing);
    assert!(within <= Duration::from_millis(100), "{within:?}");
    assert_eq!(liveness.into_inner().status(), ServingStatus::Serving);
    assert_eq!(readiness.into_inner().status(), ServingStatus::NotServing);
    answer.unwrap();
    hurry.send(()).unwrap();
    soon(drained).await.unwrap();
}
