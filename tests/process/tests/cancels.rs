//! Callers who go away.

use std::time::Duration;
use std::time::SystemTime;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::client::stream_prompt;
use bedrock_gateway_process_tests::load::percentile;
use bedrock_gateway_process_tests::proto::InvokeStreamResponse;
use serde_json::json;
use tokio::task::JoinSet;
use tonic::Status;
use tonic::Streaming;

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

/// Until the emulator has seen all callers of a batch go, in the batch in the middle: what else the
/// machine does may slow some.
const MAX_DELAY: Duration = Duration::from_millis(100);
/// Two KiB for each call that is measured.
const MAX_GROWTH_KIB: u64 = 8 * 1024;
const DESCRIPTORS: usize = 2;

/// At which point the caller goes away.
#[derive(Clone, Copy, Debug)]
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

    let (mut delays, mut slowest) = (Vec::new(), Vec::new());
    let mut warm = 0;
    for batch in 1..=CANCELS / BATCH {
        let of_batch = cancel_a_batch(&upstream, &clients).await;
        slowest.extend(of_batch.iter().max().copied());
        delays.extend(of_batch);
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

    let delay = percentile(slowest, 50);
    println!(
        "cancels: {} calls, upstream saw them within {:?} (p50), {:?} (p99), all of a batch within \
         {delay:?}; memory {:.1} MiB after {WARM}, {:.1} MiB after all; descriptors {descriptors} \
         before, {} after",
        delays.len(),
        percentile(delays.clone(), 50),
        percentile(delays.clone(), 99),
        mib(warm),
        mib(memory),
        resources.descriptors().unwrap(),
    );
    assert_eq!(delays.len(), CANCELS);
    assert!(delay <= MAX_DELAY, "a batch of cancels took {delay:?}");
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
        // What was cancelled just now may hold its permit a moment longer.
        until("a call is answered", async || {
            let answer = client::invoke(client.clone(), prompt("ordinary", "Hi")).await;
            answer.is_ok()
        })
        .await;
    }
}

/// As many calls as may run do run, and one more is refused.
async fn all_permits_are_free(clients: &[Client]) {
    until("all permits are free", async || {
        let mut calls = JoinSet::new();
        for client in clients.iter().cycle().take(PERMITS) {
            calls.spawn(call(Stage::StreamAfterContent, client.clone()));
        }
        let streams = calls.join_all().await;
        if streams.iter().any(|(_stage, stream)| stream.is_err()) {
            return false;
        }
        let refused = client::invoke(clients[0].clone(), prompt("ordinary", "Hi")).await;
        assert_eq!(
            client::outcome(&refused.map(drop)),
            "Unavailable OVERLOADED",
            "beside {} streams",
            streams.len()
        );
        true
    })
    .await;
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
        match calls.join_next().await.unwrap().unwrap() {
            (Stage::StreamAfterContent, Ok(stream)) => streams.push(stream),
            ended => panic!("a call ended: {ended:?}"),
        }
    }
    until("all calls are under way", async || {
        if let Some(ended) = calls.try_join_next() {
            panic!("a call ended: {ended:?}");
        }
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

/// What holds a call open that has committed; nothing holds a call that was answered.
type Held = Option<Streaming<InvokeStreamResponse>>;

/// A call that should not end by itself. Returns when it has committed, or has ended all the same.
async fn call(stage: Stage, client: Client) -> (Stage, Result<Held, Status>) {
    let held = match stage {
        Stage::Unary => client::invoke(client, prompt("silent", "Hi"))
            .await
            .map(|_answer| None),
        Stage::StreamWithoutHeaders => first_text(client, "silent").await,
        Stage::StreamBeforeContent => first_text(client, "begun").await,
        Stage::StreamAfterContent => first_text(client, "speaking").await,
    };
    (stage, held)
}

async fn first_text(mut client: Client, model: &str) -> Result<Held, Status> {
    let stream = client.invoke_stream(stream_prompt(model, "Hi")).await;
    let mut stream = stream?.into_inner();
    client::first_text(&mut stream).await?;
    Ok(Some(stream))
}
