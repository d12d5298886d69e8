//! Memory of open streams that say nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::Streaming;
use tonic::transport::Channel;

use crate::content::{Mode, prompt};
use crate::grpc::{connect, delta_text, stream_request};
use crate::process::resident_kib;
use crate::proto::InvokeStreamResponse;
use crate::proto::inference_service_client::InferenceServiceClient;

const WARMUP_STREAMS: usize = 32;
/// For buffers to be given back and memory to be counted.
const SETTLE: Duration = Duration::from_secs(1);

/// What must stay alive for a stream to stay open.
type Open = (Channel, Vec<Streaming<InvokeStreamResponse>>);

/// Opens `streams` streams, holds them after their first text, and prints what the memory of
/// process `pid` grew by, connections included, as one line of JSON.
///
/// # Errors
/// A stream cannot be opened or ends.
pub(crate) async fn run(
    address: SocketAddr,
    streams: usize,
    per_connection: usize,
    pid: i32,
) -> anyhow::Result<()> {
    drop(open_all(address, WARMUP_STREAMS, per_connection).await?);
    sleep(SETTLE).await;
    let before = resident_kib(pid)?;
    let open = open_all(address, streams, per_connection).await?;
    sleep(SETTLE).await;
    let after = resident_kib(pid)?;
    let count: usize = open.iter().map(|(_, streams)| streams.len()).sum();
    println!(
        "{}",
        json!({"streams": count, "before_kib": before, "after_kib": after})
    );
    Ok(())
}

async fn open_all(
    address: SocketAddr,
    streams: usize,
    per_connection: usize,
) -> anyhow::Result<Vec<Open>> {
    let mut openers = JoinSet::new();
    for first in (0..streams).step_by(per_connection.max(1)) {
        let count = per_connection.min(streams - first);
        openers.spawn(open_some(address, count));
    }
    openers.join_all().await.into_iter().collect()
}

async fn open_some(address: SocketAddr, count: usize) -> anyhow::Result<Open> {
    let channel = connect(address).await?;
    let mut client = InferenceServiceClient::new(channel.clone());
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        let request = stream_request(Mode::Idle, &prompt());
        let mut stream = client.invoke_stream(request).await?.into_inner();
        loop {
            let response = stream.message().await?.context("an idle stream ended")?;
            if response.event.as_ref().and_then(delta_text).is_some() {
                break;
            }
        }
        streams.push(stream);
    }
    Ok((channel, streams))
}
