//! From the settings to what follows from them: the same at the start and when they change.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tracing::warn;

use crate::app::error::StartError;
use crate::registry::ParseChoices;
use crate::registry::Registry;
use crate::registry::Warning;
use crate::routing::Availability;
use crate::routing::Policy;
use crate::settings::Settings;

/// Reads the registry, and makes the policy that these settings ask for.
///
/// # Errors
/// [`StartError`] if the registry cannot be had or does not have the default model.
pub(super) fn policy(settings: &Settings) -> Result<Policy, StartError> {
    let choices = ParseChoices {
        region: settings.bedrock.region.clone(),
        profile_account: settings.registry.profile_account.clone(),
    };
    let registry = Registry::load(&settings.registry.file, &choices)?;
    let default_model = settings.registry.default_model.clone();
    check_default_model(&registry, default_model.as_deref())?;
    let availability = Availability::new(
        settings.bedrock.region.clone(),
        settings.registry.try_retired_models,
    );
    Ok(Policy::new(
        Arc::new(registry),
        settings.routing.clone(),
        availability,
        default_model,
    ))
}

/// Logs what the operator should know about the models, unless it was said of the models before.
pub(super) fn log_warnings(registry: &Registry, before: Option<&Registry>) {
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let known: Vec<Warning> = before.map_or_else(Vec::new, |before| before.warnings(today));
    for warning in registry.warnings(today) {
        if !known.contains(&warning) {
            warn!("{warning}");
        }
    }
}

/// A default that does not exist would fail every call that names no model.
fn check_default_model(registry: &Registry, name: Option<&str>) -> Result<(), StartError> {
    match name {
        Some(name) if registry.find(name).is_none() => {
            Err(StartError::UnknownDefaultModel(name.to_owned()))
        }
        _ => Ok(()),
    }
}
