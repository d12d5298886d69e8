//! `serve`: runs the gateway.

use std::io::Write;

use anyhow::Context as _;
use futures_util::stream;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tracing::info;

use super::ending::Ending;
use super::exit_code::Exit;
use super::settings_flags::SettingsFlags;
use crate::app;
use crate::settings::Environment;
use crate::settings::LoadedSettings;
use crate::settings::SettingsError;
use crate::telemetry::init_logs;
use crate::telemetry::log_panics;

/// Help text of the command, below its flags.
const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway serve --emulator
      without an AWS account: the built-in emulator answers
  bedrock-gateway serve --config gateway.toml --listen 0.0.0.0:50051
      with the credentials that the AWS SDK finds: environment, profile, or role

Settings are read from the file, then the environment, then the flags; the later wins.
A change of the settings file or the registry file is followed within two seconds, and on SIGHUP;
a file that is wrong changes nothing, and the log says what is wrong with it.
SIGTERM and SIGINT end calls under way in good order; a second one ends them at once.";

/// Flags of `serve`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    settings: SettingsFlags,
}

impl ServeArgs {
    /// The settings that file, environment and flags make together.
    pub(super) fn settings(
        self,
        environment: &Environment,
    ) -> Result<LoadedSettings, SettingsError> {
        LoadedSettings::read(self.settings.into_flags(), environment.clone())
    }
}

/// Runs the gateway until a signal ends it. A second signal ends calls under way at once.
pub(super) async fn run(
    args: ServeArgs,
    environment: &Environment,
    output: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let loaded = args.settings(environment)?;
    let settings = loaded.settings.clone();
    let log_filter = init_logs(&settings.log).context("logs cannot be started")?;
    log_panics();
    let ending = Ending::listen(&settings.server).context("signals cannot be received")?;
    // Before anything else: without a handler, SIGHUP ends the process.
    let mut hangups = signal(SignalKind::hangup()).context("signals cannot be received")?;
    let running = app::start(settings).await?;
    let hangups = stream::poll_fn(move |cx| hangups.poll_recv(cx));
    running.follow(loaded, Some(log_filter), hangups);
    writeln!(output, "gateway listening on {}", running.address())?;
    #[cfg(feature = "emulator")]
    if let Some(emulator) = running.emulator() {
        writeln!(output, "emulator listening on {}", emulator.endpoint_url())?;
    }
    output.flush()?;
    let signal = ending.first.await?;
    info!(signal, "told to stop");
    let again = async {
        match ending.second.await {
            Ok(()) => {}
            // Without the thread that hears signals, there is no second one.
            Err(_gone) => std::future::pending().await,
        }
    };
    running.drain(again).await;
    Ok(Exit::Success)
}
