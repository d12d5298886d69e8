//! Registry files: where their text comes from, and their models as a gateway would describe them.
//!
//! Knows no health: a model is active unless the file turns it off, its end of life is past, or it
//! is not offered in the region.

use std::fs;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::proto;
use crate::proto::model::State;
use crate::registry::LoadError;
use crate::registry::Model;
use crate::registry::ParseChoices;
use crate::registry::Registry;
use crate::registry::RegistryErrors;
use crate::settings::RegistrySource;
use crate::settings::Settings;

/// Stands for standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// Stands for the file that `serve` would take.
const AUTO: &str = "auto";

/// A registry file, not yet read.
pub(super) struct RegistryFile {
    /// What people call it.
    pub(super) name: String,
    /// What stands in it.
    pub(super) text: String,
}

impl RegistryFile {
    /// The file at a path, or what [`STANDARD_INPUT`] or [`AUTO`] stand for.
    ///
    /// # Errors
    /// [`LoadError::Unreadable`].
    pub(super) fn open(
        path: &Path,
        settings: &Settings,
        input: &mut dyn Read,
    ) -> Result<Self, LoadError> {
        let (name, text) = if path == Path::new(STANDARD_INPUT) {
            let mut text = String::new();
            let read = input.read_to_string(&mut text).map(|_bytes| text);
            ("standard input".to_owned(), read)
        } else if path == Path::new(AUTO) {
            let source = &settings.registry.file;
            return Ok(Self {
                name: name_of(source),
                text: Registry::text(source)?,
            });
        } else {
            (path.display().to_string(), fs::read_to_string(path))
        };
        match text {
            Ok(text) => Ok(Self { name, text }),
            Err(source) => Err(LoadError::Unreadable {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// What a gateway with these settings would make of it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn parse(&self, settings: &Settings) -> Result<Registry, RegistryErrors> {
        let choices = ParseChoices {
            region: settings.bedrock.region.clone(),
            profile_account: settings.registry.profile_account.clone(),
        };
        Registry::parse(&self.text, &choices)
    }

    /// The same where a file that is wrong ends the command.
    ///
    /// # Errors
    /// [`LoadError::Invalid`].
    pub(super) fn load(&self, settings: &Settings) -> Result<Registry, LoadError> {
        self.parse(settings).map_err(|errors| LoadError::Invalid {
            source_name: self.name.clone(),
            errors,
        })
    }
}

fn name_of(source: &RegistrySource) -> String {
    match source {
        RegistrySource::Embedded => "(inside the program)".to_owned(),
        RegistrySource::File(path) => path.display().to_string(),
    }
}

/// A model as a gateway with these settings would describe it today.
pub(super) fn describe(model: &Model, settings: &Settings) -> proto::Model {
    model.describe(state(model, settings, today()))
}

/// The day in UTC, in which lifecycle dates are read.
pub(super) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

fn state(model: &Model, settings: &Settings, today: Date) -> State {
    let is_tried = !model.lifecycle.is_over(today) || settings.registry.try_retired_models;
    if model.disabled {
        State::Disabled
    } else if !is_tried {
        State::Retired
    } else if !model.is_offered_in(&settings.bedrock.region) {
        State::Disabled
    } else {
        State::Active
    }
}
