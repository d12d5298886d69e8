//! What the client makes again, and what it leaves.

use std::time::Duration;

use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::ErrorReason;
use tokio::time::Instant;
use tonic::Code;
use tonic::Status;

use super::client_at;
use super::client_of;
use super::scripted::Scripted;
use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::prompt;
use crate::support::soon;
use crate::support::until;

const PREVIOUS: &str = "grpc-previous-rpc-attempts";

/// Not ready, and come again after this many milliseconds.
fn unavailable(pushback_ms: &'static str) -> Status {
    let mut status = Status::unavailable("busy");
    let pushback = pushback_ms.parse().unwrap();
    status
        .metadata_mut()
        .insert("grpc-retry-pushback-ms", pushback);
    status
}

#[tokio::test]
async fn overloaded_gateway_is_asked_again_when_it_says() {
    let limits = [
        ("server.max_concurrent_calls", "1"),
        ("server.max_concurrent_calls_per_connection", "1"),
    ];
    let gateway = Gateway::with(&limits).await;
    let client = client_of(&gateway).await;
    // The window in which most calls must not be refused.
    for _ in 0..4 {
        client.invoke(prompt("Hi")).await.unwrap();
    }
    let stream = gateway.silent_stream().await;

    let call = tokio::spawn(async move { client.invoke(prompt("Hi")).await });
    until(|| gateway.metrics().calls_refused.value() > 0).await;
    drop(stream);
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::reply("hello"));
    let answer = soon(call).await.unwrap();

    assert_eq!(answer.unwrap().text, "hello");
}

#[tokio::test]
async fn attempts_are_counted_and_the_wait_is_the_one_that_was_asked_for() {
    let gateway = Scripted::failing([unavailable("300"), unavailable("0")]);
    let client = client_at(&gateway.start().await.to_string()).await;
    let begun = Instant::now();

    client.invoke("Hi").await.unwrap();

    assert!(begun.elapsed() >= Duration::from_millis(300));
    let counted = [None, Some("1".to_owned()), Some("2".to_owned())];
    assert_eq!(gateway.seen(PREVIOUS), counted);
}

#[tokio::test]
async fn attempts_end_with_the_number_in_the_service_config() {
    let gateway = Scripted::failing((0..9).map(|_| unavailable("0")));
    let client = client_at(&gateway.start().await.to_string()).await;

    let error = client.invoke("Hi").await.unwrap_err();

    assert!(error.is_unavailable());
    assert_eq!(gateway.seen(PREVIOUS).len(), 3);
}

#[tokio::test]
async fn gateway_that_wants_no_retry_gets_none() {
    let gateway = Scripted::failing([unavailable("-1")]);
    let client = client_at(&gateway.start().await.to_string()).await;

    let error = client.invoke("Hi").await.unwrap_err();

    assert_eq!(error.message(), "busy");
    assert_eq!(gateway.seen(PREVIOUS), [None::<String>]);
}

#[tokio::test]
async fn wait_that_the_deadline_would_end_is_not_begun() {
    let gateway = Scripted::failing([unavailable("5000")]);
    let client = client_at(&gateway.start().await.to_string()).await;
    let begun = Instant::now();

    let hasty = client.with_timeout(Duration::from_secs(4));
    let error = hasty.invoke("Hi").await.unwrap_err();

    assert_eq!(error.code(), Code::Unavailable);
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn what_may_have_been_billed_is_not_asked_again() {
    let codes = [
        Code::ResourceExhausted,
        Code::DeadlineExceeded,
        Code::Aborted,
        Code::Internal,
        Code::Unknown,
    ];
    let gateway = Scripted::failing(codes.map(|code| Status::new(code, "no")));
    let client = client_at(&gateway.start().await.to_string()).await;

    for code in codes {
        assert_eq!(client.invoke("Hi").await.unwrap_err().code(), code);
    }

    assert_eq!(gateway.seen(PREVIOUS), vec![None::<String>; codes.len()]);
}

#[tokio::test]
async fn stream_is_asked_for_again_until_headers_came_and_never_after() {
    let gateway = Scripted::default();
    let behind_headers = Ok(vec![Err(Status::unavailable("broke off"))]);
    *gateway.streams.lock().unwrap() = [Err(unavailable("0")), behind_headers].into();
    let client = client_at(&gateway.start().await.to_string()).await;

    let mut stream = client.stream("Hi").await.unwrap();
    let error = stream.event().await.unwrap_err();

    assert_eq!(error.message(), "broke off");
    assert!(stream.event().await.unwrap().is_none());
    assert_eq!(gateway.seen(PREVIOUS), [None, Some("1".to_owned())]);
}

#[tokio::test]
async fn failing_gateway_is_soon_left_in_peace() {
    let gateway = Scripted::failing((0..99).map(|_| unavailable("0")));
    let client = client_at(&gateway.start().await.to_string()).await;

    for _ in 0..10 {
        client.invoke("Hi").await.unwrap_err();
    }

    // Ten tokens: the fifth failure leaves half of them, and the rest is asked once.
    assert_eq!(gateway.seen(PREVIOUS).len(), 3 + 2 + 8);
}

#[tokio::test]
async fn full_gateway_is_told_from_one_that_is_gone() {
    let gateway = Gateway::with(&[("server.max_concurrent_calls", "1")]).await;
    let _stream = gateway.silent_stream().await;
    let client = client_of(&gateway).await;

    let hasty = client.with_timeout(Duration::from_millis(200));
    let error = hasty.invoke("Hi").await.unwrap_err();

    assert_eq!(error.reason(), ErrorReason::Overloaded);
    assert!(error.is_unavailable() && error.may_pass());
}
