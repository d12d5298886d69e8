//! The report as text.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write;

use crate::conformance::compare::Comparison;
use crate::conformance::report::amounts;
use crate::conformance::report::remarks;
use crate::conformance::report::row_name;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;

/// Most characters of an answer that are shown.
const MAX_ANSWER: usize = 400;

/// The whole report.
pub(super) fn of(report: &Report) -> String {
    let mut text = String::new();
    // Nothing fails that is written to memory.
    let _ = write(report, &mut text);
    text
}

/// One case.
pub(super) fn of_case(result: &CaseResult) -> String {
    let mut text = String::new();
    let _ = write_case(result, &mut text);
    text
}

fn write(report: &Report, output: &mut String) -> fmt::Result {
    write_table(report, output)?;
    write_failures(report, output)?;
    write_skips(report, output)?;
    if let Some(comparison) = &report.comparison {
        write_comparison(comparison, output)?;
    }
    let totals = &report.totals;
    writeln!(
        output,
        "\n{}: {} passed, {} failed, {} skipped in {}",
        report.gateway,
        totals.passed,
        totals.failed,
        totals.skipped,
        amounts::time(report.took_ms)
    )?;
    for remark in remarks(report) {
        writeln!(output, "{remark}")?;
    }
    Ok(())
}

fn write_case(result: &CaseResult, output: &mut String) -> fmt::Result {
    let model = row_name(result.model.as_deref());
    let case = &result.case;
    match &result.outcome {
        Outcome::Passed => {
            let took: f64 = result.calls.iter().map(|call| call.took_ms).sum();
            writeln!(output, "passed   {model}  {case}  {}", amounts::time(took))?;
        }
        Outcome::Failed { findings } => {
            writeln!(output, "failed   {model}  {case}")?;
            for finding in findings {
                writeln!(output, "           {}: {}", finding.rule, finding.problem)?;
            }
        }
        Outcome::Skipped { reason } => writeln!(output, "skipped  {model}  {case}  {reason}")?,
    }
    for answer in &result.answers {
        let shown: String = answer.chars().take(MAX_ANSWER).collect();
        writeln!(
            output,
            "           | {}",
            shown.replace('\n', "\n           | ")
        )?;
    }
    Ok(())
}

fn write_table(report: &Report, output: &mut String) -> fmt::Result {
    let mut rows = vec![amounts::HEADINGS.map(str::to_owned)];
    rows.extend(amounts::rows(report));
    let mut widths = [0; 11];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column == 0 {
                write!(line, "{cell:<width$}")?;
            } else {
                write!(line, "  {cell:>width$}")?;
            }
        }
        writeln!(output, "{}", line.trim_end())?;
    }
    Ok(())
}

fn write_failures(report: &Report, output: &mut String) -> fmt::Result {
    let failures = report
        .results
        .iter()
        .filter_map(|result| match &result.outcome {
            Outcome::Failed { findings } => Some((result, findings)),
            Outcome::Passed | Outcome::Skipped { .. } => None,
        });
    for (number, (result, findings)) in failures.enumerate() {
        if number == 0 {
            writeln!(output, "\nFailed:")?;
        }
        writeln!(
            output,
            "  {}  {}",
            row_name(result.model.as_deref()),
            result.case
        )?;
        for finding in findings {
            writeln!(output, "    {}: {}", finding.rule, finding.problem)?;
        }
    }
    Ok(())
}

/// How many cases each reason kept from running.
fn write_skips(report: &Report, output: &mut String) -> fmt::Result {
    let mut reasons: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for result in &report.results {
        if let Outcome::Skipped { reason } = &result.outcome {
            let model = row_name(result.model.as_deref());
            *reasons.entry((model, reason)).or_default() += 1;
        }
    }
    if !reasons.is_empty() {
        writeln!(output, "\nSkipped:")?;
    }
    for ((model, reason), count) in reasons {
        let cases = if count == 1 { "case" } else { "cases" };
        writeln!(output, "  {model}  {count} {cases}: {reason}")?;
    }
    Ok(())
}

fn write_comparison(comparison: &Comparison, output: &mut String) -> fmt::Result {
    writeln!(output, "\nSince the earlier report:")?;
    let lines = comparison.lines();
    if lines.is_empty() {
        writeln!(output, "  nothing changed")?;
    }
    for line in lines {
        writeln!(output, "  {line}")?;
    }
    Ok(())
}

impl Comparison {
    /// One line for each change.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = self.differences.clone();
        for (what, names) in [
            ("newly failing", &self.newly_failing),
            ("mended", &self.mended),
            ("no longer run", &self.no_longer_run),
        ] {
            lines.extend(names.iter().map(|name| format!("{what}: {name}")));
        }
        for change in &self.slower {
            let (before, now) = (amounts::time(change.before), amounts::time(change.now));
            lines.push(format!(
                "slower: {}, median {before} before, {now} now",
                change.model
            ));
        }
        for change in &self.dearer {
            let grown = if change.before > 0.0 {
                format!("by {:.0} %", (change.now / change.before - 1.0) * 100.0)
            } else {
                "which cost nothing before".to_owned()
            };
            lines.push(format!("dearer: {}, {grown}", change.model));
        }
        lines
    }
}
