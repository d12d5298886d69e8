//! The bar that shows how far a run is. Only where somebody looks: on a terminal.

use std::cell::Cell;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::conformance::CaseResult;
use crate::conformance::Outcome;
use crate::conformance::Progress;

const TEMPLATE: &str = "{bar:30} {pos} of {len}, {elapsed}{msg}";

/// A bar on standard error.
pub(super) struct Bar {
    bar: ProgressBar,
    failed: Cell<u32>,
}

impl Bar {
    /// A bar that is not shown yet. It never is where standard error is no terminal.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self {
            bar,
            failed: Cell::new(0),
        }
    }

    /// Takes it away.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begins(&self, cases: usize) {
        self.bar
            .set_length(u64::try_from(cases).unwrap_or(u64::MAX));
    }

    fn ended(&self, result: &CaseResult) {
        if matches!(result.outcome, Outcome::Failed { .. }) {
            self.failed.set(self.failed.get() + 1);
            self.bar
                .set_message(format!(", {} failed", self.failed.get()));
        }
        self.bar.inc(1);
    }
}
