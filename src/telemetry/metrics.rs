//! What the gateway counts. A metric's name, unit, labels and stability stand at its field.
//!
//! Nothing is exported: the figures are read here, and logged when the gateway stops.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

/// The counters of one gateway, shared by its workers.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Parts of Bedrock's answers that the API could not carry.
    ///
    /// `bedrock_gateway_omitted_parts_total`, counts parts, label `part` with the values `member`,
    /// `value` and `event`; experimental.
    pub omitted_parts: OmittedParts,
    /// Calls of models that run now, streams to their last byte.
    ///
    /// `bedrock_gateway_calls_in_flight`, gauge of calls, no labels; experimental.
    pub calls_in_flight: Gauge,
    /// Calls of models that were refused because too many were running.
    ///
    /// `bedrock_gateway_calls_refused_total`, counts calls, no labels; experimental.
    pub calls_refused: Counter,
    /// Calls that were ended because their callers took nothing of the answer for too long.
    ///
    /// `bedrock_gateway_clients_stalled_total`, counts calls, no labels; experimental.
    pub clients_stalled: Counter,
    /// Connections that were closed at once because too many were open.
    ///
    /// `bedrock_gateway_connections_refused_total`, counts connections, no labels; experimental.
    pub connections_refused: Counter,
    /// Connections that were closed because their clients sent frames that move no call, and
    /// little else.
    ///
    /// `bedrock_gateway_connections_flooded_total`, counts connections, no labels; experimental.
    pub connections_flooded: Counter,
    /// Calls that a defect of the gateway ended. Never zero without a reason to look.
    ///
    /// `bedrock_gateway_panics_total`, counts calls, no labels; experimental.
    pub panics: Counter,
    /// Whether there are AWS credentials that AWS did not reject when they were used last.
    ///
    /// `bedrock_gateway_credentials_valid`, gauge that is 0 or 1, no labels; experimental.
    pub credentials_valid: Flag,
    /// Calls of Bedrock that AWS rejected for the credentials or the signature.
    ///
    /// `bedrock_gateway_credentials_rejected_total`, counts calls of Bedrock, no labels;
    /// experimental.
    pub credentials_rejected: Counter,
    /// Times that the configuration was read anew and took the place of the one before.
    ///
    /// `bedrock_gateway_reloads_total`, counts reloads, label `outcome` with the value `ok`;
    /// experimental.
    pub reloads: Counter,
    /// Times that it was read anew and was wrong, so that nothing changed.
    ///
    /// `bedrock_gateway_reloads_total`, counts reloads, label `outcome` with the value `refused`;
    /// experimental.
    pub reloads_refused: Counter,
    /// Looks at the files of the configuration, whatever they found.
    ///
    /// `bedrock_gateway_configuration_looks_total`, counts looks, no labels; experimental.
    pub configuration_looks: Counter,
    /// Since when the configuration is in force.
    ///
    /// `bedrock_gateway_configuration_age_seconds`, gauge of seconds, no labels; experimental.
    pub configuration_age: Age,
    /// What became of each model's circuit.
    pub circuits: ByModel<CircuitCounts>,
    /// The same of counting tokens: label `operation` with the value `CountTokens`.
    pub counting_circuits: ByModel<CircuitCounts>,
    /// Calls whose callers went away before the end, by the model that was called last.
    pub cancelled: ByModel<CancelledCounts>,
}

/// What is known of calls that were left. All have the label `model`; experimental.
#[derive(Debug, Default)]
pub struct CancelledCounts {
    /// `bedrock_gateway_calls_cancelled_total`, counts calls.
    pub calls: Counter,
    /// Handed over before that. `bedrock_gateway_cancelled_events_total`, counts events.
    pub events: Counter,
    /// Handed over before that: text and tools' input.
    /// `bedrock_gateway_cancelled_output_bytes_total`, counts bytes.
    pub output_bytes: Counter,
}

/// Counts of one model's circuit. All have the label `model` and count since the gateway started;
/// experimental.
#[derive(Debug, Default)]
pub struct CircuitCounts {
    /// It was called as usual again. `bedrock_gateway_circuit_changes_total`, counts changes,
    /// label `state` with the value `closed`.
    pub closed: Counter,
    /// Single calls probed whether it is back. As above, `half_open`.
    pub half_open: Counter,
    /// It failed too often. As above, `open`.
    pub open: Counter,
    /// It was throttled, not ready or out of quota. As above, `cooling`.
    pub cooling: Counter,
    /// It cannot be called until somebody acts. As above, `disabled`.
    pub disabled: Counter,
    /// Requests that passed it over. `bedrock_gateway_suspended_skips_total`, counts requests.
    pub skips: Counter,
    /// Calls made although it was suspended, because there was no other.
    /// `bedrock_gateway_forced_calls_total`, counts calls.
    pub forced_calls: Counter,
    /// Calls that were not repeated because the budget for that was used up.
    /// `bedrock_gateway_retries_denied_total`, counts calls.
    pub retries_denied: Counter,
}

/// One set of counts for each model that was ever in the registry.
#[derive(Debug, Default)]
pub struct ByModel<T>(Mutex<BTreeMap<String, Arc<T>>>);

impl<T: Default> ByModel<T> {
    /// The counts of one model. Whoever counts often keeps them.
    pub fn of(&self, model: &str) -> Arc<T> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counts.entry(model.to_owned()).or_default())
    }
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

    /// Counts this many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A count of what is there now.
#[derive(Debug, Default)]
pub struct Gauge(AtomicUsize);

impl Gauge {
    /// Counts one more, unless there are `limit` already. Whether there was room.
    pub fn enter_below(&self, limit: usize) -> bool {
        let more = |value| (value < limit).then_some(value + 1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .is_ok()
    }

    /// Counts one less. Only what entered may leave.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// The count now.
    pub fn value(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether something is so.
#[derive(Debug, Default)]
pub struct Flag(AtomicBool);

impl Flag {
    /// It is, or is not.
    pub fn set(&self, is_set: bool) {
        self.0.store(is_set, Ordering::Relaxed);
    }

    /// Whether it is.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How long ago something was.
#[derive(Debug)]
pub struct Age(Mutex<Instant>);

impl Age {
    /// It is now.
    pub fn begin(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// The time since then.
    pub fn value(&self) -> Duration {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }
}

impl Default for Age {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}
