//! When a wait ends, and which limit ends it.

use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout_at;

use crate::provider::ErrorKind;
use crate::provider::ProviderError;

/// The end of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) at: Instant,
    pub(super) limit: Limit,
}

/// What sets the end of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    /// What one attempt may take.
    Attempt(Duration),
    /// The wait for the first content of a stream.
    FirstEvent(Duration),
    /// Silence between two events of a stream.
    Idle(Duration),
    /// The part of the time left that leaves the rest to another model.
    Share(Duration),
    /// The caller's deadline.
    Deadline,
}

/// Of the time left, while another model could still be called.
const SHARE: f64 = 0.6;

impl Bound {
    /// A limit that is counted from a moment.
    pub(super) fn after(start: Instant, limit: Limit) -> Self {
        let at = match limit {
            Limit::Attempt(time)
            | Limit::FirstEvent(time)
            | Limit::Idle(time)
            | Limit::Share(time) => start + time,
            Limit::Deadline => start,
        };
        Self { at, limit }
    }

    /// The caller's deadline.
    pub(super) fn deadline(at: Instant) -> Self {
        let limit = Limit::Deadline;
        Self { at, limit }
    }

    /// What an attempt that begins now may take of the time left, so that another model can still be
    /// called after it. `None` if it could not: then this attempt may take all.
    pub(super) fn share(time_left: Duration, least: Duration) -> Option<Self> {
        let share = time_left.mul_f64(SHARE);
        let leaves_enough = time_left.saturating_sub(share) >= least;
        leaves_enough.then(|| Self::after(Instant::now(), Limit::Share(share)))
    }

    /// The earlier one.
    #[must_use]
    pub(super) fn or_before(self, other: Option<Self>) -> Self {
        match other {
            Some(other) if other.at < self.at => other,
            _ => self,
        }
    }

    /// Waits for no longer. `what` the model failed to do: "did not answer".
    pub(super) async fn wait<T>(
        self,
        what: &'static str,
        work: impl Future<Output = T>,
    ) -> Result<T, ProviderError> {
        let done = timeout_at(self.at, work).await;
        done.map_err(|_elapsed| self.error(what))
    }

    /// The failure of an attempt that came to this end.
    pub(super) fn error(self, what: &'static str) -> ProviderError {
        let (message, cut_short) = match self.limit {
            Limit::Attempt(time) => (within(what, time, "the limit on an attempt"), false),
            Limit::FirstEvent(time) => (within(what, time, "the limit on the first event"), false),
            Limit::Idle(time) => {
                let limit = within("sent nothing", time, "the limit on silence");
                (limit, false)
            }
            Limit::Share(time) => {
                let share = "the deadline's share of this attempt";
                (within(what, time, share), true)
            }
            Limit::Deadline => (format!("the model {what} before the deadline"), true),
        };
        ProviderError {
            cut_short,
            ..ProviderError::new(ErrorKind::AttemptTimeout, message)
        }
    }
}

fn within(what: &str, time: Duration, limit: &str) -> String {
    format!("the model {what} within {} ms, {limit}", time.as_millis())
}

#[cfg(test)]
#[path = "bound_tests.rs"]
mod tests;
