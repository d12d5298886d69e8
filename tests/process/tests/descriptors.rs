//! A process that may open no more files.

use std::net::SocketAddr;
use std::time::Duration;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::client::stream_prompt;
use serde_json::json;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::support::Upstream;
use crate::support::until;

/// Connections that wait to be accepted.
const WAITING: usize = 50;
/// For how long the process is looked at.
const TIME: Duration = Duration::from_secs(3);
const CALL_EVERY: Duration = Duration::from_millis(50);
/// A loop that accepts without a pause takes a whole one.
const MAX_CORES: f64 = 0.3;

#[tokio::test]
async fn without_descriptors_calls_go_on_and_no_core_burns_and_it_passes() {
    let long = json!({
        "reply": {"text": "one two three four five six seven eight nine ten eleven twelve"},
        "delay": {"betweenEventsMs": 300},
    });
    let upstream = Upstream::start(&[("ordinary", json!({})), ("long", long)]).await;
    let gateway = upstream.gateway(&[]).await;
    let process = gateway.process();
    let client = Client::new(connect(gateway.address()).await.unwrap());
    let call = || client::invoke(client.clone(), prompt("ordinary", "Hi"));
    let stream = client
        .clone()
        .invoke_stream(stream_prompt("long", "Hi"))
        .await;
    let stream = tokio::spawn(client::read(stream.unwrap().into_inner()));
    // Its connection to the emulator is another than the stream's, and is used again and again.
    call().await.unwrap();

    process.limit_descriptors(Some(0)).unwrap();
    let waiting: Vec<_> = (0..WAITING)
        .map(|_| tokio::spawn(connect_and_call(gateway.address())))
        .collect();
    until("accepting fails", async || {
        process.log().unwrap().contains("cannot accept")
    })
    .await;
    let (began, cpu_before) = (Instant::now(), process.resources().cpu_time().unwrap());
    let mut calls = 0;
    while began.elapsed() < TIME {
        call().await.unwrap();
        calls += 1;
        sleep(CALL_EVERY).await;
    }
    let cpu = process.resources().cpu_time().unwrap() - cpu_before;
    let cores = cpu.as_secs_f64() / began.elapsed().as_secs_f64();
    let text = stream.await.unwrap().unwrap();

    process.limit_descriptors(None).unwrap();
    let freed = Instant::now();
    for call in waiting {
        call.await.unwrap().unwrap();
    }
    let recovery = freed.elapsed();

    println!(
        "descriptors: {WAITING} connections waiting, {calls} calls went on, {cores:.3} of a core; all \
         served within {recovery:.2?} after"
    );
    assert_eq!(text.split_whitespace().count(), 12);
    assert!(cores <= MAX_CORES, "{cores:.3} cores");
    gateway.terminate().await.unwrap();
}

async fn connect_and_call(address: SocketAddr) -> anyhow::Result<()> {
    let client = Client::new(connect(address).await?);
    client::invoke(client, prompt("ordinary", "Hi")).await?;
    Ok(())
}
