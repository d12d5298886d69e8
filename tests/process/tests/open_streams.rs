//! Streams that stay open.

use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::first_text;
use bedrock_gateway_process_tests::client::stream_prompt;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::Upstream;
use crate::support::mib;

const STREAMS: usize = 2_048;
const PER_CONNECTION: usize = 100;
const MAX_MEMORY_KIB: u64 = 256 * 1024;

#[tokio::test]
async fn two_thousand_open_streams_take_less_than_a_quarter_gigabyte() {
    let upstream = Upstream::start(&[("speaking", json!({"hang": {"afterEvents": 3}}))]).await;
    let gateway = upstream.gateway(&[]).await;
    let resources = gateway.process().resources();
    let before = resources.memory_kib().unwrap();

    let mut opening = JoinSet::new();
    for first in (0..STREAMS).step_by(PER_CONNECTION) {
        let channel = connect(gateway.address()).await.unwrap();
        for _ in 0..PER_CONNECTION.min(STREAMS - first) {
            let mut client = Client::new(channel.clone());
            opening.spawn(async move {
                let stream = client.invoke_stream(stream_prompt("speaking", "Hi")).await;
                let mut stream = stream.unwrap().into_inner();
                first_text(&mut stream).await.unwrap();
                stream
            });
        }
    }
    let streams = opening.join_all().await;

    let memory = resources.memory_kib().unwrap();
    println!(
        "open streams: {} streams, memory {:.1} MiB before, {:.1} MiB with them",
        streams.len(),
        mib(before),
        mib(memory)
    );
    assert_eq!(streams.len(), STREAMS);
    assert!(memory < MAX_MEMORY_KIB, "{memory} KiB");
}
