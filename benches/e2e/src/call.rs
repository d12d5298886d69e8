//! One call and what is counted while it runs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::ensure;
use tokio::time::Instant;

use crate::content::DELTAS;

/// Something that can make one call after another.
pub(crate) trait Call: Send + 'static {
    /// Makes one call to its end and counts it.
    ///
    /// # Errors
    /// Any failure or incomplete answer; a measurement with one is worthless.
    fn call(&mut self, tally: &Tally) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Counters of one worker. Calls and events always count; times only while recording.
#[derive(Default)]
pub(crate) struct Tally {
    recording: AtomicBool,
    calls: AtomicU64,
    events: AtomicU64,
    call_times: Mutex<Vec<Duration>>,
    first_event_times: Mutex<Vec<Duration>>,
}

impl Tally {
    pub(crate) fn set_recording(&self, recording: bool) {
        self.recording.store(recording, Ordering::Relaxed);
    }

    pub(crate) fn is_recording(&self) -> bool {
        self.recording.load(Ordering::Relaxed)
    }

    /// Calls ended and text deltas received so far.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (
            self.calls.load(Ordering::Relaxed),
            self.events.load(Ordering::Relaxed),
        )
    }

    /// Takes the recorded times of whole calls and of first text deltas.
    pub(crate) fn take_times(&self) -> (Vec<Duration>, Vec<Duration>) {
        (take(&self.call_times), take(&self.first_event_times))
    }

    /// A call ended well.
    pub(crate) fn call_ended(&self, started: Instant) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.record(&self.call_times, started);
    }

    fn record(&self, times: &Mutex<Vec<Duration>>, started: Instant) {
        if self.is_recording()
            && let Ok(mut times) = times.lock()
        {
            times.push(started.elapsed());
        }
    }
}

/// Checks that a stream brought everything, and counts its deltas.
pub(crate) struct StreamProgress<'a> {
    tally: &'a Tally,
    started: Instant,
    deltas: usize,
    bytes: usize,
    expected_bytes: usize,
}

impl<'a> StreamProgress<'a> {
    pub(crate) fn new(tally: &'a Tally, started: Instant, expected_bytes: usize) -> Self {
        Self {
            tally,
            started,
            deltas: 0,
            bytes: 0,
            expected_bytes,
        }
    }

    /// A text delta arrived.
    pub(crate) fn delta(&mut self, text: &str) {
        if self.deltas == 0 {
            self.tally
                .record(&self.tally.first_event_times, self.started);
        }
        self.deltas += 1;
        self.bytes += text.len();
        self.tally.events.fetch_add(1, Ordering::Relaxed);
    }

    /// The stream ended with success.
    ///
    /// # Errors
    /// Deltas or bytes are missing or too many.
    pub(crate) fn end(self, complete: bool) -> anyhow::Result<()> {
        ensure!(complete, "the stream ended without usage");
        ensure!(
            self.deltas == DELTAS && self.bytes == self.expected_bytes,
            "the stream brought {} deltas and {} bytes",
            self.deltas,
            self.bytes
        );
        self.tally.call_ended(self.started);
        Ok(())
    }
}

fn take(times: &Mutex<Vec<Duration>>) -> Vec<Duration> {
    times
        .lock()
        .map(|mut times| std::mem::take(&mut *times))
        .unwrap_or_default()
}
