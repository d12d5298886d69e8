//! What a failure says about a model itself, whoever calls it next: the values of the table's
//! circuit column.

use std::time::Duration;

/// What a failure does to the circuit of the model that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircuitEffect {
    /// Nothing: the request was at fault, or the gateway's credentials, whose provider sounds that
    /// alarm itself.
    Nothing,
    /// It counts; several of these open the circuit.
    Counts,
    /// The model is passed over for a while, after one of these already.
    Suspends(&'static Suspension),
}

/// A time for which a model is passed over.
#[derive(Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Why, as a clause that stands alone.
    pub why: &'static str,
    /// How long: the first time, then each next time in a row; the last from then on.
    pub steps: &'static [Duration],
    /// Whether it may be over at any moment, so that a call without another model is worth a try.
    pub passes_soon: bool,
    /// What somebody has to do, because it does not pass by itself.
    pub remedy: Option<&'static str>,
    /// Whether the model is gone for good.
    pub retires: bool,
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The account's rate for the model is used up.
pub(super) const THROTTLED: &Suspension = &Suspension {
    why: "Bedrock throttles it",
    steps: &[
        seconds(1),
        seconds(2),
        seconds(4),
        seconds(8),
        seconds(16),
        seconds(32),
        seconds(60),
    ],
    passes_soon: true,
    remedy: None,
    retires: false,
};

/// The model is being loaded.
pub(super) const NOT_READY: &Suspension = &Suspension {
    why: "it is not ready",
    steps: &[seconds(5)],
    passes_soon: true,
    remedy: None,
    retires: false,
};

/// The account's tokens of the day are used up. Short waits would try in vain all day.
pub(super) const DAILY_QUOTA: &Suspension = &Suspension {
    why: "the account's quota for a day is used up",
    steps: &[seconds(120), seconds(600), seconds(3_600), seconds(86_400)],
    passes_soon: false,
    remedy: None,
    retires: false,
};

/// Another quota of the account is used up.
pub(super) const QUOTA: &Suspension = &Suspension {
    why: "a quota of the account is used up",
    steps: &[seconds(300)],
    passes_soon: false,
    remedy: None,
    retires: false,
};

/// The account may not use the model.
pub(super) const ACCESS_DENIED: &Suspension = &Suspension {
    why: "the gateway's account may not use it",
    steps: &[seconds(300)],
    passes_soon: false,
    remedy: Some(
        "allow the gateway's role bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream on \
         the model and its inference profile, in every region of the profile, and \
         bedrock:CountTokens on the model",
    ),
    retires: false,
};

/// Bedrock does not know the target.
pub(super) const NOT_FOUND: &Suspension = &Suspension {
    why: "Bedrock does not know its id",
    steps: &[seconds(300)],
    passes_soon: false,
    remedy: Some(
        "check the model's id and region in the registry, whether the model still exists, and \
         whether access to it was granted",
    ),
    retires: false,
};

/// The account has not sent in the form that the model's provider asks for.
pub(super) const USE_CASE_MISSING: &Suspension = &Suspension {
    why: "the account has not sent in the use case details that its provider asks for",
    steps: &[seconds(300)],
    passes_soon: false,
    remedy: Some(
        "fill in the form in the model catalog of the Bedrock console; it takes effect after some \
         15 minutes",
    ),
    retires: false,
};

/// The model is legacy, and the account did not use it in the last 15 or 30 days.
pub(super) const LEGACY: &Suspension = &Suspension {
    why: "its provider marked it as legacy, and the account did not use it of late",
    steps: &[seconds(3_600)],
    passes_soon: false,
    remedy: Some("take the model out of the registry, and name its replacement there"),
    retires: false,
};

/// Bedrock does not run the model any more. That does not pass; once a day it is asked again all the
/// same, in case its words meant something else.
pub(super) const END_OF_LIFE: &Suspension = &Suspension {
    why: "Bedrock says that it reached its end of life",
    steps: &[seconds(86_400)],
    passes_soon: false,
    remedy: Some("take the model out of the registry, and name its replacement there"),
    retires: true,
};

/// The model is only offered through inference profiles.
pub(super) const NEEDS_PROFILE: &Suspension = &Suspension {
    why: "its id cannot be called as it is",
    steps: &[seconds(300)],
    passes_soon: false,
    remedy: Some("give the model an inference profile in the registry"),
    retires: false,
};

impl Suspension {
    /// How long it lasts when `earlier` of the same kind went before it in a row.
    pub fn step(&self, earlier: usize) -> Duration {
        let step = self.steps.get(earlier).or_else(|| self.steps.last());
        step.copied().unwrap_or_default()
    }
}
