//! How much load retries add.

use std::time::Duration;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::load::Load;
use serde_json::json;
use tokio::time::sleep;

use crate::support::Upstream;
use crate::support::half_failing;

const CALLS_PER_SECOND: u32 = 400;
const TIME: Duration = Duration::from_secs(12);

const MAX_AMPLIFICATION: f64 = 1.12;
/// Of calls that fail every other time, so many must have been repeated, or there was nothing to
/// bound.
const MIN_AMPLIFICATION: f64 = 1.05;

#[tokio::test]
async fn half_of_the_calls_failing_adds_an_eighth_to_the_upstream_load_at_most() {
    let flaky = half_failing(&json!({}));
    let upstream = Upstream::start(&[("flaky", flaky)]).await;
    // A circuit that opened would leave nothing to repeat.
    let settings = [("routing.circuit_opens_after", "0")];
    let gateway = upstream.gateway(&settings).await;
    let client = Client::new(connect(gateway.address()).await.unwrap());

    let load = Load::start(CALLS_PER_SECOND, move || {
        let client = client.clone();
        async move {
            client::invoke(client, prompt("flaky", "Hi"))
                .await
                .map(drop)
        }
    });
    sleep(TIME).await;
    let report = load.finish().await.unwrap();

    let upstream_calls = upstream.emulator.calls().await.unwrap();
    let calls = u32::try_from(report.calls()).unwrap();
    let amplification = f64::from(u32::try_from(upstream_calls).unwrap()) / f64::from(calls);
    println!("retries: {upstream_calls} upstream calls for {report}: {amplification:.3} times");
    assert!(
        amplification <= MAX_AMPLIFICATION,
        "{amplification:.3} times"
    );
    assert!(
        amplification >= MIN_AMPLIFICATION,
        "{amplification:.3} times"
    );
    gateway.terminate().await.unwrap();
}
