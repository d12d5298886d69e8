//! Runs the steps, prints what they found, and ends with the exit code that follows.

use std::io::BufRead;
use std::io::Write;

use anyhow::Context as _;

use super::args::CheckArgs;
use super::local;
use super::remote;
use super::reporter::Form;
use super::reporter::Reporter;
use crate::cli::exit_code::Exit;
use crate::settings::Environment;
use crate::settings::LoadedSettings;
use crate::telemetry::init_logs;

/// What the command finds around it.
pub(in crate::cli) struct Surroundings<'a> {
    /// The variables of the process.
    pub(in crate::cli) environment: &'a Environment,
    /// Whether the output is a terminal.
    pub(in crate::cli) output_is_terminal: bool,
    /// Who answers questions; `None` if nobody is there.
    pub(in crate::cli) answers: Option<&'a mut dyn BufRead>,
}

impl Surroundings<'_> {
    /// Whether to print in colours. Source: <https://no-color.org>, seen 2026-11-29.
    fn wants_colours(&self) -> bool {
        let variable = |name| self.environment.value(name);
        self.output_is_terminal
            && variable("NO_COLOR").is_none()
            && variable("TERM") != Some("dumb")
    }
}

/// Checks, and prints what was found: to `output` what the command is for, to `notes` questions and
/// logs.
pub(in crate::cli) async fn run(
    args: CheckArgs,
    surroundings: Surroundings<'_>,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let form = if args.json {
        Form::Json
    } else {
        Form::Text {
            colours: surroundings.wants_colours(),
        }
    };
    let flags = args.settings.clone().into_flags();
    let mut reporter = Reporter::new(output, form);
    if args.address.is_some() {
        if flags.file.is_some() || !flags.values.is_empty() {
            writeln!(
                notes,
                "error: a running gateway has its own settings: leave out either --address, or \
                 --config and the flags of settings"
            )?;
            return Ok(Exit::Usage);
        }
        remote::check(&args, surroundings, &mut reporter, notes).await?;
    } else {
        let loaded = LoadedSettings::read(flags, surroundings.environment.clone())?;
        if args.verbose {
            init_logs(&loaded.settings.log).context("logs cannot be started")?;
        }
        local::check(&args, &loaded, surroundings, &mut reporter, notes).await?;
    }
    Ok(reporter.finish()?)
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
