//! What the emulator was asked, and what became of it.
//!
//! Bodies are kept for tests to look at; they never reach a log.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde::Serializer;
use serde_json::value::RawValue;
use tokio::sync::watch;

use crate::emulator::scenario::Scenario;
use crate::emulator::scenario_json;

/// Entries kept; older ones are dropped.
const CAPACITY: usize = 1_000;
/// Bytes of bodies kept; older entries are dropped.
const BODY_CAPACITY_BYTES: usize = 64 * 1024 * 1024;

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Still being answered.
    InProgress,
    /// Answered to the end.
    Answered,
    /// Refused with this exception.
    Refused(String),
    /// Broken on purpose, by this fault of a scenario.
    Fault(&'static str),
}

/// One call that the emulator saw.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalEntry {
    /// Counts up from 1, never reused. In the text of a scenario's reply it stands for `{call}`.
    pub number: u64,
    /// `Converse`, `ConverseStream`, `InvokeModel`, `InvokeModelWithResponseStream`, `CountTokens`.
    pub operation: &'static str,
    /// The model id as it stood in the path, decoded.
    pub model_id: String,
    /// The registry's key for it.
    pub model: Option<String>,
    /// The request body as received.
    #[serde(serialize_with = "raw_json")]
    pub body: Bytes,
    /// What was played; the default where nothing was set, or the call was refused before.
    #[serde(serialize_with = "as_written")]
    pub scenario: Arc<Scenario>,
    /// What became of it.
    pub outcome: Outcome,
    /// The client went away before the end of the answer.
    pub client_closed: bool,
    /// When the request had been read, in milliseconds since 1970.
    pub started_at_ms: i64,
    /// When the answer was handed over to its last byte, broken off, or left by the client, in
    /// milliseconds since 1970. Until then the call is busy, whatever its outcome.
    pub ended_at_ms: Option<i64>,
}

impl fmt::Debug for JournalEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("JournalEntry")
            .field("number", &self.number)
            .field("operation", &self.operation)
            .field("model_id", &self.model_id)
            .field("outcome", &self.outcome)
            .field("client_closed", &self.client_closed)
            .finish_non_exhaustive()
    }
}

/// JSON stays as it was written, anything else becomes a string.
fn raw_json<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::from_slice::<&RawValue>(body) {
        Ok(raw) => raw.serialize(serializer),
        Err(_) => String::from_utf8_lossy(body).serialize(serializer),
    }
}

fn as_written<S: Serializer>(scenario: &Arc<Scenario>, serializer: S) -> Result<S::Ok, S::Error> {
    scenario_json::written(scenario).serialize(serializer)
}

/// The calls of one emulator, newest last.
#[derive(Debug)]
pub(super) struct Journal {
    entries: Mutex<Entries>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Entries {
    kept: VecDeque<JournalEntry>,
    last_number: u64,
    body_bytes: usize,
}

impl Entries {
    fn push(&mut self, entry: JournalEntry) {
        self.body_bytes += entry.body.len();
        self.kept.push_back(entry);
        while self.kept.len() > CAPACITY || self.body_bytes > BODY_CAPACITY_BYTES {
            let Some(oldest) = self.kept.pop_front() else {
                return;
            };
            self.body_bytes -= oldest.body.len();
        }
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
            changes: watch::Sender::new(0),
        }
    }
}

impl Journal {
    /// Notes a call. The ticket is told how it ends; dropped before, the client had gone.
    pub(super) fn open(
        self: &Arc<Self>,
        operation: &'static str,
        model_id: &str,
        model: Option<&str>,
        body: &[u8],
    ) -> Ticket {
        let mut entries = self.lock();
        entries.last_number += 1;
        let number = entries.last_number;
        entries.push(JournalEntry {
            number,
            operation,
            model_id: model_id.to_owned(),
            model: model.map(str::to_owned),
            // A copy, because the original is a part of the connection's whole read buffer.
            body: Bytes::copy_from_slice(body),
            scenario: Arc::default(),
            outcome: Outcome::InProgress,
            client_closed: false,
            started_at_ms: now_ms(),
            ended_at_ms: None,
        });
        drop(entries);
        self.changed();
        Ticket {
            journal: Arc::clone(self),
            number,
            is_closed: false,
        }
    }

