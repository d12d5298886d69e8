//! Clients that do not take what they asked for: their calls end, and others do not notice.

use std::time::Duration;

use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use tokio::time::Instant;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::prompt;
use crate::support::raw_http2::*;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::until;

/// The identifier of a setting.
///
/// Source: RFC 9113, 6.5.2.
const INITIAL_WINDOW_SIZE: u16 = 4;

/// A text that no window holds.
fn long_reply() -> Scenario {
    let text = "word ".repeat(400_000);
    Scenario {
        reply: Reply {
            content: Some(vec![serde_json::json!({ "text": text })]),
            ..Reply::default()
        },
        ..Scenario::default()
    }
}

async fn upstream_closed(gateway: &Gateway) {
    let emulator = gateway.emulator();
    soon(emulator.wait_until(|entries| entries.iter().any(|entry| entry.client_closed))).await;
}

#[tokio::test]
async fn stream_whose_reader_takes_nothing_is_ended() {
    let gateway = Gateway::with(&[("server.stalled_stream_timeout", "1s")]).await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    let begun = Instant::now();
    client
        .send(&call(1, "InvokeStream", &stream_prompt("Hi")))
        .await;

    let reset = soon(client.next_of(RST_STREAM)).await.unwrap();

    assert_eq!(reset.stream, 1);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    upstream_closed(&gateway).await;
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    assert_eq!(gateway.metrics().clients_stalled.value(), 1);
    client.send(&frame(PING, 0, 0, &[7; 8])).await;
    assert!(soon(client.next_of(PING)).await.is_some());
}

#[tokio::test]
async fn whole_answer_that_nobody_takes_is_ended() {
    let gateway = Gateway::with(&[("server.stalled_stream_timeout", "1s")]).await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    client.send(&call(1, "Invoke", &prompt("Hi"))).await;

    let reset = soon(client.next_of(RST_STREAM)).await.unwrap();

    assert_eq!(reset.stream, 1);
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    assert_eq!(gateway.metrics().clients_stalled.value(), 1);
}

#[tokio::test]
async fn stream_that_waits_for_its_model_has_not_stalled() {
    let gateway = Gateway::with(&[("server.stalled_stream_timeout", "1s")]).await;
    let _waiting = gateway.silent_stream().await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::begin(gateway.address(), &[]).await;
    client.send(&call(1, "Invoke", &prompt("Hi"))).await;

    soon(client.next_of(RST_STREAM)).await.unwrap();

    until(|| gateway.metrics().calls_in_flight.value() == 1).await;
    assert_eq!(gateway.metrics().clients_stalled.value(), 1);
}

#[tokio::test]
async fn connection_that_takes_nothing_at_all_is_closed() {
    let settings = [
        ("server.stalled_stream_timeout", "1s"),
        ("server.keepalive_interval", "1h"),
    ];
    let gateway = Gateway::with(&settings).await;
    gateway.emulator().set_scenario(FIRST, long_reply());
    let mut client = RawHttp2::connect_with_small_buffer(gateway.address()).await;
    client
        .begin_with(&[(INITIAL_WINDOW_SIZE, i32::MAX as u32)])
        .await;
    let wide = (i32::MAX - 65_535).to_be_bytes();
    client.send(&frame(WINDOW_UPDATE, 0, 0, &wide)).await;
    for stream in [1, 3, 5, 7] {
        client.send(&call(stream, "Invoke", &prompt("Hi"))).await;
    }

    until(|| gateway.metrics().clients_stalled.value() > 0).await;

    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    assert!(gateway.answers_others().await);
    soon(client.closed()).await;
}
