//! Whether a model can be called at all, whatever is asked of it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::proto::ErrorReason;
use crate::registry::Model;
use crate::routing::adapt::Skip;

/// What decides whether a model can be called at all.
#[derive(Clone, Debug)]
pub struct Availability {
    region: String,
    try_retired_models: bool,
}

impl Availability {
    /// For a gateway that calls Bedrock in `region`.
    pub fn new(region: String, try_retired_models: bool) -> Self {
        Self {
            region,
            try_retired_models,
        }
    }

    /// Why a model cannot be called now; `None` if it can.
    pub fn objection(&self, model: &Model) -> Option<Skip> {
        self.objection_on(model, today())
    }

    fn objection_on(&self, model: &Model, today: Date) -> Option<Skip> {
        if model.disabled {
            return Some(Skip {
                reason: ErrorReason::ModelDisabled,
                message: "the operator turned the model off".to_owned(),
            });
        }
        if !self.try_retired_models && model.lifecycle.is_over(today) {
            let end = model.lifecycle.end_of_life.map_or_else(
                || "the model is deprecated".to_owned(),
                |end| format!("the model reached its end of life on {end}"),
            );
            return Some(retired(model, &end));
        }
        if !model.is_offered_in(&self.region) {
            return Some(Skip {
                reason: ErrorReason::ModelNotInRegion,
                message: format!("the model is not offered in {}", self.region),
            });
        }
        None
    }
}

/// A model is gone for good, for this cause.
pub(super) fn retired(model: &Model, cause: &str) -> Skip {
    Skip {
        reason: ErrorReason::ModelRetired,
        message: match &model.lifecycle.replacement {
            Some(replacement) => format!("{cause}; use {replacement}"),
            None => cause.to_owned(),
        },
    }
}

/// The day in UTC, in which lifecycle dates are read.
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::registry::Lifecycle;
    use crate::routing::fixtures::model;

    fn reason(availability: &Availability, model: &Model) -> Option<ErrorReason> {
        availability
            .objection_on(model, date(2026, 11, 23))
            .map(|skip| skip.reason)
    }

    #[test]
    fn model_is_gone_from_its_last_day_on() {
        let here = Availability::new("us-east-1".to_owned(), false);
        let ending = |day| Model {
            lifecycle: Lifecycle {
                end_of_life: Some(date(2026, 11, day)),
                ..Lifecycle::default()
            },
            ..model("old", 1)
        };

        assert_eq!(reason(&here, &ending(24)), None);
        assert_eq!(reason(&here, &ending(23)), Some(ErrorReason::ModelRetired));
    }

    #[test]
    fn retired_model_is_tried_if_the_operator_says_so() {
        let everything = Availability::new("us-east-1".to_owned(), true);
        let deprecated = Model {
            lifecycle: Lifecycle {
                deprecated: true,
                ..Lifecycle::default()
            },
            ..model("old", 1)
        };

        assert_eq!(reason(&everything, &deprecated), None);
    }

    #[test]
    fn model_of_other_regions_is_not_called() {
        let elsewhere = Availability::new("eu-west-1".to_owned(), false);
        let american = Model {
            regions: vec!["us-east-1".to_owned()],
            ..model("american", 1)
        };

        assert_eq!(
            reason(&elsewhere, &american),
            Some(ErrorReason::ModelNotInRegion)
        );
        assert_eq!(reason(&elsewhere, &model("anywhere", 1)), None);
    }
}