    pub(super) fn entries(&self) -> Vec<JournalEntry> {
        self.lock().kept.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        let mut entries = self.lock();
        entries.kept.clear();
        entries.body_bytes = 0;
        drop(entries);
        self.changed();
    }

    /// Waits until the entries are as asked for.
    pub(super) async fn wait_until(
        &self,
        mut is_enough: impl FnMut(&[JournalEntry]) -> bool,
    ) -> Vec<JournalEntry> {
        let mut changes = self.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let entries = self.entries();
            // The sender lives in self, so waiting cannot fail while there is somebody to wait.
            if is_enough(&entries) || changes.changed().await.is_err() {
                return entries;
            }
        }
    }

    fn update(&self, number: u64, change: impl FnOnce(&mut JournalEntry)) {
        let mut entries = self.lock();
        let entry = entries
            .kept
            .iter_mut()
            .rev()
            .find(|entry| entry.number == number);
        if let Some(entry) = entry {
            change(entry);
        }
        drop(entries);
        self.changed();
    }

    fn changed(&self) {
        self.changes
            .send_modify(|version| *version = version.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to say how one call ended.
#[derive(Debug)]
pub(super) struct Ticket {
    journal: Arc<Journal>,
    number: u64,
    is_closed: bool,
}

impl Ticket {
    /// The call's number in the journal.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Notes what is played.
    pub(super) fn plays(&self, scenario: &Arc<Scenario>) {
        self.journal.update(self.number, |entry| {
            entry.scenario = Arc::clone(scenario);
        });
    }

    pub(super) fn close(mut self, outcome: Outcome) {
        self.is_closed = true;
        self.journal.update(self.number, |entry| {
            entry.outcome = outcome;
            entry.ended_at_ms = Some(now_ms());
        });
    }

    /// Notes the fault at once, though the connection lives on until the client gives up.
    pub(super) fn note(&self, outcome: Outcome) {
        self.journal
            .update(self.number, |entry| entry.outcome = outcome);
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.is_closed {
            self.journal.update(self.number, |entry| {
                entry.client_closed = true;
                entry.ended_at_ms = Some(now_ms());
            });
        }
    }
}

fn now_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_dropped_before_its_end_tells_that_the_client_left() {
        let journal = Arc::new(Journal::default());

        drop(journal.open("Converse", "m", None, b""));
        journal
            .open("Converse", "m", None, b"")
            .close(Outcome::Answered);

        let closed: Vec<bool> = journal
            .entries()
            .iter()
            .map(|entry| entry.client_closed)
            .collect();
        assert_eq!(closed, [true, false]);
    }

    #[test]
    fn a_call_is_busy_until_its_ticket_is_gone() {
        let journal = Arc::new(Journal::default());

        let hanging = journal.open("Converse", "m", None, b"");
        hanging.note(Outcome::Fault("hang"));
        let during = journal.entries();
        drop(hanging);
        let after = journal.entries();

        assert_eq!(during[0].outcome, Outcome::Fault("hang"));
        assert_eq!(during[0].ended_at_ms, None);
        assert!(after[0].ended_at_ms.unwrap() >= after[0].started_at_ms);
    }

    #[test]
    fn the_oldest_entries_make_room() {
        let journal = Arc::new(Journal::default());

        for _ in 0..CAPACITY + 5 {
            journal
                .open("Converse", "m", None, b"")
                .close(Outcome::Answered);
        }

        let entries = journal.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!(entries[0].number, 6);
    }

    #[test]
    fn large_bodies_make_room_for_each_other() {
        let journal = Arc::new(Journal::default());
        let body = vec![b' '; BODY_CAPACITY_BYTES / 4];

        for _ in 0..6 {
            journal
                .open("Converse", "m", None, &body)
                .close(Outcome::Answered);
        }

        assert_eq!(journal.entries().len(), 4);
    }
}
