//! What is known of one target's health from its calls: whether it may be called now, and if not,
//! why and until when. Pure: time and chance are arguments.

use std::time::Duration;

use tokio::time::Instant;

use crate::provider::CircuitEffect;
use crate::provider::ProviderError;
use crate::provider::Suspension;
use crate::routing::breaker::Breaker;
use crate::routing::breaker::Pass;
use crate::routing::cooldown::Cooldown;
use crate::settings::CircuitSettings;

/// Between two calls that are made although the target is suspended.
const FORCED_CALL_INTERVAL: Duration = Duration::from_secs(1);

/// The state machine of one target.
#[derive(Debug)]
pub(super) struct Circuit {
    breaker: Breaker,
    cooldown: Cooldown,
    forced: Option<Instant>,
}

/// What a target is like now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is called.
    Closed,
    /// It is called one at a time, to find out whether it is back.
    HalfOpen,
    /// It failed too often.
    Open,
    /// It rests, because of what Bedrock said.
    Suspended(&'static Suspension),
}

/// A call is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Why, as a clause that stands alone.
    pub(super) why: &'static str,
    /// When it is worth asking again.
    pub(super) until: Instant,
    /// Whether it is gone for good, as far as is known.
    pub(super) is_retired: bool,
}

/// What a call began under. Each call gives back its own, by one outcome or as cancelled.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pass: Pass,
    cooldown_era: u32,
    /// Whether the call was a probe that has succeeded already.
    is_settled: bool,
}

impl State {
    /// Whether calls go through, if only some.
    pub(super) fn admits_calls(self) -> bool {
        match self {
            Self::Closed | Self::HalfOpen => true,
            Self::Open | Self::Suspended(_) => false,
        }
    }
}

impl Circuit {
    /// One that nothing is known of.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            breaker: Breaker::new(now),
            cooldown: Cooldown::default(),
            forced: None,
        }
    }

    /// What the target is like.
    pub(super) fn state(&self, now: Instant) -> State {
        if let Some((cause, _)) = self.cooldown.now(now) {
            State::Suspended(cause)
        } else if self.breaker.is_closed() {
            State::Closed
        } else if self.breaker.open_until(now).is_some() {
            State::Open
        } else {
            State::HalfOpen
        }
    }

    /// Whether it failed so often that it is probed by single calls, or not called.
    pub(super) fn is_open(&self) -> bool {
        !self.breaker.is_closed()
    }

    /// When time alone changes the state next.
    pub(super) fn next_change(&self, now: Instant) -> Option<Instant> {
        let rest = self.cooldown.now(now).map(|(_, until)| until);
        rest.or_else(|| self.breaker.open_until(now))
    }

    /// Why a call would be turned away now; `None` if it would go through.
    pub(super) fn refusal(&self, now: Instant) -> Option<Refusal> {
        let open = self.breaker.refusal(now);
        match self.cooldown.now(now) {
            Some((cause, until)) => Some(Refusal {
                why: cause.why,
                until: open.map_or(until, |open| open.max(until)),
                is_retired: cause.retires,
            }),
            None => open.map(|until| Refusal {
                why: "it failed too often",
                until,
                is_retired: false,
            }),
        }
    }

    /// A call begins.
    ///
    /// # Errors
    /// [`Refusal`] if the target is not to be called now.
    pub(super) fn begin(&mut self, now: Instant) -> Result<Ticket, Refusal> {
        match self.refusal(now) {
            Some(refusal) => Err(refusal),
            None => Ok(self.ticket(now)),
        }
    }

    /// A call begins although the target is suspended, because there is no other. `None` if one
    /// did within the last second; but what passes soon may have passed at any moment.
    pub(super) fn begin_anyway(&mut self, now: Instant) -> Option<Ticket> {
        let passes_soon = self.breaker.is_closed()
            && self
                .cooldown
                .now(now)
                .is_none_or(|(cause, _)| cause.passes_soon);
        if !passes_soon {
            let last = self.forced;
            if last.is_some_and(|last| now < last + FORCED_CALL_INTERVAL) {
                return None;
            }
            self.forced = Some(now);
        }
        Some(self.ticket(now))
    }

    /// A call begins that repeats one of the same request.
    pub(super) fn begin_again(&self) -> Ticket {
        Ticket {
            pass: self.breaker.repeat(),
            cooldown_era: self.cooldown.era(),
            is_settled: false,
        }
    }

    /// The answer of a call began to reach the caller. A probe succeeds by that, because a stream
    /// may live for minutes.
    pub(super) fn commit(&mut self, ticket: &mut Ticket, now: Instant) {
        if ticket.pass.is_probe() {
            self.breaker.succeed(&mut ticket.pass, now);
            ticket.is_settled = true;
        }
    }

    /// A call succeeded.
    pub(super) fn succeed(&mut self, mut ticket: Ticket, now: Instant) {
        if !ticket.is_settled {
            self.breaker.succeed(&mut ticket.pass, now);
        }
        self.cooldown.succeed(ticket.cooldown_era, now);
    }

    /// A call failed. `chance` is uniform in [0, 1).
    pub(super) fn fail(
        &mut self,
        mut ticket: Ticket,
        error: &ProviderError,
        settings: &CircuitSettings,
        now: Instant,
        chance: f64,
    ) {
        self.breaker.free(&mut ticket.pass);
        match error.kind.consequence().circuit {
            CircuitEffect::Nothing => {}
            CircuitEffect::Counts => {
                self.breaker.fail(&mut ticket.pass, settings, now, chance);
            }
            CircuitEffect::Suspends(cause) => {
                let asked = error.retry_after;
                self.cooldown
                    .suspend(cause, asked, ticket.cooldown_era, now);
            }
        }
    }

    /// A call ended without an outcome.
    pub(super) fn cancel(&mut self, mut ticket: Ticket) {
        self.breaker.free(&mut ticket.pass);
    }

    fn ticket(&mut self, now: Instant) -> Ticket {
        Ticket {
            pass: self.breaker.pass(now),
            cooldown_era: self.cooldown.era(),
            is_settled: false,
        }
    }
}

#[cfg(test)]
#[path = "circuit_tests.rs"]
mod tests;
