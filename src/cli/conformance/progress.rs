//! What is seen of a run while it lasts, on standard error: a bar, only where somebody looks, and
//! each case as it ends, if that was asked for.

use std::cell::Cell;
use std::io;
use std::io::Write;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::conformance;
use crate::conformance::CaseResult;
use crate::conformance::Outcome;
use crate::conformance::Progress;

const TEMPLATE: &str = "{bar:30} {pos} of {len}, {elapsed}{prefix} {wide_msg}";

/// How often the bar shows that time passes.
const TICK: Duration = Duration::from_millis(500);

/// A bar on standard error.
pub(super) struct Bar {
    bar: ProgressBar,
    failed: Cell<u32>,
    is_verbose: bool,
}

impl Bar {
    /// A bar that is not shown yet. It never is where standard error is no terminal.
    pub(super) fn new(is_verbose: bool) -> Self {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self {
            bar,
            failed: Cell::new(0),
            is_verbose,
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
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(TICK);
        }
    }

    fn started(&self, model: Option<&str>, case: &str) {
        let model = model.unwrap_or_default();
        self.bar.set_message(format!("{model} {case}"));
    }

    fn ended(&self, result: &CaseResult) {
        if matches!(result.outcome, Outcome::Failed { .. }) {
            self.failed.set(self.failed.get() + 1);
            self.bar
                .set_prefix(format!(", {} failed", self.failed.get()));
        }
        if self.is_verbose {
            // Nobody reads it if it cannot be written; the report will say all the same.
            let print = || io::stderr().write_all(conformance::case_lines(result).as_bytes());
            let _ = self.bar.suspend(print);
        }
        self.bar.inc(1);
    }
}
