//! `models validate`: whether a gateway would take a registry file, and what it would warn of.

use std::io;
use std::path::PathBuf;

use clap::builder::styling::AnsiColor;
use clap::builder::styling::Effects;
use clap::builder::styling::Style;
use serde_json::Value;
use serde_json::json;

use crate::cli::exit_code::Exit;
use crate::cli::models::finding::Finding;
use crate::cli::models::finding::Findings;
use crate::cli::models::reading_flags::ReadingFlags;
use crate::cli::models::registry_file::RegistryFile;
use crate::cli::models::registry_file::today;
use crate::cli::streams::Screen;
use crate::cli::streams::Streams;
use crate::settings::Environment;

const AFTER_HELP: &str = "\
Each line is FILE:LINE:COLUMN: error or warning: the value's path: what it is. An error keeps a
gateway from using the file; a warning does not. ARNs are checked against the region and the account
of the settings, as the gateway does it.

Exit code 0 if the file can be used, 1 if not; with --strict also 1 if there are warnings.";

/// Flags of `models validate`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ValidateArgs {
    /// The registry file; `-` is standard input.
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Let warnings count as errors.
    #[arg(long)]
    strict: bool,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadingFlags<false>,
}

/// Prints all that is to be said about a file.
pub(super) fn run(
    args: &ValidateArgs,
    environment: &Environment,
    streams: Streams<'_>,
) -> anyhow::Result<Exit> {
    let settings = args.reading.settings(environment)?;
    let file = RegistryFile::open(&args.file, &settings, streams.input)?;
    let findings = Findings::of(&file, &settings, today());
    let is_good = findings.problems() == 0 && !(args.strict && findings.warnings() > 0);
    if args.json {
        let report = report(&file.name, &findings, is_good);
        writeln!(streams.output, "{report:#}")?;
    } else {
        print(&file.name, &findings, streams)?;
    }
    Ok(if is_good {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn report(name: &str, findings: &Findings, is_good: bool) -> Value {
    json!({
        "file": name,
        "ok": is_good,
        "models": findings.models,
        "errors": findings.problems(),
        "warnings": findings.warnings(),
        "findings": findings.all.iter().map(Finding::json).collect::<Vec<_>>(),
    })
}

fn print(name: &str, findings: &Findings, streams: Streams<'_>) -> io::Result<()> {
    for finding in &findings.all {
        writeln!(streams.output, "{}", line(name, finding, streams.screen))?;
    }
    let counted = [
        findings.models.map(|count| counted(count, "model")),
        Some(counted(findings.problems(), "error")),
        Some(counted(findings.warnings(), "warning")),
    ];
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    let counted = counted.join(", ");
    writeln!(streams.output, "{name}: {counted}")
}

fn line(name: &str, finding: &Finding, screen: Screen) -> String {
    let (severity, color) = match finding.warning {
        None => ("error", AnsiColor::Red),
        Some(_) => ("warning", AnsiColor::Yellow),
    };
    let place = finding.position.map_or_else(String::new, |position| {
        format!(":{}:{}", position.line, position.column)
    });
    let path = match finding.path.as_str() {
        "" => String::new(),
        path => format!("{}: ", screen.paint(Style::new() | Effects::BOLD, path)),
    };
    let severity = screen.paint(color.on_default() | Effects::BOLD, severity);
    format!("{name}{place}: {severity}: {path}{}", finding.message)
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
