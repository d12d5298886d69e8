//! More calls than the gateway may have at one time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::load::Load;
use bedrock_gateway_process_tests::load::percentile;
use serde_json::json;
use tokio::time::Instant;
use tokio::time::sleep;
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::Upstream;

/// Calls of a tenth of a second, forty at a time: 400 a second.
const CALL_MS: u64 = 100;
const CALLS_AT_A_TIME: &str = "40";
const CAPACITY: u32 = 400;
const OVERLOAD: u32 = 5 * CAPACITY;
const CONNECTIONS: usize = 8;
const HEALTH_CHECKS_PER_SECOND: u32 = 100;

const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(2);

const MIN_GOODPUT: f64 = 0.9;
const MAX_REFUSAL_TIME: Duration = Duration::from_millis(5);

#[tokio::test]
async fn five_times_the_capacity_costs_no_goodput_and_refusals_are_quick() {
    let slow = json!({"delay": {"headersMs": CALL_MS}});
    let upstream = Upstream::start(&[("slow", slow)]).await;
    let settings = [
        ("server.max_concurrent_calls", CALLS_AT_A_TIME),
        (
            "server.max_concurrent_calls_per_connection",
            CALLS_AT_A_TIME,
        ),
    ];
    let gateway = upstream.gateway(&settings).await;
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::new(connect(gateway.address()).await.unwrap()));
    }

    // A gateway with nothing to do: what any round trip takes on this machine while it is so busy.
    let other = upstream.gateway(&settings).await;

    let (mut peaks, mut goodputs) = (Vec::new(), Vec::new());
    let (mut refusals, mut round_trips) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        peaks.push(round(&clients, CAPACITY).await.goodput);
        let others = health_checks(other.address()).await;
        let overload = round(&clients, OVERLOAD).await;
        goodputs.push(overload.goodput);
        refusals.push(percentile(overload.refusals, 99));
        round_trips.push(others.finish().await.unwrap().percentile("Ok", 99));
    }

    let (peak, goodput) = (middle(peaks), middle(goodputs));
    let (refusal, round_trip) = (percentile(refusals, 50), percentile(round_trips, 50));
    println!(
        "overload: goodput {peak:.0}/s of {CAPACITY}/s, {goodput:.0}/s of {OVERLOAD}/s; \
         refusals p99 {refusal:.2?}, elsewhere a health check {round_trip:.2?}"
    );
    assert!(goodput >= peak * MIN_GOODPUT, "{goodput}/s after {peak}/s");
    assert!(
        refusal <= MAX_REFUSAL_TIME.max(2 * round_trip),
        "refusals took {refusal:?}, a health check {round_trip:?}"
    );
    gateway.terminate().await.unwrap();
}

/// What one rate of arrivals came to.
struct Round {
    /// Calls answered per second.
    goodput: f64,
    /// How long each refused call took, from when it was sent.
    refusals: Vec<Duration>,
}

async fn round(clients: &[Client], rate: u32) -> Round {
    let clients = clients.to_vec();
    let refusals = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&refusals);
    let turn = AtomicUsize::new(0);
    let load = Load::start(rate, move || {
        let client = clients[turn.fetch_add(1, Ordering::Relaxed) % clients.len()].clone();
        let refusals = Arc::clone(&refusals);
        async move {
            let sent = Instant::now();
            let result = client::invoke(client, prompt("slow", "Hi")).await;
            if let Err(status) = &result {
                assert_refused(status);
                refusals.lock().unwrap().push(sent.elapsed());
            }
            result.map(drop)
        }
    });
    // So that the calls are as many as they will be.
    sleep(Duration::from_millis(2 * CALL_MS)).await;
    drop(load.take());
    let started = Instant::now();
    sleep(ROUND).await;
    let answered = load.take().count("Ok");
    let seconds = started.elapsed().as_secs_f64();
    drop(load.finish().await.unwrap());
    Round {
        goodput: f64::from(u32::try_from(answered).unwrap()) / seconds,
        refusals: std::mem::take(&mut *noted.lock().unwrap()),
    }
}

/// Health checks now and then.
async fn health_checks(address: SocketAddr) -> Load {
    let client = HealthClient::new(connect(address).await.unwrap());
    Load::start(HEALTH_CHECKS_PER_SECOND, move || {
        let mut client = client.clone();
        async move { client.check(HealthCheckRequest::default()).await.map(drop) }
    })
}

/// Refused for the one reason, and told whether and when to come back.
fn assert_refused(status: &Status) {
    let outcome = client::outcome(&Err(status.clone()));
    assert_eq!(outcome, "Unavailable OVERLOADED", "{status}");
    assert!(
        status.metadata().contains_key("grpc-retry-pushback-ms"),
        "{status}"
    );
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
