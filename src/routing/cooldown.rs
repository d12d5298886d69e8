//! Times for which a model is passed over because of what Bedrock said about it. Pure: time is an
//! argument.

use std::time::Duration;

use tokio::time::Instant;

use crate::provider::Suspension;

/// The longest wait that is honoured, whatever the upstream asks for.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The suspensions of one target, one after the other.
#[derive(Debug, Default)]
pub(super) struct Cooldown {
    /// The last one, also when it is over: the next of its kind is longer.
    last: Option<Rest>,
    /// How many there were. What began before the last one says nothing about now.
    era: u32,
}

#[derive(Debug)]
struct Rest {
    cause: &'static Suspension,
    until: Instant,
    /// How many of this kind went before the next one in a row.
    in_a_row: usize,
}

impl Cooldown {
    /// What a call begins under.
    pub(super) fn era(&self) -> u32 {
        self.era
    }

    /// Why and until when the model is passed over.
    pub(super) fn now(&self, now: Instant) -> Option<(&'static Suspension, Instant)> {
        let rest = self.last.as_ref().filter(|rest| now < rest.until)?;
        Some((rest.cause, rest.until))
    }

    /// A call that began in this era failed and suspends the model.
    pub(super) fn suspend(
        &mut self,
        cause: &'static Suspension,
        retry_after: Option<Duration>,
        era: u32,
        now: Instant,
    ) {
        if era != self.era {
            return;
        }
        let asked = retry_after.unwrap_or_default().min(LONGEST);
        let mut in_a_row = 0;
        if let Some(last) = self.last.as_mut().filter(|last| last.cause == cause) {
            if now < last.until {
                // A call was made all the same: only what was asked for is news.
                last.until = last.until.max(now + asked);
                return;
            }
            in_a_row = last.in_a_row;
        }
        self.era = self.era.wrapping_add(1);
        self.last = Some(Rest {
            cause,
            until: now + cause.step(in_a_row).max(asked),
            in_a_row: in_a_row + 1,
        });
    }

    /// A call that began in this era succeeded: the next suspension is a first one again. One that
    /// passes soon runs to its end, because a rate that is nearly used up lets single calls through.
    pub(super) fn succeed(&mut self, era: u32, now: Instant) {
        if era != self.era {
            return;
        }
        match &mut self.last {
            Some(rest) if rest.cause.passes_soon && now < rest.until => rest.in_a_row = 0,
            last => *last = None,
        }
    }
}

#[cfg(test)]
#[path = "cooldown_tests.rs"]
mod tests;
