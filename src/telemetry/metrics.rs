//! What the gateway counts. A metric's name, unit, labels and stability stand at its field.
//!
//! Nothing is exported: the figures are read here, and logged when the gateway stops.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// The counters of one gateway, shared by its workers.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Parts of Bedrock's answers that the API could not carry.
    ///
    /// `bedrock_gateway_omitted_parts_total`, counts parts, label `part` with the values `member`,
    /// `value` and `event`; experimental.
    pub omitted_parts: OmittedParts,
}

/// One count for each value of the label `part`.
#[derive(Debug, Default)]
pub struct OmittedParts {
    /// Members of unions.
    pub members: Counter,
    /// Values of enumerations.
    pub values: Counter,
    /// Events of streams.
    pub events: Counter,
}

/// A count that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Counts one more.
    pub fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
