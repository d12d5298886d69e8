//! How many repeated calls a target may get, so that retries never multiply the load of a model
//! that is in trouble. Pure: time is an argument.

use tokio::time::Instant;

use crate::routing::window;
use crate::routing::window::Window;
use crate::settings::RetryBudgetSettings;

/// The repeated calls of one target in the last ten seconds, beside all its calls.
#[derive(Debug)]
pub(super) struct RetryBudget {
    calls: Window,
}

impl RetryBudget {
    /// One that nothing was drawn from.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            calls: Window::new(now),
        }
    }

    /// A call that repeats none: it pays for a part of a repeated one.
    pub(super) fn deposit(&mut self, now: Instant) {
        self.calls.add(now);
    }

    /// Draws one repeated call; `false` if the budget is exhausted.
    pub(super) fn withdraw(&mut self, settings: &RetryBudgetSettings, now: Instant) -> bool {
        let (all, repeated) = self.calls.sums(now);
        let first = u64::from(all - repeated);
        let earned = first * u64::from(settings.percent) / 100;
        let free = u64::from(settings.min_per_second) * u64::from(window::SECONDS);
        let allowed = u64::from(repeated) < earned + free;
        if allowed {
            self.calls.add_special(now);
        }
        allowed
    }
}

#[cfg(test)]
#[path = "retry_budget_tests.rs"]
mod tests;
