//! Time from the start of a process to SERVING, and its memory then.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::grpc::connect;
use crate::process::resident_kib;

const POLL: Duration = Duration::from_micros(500);
const LIMIT: Duration = Duration::from_secs(10);
/// For memory used only while starting to be given back.
const SETTLE: Duration = Duration::from_millis(500);

/// Starts `command` `runs` times, one after the other, and prints one line of JSON.
///
/// # Errors
/// The command does not start, or does not serve within ten seconds.
pub(crate) async fn run(runs: usize, command: Vec<String>) -> anyhow::Result<()> {
    let mut listening_ms = Vec::new();
    let mut serving_ms = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..runs {
        let start = timeout(LIMIT, start_once(&command))
            .await
            .context("not serving within ten seconds")??;
        listening_ms.push(start.listening.as_secs_f64() * 1e3);
        serving_ms.push(start.serving.as_secs_f64() * 1e3);
        resident.push(start.resident_kib);
    }
    println!(
        "{}",
        json!({"listening_ms": listening_ms, "serving_ms": serving_ms, "resident_kib": resident})
    );
    Ok(())
}

struct Start {
    listening: Duration,
    serving: Duration,
    resident_kib: u64,
}

async fn start_once(command: &[String]) -> anyhow::Result<Start> {
    let (program, arguments) = command.split_first().context("no command")?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("failed to start {program}"))?;
    let mut lines = BufReader::new(child.stdout.take().context("no standard output")?).lines();
    let address: SocketAddr = loop {
        let line = lines.next_line().await?.context("it ended")?;
        if let Some((_, address)) = line.split_once("listening on ") {
            break address.trim().parse()?;
        }
    };
    let listening = started.elapsed();
    while !is_serving(address).await {
        sleep(POLL).await;
    }
    let serving = started.elapsed();
    sleep(SETTLE).await;
    let pid = i32::try_from(child.id().context("it ended")?)?;
    let resident_kib = resident_kib(pid)?;
    child.kill().await?;
    Ok(Start {
        listening,
        serving,
        resident_kib,
    })
}

async fn is_serving(address: SocketAddr) -> bool {
    let Ok(channel) = connect(address).await else {
        return false;
    };
    let request = HealthCheckRequest::default();
    match HealthClient::new(channel).check(request).await {
        Ok(response) => response.get_ref().status() == ServingStatus::Serving,
        Err(_) => false,
    }
}
