//! Hostile HTTP/2 clients while others make calls.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::thread::JoinHandle;

use bedrock_gateway_process_tests::attack;
use bedrock_gateway_process_tests::attack::Attack;
use bedrock_gateway_process_tests::attack::ENHANCE_YOUR_CALM;
use bedrock_gateway_process_tests::attack::Outcome;
use serde_json::json;
use tokio::task::spawn_blocking;

use crate::others::Harm;
use crate::others::Others;
use crate::support::Upstream;
use crate::support::mib;

/// Frames after which a patient server has been attacked long enough on one connection.
const FRAMES: u64 = 20_000;
/// Streams that a server may have to reset before it closes the connection.
const MAX_RESETS: u64 = 1_200;
const MAX_GROWTH_KIB: u64 = 32 * 1024;

const ROUNDS: usize = 3;
const MAX_HARM: f64 = 2.0;

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
async fn floods_of_pings_cost_the_attacker_the_connection_and_others_little() {
    let outcome = attack_under_load(Attack::Ping).await;

    assert!(outcome.sent < FRAMES, "{outcome:?}");
}

#[tokio::test]
async fn floods_of_settings_cost_the_attacker_the_connection_and_others_little() {
    let outcome = attack_under_load(Attack::Settings).await;

    assert!(outcome.sent < FRAMES, "{outcome:?}");
}

/// Compares the calls of others in turns without and with the attack, and returns what one attack
/// comes to.
async fn attack_under_load(attack: Attack) -> Outcome {
    let upstream = Upstream::start(&[("ordinary", json!({}))]).await;
    let gateway = upstream.gateway(&[]).await;
    let resources = gateway.process().resources();
    let others = Others::start(&upstream, &gateway).await;
    let memory = resources.memory_kib().unwrap();

    let outcome = attack::run(gateway.address(), attack, FRAMES)
        .await
        .unwrap();
    let mut rounds = Vec::new();
    let mut connections = 0;
    for _ in 0..ROUNDS {
        let quiet = others.round().await;
        let attacker = Attacker::start(gateway.address(), attack);
        rounds.push(Harm::between(quiet, others.round().await));
        connections += attacker.stop().await;
    }
    let failed = others.finish().await;
    let grown = resources.memory_kib().unwrap().saturating_sub(memory);

    let harm = Harm::median(rounds);
    println!(
        "{attack:?}: {} frames taken, {} resets, goaway {:?}; {connections} connections in {ROUNDS} \
         rounds; {harm}; memory +{:.1} MiB",
        outcome.sent,
        outcome.resets,
        outcome.goaway,
        mib(grown)
    );
    assert_eq!(failed, 0, "calls of others failed");
    assert!(connections > 0, "the attack went on");
    assert!(harm.times() <= MAX_HARM, "{harm}");
    assert!(grown <= MAX_GROWTH_KIB, "grew by {grown} KiB");
    gateway.terminate().await.unwrap();
    outcome
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
