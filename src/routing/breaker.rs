//! When a model that keeps failing is left alone, and how it comes back. Pure: time and chance are
//! arguments.

use std::time::Duration;

use tokio::time::Instant;

use crate::routing::window::Window;
use crate::settings::CircuitSettings;

/// Failures among so many calls open the circuit, if they are half of them.
const MIN_CALLS: u32 = 20;
/// Successes that close it again.
const CLOSING_SUCCESSES: u32 = 2;
/// When to ask again while a probe is under way.
const PROBE_TIME: Duration = Duration::from_secs(1);

/// The circuit breaker of one target.
#[derive(Debug)]
pub(super) struct Breaker {
    position: Position,
    /// How often it opened since it was closed.
    openings: u32,
    /// How often it opened at all. What began before the last time says nothing about now.
    era: u32,
    /// Calls, and among them failures, while it is closed.
    recent: Window,
}

#[derive(Clone, Copy, Debug)]
enum Position {
    Closed { failures_in_a_row: u32 },
    Open { until: Instant },
    HalfOpen { is_probed: bool, successes: u32 },
}

/// What a call began under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    era: u32,
    /// Whether the call is the one that finds out whether the model is back.
    is_probe: bool,
}

impl Pass {
    /// Whether the call is a probe.
    pub(super) fn is_probe(self) -> bool {
        self.is_probe
    }

    /// Whether both calls began under the same.
    #[cfg(test)]
    pub(super) fn is_of_era(self, other: Self) -> bool {
        self.era == other.era
    }
}

impl Breaker {
    /// A closed one.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            position: Position::Closed {
                failures_in_a_row: 0,
            },
            openings: 0,
            era: 0,
            recent: Window::new(now),
        }
    }

    /// Whether calls go through as if nothing were.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.position, Position::Closed { .. })
    }

    /// Until when no call goes through, not even a probe.
    pub(super) fn open_until(&self, now: Instant) -> Option<Instant> {
        match self.position {
            Position::Open { until } if now < until => Some(until),
            Position::Open { .. } | Position::Closed { .. } | Position::HalfOpen { .. } => None,
        }
    }

    /// When a call that is turned away now should come back; `None` if it goes through.
    pub(super) fn refusal(&self, now: Instant) -> Option<Instant> {
        match self.position {
            Position::HalfOpen { is_probed, .. } => is_probed.then(|| now + PROBE_TIME),
            Position::Open { .. } | Position::Closed { .. } => self.open_until(now),
        }
    }

    /// A call begins, as a probe if one is due and nobody else does it.
    pub(super) fn pass(&mut self, now: Instant) -> Pass {
        self.half_open(now);
        let is_probe = match &mut self.position {
            Position::HalfOpen { is_probed, .. } => !std::mem::replace(is_probed, true),
            Position::Closed { .. } | Position::Open { .. } => false,
        };
        Pass {
            is_probe,
            ..self.repeat()
        }
    }

    /// A call begins that follows on another one of the same request.
    pub(super) fn repeat(&self) -> Pass {
        Pass {
            era: self.era,
            is_probe: false,
        }
    }

    /// A call succeeded.
    pub(super) fn succeed(&mut self, pass: &mut Pass, now: Instant) {
        self.free(pass);
        if pass.era != self.era {
            return;
        }
        self.half_open(now);
        let successes = match &mut self.position {
            Position::Closed { failures_in_a_row } => {
                *failures_in_a_row = 0;
                self.recent.add(now);
                return;
            }
            // A call that was made all the same knows more than the clock.
            Position::Open { .. } => 1,
            Position::HalfOpen { successes, .. } => *successes + 1,
        };
        self.position = if successes >= CLOSING_SUCCESSES {
            self.openings = 0;
            Position::Closed {
                failures_in_a_row: 0,
            }
        } else {
            Position::HalfOpen {
                is_probed: self.is_probed(),
                successes,
            }
        };
    }

    /// A call failed in a way that counts. `chance` is uniform in [0, 1).
    pub(super) fn fail(
        &mut self,
        pass: &mut Pass,
        settings: &CircuitSettings,
        now: Instant,
        chance: f64,
    ) {
        self.free(pass);
        if pass.era != self.era || settings.opens_after == 0 {
            return;
        }
        self.half_open(now);
        let opens = match &mut self.position {
            Position::Closed { failures_in_a_row } => {
                *failures_in_a_row += 1;
                self.recent.add_special(now);
                let (calls, failures) = self.recent.sums(now);
                *failures_in_a_row >= settings.opens_after
                    || (calls >= MIN_CALLS && failures * 2 >= calls)
            }
            Position::Open { .. } => false,
            Position::HalfOpen { .. } => true,
        };
        if opens {
            let open_time = open_time(settings, self.openings, chance);
            self.position = Position::Open {
                until: now + open_time,
            };
            self.openings = self.openings.saturating_add(1);
            self.era = self.era.wrapping_add(1);
            self.recent = Window::new(now);
        }
    }

    /// A call ended that says nothing about the model, or its outcome is known already.
    pub(super) fn free(&mut self, pass: &mut Pass) {
        let was_probe = std::mem::replace(&mut pass.is_probe, false);
        if let Position::HalfOpen { is_probed, .. } = &mut self.position
            && was_probe
            && pass.era == self.era
        {
            *is_probed = false;
        }
    }

    fn is_probed(&self) -> bool {
        match self.position {
            Position::HalfOpen { is_probed, .. } => is_probed,
            Position::Closed { .. } | Position::Open { .. } => false,
        }
    }

    /// Lets time do its part.
    fn half_open(&mut self, now: Instant) {
        if let Position::Open { until } = self.position
            && now >= until
        {
            self.position = Position::HalfOpen {
                is_probed: false,
                successes: 0,
            };
        }
    }
}

/// How long the circuit stays open: exponential, capped, and up to a half less, so that replicas
/// that failed together do not probe together.
fn open_time(settings: &CircuitSettings, openings: u32, chance: f64) -> Duration {
    let factor = 2_u32.saturating_pow(openings.min(16));
    settings
        .open_time
        .saturating_mul(factor)
        .min(settings.open_time_cap)
        .mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;
