//! The order of the rules, and what they have in common.

use crate::proto::Adjustment;
use crate::proto::ErrorReason;
use crate::proto::InvokeRequest;
use crate::proto::routing_config::UnsupportedFieldPolicy;
use crate::provider::Adaptation;
use crate::registry::Model;
use crate::routing::abilities::Abilities;
use crate::routing::learned::Refusals;
use crate::routing::needs::Needs;

/// Why a candidate is not called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The machine-readable cause.
    pub reason: ErrorReason,
    /// The cause for a developer.
    pub message: String,
}

/// How a candidate is called.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::routing) struct Fit {
    /// What is sent differently.
    pub(in crate::routing) adaptation: Adaptation,
    /// The same, for the caller.
    pub(in crate::routing) adjustments: Vec<Adjustment>,
}

/// Whether a model suits a request, and what is sent differently to it.
///
/// `refused` is what the model refused before. `written_for` is the provider whose models the
/// caller had in mind when it set `additional_model_request_fields`.
///
/// # Errors
/// [`Skip`] if the model cannot take something that must not be left out, with everything of that
/// kind; or if the input surely exceeds its context window.
pub(in crate::routing) fn adapt(
    request: &InvokeRequest,
    needs: &Needs,
    model: &Model,
    refused: Refusals,
    written_for: &str,
) -> Result<Fit, Skip> {
    let mut fitting = Fitting::new(request, needs, model, refused);
    fitting.must_have();
    fitting.max_tokens()?;
    fitting.history();
    if model.target.is_prompt {
        fitting.stored_prompt();
    } else {
        fitting.reasoning();
        fitting.sampling();
        fitting.stop_sequences();
        fitting.additional_fields(written_for);
    }
    fitting.options();
    if fitting.problems.is_empty() {
        Ok(fitting.fit)
    } else {
        Err(Skip {
            reason: ErrorReason::CapabilityUnsupported,
            message: fitting.problems.join("; "),
        })
    }
}

/// What is sent differently so that a model counts a conversation: what it does not take of any.
/// Whether it suits the rest is for the call that shall be answered; and whoever asks how long an
/// input is wants to know, however long it is.
pub(in crate::routing) fn adapt_to_count(
    request: &InvokeRequest,
    needs: &Needs,
    model: &Model,
    refused: Refusals,
) -> Fit {
    let mut fitting = Fitting::new(request, needs, model, refused);
    fitting.history();
    fitting.fit
}

/// A request that is being fitted to a model. The rules are methods, by subject, in the files
/// beside this one.
pub(super) struct Fitting<'a> {
    pub(super) request: &'a InvokeRequest,
    pub(super) needs: &'a Needs,
    pub(super) model: &'a Model,
    /// What the model can do as far as is known.
    pub(super) abilities: Abilities<'a>,
    may_drop: bool,
    /// Most tokens of output that fit into the model beside the input.
    pub(super) ceiling: i32,
    pub(super) fit: Fit,
    /// What the model cannot take and must not be left out.
    pub(super) problems: Vec<String>,
}

impl<'a> Fitting<'a> {
    fn new(
        request: &'a InvokeRequest,
        needs: &'a Needs,
        model: &'a Model,
        refused: Refusals,
    ) -> Self {
        Self {
            request,
            needs,
            model,
            abilities: Abilities { model, refused },
            may_drop: may_drop_fields(request),
            ceiling: 0,
            fit: Fit::default(),
            problems: Vec::new(),
        }
    }

    /// A setting is left out, if the caller allows it; else the model does not suit.
    pub(super) fn leave_out(&mut self, field: &str, problem: &str) {
        self.change(field, &format!("left out: {problem}"), problem);
    }

    /// A setting is changed, if the caller allows to leave it out; else the model does not suit.
    pub(super) fn change(&mut self, field: &str, change: &str, problem: &str) {
        if self.may_drop {
            self.adjust(field, change);
        } else {
            self.problems.push(format!("{field}: {problem}"));
        }
    }

    /// Reports a change.
    pub(super) fn adjust(&mut self, field: impl Into<String>, description: impl Into<String>) {
        self.fit.adjustments.push(Adjustment {
            field: field.into(),
            description: description.into(),
        });
    }
}

fn may_drop_fields(request: &InvokeRequest) -> bool {
    request.routing_config.as_ref().is_some_and(|config| {
        config.unsupported_field_policy() == UnsupportedFieldPolicy::DropField
    })
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
