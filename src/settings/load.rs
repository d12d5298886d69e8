//! Reads the settings: file < environment < flags.
//!
//! The only place of the program that reads the environment, once, in [`Environment::of_process`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use super::Settings;
use super::error::Problem;
use super::error::SettingsError;
use super::raw::FILE_VARIABLE;
use super::raw::RawSettings;
use super::validate::validate;

/// Environment variables, as they were at one moment.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The variables of this process.
    #[must_use]
    pub fn of_process() -> Self {
        std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
            .collect()
    }

    /// What a variable holds; `None` if it is not set, empty, or not UTF-8.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.to_str()?;
        (!value.is_empty()).then_some(value)
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// What a command line says about the settings.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The settings file, which otherwise the variable `BEDROCK_GATEWAY_CONFIG` names.
    pub file: Option<PathBuf>,
    /// Texts by key of the setting.
    pub values: BTreeMap<&'static str, String>,
}

/// Reads and checks the settings. Without a file, no file is looked for.
///
/// # Errors
/// Every problem at once: of the file, the environment, the flags, and of values that do not go
/// together. A value that a stronger source replaces is not checked.
pub fn load(flags: &Flags, environment: &Environment) -> Result<Settings, SettingsError> {
    read(flags, environment).map(|(settings, _)| settings)
}

/// The same, with what was written.
pub(super) fn read(
    flags: &Flags,
    environment: &Environment,
) -> Result<(Settings, RawSettings), SettingsError> {
    let mut raw = RawSettings::default();
    let mut problems = Vec::new();

    if let Some(path) = file(flags, environment) {
        match fs::read_to_string(&path) {
            Ok(text) => raw.read_file(&path, &text, &mut problems),
            Err(error) => problems.push(Problem::Unreadable {
                path,
                cause: error.to_string(),
            }),
        }
    }
    raw.read_environment(&environment.0, &mut problems);
    raw.read_flags(&flags.values);

    let settings = validate(&raw, Path::new("."), &mut problems);
    if problems.is_empty() {
        Ok((settings, raw))
    } else {
        // In the order in which an operator goes through a file; what has no place comes last.
        problems.sort_by_key(|problem| (problem.origin().is_none(), problem.origin().cloned()));
        Err(SettingsError { problems })
    }
}

/// The settings file that was named.
pub(super) fn file(flags: &Flags, environment: &Environment) -> Option<PathBuf> {
    let named_by_variable = environment
        .0
        .get(FILE_VARIABLE)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    flags.file.clone().or(named_by_variable)
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
