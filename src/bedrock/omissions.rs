//! Parts of answers that the API has no place for: counted, and logged once by name.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::telemetry::Metrics;

/// Names that are remembered as logged; more are counted only.
const MAX_LOGGED: usize = 100;

/// What was left out of all answers so far.
#[derive(Default)]
pub(super) struct Omissions {
    metrics: Arc<Metrics>,
    logged: Mutex<HashSet<String>>,
}

/// What kind of part was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A member of a union.
    Member,
    /// A value of an enumeration.
    Value,
    /// An event of a stream.
    Event,
}

impl Omissions {
    /// Counts with these.
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self {
            metrics,
            logged: Mutex::default(),
        }
    }

    /// Counts a part, and logs it if none of this name was seen before. `name` says where it stands
    /// but not at which position, so that there are few.
    pub(super) fn add(&self, part: Part, name: String, model: &str) {
        let counts = &self.metrics.omitted_parts;
        let counter = match part {
            Part::Member => &counts.members,
            Part::Value => &counts.values,
            Part::Event => &counts.events,
        };
        counter.add_one();
        let mut logged = self.logged.lock().unwrap_or_else(PoisonError::into_inner);
        if logged.len() < MAX_LOGGED && !logged.contains(&name) {
            tracing::warn!(
                model,
                part = name,
                "left out a part of an answer that this version cannot carry; from now on only counted"
            );
            logged.insert(name);
        }
    }
}
