//! Does this model suit this request, and what is sent differently to it. Pure.
//!
//! Read are only the request, what the registry says of the model, and what the model refused
//! before. What changes the meaning of a request (content, tools, output form, guardrails, system
//! text) is never changed: a model that cannot take it is passed over. A setting that the model
//! does not take is left out if the caller allows it. What is safe to change is changed for
//! everybody. Every change is reported as an adjustment.

mod fit;
mod must_have;
mod tokens;
mod history;
mod reasoning;
mod sampling;
mod options;

#[cfg(test)]
mod support_tests;

pub use fit::Skip;
pub(super) use fit::{Fit, adapt, adapt_to_count};
