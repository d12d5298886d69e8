//! `serve`: runs the gateway.

use anyhow::Context as _;

use super::exit_code::Exit;
use super::settings_flags::SettingsFlags;
use crate::settings::Environment;
use crate::settings::Settings;
use crate::settings::SettingsError;
use crate::settings::load;
use crate::telemetry::init_logs;

/// Help text of the command, below its flags.
const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway serve --emulator
      without an AWS account: the built-in emulator answers
  bedrock-gateway serve --config gateway.toml --listen 0.0.0.0:50051
      with the credentials that the AWS SDK finds: environment, profile, or role

Settings are read from the file, then the environment, then the flags; the later wins.
SIGTERM and SIGINT end calls under way in good order; a second one ends at once.";

/// Flags of `serve`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    settings: SettingsFlags,
}

impl ServeArgs {
    /// The settings that file, environment and flags make together.
    pub(super) fn settings(self, environment: &Environment) -> Result<Settings, SettingsError> {
        load(&self.settings.into_flags(), environment)
    }
}

/// Runs the gateway until a signal ends it.
pub(super) fn run(args: ServeArgs, environment: &Environment) -> anyhow::Result<Exit> {
    let settings = args.settings(environment)?;
    init_logs(&settings.log).context("logs cannot be started")?;
    start(settings)
}

/// The one place where the command hands over to the program.
fn start(_settings: Settings) -> anyhow::Result<Exit> {
    anyhow::bail!("this build has no server")
}
