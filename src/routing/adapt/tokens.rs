//! What fits into the model: the input into its window, and how much is left for the answer.

use prost_types::Struct;

use crate::proto::ErrorReason;
use crate::routing::adapt::Skip;
use crate::routing::adapt::fit::Fitting;

/// Switches that only one provider knows, among them one that widens the window.
const WINDOW_SWITCH: &str = "anthropic_beta";

impl Fitting<'_> {
    /// Decides on the tokens of the answer.
    ///
    /// # Errors
    /// [`Skip`] if the input alone surely exceeds the window.
    pub(super) fn max_tokens(&mut self) -> Result<(), Skip> {
        let limits = &self.model.limits;
        let limit = i32::try_from(limits.max_output_tokens).unwrap_or(i32::MAX);
        let asked = self
            .request
            .inference_config
            .as_ref()
            .and_then(|config| config.max_tokens);
        let tokens = asked.unwrap_or_else(|| {
            i32::try_from(limits.default_max_tokens).map_or(limit, |tokens| tokens.min(limit))
        });
        self.ceiling = limit.min(self.room(limit)?);
        let sent = tokens.min(self.ceiling);
        self.fit.adaptation.max_tokens = sent;
        if asked.is_some() && sent < tokens && !self.model.target.is_prompt {
            let why = if sent < limit {
                "what the context window leaves beside the input"
            } else {
                "the model's limit"
            };
            let change = format!("reduced from {tokens} to {sent}, {why}");
            self.adjust("inference_config.max_tokens", change);
        }
        Ok(())
    }

    /// Most tokens of an answer that may fit into the window beside the input. Not looked at closely
    /// if it is `limit` or more.
    fn room(&self, limit: i32) -> Result<i32, Skip> {
        let window = u64::from(self.model.limits.context_window_tokens);
        let fields = self.request.additional_model_request_fields.as_ref();
        if window == 0 || fields.is_some_and(may_widen_the_window) {
            return Ok(i32::MAX);
        }
        let answer = u64::try_from(limit).unwrap_or(0);
        let enough = window.saturating_sub(answer);
        let Some(least) = self.needs.input_tokens_above(self.request, enough) else {
            return Ok(i32::MAX);
        };
        if least >= window {
            return Err(Skip {
                reason: ErrorReason::UpstreamContextWindowExceeded,
                message: format!(
                    "the input has at least {least} tokens and leaves no room in the {window} of {}",
                    self.model.name
                ),
            });
        }
        Ok(i32::try_from(window - least).unwrap_or(i32::MAX))
    }
}

fn may_widen_the_window(fields: &Struct) -> bool {
    fields.fields.contains_key(WINDOW_SWITCH)
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
