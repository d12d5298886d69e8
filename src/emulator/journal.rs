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
use serde::Serialize;
use serde::Serializer;
use serde_json::value::RawValue;
use tokio::sync::watch;

/// Entries kept; older ones are dropped.
const CAPACITY: usize = 1_000;

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
    /// Counts up from 1, never reused.
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
    /// What became of it.
    pub outcome: Outcome,
    /// The client went away before the end of the answer.
    pub client_closed: bool,
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
        body: Bytes,
    ) -> Ticket {
        let mut entries = self.lock();
        entries.last_number += 1;
        let number = entries.last_number;
        if entries.kept.len() == CAPACITY {
            entries.kept.pop_front();
        }
        entries.kept.push_back(JournalEntry {
            number,
            operation,
            model_id: model_id.to_owned(),
            model: model.map(str::to_owned),
            body,
            outcome: Outcome::InProgress,
            client_closed: false,
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
        self.lock().kept.clear();
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
    pub(super) fn close(mut self, outcome: Outcome) {
        self.is_closed = true;
        self.journal
            .update(self.number, |entry| entry.outcome = outcome);
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
            self.journal
                .update(self.number, |entry| entry.client_closed = true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_dropped_before_its_end_tells_that_the_client_left() {
        let journal = Arc::new(Journal::default());

        drop(journal.open("Converse", "m", None, Bytes::new()));
        journal
            .open("Converse", "m", None, Bytes::new())
            .close(Outcome::Answered);

        let closed: Vec<bool> = journal
            .entries()
            .iter()
            .map(|entry| entry.client_closed)
            .collect();
        assert_eq!(closed, [true, false]);
    }

    #[test]
    fn the_oldest_entries_make_room() {
        let journal = Arc::new(Journal::default());

        for _ in 0..CAPACITY + 5 {
            journal
                .open("Converse", "m", None, Bytes::new())
                .close(Outcome::Answered);
        }

        let entries = journal.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!(entries[0].number, 6);
    }
}
