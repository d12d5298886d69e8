//! How the gateway ends.

use bedrock_gateway::emulator::Delay;
use bedrock_gateway::emulator::Scenario;
use tonic::Code;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::collect;
use crate::support::failure;
use crate::support::reason;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::text;

fn slow(words: &str, between_events_ms: u64) -> Scenario {
    Scenario {
        delay: Delay {
            between_events_ms,
            ..Delay::default()
        },
        ..Scenario::reply(words)
    }
}

#[tokio::test]
async fn stream_under_way_survives_the_drain() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, slow("one two three four", 50));
    let stream = gateway
        .inference()
        .invoke_stream(stream_prompt("Hi"))
        .await
        .unwrap();
    let (running, _channel) = gateway.into_running();

    let drained = tokio::spawn(running.drain(std::future::pending()));
    let (events, end) = soon(collect(stream.into_inner())).await;

    end.unwrap();
    assert_eq!(text(&events), "one two three four");
    soon(drained).await.unwrap();
}

#[tokio::test]
async fn stream_that_outlives_the_drain_ends_with_unavailable() {
    let gateway = Gateway::with(&[("server.drain_timeout", "100ms")]).await;
    let stream = gateway.silent_stream().await;
    let (running, _channel) = gateway.into_running();

    let drained = tokio::spawn(running.drain(std::future::pending()));
    let (_events, end) = soon(collect(stream)).await;

    let status = end.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status), "NOT_SERVING");
    soon(drained).await.unwrap();
}

#[tokio::test]
async fn silent_connection_does_not_delay_the_end() {
    let gateway = Gateway::start().await;
    let (running, channel) = gateway.into_running();
    let _silent = tokio::net::TcpStream::connect(running.address())
        .await
        .unwrap();
    drop(channel);

    soon(running.drain(std::future::pending())).await;
}

#[tokio::test]
async fn told_again_to_stop_calls_end_at_once_with_a_status() {
    let gateway = Gateway::start().await;
    let stream = gateway.silent_stream().await;
    let (running, _channel) = gateway.into_running();

    let drained = tokio::spawn(running.drain(std::future::ready(())));
    let (_events, end) = soon(collect(stream)).await;

    let status = end.unwrap_err();
    assert_eq!(reason(&status), "NOT_SERVING");
    let failure = failure(&status);
    assert!(failure.output_started);
    assert_eq!(failure.metadata.unwrap().attempts[0].model, FIRST);
    soon(drained).await.unwrap();
}
