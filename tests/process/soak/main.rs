//! The gateway under mixed faults for a while: what it answered, and what it did not give back.
//!
//! Prints a line every half minute and a verdict at the end. Exits with 1 if a limit is broken.

mod disturbance;
mod memory;
mod traffic;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use bedrock_gateway_process_tests::emulator::Emulator;
use bedrock_gateway_process_tests::gateway::Gateway;
use bedrock_gateway_process_tests::gateway::Options;
use bedrock_gateway_process_tests::gateway::registry;
use bedrock_gateway_process_tests::resources::Resources;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;
use tokio::time::sleep;

use crate::disturbance::Disturbance;
use crate::disturbance::MODELS;
use crate::memory::Growth;
use crate::memory::Memory;
use crate::traffic::Traffic;

const MINUTES: u64 = 20;
/// Between two lines.
const LINE: Duration = Duration::from_secs(30);

/// Hangs and stalled readers end while others begin, and connections grow old.
const SETTINGS: &[(&str, &str)] = &[
    ("routing.attempt_timeout", "3s"),
    ("server.stalled_stream_timeout", "3s"),
    ("server.max_connection_age", "1m"),
];

/// How long connections that are no longer needed may be kept.
const PATIENCE: Duration = Duration::from_secs(60);
/// Descriptors that may be more than at the start.
const SPARE_DESCRIPTORS: usize = 2;
/// Threads that may be more than at the start.
const SPARE_THREADS: usize = 4;
/// By how much memory may grow in five minutes.
const MAX_GROWTH_KIB: f64 = 1024.0;

fn main() -> anyhow::Result<ExitCode> {
    let minutes = match std::env::args().nth(1) {
        Some(text) => text.parse().context("expected a number of minutes")?,
        None => MINUTES,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let problems = runtime.block_on(soak(Duration::from_secs(60 * minutes)))?;
    for problem in &problems {
        println!("broken: {problem}");
    }
    println!("{} limits broken", problems.len());
    Ok(ExitCode::from(u8::from(!problems.is_empty())))
}

/// Runs for so long, and returns which limits were broken.
async fn soak(time: Duration) -> anyhow::Result<Vec<String>> {
    let registry = registry(MODELS)?;
    let emulator = Emulator::start(registry.path()).await?;
    let options = Options {
        emulator: &emulator,
        registry: &registry,
        settings: SETTINGS,
    };
    let gateway = Gateway::start(&options).await?;
    let resources = gateway.process().resources();
    let descriptors = resources.descriptors()?;
    // Those that read files come when a file is read.
    let threads = resources.threads()? + SPARE_THREADS;
    println!("start: {}", told(resources)?);

    let started = Instant::now();
    let mut disturbance = Disturbance::new(&emulator, &gateway, registry.path()).await?;
    let mut traffic = Traffic::start(gateway.address()).await?;
    let mut memory = Memory::default();
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut next_line = started + LINE;
    while started.elapsed() < time {
        seconds.tick().await;
        memory.note(started.elapsed(), resources.memory_kib()?);
        disturbance.step().await?;
        if Instant::now() >= next_line {
            next_line += LINE;
            let minutes = started.elapsed().as_secs_f64() / 60.0;
            println!(
                "{minutes:4.1} min: {}; {}",
                told(resources)?,
                traffic.since_the_last_time()
            );
        }
    }
    disturbance.end().await?;
    let calls = traffic.finish().await?;
    println!("all calls: {calls}");
    rest(resources, descriptors + SPARE_DESCRIPTORS).await?;
    println!("at rest: {}", told(resources)?);

    let mut problems = calls.problems();
    let (open, running) = (resources.descriptors()?, resources.threads()?);
    if open > descriptors + SPARE_DESCRIPTORS {
        problems.push(format!("{open} descriptors, {descriptors} at the start"));
    }
    if running > threads {
        problems.push(format!("{running} threads instead of {threads}"));
    }
    match memory.growth() {
        None => println!("memory: too short a time to judge"),
        Some(Growth { usually, at_most }) => {
            println!("memory: {usually:+.0} KiB in five minutes, {at_most:+.0} KiB at most");
            if usually > MAX_GROWTH_KIB {
                problems.push(format!("memory grew by {usually:.0} KiB in five minutes"));
            }
        }
    }
    gateway.terminate().await?;
    Ok(problems)
}

/// What the kernel knows.
fn told(resources: Resources) -> anyhow::Result<String> {
    Ok(format!(
        "memory {} KiB, {} descriptors, {} connections, {} threads",
        resources.memory_kib()?,
        resources.descriptors()?,
        resources.connections()?,
        resources.threads()?
    ))
}

/// Waits until what is no longer needed is closed, or for so long that it will never be.
async fn rest(resources: Resources, descriptors: usize) -> anyhow::Result<()> {
    let ended = Instant::now();
    while resources.descriptors()? > descriptors && ended.elapsed() < PATIENCE {
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
