//! Replicas that are restarted one after the other.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::client::stream_prompt;
use bedrock_gateway_process_tests::load::Load;
use bedrock_gateway_process_tests::load::Report;
use bedrock_gateway_process_tests::replicas::Failure;
use bedrock_gateway_process_tests::replicas::Replicas;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tonic::Status;

use crate::support::Upstream;

const RESTARTS: usize = 20;
const STREAMS: usize = 200;
const UNARY_PER_SECOND: u32 = 200;
const SETTINGS: &[(&str, &str)] = &[
    ("server.drain_delay", "200ms"),
    ("server.drain_timeout", "30s"),
];

#[tokio::test]
async fn no_call_fails_while_two_replicas_are_restarted_twenty_times() {
    let paced = json!({
        "reply": {"text": "one two three four five six seven eight nine ten eleven twelve"},
        "delay": {"headersMs": 10, "betweenEventsMs": 50},
    });
    let upstream = Upstream::start(&[("paced", paced)]).await;
    let mut gateways = [
        upstream.gateway(SETTINGS).await,
        upstream.gateway(SETTINGS).await,
    ];
    let replicas = Arc::new(Replicas::at(
        &gateways.each_ref().map(|gateway| gateway.address()),
    ));
    let unary = unary_load(&replicas);
    let streams = Streams::start(&replicas);

    let mut slowest = Duration::ZERO;
    for restart in 0..RESTARTS {
        let number = restart % 2;
        replicas.all_serve().await;
        let next = upstream.gateway(SETTINGS).await;
        let address = next.address();
        let old = std::mem::replace(&mut gateways[number], next);
        let stopped = Instant::now();
        old.terminate().await.unwrap();
        slowest = slowest.max(stopped.elapsed());
        replicas.moved(number, address);
    }
    let unary = unary.finish().await.unwrap();
    let streams = streams.finish().await;

    let (retries, never_begun) = replicas.repeated();
    println!(
        "rolling restart: {RESTARTS} restarts, slowest stop {slowest:.2?}; {STREAMS} streams at a \
         time: {streams}; unary: {unary}; repeated: {retries} UNAVAILABLE, {never_begun} never begun"
    );
    assert_eq!(unary.failed() + streams.failed(), 0);
    assert!(
        streams.calls() >= RESTARTS * STREAMS / 4,
        "streams ran all the time"
    );
}

fn unary_load(replicas: &Arc<Replicas>) -> Load {
    let replicas = Arc::clone(replicas);
    Load::start(UNARY_PER_SECOND, move || {
        let replicas = Arc::clone(&replicas);
        async move {
            let call = |client| async {
                let answer = client::invoke(client, prompt("paced", "Hi")).await;
                answer.map_err(|status| Failure {
                    status,
                    was_answered: false,
                })
            };
            replicas.call(call).await.map(drop)
        }
    })
}

/// Streams one after the other, so many at a time.
struct Streams {
    tasks: JoinSet<Report>,
    ending: Arc<AtomicBool>,
}

impl Streams {
    fn start(replicas: &Arc<Replicas>) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..STREAMS {
            let (replicas, ending) = (Arc::clone(replicas), Arc::clone(&ending));
            tasks.spawn(async move {
                let mut report = Report::default();
                while !ending.load(Ordering::Relaxed) {
                    let started = Instant::now();
                    let result = stream(&replicas).await;
                    report.add(&result, started.elapsed());
                }
                report
            });
        }
        Self { tasks, ending }
    }

    async fn finish(self) -> Report {
        self.ending.store(true, Ordering::Relaxed);
        let mut all = Report::default();
        for report in self.tasks.join_all().await {
            all.append(report);
        }
        all
    }
}

async fn stream(replicas: &Replicas) -> Result<(), Status> {
    let call = |mut client: client::Client| async move {
        let stream = client.invoke_stream(stream_prompt("paced", "Hi")).await;
        let stream = stream.map_err(|status| Failure {
            status,
            was_answered: false,
        })?;
        let text = client::read(stream.into_inner()).await;
        text.map_err(|status| Failure {
            status,
            was_answered: true,
        })
    };
    replicas.call(call).await.map(drop)
}
