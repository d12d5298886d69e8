//! Load at a fixed rate of arrivals, however long the calls take.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;
use tonic::Status;

use crate::client::outcome;

/// How the calls of a load ended: times by outcome.
#[derive(Clone, Debug, Default)]
pub struct Report {
    times: BTreeMap<String, Vec<Duration>>,
}

impl Report {
    /// Notes one call.
    pub fn add(&mut self, result: &Result<(), Status>, time: Duration) {
        self.times.entry(outcome(result)).or_default().push(time);
    }

    /// Adds another's calls.
    pub fn append(&mut self, other: Self) {
        for (outcome, times) in other.times {
            self.times.entry(outcome).or_default().extend(times);
        }
    }

    /// All calls.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.times.values().map(Vec::len).sum()
    }

    /// Calls that ended so: `Ok`, `Unavailable OVERLOADED`.
    #[must_use]
    pub fn count(&self, outcome: &str) -> usize {
        self.times.get(outcome).map_or(0, Vec::len)
    }

    /// How many calls ended how.
    pub fn counts(&self) -> impl Iterator<Item = (&str, usize)> {
        let times = self.times.iter();
        times.map(|(outcome, times)| (outcome.as_str(), times.len()))
    }

    /// Calls that did not end with OK.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.calls() - self.count("Ok")
    }

    /// The time within which so many percent of the calls ended that ended so.
    #[must_use]
    pub fn percentile(&self, outcome: &str, percent: usize) -> Duration {
        let times = self.times.get(outcome).cloned().unwrap_or_default();
        percentile(times, percent)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self
            .times
            .iter()
            .map(|(outcome, times)| format!("{} {outcome}", times.len()))
            .collect();
        formatter.write_str(&counts.join(", "))
    }
}

/// The time within which so many percent of them lie.
#[must_use]
pub fn percentile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    times.get(last * percent / 100).copied().unwrap_or_default()
}

/// A load that runs.
pub struct Load {
    report: Arc<Mutex<Report>>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Load {
    /// Starts a call `rate` times a second. A call's time counts from the moment at which it should
    /// have started, so that a load that comes too late does not look fast.
    pub fn start<F>(rate: u32, call: impl Fn() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<(), Status>> + Send + 'static,
    {
        let report = Arc::new(Mutex::new(Report::default()));
        let (stop, mut stopped) = oneshot::channel();
        let noted = Arc::clone(&report);
        let task = tokio::spawn(async move {
            let mut ticks = interval(Duration::from_secs(1) / rate);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let mut calls = JoinSet::new();
            loop {
                let due = tokio::select! {
                    due = ticks.tick() => due,
                    _ = &mut stopped => break,
                };
                calls.spawn(timed(due, call(), Arc::clone(&noted)));
                while calls.try_join_next().is_some() {}
            }
            calls.join_all().await;
        });
        Self { report, stop, task }
    }

    /// What ended so far.
    #[must_use]
    pub fn so_far(&self) -> Report {
        lock(&self.report).clone()
    }

    /// Takes what ended since the last time.
    #[must_use]
    pub fn take(&self) -> Report {
        std::mem::take(&mut *lock(&self.report))
    }

    /// Starts no more calls, waits for those under way, and returns what was not taken.
    ///
    /// # Errors
    /// A call panicked.
    pub async fn finish(self) -> anyhow::Result<Report> {
        // The task cannot have ended before.
        let _ = self.stop.send(());
        self.task.await?;
        Ok(lock(&self.report).clone())
    }
}

async fn timed(
    due: Instant,
    call: impl Future<Output = Result<(), Status>>,
    report: Arc<Mutex<Report>>,
) {
    let result = call.await;
    lock(&report).add(&result, due.elapsed());
}

fn lock(report: &Mutex<Report>) -> std::sync::MutexGuard<'_, Report> {
    report.lock().unwrap_or_else(PoisonError::into_inner)
}
