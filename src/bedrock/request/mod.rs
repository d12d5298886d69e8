//! A request of the API as input of the SDK, by kind of content.
//!
//! What cannot be carried is refused with its field's path; nothing is left out that routing did
//! not ask to leave out.

mod converse;
mod count_tokens;
mod media;
mod messages;
mod parameters;
mod reasoning;
pub(super) mod refused;
mod tools;

use crate::bedrock::raw_json::RawJson;
use crate::provider::Adaptation;
use crate::registry::Model;

pub(super) use converse::prepare;
pub(super) use count_tokens::count_tokens_input;

/// What the conversion of any part may need to know, and the JSON it sets aside.
struct Sending<'a> {
    model: &'a Model,
    adaptation: &'a Adaptation,
    json: RawJson,
}

impl Sending<'_> {
    /// Whether a reasoning block of this model is to be left out.
    fn omits_reasoning_of(&self, model: &str) -> bool {
        self.adaptation.omit_foreign_reasoning && !self.model.keeps_reasoning_of(model)
    }
}
