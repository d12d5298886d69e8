//! Reports of a run, for people and for programs.

mod amounts;
mod json;
mod junit;
mod markdown;
mod text;

use std::io;
use std::io::Write;

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

/// Writes a report. `verbose` adds to the text each case and what was answered.
///
/// # Errors
/// Those of the writer.
pub fn write(
    report: &Report,
    format: Format,
    verbose: bool,
    output: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, verbose, output),
        Format::Json => json::write(report, output),
        Format::Markdown => markdown::write(report, output),
        Format::Junit => junit::write(report, output),
    }
}

/// What a row of figures is about.
fn row_name(model: Option<&str>) -> &str {
    model.unwrap_or("(gateway)")
}
