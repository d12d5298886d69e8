//! The report as JSON. [`Report::read`] reads it back.

use std::io;
use std::io::Write;

use crate::conformance::result::Report;

pub(super) fn write(report: &Report, output: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *output, report)?;
    writeln!(output)
}
