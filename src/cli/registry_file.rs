//! The models of a registry file, described as a gateway would describe them.
//!
//! Knows no health: a model is active unless the file turns it off or its end of life is past.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::proto;
use crate::proto::model::State;
use crate::registry::Model;
use crate::registry::ParseChoices;
use crate::registry::Registry;
use crate::settings::Environment;
use crate::settings::Flags;
use crate::settings::RegistrySource;
use crate::settings::load;

/// Reads a file as a gateway with these variables would: they say which region is called, and how
/// the account in profile ARNs is treated.
///
/// # Errors
/// Everything that is wrong with the variables, or else with the file.
pub(super) fn models(
    file: PathBuf,
    environment: &Environment,
) -> anyhow::Result<Vec<proto::Model>> {
    let settings = load(&Flags::default(), environment)?;
    let choices = ParseChoices {
        region: settings.bedrock.region,
        profile_account: settings.registry.profile_account,
    };
    let registry = Registry::load(&RegistrySource::File(file), &choices)?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let models = registry.models().iter();
    Ok(models
        .map(|model| model.describe(state(model, today)))
        .collect())
}

fn state(model: &Model, today: Date) -> State {
    if model.disabled {
        State::Disabled
    } else if model.lifecycle.is_over(today) {
        State::Retired
    } else {
        State::Active
    }
}
