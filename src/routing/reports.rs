//! Attempts as they start and fail, for a caller who wants to see them at once.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::mpsc::unbounded_channel;

use crate::proto::Attempt;
use crate::proto::AttemptEvent;
use crate::proto::attempt::State;

/// Tells of the attempts in a ledger, of each when it starts and when it has failed.
///
/// The channel is bounded by the ledger, which has no more lines than the registry has models and
/// the call attempts.
pub(super) struct Reporter {
    sender: UnboundedSender<AttemptEvent>,
    /// Lines of the ledger that were told.
    told: usize,
    /// Whether the last of them was under way then.
    is_last_running: bool,
}

impl Reporter {
    /// A reporter, and where its reports arrive.
    pub(super) fn new() -> (Self, UnboundedReceiver<AttemptEvent>) {
        let (sender, reports) = unbounded_channel();
        let reporter = Self {
            sender,
            told: 0,
            is_last_running: false,
        };
        (reporter, reports)
    }

    /// Whether nobody takes reports any more.
    pub(super) fn is_left(&self) -> bool {
        self.sender.is_closed()
    }

    /// Tells what is new, and how long the next attempt waits after a failure.
    pub(super) fn tell(&mut self, attempts: &[Attempt], backoff: Option<Duration>) {
        let is_last_running = std::mem::take(&mut self.is_last_running);
        if let Some(last) = self.told.checked_sub(1).and_then(|last| attempts.get(last))
            && is_last_running
        {
            match last.state() {
                State::Running => self.is_last_running = true,
                State::Failed => self.send(event(last, backoff)),
                State::Unspecified | State::Succeeded | State::Skipped | State::Cancelled => {}
            }
        }
        for attempt in attempts.iter().skip(self.told) {
            self.is_last_running = attempt.state() == State::Running;
            self.send(event(attempt, None));
        }
        self.told = attempts.len();
    }

    /// The caller was told of the last failure in another way.
    pub(super) fn skip(&mut self, attempts: &[Attempt]) {
        self.told = attempts.len();
        self.is_last_running = false;
    }

    fn send(&self, event: AttemptEvent) {
        // The receiver is gone only when the caller is.
        let _ = self.sender.send(event);
    }
}

/// What the caller learns about an attempt.
pub(super) fn event(attempt: &Attempt, backoff: Option<Duration>) -> AttemptEvent {
    AttemptEvent {
        attempt: Some(attempt.clone()),
        output_discarded: false,
        backoff: backoff
            .filter(|wait| !wait.is_zero())
            .and_then(|wait| wait.try_into().ok()),
    }
}
