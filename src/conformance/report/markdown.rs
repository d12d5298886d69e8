//! The report as Markdown.

use std::fmt;
use std::fmt::Write;

use crate::conformance::report::amounts;
use crate::conformance::report::remarks;
use crate::conformance::report::row_name;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;

/// The whole report.
pub(super) fn of(report: &Report) -> String {
    let mut text = String::new();
    // Nothing fails that is written to memory.
    let _ = write(report, &mut text);
    text
}

fn write(report: &Report, output: &mut String) -> fmt::Result {
    let totals = &report.totals;
    writeln!(output, "# Conformance of {}\n", cell(&report.gateway))?;
    writeln!(
        output,
        "{}: {} passed, {} failed, {} skipped in {}.\n",
        report.started_at,
        totals.passed,
        totals.failed,
        totals.skipped,
        amounts::time(report.took_ms)
    )?;
    for remark in remarks(report) {
        writeln!(output, "{}.\n", cell(&remark))?;
    }
    let headings = amounts::HEADINGS.map(str::to_lowercase);
    writeln!(output, "| {} |", headings.join(" | "))?;
    writeln!(output, "| --- |{}", " ---: |".repeat(headings.len() - 1))?;
    for row in amounts::rows(report) {
        writeln!(output, "| {} |", row.map(|text| cell(&text)).join(" | "))?;
    }
    write_section(report, output, "Failed", |outcome| match outcome {
        Outcome::Failed { findings } => findings
            .iter()
            .map(|finding| format!("`{}`: {}", finding.rule, finding.problem))
            .collect(),
        Outcome::Passed | Outcome::Skipped { .. } => Vec::new(),
    })?;
    write_section(report, output, "Skipped", |outcome| match outcome {
        Outcome::Skipped { reason } => vec![reason.clone()],
        Outcome::Passed | Outcome::Failed { .. } => Vec::new(),
    })?;
    if let Some(comparison) = &report.comparison {
        writeln!(output, "\n## Since the earlier report\n")?;
        let lines = comparison.lines();
        if lines.is_empty() {
            writeln!(output, "Nothing changed.")?;
        }
        for line in lines {
            writeln!(output, "- {}", cell(&line))?;
        }
    }
    Ok(())
}

fn write_section(
    report: &Report,
    output: &mut String,
    title: &str,
    why: fn(&Outcome) -> Vec<String>,
) -> fmt::Result {
    let mut is_begun = false;
    for result in &report.results {
        for reason in why(&result.outcome) {
            if !is_begun {
                writeln!(
                    output,
                    "\n## {title}\n\n| model | case | why |\n| --- | --- | --- |"
                )?;
                is_begun = true;
            }
            let model = row_name(result.model.as_deref());
            writeln!(
                output,
                "| {} | {} | {} |",
                cell(model),
                cell(&result.case),
                cell(&reason)
            )?;
        }
    }
    Ok(())
}

/// Text that neither ends a cell nor a line.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
