//! How facts about a model are worded: numbers, days, states.

use clap::builder::styling::AnsiColor;
use clap::builder::styling::Effects;
use clap::builder::styling::Style;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::proto::Model;
use crate::proto::model::State;

/// Stands for what is not known.
pub(super) const UNKNOWN: &str = "-";

/// A text, or [`UNKNOWN`] if it is empty.
pub(super) fn known(text: &str) -> String {
    if text.is_empty() { UNKNOWN } else { text }.to_owned()
}

/// A list with commas, or [`UNKNOWN`] if it is empty.
pub(super) fn listed(items: &[String], separator: &str) -> String {
    known(&items.join(separator))
}

/// A number of tokens; zero means that it is not known.
pub(super) fn tokens(count: i32) -> String {
    if count == 0 {
        return UNKNOWN.to_owned();
    }
    count.to_string()
}

/// The day of a moment, in UTC.
pub(super) fn day(time: prost_types::Timestamp) -> Option<Date> {
    let time = Timestamp::from_second(time.seconds).ok()?;
    Some(time.to_zoned(TimeZone::UTC).date())
}

/// Days from today until a day; negative if it is past.
pub(super) fn days_until(day: Date, today: Date) -> i32 {
    (day - today).get_days()
}

/// The state of a model in one word: that of the API, but a model that is not offered in the region
/// says so.
pub(in crate::cli) fn state(model: &Model) -> &'static str {
    match model.state() {
        State::Unspecified => "unknown",
        State::Active => "active",
        State::Suspended => "suspended",
        State::Disabled if is_elsewhere(model) => "elsewhere",
        State::Disabled => "disabled",
        State::Retired => "retired",
    }
}

/// What the state means for a call, in a phrase.
pub(super) fn state_meaning(model: &Model) -> String {
    match model.state() {
        State::Unspecified => "the gateway does not say".to_owned(),
        State::Active => "it is tried".to_owned(),
        State::Suspended => {
            "left alone for now after failures, and tried again by itself".to_owned()
        }
        State::Disabled if is_elsewhere(model) => format!(
            "not offered in {}; calls skip it with MODEL_NOT_IN_REGION",
            model.region
        ),
        State::Disabled => "turned off by the operator; calls skip it".to_owned(),
        State::Retired => "past its end of life; calls skip it with MODEL_RETIRED".to_owned(),
    }
}

/// The colour of a state.
pub(super) fn state_style(model: &Model) -> Style {
    match model.state() {
        State::Active => AnsiColor::Green.on_default(),
        State::Suspended => AnsiColor::Yellow.on_default(),
        State::Retired => AnsiColor::Red.on_default(),
        State::Unspecified | State::Disabled => Style::new() | Effects::DIMMED,
    }
}

fn is_elsewhere(model: &Model) -> bool {
    !model.regions.is_empty() && !model.regions.contains(&model.region)
}

/// "tool use" of `CAPABILITY_TOOL_USE`.
pub(super) fn capability(name: &str) -> String {
    let name = name.strip_prefix("CAPABILITY_").unwrap_or(name);
    name.to_lowercase().replace('_', " ")
}

/// Bytes as megabytes of 1,048,576, with at most two decimals.
pub(super) fn megabytes(bytes: i32) -> String {
    let hundredths = i64::from(bytes) * 100 / 1_048_576;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} MB")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn model(state: State, regions: &[&str]) -> Model {
        Model {
            state: state.into(),
            region: "us-east-1".to_owned(),
            regions: regions.iter().map(|region| (*region).to_owned()).collect(),
            ..Model::default()
        }
    }

    #[test]
    fn a_model_of_other_regions_is_elsewhere() {
        assert_eq!(state(&model(State::Disabled, &["eu-west-1"])), "elsewhere");
        assert_eq!(state(&model(State::Disabled, &["us-east-1"])), "disabled");
        assert_eq!(state(&model(State::Disabled, &[])), "disabled");
        assert_eq!(state(&model(State::Retired, &["eu-west-1"])), "retired");
    }

    #[test]
    fn days_count_down_over_months() {
        let today = date(2026, 11, 29);

        assert_eq!(days_until(date(2027, 1, 8), today), 40);
        assert_eq!(days_until(today, today), 0);
        assert_eq!(days_until(date(2026, 1, 31), today), -302);
    }

    #[test]
    fn sizes_are_shown_as_aws_writes_them() {
        assert_eq!(megabytes(3_932_160), "3.75 MB");
        assert_eq!(megabytes(4_718_592), "4.5 MB");
        assert_eq!(megabytes(26_214_400), "25 MB");
        assert_eq!(megabytes(1_000), "0 MB");
    }

    #[test]
    fn capabilities_are_words() {
        assert_eq!(
            capability("CAPABILITY_STREAMING_TOOL_USE"),
            "streaming tool use"
        );
    }
}
