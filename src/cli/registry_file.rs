//! The models of a registry file, described as a gateway would describe them.
//!
//! Knows no health: a model is active unless the file turns it off or its end of life is past.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::proto;
use crate::proto::Pricing;
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
    Ok(models.map(|model| describe(model, today)).collect())
}

/// What the command prints of a model; the rest stays unset.
fn describe(model: &Model, today: Date) -> proto::Model {
    proto::Model {
        name: model.name.clone(),
        aliases: model.aliases.clone(),
        display_name: model.display_name.clone(),
        description: model.description.clone(),
        provider: model.provider.clone(),
        bedrock_model_id: model.target.invocation_id.clone(),
        region: model.target.region.clone(),
        priority: model.priority,
        state: state(model, today).into(),
        capabilities: model
            .capabilities
            .flags
            .iter()
            .map(|flag| (*flag).into())
            .collect(),
        context_window_tokens: count(model.limits.context_window_tokens),
        max_output_tokens: count(model.limits.max_output_tokens),
        pricing: model.prices.map(|prices| Pricing {
            currency_code: "USD".to_owned(),
            input_nanos_per_million_tokens: prices.input,
            output_nanos_per_million_tokens: prices.output,
            ..Pricing::default()
        }),
        retire_time: model.lifecycle.end_of_life.and_then(start_of_day),
        legacy_time: model.lifecycle.legacy.and_then(start_of_day),
        replacement: model.lifecycle.replacement.clone().unwrap_or_default(),
        ..proto::Model::default()
    }
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

fn start_of_day(date: Date) -> Option<prost_types::Timestamp> {
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(prost_types::Timestamp {
        seconds: zoned.timestamp().as_second(),
        nanos: 0,
    })
}

fn count(tokens: u32) -> i32 {
    i32::try_from(tokens).unwrap_or(i32::MAX)
}
