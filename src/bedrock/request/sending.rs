//! What the conversion of any part may need to know, and the JSON it sets aside.

use crate::bedrock::raw_json::RawJson;
use crate::proto::ReasoningBlock;
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
    /// Whether cache points among the tools are to be left out.
    pub(super) fn omits_tool_cache_points(&self) -> bool {
        self.adaptation.omit_cache_points || self.adaptation.omit_tool_cache_points
    }

    /// Whether this reasoning block is to be left out.
    pub(super) fn omits_reasoning(&self, block: &ReasoningBlock) -> bool {
        !self.adaptation.keeps_reasoning(block, self.model)
    }
}
