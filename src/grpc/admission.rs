//! How many calls of models may run at one time: each holds a permit to the end of its answer.
//!
//! Beyond the limit a call is refused at once, before its body is read. Nothing is queued: what
//! waits behind a full gateway is most often done for a caller who has left.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use crate::settings::ServerSettings;
use crate::telemetry::Gauge;
use crate::telemetry::LogLimit;
use crate::telemetry::Metrics;

/// What a refused caller is asked to wait, in milliseconds. Random, so that those who were refused
/// together do not come back together.
const RETRY_DELAY_MS: RangeInclusive<u64> = 200..=1000;

const WARNING_INTERVAL: Duration = Duration::from_secs(10);

/// The limits of one gateway, shared by its workers.
pub struct Admission {
    metrics: Arc<Metrics>,
    limit: AtomicUsize,
    limit_per_connection: AtomicUsize,
    recent: Recent,
    warnings: LogLimit,
}

/// The calls of one connection.
pub(super) struct ConnectionCalls {
    admission: Arc<Admission>,
    in_flight: Gauge,
}

/// The right to run. Dropping it makes room for another call.
pub(super) struct Permit(Arc<ConnectionCalls>);

/// Too many calls are running.
#[derive(Debug)]
pub(super) struct Refused {
    /// How long to wait; `None` if the caller should not try again by itself, because most calls
    /// are refused.
    pub(super) retry_after: Option<Duration>,
}

impl Admission {
    /// The limits of the settings. Calls are counted in `metrics`.
    pub fn new(settings: &ServerSettings, metrics: Arc<Metrics>) -> Self {
        let admission = Self {
            metrics,
            limit: AtomicUsize::default(),
            limit_per_connection: AtomicUsize::default(),
            recent: Recent::from(Instant::now()),
            warnings: LogLimit::one_per(WARNING_INTERVAL),
        };
        admission.set_limits(settings);
        admission
    }

    /// From now on these limits hold. Calls that run already may stay.
    pub fn set_limits(&self, settings: &ServerSettings) {
        let limit = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let all = limit(settings.max_concurrent_calls.get());
        let of_connection = limit(settings.max_concurrent_calls_per_connection.get());
        self.limit.store(all, Ordering::Relaxed);
        self.limit_per_connection
            .store(of_connection, Ordering::Relaxed);
    }

    fn refuse(&self, now: Instant) -> Refused {
        self.metrics.calls_refused.add_one();
        self.recent.count(now, Outcome::Refused);
        if self.warnings.allows(now) {
            warn!(
                in_flight = self.metrics.calls_in_flight.value(),
                refused = self.metrics.calls_refused.value(),
                "overloaded: refusing calls"
            );
        }
        let delay = Duration::from_millis(fastrand::u64(RETRY_DELAY_MS));
        Refused {
            retry_after: (!self.recent.is_mostly_refused(now)).then_some(delay),
        }
    }
}

impl ConnectionCalls {
    /// A connection without calls.
    pub(super) fn new(admission: Arc<Admission>) -> Self {
        Self {
            admission,
            in_flight: Gauge::default(),
        }
    }

    /// Takes a permit for a call that arrived now.
    ///
    /// # Errors
    /// [`Refused`] if the gateway or the connection is at its limit.
    pub(super) fn admit(self: &Arc<Self>, now: Instant) -> Result<Permit, Refused> {
        let admission = &self.admission;
        let in_flight = &admission.metrics.calls_in_flight;
        let limit = admission.limit_per_connection.load(Ordering::Relaxed);
        if !self.in_flight.enter_below(limit) {
            return Err(admission.refuse(now));
        }
        if !in_flight.enter_below(admission.limit.load(Ordering::Relaxed)) {
            self.in_flight.leave();
            return Err(admission.refuse(now));
        }
        admission.recent.count(now, Outcome::Admitted);
        Ok(Permit(Arc::clone(self)))
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.in_flight.leave();
        self.0.admission.metrics.calls_in_flight.leave();
    }
}

/// Seconds that [`Recent`] looks back.
const WINDOW: usize = 10;

/// How the calls of the last seconds fared. Two workers that enter a new second at the same moment
/// may lose a call from it, which does not matter here.
struct Recent {
    start: Instant,
    /// One per second, used again when its time has passed.
    slots: [Slot; WINDOW],
}

#[derive(Default)]
struct Slot {
    second: AtomicUsize,
    admitted: AtomicU64,
    refused: AtomicU64,
}

#[derive(Clone, Copy)]
enum Outcome {
    Admitted,
    Refused,
}

impl Recent {
    fn from(start: Instant) -> Self {
        Self {
            start,
            slots: Default::default(),
        }
    }

    fn second(&self, now: Instant) -> usize {
        let seconds = now.saturating_duration_since(self.start).as_secs();
        usize::try_from(seconds).unwrap_or(usize::MAX)
    }

    fn count(&self, now: Instant, outcome: Outcome) {
        let second = self.second(now);
        let Some(slot) = self.slots.get(second % WINDOW) else {
            return;
        };
        if slot.second.load(Ordering::Relaxed) != second
            && slot.second.swap(second, Ordering::Relaxed) != second
        {
            slot.admitted.store(0, Ordering::Relaxed);
            slot.refused.store(0, Ordering::Relaxed);
        }
        let count = match outcome {
            Outcome::Admitted => &slot.admitted,
            Outcome::Refused => &slot.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether more than half of the calls were refused.
    fn is_mostly_refused(&self, now: Instant) -> bool {
        let now = self.second(now);
        let mut admitted = 0;
        let mut refused = 0;
        for slot in &self.slots {
            if now.saturating_sub(slot.second.load(Ordering::Relaxed)) < WINDOW {
                admitted += slot.admitted.load(Ordering::Relaxed);
                refused += slot.refused.load(Ordering::Relaxed);
            }
        }
        refused > admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_the_last_ten_seconds_say_whether_most_calls_are_refused() {
        let start = Instant::now();
        let recent = Recent::from(start);
        let at = |second| start + Duration::from_secs(second);
        recent.count(at(0), Outcome::Refused);
        recent.count(at(3), Outcome::Admitted);

        let half = recent.is_mostly_refused(at(3));
        recent.count(at(9), Outcome::Refused);
        let most = recent.is_mostly_refused(at(9));
        let half_again = recent.is_mostly_refused(at(10));
        let most_again = recent.is_mostly_refused(at(13));

        assert_eq!(
            [half, most, half_again, most_again],
            [false, true, false, true]
        );
    }
}
