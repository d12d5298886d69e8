//! Hostile HTTP/2 clients while others make calls.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;

use bedrock_gateway_process_tests::attack;
use bedrock_gateway_process_tests::attack::Attack;
use bedrock_gateway_process_tests::attack::ENHANCE_YOUR_CALM;
use bedrock_gateway_process_tests::attack::Outcome;
use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::load::Load;
use serde_json::json;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::support::Upstream;
use crate::support::median_by_ratio;
use crate::support::mib;

/// Frames after which a patient server has been attacked long enough on one connection.
const FRAMES: u64 = 20_000;
/// Streams that a server may have to reset before it closes the connection.
const MAX_RESETS: u64 = 1_200;
const MAX_GROWTH_KIB: u64 = 32 * 1024;

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(1);
const CALLS_PER_SECOND: u32 = 200;

#[tokio::test]
async fn rapid_resets_cost_the_attacker_the_connection_and_others_little() {
    let outcome = attack_under_load(Attack::RapidReset).await;

    assert_eq!(outcome.goaway, Some(ENHANCE_YOUR_CALM), "{outcome:?}");
}

#[tokio::test]
async fn headers_without_end_cost_the_attacker_the_connection_and_others_little() {
    let outcome = attack_under_load(Attack::Continuation).await;

    assert_eq!(outcome.goaway, Some(ENHANCE_YOUR_CALM), "{outcome:?}");
}

#[tokio::test]
async fn malformed_streams_cost_the_attacker_the_connection_and_others_little() {
    let outcome = attack_under_load(Attack::Malformed).await;

    assert_eq!(outcome.goaway, Some(ENHANCE_YOUR_CALM), "{outcome:?}");
    assert!(outcome.resets <= MAX_RESETS, "{outcome:?}");
}

#[tokio::test]
async fn floods_of_pings_cost_others_little() {
    attack_under_load(Attack::Ping).await;
}

#[tokio::test]
async fn floods_of_settings_cost_others_little() {
    attack_under_load(Attack::Settings).await;
}

/// Compares the calls of others in turns without and with the attack, and returns what one attack
/// comes to.
async fn attack_under_load(attack: Attack) -> Outcome {
    let upstream = Upstream::start(&[("ordinary", json!({}))]).await;
    let gateway = upstream.gateway(&[]).await;
    let resources = gateway.process().resources();
    let load = load(gateway.address()).await;
    sleep(ROUND).await;
    let memory = resources.memory_kib().unwrap();

    let outcome = attack::run(gateway.address(), attack, FRAMES)
        .await
        .unwrap();
    let mut rounds = Vec::new();
    let mut connections = 0;
    for _ in 0..ROUNDS {
        drop(load.take());
        sleep(ROUND).await;
        let quiet = load.take().percentile("Ok", 99);
        let attacker = Attacker::start(gateway.address(), attack);
        sleep(ROUND).await;
        rounds.push((quiet, load.take().percentile("Ok", 99)));
        connections += attacker.stop().await;
    }
    let rest = load.finish().await.unwrap();
    let grown = resources.memory_kib().unwrap().saturating_sub(memory);

    let (quiet, attacked) = median_by_ratio(rounds);
    println!(
        "{attack:?}: {} frames taken, {} resets, goaway {:?}; {connections} connections in \
         {ROUNDS} rounds; p99 of others {quiet:.2?} quiet, {attacked:.2?} attacked; memory +{:.1} MiB",
        outcome.sent,
        outcome.resets,
        outcome.goaway,
        mib(grown)
    );
    assert_eq!(rest.failed(), 0, "{rest}");
    assert!(connections > 0, "the attack went on");
    assert!(attacked <= quiet * 2, "{attacked:?} instead of {quiet:?}");
    assert!(grown <= MAX_GROWTH_KIB, "grew by {grown} KiB");
    gateway.terminate().await.unwrap();
    outcome
}

/// Calls over two connections, one for each worker of two.
async fn load(address: SocketAddr) -> Load {
    let clients = [
        Client::new(connect(address).await.unwrap()),
        Client::new(connect(address).await.unwrap()),
    ];
    let turn = AtomicBool::new(false);
    Load::start(CALLS_PER_SECOND, move || {
        let client = clients[usize::from(turn.fetch_not(Ordering::Relaxed))].clone();
        async move {
            client::invoke(client, prompt("ordinary", "Hi"))
                .await
                .map(drop)
        }
    })
}

/// Attacks one connection after the other, on a thread of its own so that it does not slow down who
/// measures.
struct Attacker {
    ending: Arc<AtomicBool>,
    thread: JoinHandle<usize>,
}

impl Attacker {
    fn start(address: SocketAddr, attack: Attack) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ending);
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread();
            let runtime = { runtime }.enable_all().build().unwrap();
            runtime.block_on(async {
                let mut connections = 0;
                while !end.load(Ordering::Relaxed) {
                    attack::run(address, attack, FRAMES).await.unwrap();
                    connections += 1;
                }
                connections
            })
        });
        Self { ending, thread }
    }

    async fn stop(self) -> usize {
        self.ending.store(true, Ordering::Relaxed);
        let ended = spawn_blocking(|| self.thread.join().unwrap());
        ended.await.unwrap()
    }
}
