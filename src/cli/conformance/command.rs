//! Runs the command: everything that can be wrong is found before the first call is made.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::args::ConformanceArgs;
use super::gateway::Gateway;
use super::progress::Bar;
use super::reports::Reports;
use crate::cli::exit_code::Exit;
use crate::conformance;
use crate::conformance::ClientProgram;
use crate::conformance::Options;
use crate::conformance::Report;
use crate::conformance::RunError;
use crate::settings::Environment;

/// A flag, or a file that it names, is wrong.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(in crate::cli) struct WrongInput(pub(super) String);

/// Runs the cases, and prints reports to `output` and to files.
pub(in crate::cli) async fn run(
    args: ConformanceArgs,
    environment: &Environment,
    output: &mut dyn Write,
) -> anyhow::Result<Exit> {
    if args.rules {
        for (name, promise) in conformance::promises() {
            writeln!(output, "{name}: {promise}")?;
        }
        return Ok(Exit::Success);
    }
    let cases = match &args.cases {
        Some(folder) => conformance::read_folder(folder),
        None => conformance::embedded(),
    };
    let cases = cases.map_err(|error| WrongInput(error.to_string()))?;
    let earlier = args.compare.as_deref().map(earlier).transpose()?;
    let reports = Reports::open(args.reports)?;
    let flags = args.settings.into_flags();
    let control = args.emulator_control.as_deref();
    let gateway = match args.address {
        Some(address) => Gateway::at(address, &flags, control).await?,
        None => Gateway::start(&flags, environment, control).await?,
    };
    let client = args.client.as_deref().map(|program| {
        let started = ClientProgram::start(program, &format!("http://{}", gateway.address));
        started.map_err(|error| {
            WrongInput(format!(
                "--client: {} does not start: {error}",
                program.display()
            ))
        })
    });
    let options = Options {
        client: client.transpose()?,
        gateway: gateway.address.clone(),
        models: args.models,
        quick: args.quick,
        jobs: args.jobs.into(),
        budget_nanos: args.budget,
        emulator: gateway.emulator.clone(),
    };
    let bar = Bar::new();
    let ran = conformance::run(gateway.channel.clone(), &cases, &options, &bar).await;
    bar.clear();
    let client_ended = match options.client {
        Some(client) => client.end().await,
        None => Ok(()),
    };
    gateway.end().await;
    let mut report = ran.map_err(|error| match &error {
        RunError::UnknownModels { .. } => WrongInput(format!("--models: {error}")).into(),
        RunError::NoModels(_) => anyhow::Error::new(error),
    })?;
    client_ended.map_err(anyhow::Error::msg)?;
    if let Some(earlier) = earlier {
        report.comparison = Some(conformance::compare(&earlier, &report, args.tolerance));
    }
    reports.write(&report, args.verbose, output)?;
    Ok(if report.is_bad() {
        Exit::Failure
    } else {
        Exit::Success
    })
}

fn earlier(path: &Path) -> Result<Report, WrongInput> {
    let wrong = |problem: String| WrongInput(format!("--compare: {} {problem}", path.display()));
    let text =
        fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    Report::read(&text).map_err(wrong)
}
