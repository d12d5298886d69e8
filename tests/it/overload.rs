//! How many calls may run: permits, refusals, and what is never refused.

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::ListModelsRequest;
use tonic::Code;
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_types::StatusExt;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::collect;
use crate::support::prompt;
use crate::support::raw_http2::*;
use crate::support::reason;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::until;

const LIMIT: &str = "server.max_concurrent_calls";
const LIMIT_PER_CONNECTION: &str = "server.max_concurrent_calls_per_connection";

/// A gateway with room for this many calls.
async fn gateway(limit: &str) -> Gateway {
    Gateway::with(&[(LIMIT, limit), (LIMIT_PER_CONNECTION, limit)]).await
}

fn pushback_ms(status: &Status) -> i64 {
    let pushback = status.metadata().get("grpc-retry-pushback-ms").unwrap();
    pushback.to_str().unwrap().parse().unwrap()
}

/// Waits until this many calls run.
async fn in_flight(gateway: &Gateway, calls: usize) {
    until(|| gateway.metrics().calls_in_flight.value() == calls).await;
}

#[tokio::test]
async fn stream_holds_its_permit_to_its_end() {
    let gateway = gateway("2").await;
    let one = gateway.silent_stream().await;
    let two = gateway.silent_stream().await;

    let refused = gateway.inference().invoke(prompt("Hi")).await.unwrap_err();
    drop(one);
    in_flight(&gateway, 1).await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::reply("hello"));
    let taken = gateway.inference().invoke(prompt("Hi")).await;

    assert_eq!(refused.code(), Code::Unavailable);
    assert_eq!(reason(&refused), "OVERLOADED");
    assert_eq!(taken.unwrap().into_inner().text, "hello");
    drop(two);
    in_flight(&gateway, 0).await;
    assert_eq!(gateway.metrics().calls_refused.value(), 1);
}

#[tokio::test]
async fn stream_that_ends_by_itself_frees_its_permit() {
    let gateway = gateway("1").await;
    for _ in 0..3 {
        let stream = gateway.inference().invoke_stream(stream_prompt("Hi")).await;

        let (_events, end) = collect(stream.unwrap().into_inner()).await;

        end.unwrap();
        in_flight(&gateway, 0).await;
    }
}

#[tokio::test]
async fn call_that_waits_for_its_model_holds_a_permit_until_its_caller_leaves() {
    let gateway = gateway("1").await;
    let hang = Scenario::fault(Fault::Hang { after_events: None });
    gateway.emulator().set_scenario(FIRST, hang);
    let mut client = gateway.inference();
    let waiting = tokio::spawn(async move { client.invoke(prompt("Hi")).await });
    in_flight(&gateway, 1).await;

    let refused = gateway.inference().invoke_stream(stream_prompt("Hi")).await;
    waiting.abort();
    in_flight(&gateway, 0).await;

    assert_eq!(reason(&refused.unwrap_err()), "OVERLOADED");
}

#[tokio::test]
async fn call_is_refused_before_its_body_comes() {
    let gateway = gateway("1").await;
    let _stream = gateway.silent_stream().await;
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let invoke = "/bedrock.gateway.v1.InferenceService/Invoke";
    let headers = call_headers(invoke, &[]);

    client.send(&frame(HEADERS, END_HEADERS, 1, &headers)).await;

    let answer = soon(client.next_of(HEADERS)).await.unwrap();
    assert_eq!(answer.flags, END_HEADERS | END_STREAM);
}

#[tokio::test]
async fn refused_caller_is_told_when_to_come_back() {
    let gateway = gateway("1").await;
    let _stream = gateway.silent_stream().await;

    let refused = gateway.inference().invoke(prompt("Hi")).await.unwrap_err();

    assert!((200..=1000).contains(&pushback_ms(&refused)));
    let delay = refused.get_details_retry_info().unwrap().retry_delay;
    let delay_ms = delay.unwrap().as_millis();
    assert_eq!(i64::try_from(delay_ms).unwrap(), pushback_ms(&refused));
}

#[tokio::test]
async fn caller_is_told_not_to_retry_while_most_calls_are_refused() {
    let gateway = gateway("1").await;
    let _stream = gateway.silent_stream().await;
    gateway.inference().invoke(prompt("Hi")).await.unwrap_err();

    let refused = gateway.inference().invoke(prompt("Hi")).await.unwrap_err();

    assert_eq!(pushback_ms(&refused), -1);
    assert!(refused.get_details_retry_info().is_none());
}

#[tokio::test]
async fn health_and_models_are_never_refused() {
    let gateway = gateway("1").await;
    let _stream = gateway.silent_stream().await;
    gateway.inference().invoke(prompt("Hi")).await.unwrap_err();

    let liveness = HealthCheckRequest {
        service: "liveness".to_owned(),
    };
    gateway.health().check(liveness).await.unwrap();
    let all = ListModelsRequest::default();
    gateway.models().list_models(all).await.unwrap();
}

#[tokio::test]
async fn one_connection_cannot_take_all() {
    let gateway = Gateway::with(&[(LIMIT, "4")]).await;
    let _one = gateway.silent_stream().await;
    let _two = gateway.silent_stream().await;

    let refused = gateway.inference().invoke(prompt("Hi")).await.unwrap_err();
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::reply("hello"));
    let other = gateway
        .another_connection()
        .await
        .invoke(prompt("Hi"))
        .await;

    assert_eq!(reason(&refused), "OVERLOADED");
    assert_eq!(other.unwrap().into_inner().text, "hello");
}

#[tokio::test]
async fn permit_is_shared_by_all_workers() {
    let settings = [
        ("server.workers", "2"),
        (LIMIT, "1"),
        (LIMIT_PER_CONNECTION, "1"),
    ];
    let gateway = Gateway::with(&settings).await;
    let _stream = gateway.silent_stream().await;

    let mut other = gateway.another_connection().await;
    let refused = other.invoke(prompt("Hi")).await.unwrap_err();

    assert_eq!(reason(&refused), "OVERLOADED");
}
