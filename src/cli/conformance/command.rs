//! Runs the command: everything that can be wrong is found before the first call is made.

use std::error::Error as _;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::pin::pin;

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic::Status;

use super::args::ConformanceArgs;
use super::gateway::Gateway;
use super::progress::Bar;
use super::reports::Reports;
use crate::cli::connection::Unreachable;
use crate::cli::exit_code::Exit;
use crate::conformance;
use crate::conformance::ClientProgram;
use crate::conformance::ListError;
use crate::conformance::Options;
use crate::conformance::Report;
use crate::conformance::RunError;
use crate::settings::Environment;
use crate::shutdown::Signals;

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
    let interrupted = CancellationToken::new();
    let options = Options {
        client: client(args.client.as_deref(), &gateway.address)?,
        gateway: gateway.name.clone(),
        models: args.models,
        quick: args.quick,
        jobs: args.jobs.into(),
        budget_nanos: args.budget,
        emulator: gateway.emulator.clone(),
        interrupted: interrupted.clone(),
    };
    let bar = Bar::new(args.verbose);
    let running = conformance::run(gateway.channel.clone(), &cases, &options, &bar);
    let ran = until_told_twice(running, &interrupted).await?;
    bar.clear();
    let Some(ran) = ran else {
        return Ok(Exit::Interrupted);
    };
    let client_ended = match options.client {
        Some(client) => client.end().await,
        None => Ok(()),
    };
    let address = gateway.address.clone();
    gateway.end().await;
    let mut report = ran.map_err(|error| match error {
        RunError::UnknownModels { .. } => WrongInput(format!("--models: {error}")).into(),
        RunError::NoModels(ListError::Refused(status)) => no_models(&address, *status),
        RunError::NoModels(ListError::Endless) => error.into(),
    })?;
    // What interrupts this program interrupts that one, too.
    if !report.interrupted {
        client_ended.map_err(anyhow::Error::msg)?;
    }
    if let Some(earlier) = earlier {
        report.comparison = Some(conformance::compare(&earlier, &report, args.tolerance));
    }
    reports.write(&report, output)?;
    Ok(if report.interrupted {
        Exit::Interrupted
    } else if report.is_bad() {
        Exit::Failure
    } else {
        Exit::Success
    })
}

/// The program that makes the calls, started.
fn client(program: Option<&Path>, address: &str) -> Result<Option<ClientProgram>, WrongInput> {
    let Some(program) = program else {
        return Ok(None);
    };
    let started = ClientProgram::start(program, address).map_err(|error| {
        let program = program.display();
        WrongInput(format!("--client: {program} does not start: {error}"))
    });
    started.map(Some)
}

/// A run that a first signal brings to an early end, and a second one leaves as it is.
async fn until_told_twice<T>(
    running: impl Future<Output = T>,
    interrupted: &CancellationToken,
) -> anyhow::Result<Option<T>> {
    let mut signals = Signals::listen().context("signals cannot be received")?;
    let mut running = pin!(running);
    loop {
        tokio::select! {
            ran = &mut running => return Ok(Some(ran)),
            _name = signals.next() => {
                if interrupted.is_cancelled() {
                    return Ok(None);
                }
                interrupted.cancel();
            }
        }
    }
}

/// Why there is no list of models: most often, there is no gateway.
fn no_models(address: &str, status: Status) -> anyhow::Error {
    let is_none = matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::Unimplemented
    );
    if is_none || status.source().is_some() {
        Unreachable::gateway(address, &status).into()
    } else {
        RunError::NoModels(ListError::Refused(Box::new(status))).into()
    }
}

fn earlier(path: &Path) -> Result<Report, WrongInput> {
    let wrong = |problem: String| WrongInput(format!("--compare: {} {problem}", path.display()));
    let text =
        fs::read_to_string(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    Report::read(&text).map_err(wrong)
}
