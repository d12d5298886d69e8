//! The limit on waiting for the next event of a stream.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep_until;

use crate::routing::bound::Bound;
use crate::routing::bound::Limit;

/// A limit on silence that costs a busy stream nothing: the clock is read only when there is
/// nothing to do, and the timer is set anew only when it fires.
pub(super) struct Silence {
    idle: Duration,
    end: Option<Bound>,
    /// When the wait began.
    since: Option<Instant>,
    /// Made at the first wait.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Silence {
    /// Silence may last for `idle` at a time, and never beyond `end`.
    pub(super) fn new(idle: Duration, end: Option<Bound>) -> Self {
        Self {
            idle,
            end,
            since: None,
            timer: None,
        }
    }

    /// What ended it.
    pub(super) fn bound(&self) -> Bound {
        let silence = || Bound::after(Instant::now(), Limit::Idle(self.idle));
        let end = self.end.filter(|end| end.at <= Instant::now());
        end.unwrap_or_else(silence)
    }

    /// From now on it may last only this long.
    pub(super) fn shorten(&mut self, idle: Duration) {
        self.idle = idle;
    }

    /// Something came.
    pub(super) fn reset(&mut self) {
        self.since = None;
    }

    /// Ready when it has lasted for too long.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let silence = since + self.idle;
        let until = self.end.map_or(silence, |end| end.at.min(silence));
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if until < timer.deadline() {
            timer.as_mut().reset(until);
        }
        loop {
            ready!(timer.as_mut().poll(cx));
            if until <= Instant::now() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
    }
}
