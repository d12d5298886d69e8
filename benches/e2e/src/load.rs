//! The measured window: workers in a closed loop, counters and CPU clocks read at both ends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::call::{Call, Tally};
use crate::content::Mode;
use crate::process::{Watched, cpu_time, machine_cpu_time, watched};

/// How a load runs.
#[derive(Args, Clone, Debug)]
pub(crate) struct Plan {
    #[arg(long)]
    pub(crate) mode: Mode,
    /// Calls under way at any time.
    #[arg(long)]
    pub(crate) concurrency: usize,
    /// Time before the window, in seconds.
    #[arg(long, value_parser = seconds, default_value = "1")]
    pub(crate) warmup: Duration,
    /// The window, in seconds.
    #[arg(long, value_parser = seconds, default_value = "4")]
    pub(crate) window: Duration,
    /// Seconds before the warm-up over which the workers start one by one. As long as one paced
    /// stream, it keeps such streams from starting, ticking and ending as one.
    #[arg(long, value_parser = seconds, default_value = "0")]
    pub(crate) spread: Duration,
    /// Processes whose CPU time is reported, as name=pid.
    #[arg(long, value_parser = watched)]
    pub(crate) watch: Vec<Watched>,
}

#[derive(Serialize)]
struct Report {
    seconds: f64,
    calls: u64,
    events: u64,
    /// By process; `client` is this one.
    cpu_seconds: BTreeMap<String, f64>,
    /// Everything on the machine, the processes above included.
    machine_cpu_seconds: f64,
    call_us: Option<Quantiles>,
    first_event_us: Option<Quantiles>,
}

#[derive(Serialize)]
struct Quantiles {
    samples: usize,
    p50: f64,
    p99: f64,
}

struct Snapshot {
    at: Instant,
    calls: u64,
    events: u64,
    cpu: BTreeMap<String, Duration>,
    machine: Duration,
}

/// Runs one caller per worker and prints what the window held as one line of JSON.
///
/// # Errors
/// The first call that fails ends the run.
pub(crate) async fn measure<C: Call>(plan: Plan, callers: Vec<C>) -> anyhow::Result<()> {
    let mut tallies = Vec::new();
    let mut workers = JoinSet::new();
    for (caller, delay) in callers.into_iter().zip(delays(&plan)) {
        let tally = Arc::new(Tally::default());
        tallies.push(Arc::clone(&tally));
        workers.spawn(call_forever(caller, tally, delay));
    }

    while_running(&mut workers, plan.spread + plan.warmup).await?;
    let before = snapshot(&plan, &tallies)?;
    tallies.iter().for_each(|tally| tally.set_recording(true));
    while_running(&mut workers, plan.window).await?;
    let after = snapshot(&plan, &tallies)?;
    tallies.iter().for_each(|tally| tally.set_recording(false));

    println!(
        "{}",
        serde_json::to_string(&report(before, after, &tallies))?
    );
    Ok(())
}

async fn call_forever<C: Call>(
    mut caller: C,
    tally: Arc<Tally>,
    delay: Duration,
) -> anyhow::Result<()> {
    sleep(delay).await;
    loop {
        caller.call(&tally).await?;
    }
}

async fn while_running(
    workers: &mut JoinSet<anyhow::Result<()>>,
    time: Duration,
) -> anyhow::Result<()> {
    tokio::select! {
        () = sleep(time) => Ok(()),
        ended = workers.join_next() => {
            ended.context("there are no workers")??.context("a call failed")?;
            bail!("a worker ended")
        }
    }
}

fn delays(plan: &Plan) -> impl Iterator<Item = Duration> {
    let step = plan
        .spread
        .checked_div(u32::try_from(plan.concurrency).unwrap_or(u32::MAX))
        .unwrap_or_default();
    (0..).map(move |worker| step * worker)
}

fn snapshot(plan: &Plan, tallies: &[Arc<Tally>]) -> anyhow::Result<Snapshot> {
    let mut cpu = BTreeMap::new();
    for process in &plan.watch {
        cpu.insert(process.name.clone(), cpu_time(process.pid)?);
    }
    let own = i32::try_from(std::process::id())?;
    cpu.insert("client".to_owned(), cpu_time(own)?);
    let (calls, events) = tallies
        .iter()
        .map(|tally| tally.counts())
        .fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    Ok(Snapshot {
        at: Instant::now(),
        calls,
        events,
        cpu,
        machine: machine_cpu_time()?,
    })
}

fn report(before: Snapshot, after: Snapshot, tallies: &[Arc<Tally>]) -> Report {
    let mut call_times = Vec::new();
    let mut first_event_times = Vec::new();
    for tally in tallies {
        let (calls, first_events) = tally.take_times();
        call_times.extend(calls);
        first_event_times.extend(first_events);
    }
    let cpu_seconds = after
        .cpu
        .into_iter()
        .map(|(name, time)| {
            let earlier = before.cpu.get(&name).copied().unwrap_or_default();
            (name, time.saturating_sub(earlier).as_secs_f64())
        })
        .collect();
    Report {
        seconds: (after.at - before.at).as_secs_f64(),
        calls: after.calls - before.calls,
        events: after.events - before.events,
        cpu_seconds,
        machine_cpu_seconds: after.machine.saturating_sub(before.machine).as_secs_f64(),
        call_us: quantiles(call_times),
        first_event_us: quantiles(first_event_times),
    }
}

fn quantiles(mut times: Vec<Duration>) -> Option<Quantiles> {
    times.sort_unstable();
    let samples = times.len();
    let last = samples.checked_sub(1)?;
    let at_percent = |percent: usize| {
        let time = times.get(last * percent / 100)?;
        Some(time.as_secs_f64() * 1e6)
    };
    Some(Quantiles {
        samples,
        p50: at_percent(50)?,
        p99: at_percent(99)?,
    })
}

fn seconds(text: &str) -> anyhow::Result<Duration> {
    Ok(Duration::try_from_secs_f64(text.parse()?)?)
}
