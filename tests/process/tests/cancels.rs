//! Callers who go away.

use std::time::Duration;
use std::time::SystemTime;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::client::stream_prompt;
use bedrock_gateway_process_tests::load::percentile;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::Upstream;
use crate::support::mib;
use crate::support::until;

const CANCELS: usize = 5_000;
/// Calls that are cancelled together.
const BATCH: usize = 250;
/// After so many, the process has all the memory that such calls need.
const WARM: usize = 1_000;
const CONNECTIONS: usize = 4;
/// Calls that the gateway takes at one time.
const PERMITS: usize = 300;

const MAX_DELAY: Duration = Duration::from_millis(100);
const MAX_GROWTH_KIB: u64 = 4 * 1024;
const DESCRIPTORS: usize = 2;

/// At which point the caller goes away.
#[derive(Clone, Copy)]
enum Stage {
    Unary,
    StreamWithoutHeaders,
    StreamBeforeContent,
    StreamAfterContent,
}

const STAGES: [Stage; 4] = [
    Stage::Unary,
    Stage::StreamWithoutHeaders,
    Stage::StreamBeforeContent,
    Stage::StreamAfterContent,
];

#[tokio::test]
async fn five_thousand_cancels_reach_bedrock_and_leave_nothing_behind() {
    let upstream = Upstream::start(&[
        ("silent", json!({"hang": {}})),
        ("begun", json!({"hang": {"afterEvents": 1}})),
        ("speaking", json!({"hang": {"afterEvents": 3}})),
        ("ordinary", json!({})),
    ])
    .await;
    let settings = [("server.max_concurrent_calls", &*PERMITS.to_string())];
    let gateway = upstream.gateway(&settings).await;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::new(connect(gateway.address()).await.unwrap()));
    }
    one_call_each(&clients).await;
    let resources = gateway.process().resources();
    let descriptors = resources.descriptors().unwrap();

    let mut delays = Vec::new();
    let mut warm = 0;
    for batch in 1..=CANCELS / BATCH {
        delays.extend(cancel_a_batch(&upstream, &clients).await);
        if batch * BATCH == WARM {
            warm = resources.memory_kib().unwrap();
        }
    }
    let memory = resources.memory_kib().unwrap();
    all_permits_are_free(&clients).await;
    one_call_each(&clients).await;
    until("descriptors are closed", async || {
        resources.descriptors().unwrap().abs_diff(descriptors) <= DESCRIPTORS
    })
    .await;

    let p99 = percentile(delays.clone(), 99);
    println!(
        "cancels: {} calls, upstream saw them within {:?} (p50), {p99:?} (p99), {:?} (all); memory \
         {:.1} MiB after {WARM}, {:.1} MiB after all; descriptors {descriptors} before, {} after",
        delays.len(),
        percentile(delays.clone(), 50),
        percentile(delays.clone(), 100),
        mib(warm),
        mib(memory),
        resources.descriptors().unwrap(),
    );
    assert_eq!(delays.len(), CANCELS);
    assert!(p99 <= MAX_DELAY, "cancels took {p99:?}");
    assert!(
        memory <= warm + MAX_GROWTH_KIB,
        "memory grew by {} KiB",
        memory - warm
    );
    gateway.terminate().await.unwrap();
}

/// So that each connection to the gateway and, behind it, to the emulator is there.
async fn one_call_each(clients: &[Client]) {
    for client in clients {
        client::invoke(client.clone(), prompt("ordinary", "Hi"))
            .await
            .unwrap();
    }
}

/// As many calls as may run do run, and one more is refused.
async fn all_permits_are_free(clients: &[Client]) {
    let mut calls = JoinSet::new();
    for client in clients.iter().cycle().take(PERMITS) {
        calls.spawn(call(Stage::StreamAfterContent, client.clone()));
    }
    let streams = calls.join_all().await;
    let refused = client::invoke(clients[0].clone(), prompt("ordinary", "Hi")).await;
    let refused = client::outcome(&refused.map(drop));
    assert_eq!(
        refused,
        "Unavailable OVERLOADED",
        "beside {} streams",
        streams.len()
    );
}

/// Starts a batch of calls, goes away when the emulator has them all, and returns how long it took
/// the emulator to see each go.
async fn cancel_a_batch(upstream: &Upstream, clients: &[Client]) -> Vec<Duration> {
    upstream.emulator.clear_journal().await.unwrap();
    let mut calls = JoinSet::new();
    let stages = STAGES.iter().cycle().take(BATCH);
    let mut committed = 0;
    for (stage, client) in stages.zip(clients.iter().cycle()) {
        calls.spawn(call(*stage, client.clone()));
        committed += usize::from(matches!(stage, Stage::StreamAfterContent));
    }
    // What has committed returns its stream, all others wait.
    let mut streams = Vec::new();
    while streams.len() < committed {
        streams.push(calls.join_next().await.unwrap().unwrap());
    }
    until("all calls are under way", async || {
        let journal = upstream.emulator.journal().await.unwrap();
        journal.iter().filter(|entry| entry.is_under_way()).count() == BATCH
    })
    .await;

    let cancelled_at = SystemTime::now();
    drop(streams);
    calls.shutdown().await;

    let mut journal = Vec::new();
    until("the emulator saw all callers go", async || {
        journal = upstream.emulator.journal().await.unwrap();
        journal.iter().all(|entry| entry.client_closed)
    })
    .await;
    let delays = journal.iter().map(|entry| {
        let milliseconds = u64::try_from(entry.ended_at_ms.unwrap()).unwrap();
        let ended_at = SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds);
        // The journal's clock is cut to milliseconds.
        ended_at.duration_since(cancelled_at).unwrap_or_default()
    });
    delays.collect()
}

/// A call that does not end by itself. Returns when it has committed, with what holds it open.
async fn call(stage: Stage, mut client: Client) -> impl Send {
    let model = match stage {
        Stage::Unary => {
            let answer = client.invoke(prompt("silent", "Hi")).await;
            panic!("a silent model said {answer:?}");
        }
        Stage::StreamWithoutHeaders => "silent",
        Stage::StreamBeforeContent => "begun",
        Stage::StreamAfterContent => "speaking",
    };
    let stream = client.invoke_stream(stream_prompt(model, "Hi")).await;
    let mut stream = stream.unwrap().into_inner();
    client::first_text(&mut stream).await.unwrap();
    stream
}
