//! What the conversion of any part may need to know, and the JSON it sets aside.

use crate::bedrock::raw_json::RawJson;
use crate::provider::Adaptation;
use crate::registry::Model;

/// A request on its way to one model.
pub(super) struct Sending<'a> {
    /// The model that will be called.
    pub(super) model: &'a Model,
    /// What routing decided to send differently.
    pub(super) adaptation: &'a Adaptation,
    /// The JSON that stands outside the SDK's input.
    pub(super) json: RawJson,
}

impl Sending<'_> {
    /// Whether a reasoning block of this model is to be left out.
    pub(super) fn omits_reasoning_of(&self, model: &str) -> bool {
        self.adaptation.omit_foreign_reasoning && !self.model.keeps_reasoning_of(model)
    }
}
