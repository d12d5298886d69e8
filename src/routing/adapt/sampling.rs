//! Temperature, `top_p`, `top_k` and the strings that end the answer.

use crate::proto::InferenceConfig;
use crate::provider::ReasoningMode;
use crate::registry::ReasoningStyle;
use crate::routing::adapt::fit::Fitting;

/// Least `top_p` that Claude takes while it reasons.
///
/// Source: Anthropic's documentation of extended thinking, seen 2026-11-23.
const LEAST_TOP_P: f32 = 0.95;

/// What the model's reasoning demands of sampling.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reasons {
    /// Nothing: it does not reason, or its family does not mind.
    Indifferently,
    /// Temperature 1, a high `top_p`, no `top_k`.
    LikeClaude,
    /// Neither temperature nor `top_p`.
    LikeNova,
}

impl Fitting<'_> {
    pub(super) fn sampling(&mut self) {
        let request = self.request;
        let Some(config) = &request.inference_config else {
            return;
        };
        let reasons = self.reasons();
        if let Some(problem) = self.temperature_problem(config, reasons) {
            self.leave_out("inference_config.temperature", problem);
            self.fit.adaptation.omit_temperature = true;
        }
        self.top_p(config, reasons);
        if let Some(problem) = self.top_k_problem(config, reasons) {
            self.leave_out("inference_config.top_k", problem);
            self.fit.adaptation.omit_top_k = true;
        }
    }

    /// Strings that end the answer: as many as the model takes, in the caller's order.
    pub(super) fn stop_sequences(&mut self) {
        const FIELD: &str = "inference_config.stop_sequences";
        let config = self.request.inference_config.as_ref();
        let asked = config.map_or(&[][..], |config| &config.stop_sequences);
        if asked.is_empty() {
            return;
        }
        let limit = self.abilities.max_stop_sequences();
        if limit == 0 {
            self.leave_out(FIELD, "the model does not take it");
            self.fit.adaptation.max_stop_sequences = Some(0);
            return;
        }
        let blank = asked.iter().filter(|text| text.trim().is_empty()).count();
        let mut left = asked.len();
        if blank > 0 && !self.model.capabilities.blank_stop_sequences {
            let change = format!("{blank} left out: the model takes no blank ones");
            self.change(FIELD, &change, "the model takes no blank ones");
            self.fit.adaptation.omit_blank_stop_sequences = true;
            left -= blank;
        }
        if u32::try_from(left).map_or(true, |left| left > limit) {
            let change = format!("cut to the first {limit}: the model takes no more");
            let problem = format!("the model takes at most {limit}, and {left} are set");
            self.change(FIELD, &change, &problem);
            self.fit.adaptation.max_stop_sequences = Some(limit);
        }
    }

    fn reasons(&self) -> Reasons {
        let asked = self.fit.adaptation.reasoning;
        let style = self.abilities.reasoning();
        if asked.is_none_or(|asked| asked.mode == ReasoningMode::Off) {
            Reasons::Indifferently
        } else if style.is_of_claude() {
            Reasons::LikeClaude
        } else if style == ReasoningStyle::Nova {
            Reasons::LikeNova
        } else {
            Reasons::Indifferently
        }
    }

    fn temperature_problem(
        &self,
        config: &InferenceConfig,
        reasons: Reasons,
    ) -> Option<&'static str> {
        let temperature = config.temperature?;
        if !self.abilities.takes_temperature() {
            return Some("the model does not take it");
        }
        match reasons {
            Reasons::LikeClaude if temperature != 1.0 => {
                Some("it must be 1 while the model reasons")
            }
            Reasons::LikeNova => Some("it cannot be set while the model reasons"),
            Reasons::Indifferently | Reasons::LikeClaude => None,
        }
    }

    fn top_p(&mut self, config: &InferenceConfig, reasons: Reasons) {
        const FIELD: &str = "inference_config.top_p";
        let Some(top_p) = config.top_p else {
            return;
        };
        let has_temperature = config.temperature.is_some() && !self.fit.adaptation.omit_temperature;
        let problem = if !self.abilities.takes_top_p() {
            "the model does not take it"
        } else if has_temperature && !self.abilities.takes_both() {
            // Temperature says what is wanted; the other refines it.
            let why = "left out: the model takes temperature or top_p, not both";
            self.adjust(FIELD, why);
            self.fit.adaptation.omit_top_p = true;
            return;
        } else if reasons == Reasons::LikeNova {
            "it cannot be set while the model reasons"
        } else if reasons == Reasons::LikeClaude && top_p < LEAST_TOP_P {
            "it must be at least 0.95 while the model reasons"
        } else {
            return;
        };
        self.leave_out(FIELD, problem);
        self.fit.adaptation.omit_top_p = true;
    }

    fn top_k_problem(&self, config: &InferenceConfig, reasons: Reasons) -> Option<&'static str> {
        config.top_k?;
        if !self.abilities.takes_top_k() {
            return Some("the model does not take it");
        }
        match reasons {
            Reasons::LikeClaude => Some("it cannot be set while the model reasons"),
            Reasons::Indifferently | Reasons::LikeNova => None,
        }
    }
}

#[cfg(test)]
#[path = "sampling_tests.rs"]
mod tests;
