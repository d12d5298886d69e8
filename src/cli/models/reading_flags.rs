//! The settings that decide how a registry file is read, as flags: those of `serve`.

use std::path::PathBuf;

use clap::Arg;
use clap::ArgMatches;
use clap::Args;
use clap::Command;
use clap::FromArgMatches;
use clap::error::Error;
use clap::value_parser;

use crate::cli::settings_flags::flag;
use crate::settings::Definition;
use crate::settings::Environment;
use crate::settings::Flags;
use crate::settings::SECTIONS;
use crate::settings::Settings;
use crate::settings::SettingsError;
use crate::settings::load;

const KEYS: [&str; 3] = [
    "registry.profile_account",
    "registry.try_retired_models",
    "bedrock.region",
];

/// The flag that names the file, where it is a flag.
pub(super) const FILE_FLAG: &str = "registry";

/// `--config FILE` and a flag for each of [`KEYS`]. With `NEED_FILE` they are refused unless
/// [`FILE_FLAG`] is there: of a running gateway they change nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadingFlags<const NEED_FILE: bool>(Flags);

impl<const NEED_FILE: bool> ReadingFlags<NEED_FILE> {
    /// The settings that file, environment and flags make together.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub(super) fn settings(&self, environment: &Environment) -> Result<Settings, SettingsError> {
        load(&self.0, environment)
    }
}

impl<const NEED_FILE: bool> Args for ReadingFlags<NEED_FILE> {
    fn augment_args(command: Command) -> Command {
        let heading = "As the gateway that reads the file";
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Settings file of the gateway [variable: BEDROCK_GATEWAY_CONFIG]");
        let flags = definitions().map(flag);
        std::iter::once(config)
            .chain(flags)
            .fold(command, |command, flag| {
                let flag = flag.help_heading(heading);
                command.arg(if NEED_FILE {
                    flag.requires(FILE_FLAG)
                } else {
                    flag
                })
            })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const NEED_FILE: bool> FromArgMatches for ReadingFlags<NEED_FILE> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        if let Some(file) = matches.get_one::<PathBuf>("config") {
            self.0.file = Some(file.clone());
        }
        for setting in definitions() {
            if let Some(text) = matches.get_one::<String>(setting.key()) {
                self.0.values.insert(setting.key(), text.clone());
            }
        }
        Ok(())
    }
}

fn definitions() -> impl Iterator<Item = &'static dyn Definition> {
    let all = SECTIONS.iter().flat_map(|section| section.settings);
    all.copied().filter(|setting| KEYS.contains(&setting.key()))
}
