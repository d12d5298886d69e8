//! Settings that can be read again while the program runs.
//!
//! Says what of the change takes effect and what needs a restart; the table says it of each
//! setting. Does not watch the file.

use std::path::Path;
use std::path::PathBuf;

use super::Settings;
use super::define::Definition;
use super::error::SettingsError;
use super::error::Source;
use super::load;
use super::load::Environment;
use super::load::Flags;
use super::raw::RawSettings;
use super::table::definitions;
use super::validate::validate;

/// The settings in force, and where they come from.
#[derive(Clone)]
pub struct LoadedSettings {
    /// What is in force.
    pub settings: Settings,
    raw: RawSettings,
    flags: Flags,
    environment: Environment,
}

/// What reading again found.
pub struct Reread {
    /// What is in force from now on: settings that need a restart are as they were.
    pub loaded: LoadedSettings,
    /// Keys of the settings that changed.
    pub changed: Vec<&'static str>,
    /// Keys of the settings that would have changed, had the program been started anew.
    pub need_restart: Vec<&'static str>,
}

impl LoadedSettings {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// As [`load`](super::load()).
    pub fn read(flags: Flags, environment: Environment) -> Result<Self, SettingsError> {
        let (settings, raw) = load::read(&flags, &environment)?;
        Ok(Self {
            settings,
            raw,
            flags,
            environment,
        })
    }

    /// The settings file, if there is one.
    pub fn file(&self) -> Option<PathBuf> {
        load::file(&self.flags, &self.environment)
    }

    /// Where the value of a setting was written; `None` if it is the default.
    pub fn origin(&self, key: &str) -> Option<&Source> {
        self.raw.written(key).map(|written| &written.origin)
    }

    /// Reads and checks the settings again. Flags and environment belong to the process and stay.
    ///
    /// # Errors
    /// As [`load`](super::load()).
    pub fn read_again(&self) -> Result<Reread, SettingsError> {
        let (_, mut raw) = load::read(&self.flags, &self.environment)?;
        let (changed, need_restart): (Vec<_>, Vec<_>) = definitions()
            .filter(|definition| is_changed(*definition, &self.raw, &raw))
            .partition(|definition| definition.is_live());
        for definition in definitions().filter(|definition| !definition.is_live()) {
            raw.take(definition, &self.raw);
        }
        let mut problems = Vec::new();
        let settings = validate(&raw, Path::new("."), &mut problems);
        if !problems.is_empty() {
            return Err(SettingsError { problems });
        }
        let keys = |definitions: Vec<&'static dyn Definition>| {
            let keys = definitions.into_iter().map(Definition::key);
            keys.collect()
        };
        Ok(Reread {
            loaded: Self {
                settings,
                raw,
                ..self.clone()
            },
            changed: keys(changed),
            need_restart: keys(need_restart),
        })
    }
}

/// Whether a setting has another value, however it is written.
fn is_changed(definition: &dyn Definition, old: &RawSettings, new: &RawSettings) -> bool {
    let value = |raw: &RawSettings| {
        raw.written(definition.key()).map_or_else(
            || Some(definition.default_text()),
            |written| definition.normal(&written.with_unit()),
        )
    };
    value(old) != value(new)
}

#[cfg(test)]
#[path = "reload_tests.rs"]
mod tests;
