//! Callers who stop to read.

use std::net::SocketAddr;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::endpoint;
use bedrock_gateway_process_tests::client::first_text;
use bedrock_gateway_process_tests::client::stream_prompt;
use bedrock_gateway_process_tests::emulator::torrent;
use bedrock_gateway_process_tests::proto::InvokeStreamResponse;
use serde_json::json;
use tokio::task::JoinSet;
use tonic::Streaming;

use crate::others::Harm;
use crate::others::Others;
use crate::support::Upstream;
use crate::support::mib;
use crate::support::until;

const READERS: usize = 500;
const PER_CONNECTION: usize = 100;
/// Connections to the emulator that others may have come to need.
const SPARE: usize = 20;
/// What a reader takes before it stops.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;

/// Each answer is 1,024 pieces of 1 KiB: kept whole, all of them would take 500 MiB.
const PIECES: usize = 1_024;

const STALLED_TIMEOUT: &str = "12s";
const ROUNDS: usize = 3;
const MAX_HARM: f64 = 2.0;
const MAX_GROWTH_KIB: u64 = 150 * 1024;

#[tokio::test]
async fn readers_who_stop_harm_only_themselves_and_are_ended() {
    let upstream = Upstream::start(&[("torrent", torrent(PIECES)), ("ordinary", json!({}))]).await;
    let settings = [("server.stalled_stream_timeout", STALLED_TIMEOUT)];
    let gateway = upstream.gateway(&settings).await;
    let resources = gateway.process().resources();
    let others = Others::start(&upstream, &gateway).await;
    let (memory, connections) = (
        resources.memory_kib().unwrap(),
        resources.connections().unwrap(),
    );

    let mut quiet = Vec::new();
    for _ in 0..ROUNDS {
        quiet.push(others.round().await);
    }
    let mut streams = Vec::new();
    for _ in 0..READERS / PER_CONNECTION {
        streams.extend(stalled_readers(gateway.address()).await);
    }
    let mut rounds = Vec::new();
    for quiet in quiet {
        rounds.push(Harm::between(quiet, others.round().await));
    }
    let grown = resources.memory_kib().unwrap().saturating_sub(memory);
    let busy = resources.connections().unwrap();
    until("all readers are given up", async || {
        gateway.process().lines_with("CLIENT_STALLED").unwrap() == READERS
    })
    .await;
    // If others came to need many more, those are closed when they have been idle for a while.
    let failed = others.finish().await;
    until("their upstream calls are ended", async || {
        resources.connections().unwrap() <= busy - READERS + SPARE
    })
    .await;
    let mut ends = JoinSet::new();
    for stream in streams {
        ends.spawn(client::read(stream));
    }
    let ends = ends.join_all().await;
    let harm = Harm::median(rounds);

    println!(
        "stalled readers: {READERS} readers, {busy} connections; memory +{:.1} MiB; {harm}; all \
         ended by the gateway",
        mib(grown),
    );
    assert!(
        busy >= connections + READERS,
        "only {busy} connections: they did not stall"
    );
    assert!(
        ends.iter().all(Result::is_err),
        "a stalled stream ended with OK"
    );
    assert_eq!(failed, 0, "calls of others failed");
    assert!(grown <= MAX_GROWTH_KIB, "grew by {grown} KiB");
    assert!(harm.times() <= MAX_HARM, "{harm}");
    gateway.terminate().await.unwrap();
}

/// Streams over one connection, of which no more than the first text is read. They begin one after
/// the other, so that the emulator has time for others, too.
async fn stalled_readers(address: SocketAddr) -> Vec<Streaming<InvokeStreamResponse>> {
    let endpoint = endpoint(address).unwrap();
    let endpoint = endpoint
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    let mut client = Client::new(endpoint.connect().await.unwrap());
    let mut streams = Vec::new();
    for _ in 0..PER_CONNECTION {
        let stream = client.invoke_stream(stream_prompt("torrent", "Hi")).await;
        let mut stream = stream.unwrap().into_inner();
        first_text(&mut stream).await.unwrap();
        streams.push(stream);
    }
    streams
}
