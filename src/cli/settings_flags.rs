//! The flags that set settings, made from the definitions.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::Arg;
use clap::ArgMatches;
use clap::Args;
use clap::Command;
use clap::FromArgMatches;
use clap::builder::PossibleValue;
use clap::builder::StringValueParser;
use clap::builder::TypedValueParser;
use clap::error::Error;
use clap::value_parser;

use crate::settings::Definition;
use crate::settings::Flags;
use crate::settings::SECTIONS;

/// `--config FILE` and one flag for each setting.
#[derive(Clone, Debug, Default)]
pub(super) struct SettingsFlags(Flags);

impl SettingsFlags {
    /// What the flags say.
    pub(super) fn into_flags(self) -> Flags {
        self.0
    }
}

impl Args for SettingsFlags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Settings file in TOML; config/gateway.example.toml shows every setting")
            .long_help(
                "Settings file in TOML; config/gateway.example.toml shows every setting. \
                 Environment variables override it, flags override both.\n\n\
                 [variable: BEDROCK_GATEWAY_CONFIG]",
            );
        let mut command = command.arg(file);
        for section in SECTIONS {
            let heading = format!("[{}] {}", section.name, first_sentence(section.title));
            for setting in section.settings {
                command = command.arg(flag(*setting).help_heading(heading.clone()));
            }
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SettingsFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        if let Some(file) = matches.get_one::<PathBuf>("config") {
            self.0.file = Some(file.clone());
        }
        for setting in SECTIONS.iter().flat_map(|section| section.settings) {
            if let Some(text) = matches.get_one::<String>(setting.key()) {
                self.0.values.insert(setting.key(), text.clone());
            }
        }
        Ok(())
    }
}

/// The flag of a setting. Its text is checked with the other sources, not by clap.
pub(super) fn flag(setting: &'static dyn Definition) -> Arg {
    let default = setting.default_text();
    let variables: Vec<String> = [setting.variable()]
        .into_iter()
        .chain(setting.shared().iter().map(|shared| shared.name.to_owned()))
        .collect();
    let arg = Arg::new(setting.key())
        .long(setting.flag())
        .aliases(setting.short_flag().map(|_| setting.long_flag()))
        .value_name(setting.placeholder())
        .value_parser(Suggesting(setting.suggestions()))
        .hide_possible_values(true)
        .allow_hyphen_values(true)
        .help(format!(
            "{} [default: {default}]",
            first_sentence(setting.about())
        ))
        .long_help(format!(
            "{}\n\n[default: {default}] [allowed: {}]\n[variable: {}]",
            setting.about(),
            setting.allowed(),
            variables.join(", "),
        ));
    if setting.is_switch() {
        // `--emulator` alone means true; `--server-reflection=false` needs the `=`.
        arg.num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
    } else {
        arg
    }
}

/// Takes any text, and has shells complete some.
#[derive(Clone)]
struct Suggesting(&'static [&'static str]);

impl TypedValueParser for Suggesting {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values = (!self.0.is_empty()).then(|| self.0.iter().map(PossibleValue::new))?;
        Some(Box::new(values))
    }
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ")
        .map_or_else(|| text.trim_end_matches('.'), |(first, _)| first)
}
