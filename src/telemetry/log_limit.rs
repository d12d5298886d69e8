//! Keeps a condition that lasts from filling the log.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

/// Lets one line through per interval.
#[derive(Debug)]
pub struct LogLimit {
    start: Instant,
    interval_ms: u64,
    next_ms: AtomicU64,
}

impl LogLimit {
    /// One line per `interval`; the first at once.
    pub fn one_per(interval: Duration) -> Self {
        Self {
            start: Instant::now(),
            interval_ms: milliseconds(interval),
            next_ms: AtomicU64::new(0),
        }
    }

    /// Whether a line may be logged now.
    pub fn allows(&self, now: Instant) -> bool {
        let now_ms = milliseconds(now.saturating_duration_since(self.start));
        let next_ms = self.next_ms.load(Ordering::Relaxed);
        let then_ms = now_ms.saturating_add(self.interval_ms);
        let (done, failed) = (Ordering::Relaxed, Ordering::Relaxed);
        now_ms >= next_ms
            && self
                .next_ms
                .compare_exchange(next_ms, then_ms, done, failed)
                .is_ok()
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_line_per_interval_is_let_through() {
        let limit = LogLimit::one_per(Duration::from_secs(5));
        let start = Instant::now();

        let after = |seconds| limit.allows(start + Duration::from_secs(seconds));
        let allowed = [0, 1, 4, 5, 6, 9, 10, 30].map(after);

        assert_eq!(
            allowed,
            [true, false, false, true, false, false, true, true]
        );
    }
}
