//! Reports of a run, for people and for programs.

mod amounts;
mod json;
mod junit;
mod markdown;
mod text;

use std::io;
use std::io::Write;

use crate::conformance::result::CaseResult;
use crate::conformance::result::Money;
use crate::conformance::result::Report;

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, in a terminal.
    Text,
    /// For programs, and for a later comparison.
    Json,
    /// For people, in a browser.
    Markdown,
    /// For CI systems.
    Junit,
}

impl Format {
    /// All, with their names.
    pub const ALL: [(&'static str, Self); 4] = [
        ("text", Self::Text),
        ("json", Self::Json),
        ("markdown", Self::Markdown),
        ("junit", Self::Junit),
    ];
}

/// Writes a report.
///
/// # Errors
/// Those of the writer.
pub fn write(report: &Report, format: Format, output: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => output.write_all(plain(&text::of(report)).as_bytes()),
        Format::Json => json::write(report, output),
        Format::Markdown => output.write_all(plain(&markdown::of(report)).as_bytes()),
        Format::Junit => junit::write(report, output),
    }
}

/// One case as lines of text, with what was answered.
#[must_use]
pub fn case_lines(result: &CaseResult) -> String {
    plain(&text::of_case(result))
}

/// The text with nothing in it that a terminal obeys: gateways and models wrote parts of it.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\n' {
            plain.extend(letter.escape_default());
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// Why a run must not count as passed although no case failed, and what became of the budget.
fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if report.interrupted {
        remarks.push("interrupted: the rest did not run".to_owned());
    }
    if let Some(spending) = &report.budget {
        let dollars = |nanos| {
            let currency = "USD".to_owned();
            amounts::money(&Money { currency, nanos })
        };
        let (spent, budget) = (
            dollars(spending.spent_nanos),
            dollars(spending.budget_nanos),
        );
        let stopped = match spending.refused {
            0 => String::new(),
            1 => "; 1 case was stopped by the budget".to_owned(),
            many => format!("; {many} cases were stopped by the budget"),
        };
        remarks.push(format!("spent {spent} of {budget}{stopped}"));
    }
    for model in &report.suspended {
        remarks.push(format!(
            "{model} was suspended after failures, which counts as a failure"
        ));
    }
    if report.totals.passed == 0 && report.totals.failed == 0 {
        remarks.push("nothing ran, which counts as a failure".to_owned());
    } else if report.leaves_out_models() {
        remarks.push("no case of a model ran, which counts as a failure".to_owned());
    }
    remarks
}

/// What a row of figures is about.
fn row_name(model: Option<&str>) -> &str {
    model.unwrap_or("(gateway)")
}
