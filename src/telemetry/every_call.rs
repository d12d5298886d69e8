//! Whether a line is logged for every call: a switch that turns while calls run.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Whether a line is logged for every call, or only for those that did not go as they should.
#[derive(Clone, Debug, Default)]
pub struct EveryCall(Arc<AtomicBool>);

impl EveryCall {
    /// A switch in this position.
    pub fn new(is_on: bool) -> Self {
        Self(Arc::new(AtomicBool::new(is_on)))
    }

    /// Its position.
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Turns it, for all who share it.
    pub fn set(&self, is_on: bool) {
        self.0.store(is_on, Ordering::Relaxed);
    }
}
