//! Settings around the request: capacity, latency, a stored prompt's, and vendors' own fields.

use crate::proto::Capability;
use crate::routing::adapt::fit::Fitting;

impl Fitting<'_> {
    /// What is left out for every caller where it is not offered, and how the answer comes.
    pub(super) fn options(&mut self) {
        if self.needs.wants_optimized_latency && !self.abilities.can(Capability::OptimizedLatency) {
            self.fit.adaptation.omit_latency_mode = true;
            let why = "left out: the model has no latency-optimized variant";
            self.adjust("latency_mode", why);
        }
        if !self.abilities.runs_on(self.request.service_tier()) {
            self.fit.adaptation.omit_service_tier = true;
            let why = "left out: the model does not run on this tier";
            self.adjust("service_tier", why);
        }
        let has_tools = self.needs.implies(Capability::ToolUse);
        if !self.abilities.streams(has_tools) {
            self.fit.adaptation.whole_answer = true;
            if self.needs.wants_stream {
                let problem = if self.abilities.can(Capability::Streaming) {
                    "the model does not stream with tools"
                } else {
                    "the model does not stream"
                };
                self.adjust("stream", format!("made from a whole answer: {problem}"));
            }
        }
    }

    /// Vendors' fields do not follow to models of another provider.
    pub(super) fn additional_fields(&mut self, written_for: &str) {
        use crate::provider::Refusable;
        if !self.has_additional_fields() {
            return;
        }
        let provider = &self.model.provider;
        let problem = if !provider.eq_ignore_ascii_case(written_for) {
            "they were written for a model of another provider"
        } else if self.abilities.refused.has(Refusable::AdditionalFields) {
            "the model refused one of them"
        } else {
            return;
        };
        self.leave_out("additional_model_request_fields", problem);
        self.fit.adaptation.omit_additional_fields = true;
    }

    /// A stored prompt brings its own instructions, tools and parameters, and takes no others.
    pub(super) fn stored_prompt(&mut self) {
        const PROBLEM: &str = "the model is a stored prompt, which brings its own";
        if !self.request.system.is_empty() {
            self.problems.push(format!("system: {PROBLEM}"));
        }
        if self.request.tool_config.is_some() {
            self.problems.push(format!("tool_config: {PROBLEM}"));
        }
        let config = self.request.inference_config.as_ref();
        let is_set = |has: fn(&crate::proto::InferenceConfig) -> bool| config.is_some_and(has);
        let fields = [
            (
                "inference_config.max_tokens",
                is_set(|config| config.max_tokens.is_some()),
            ),
            (
                "inference_config.temperature",
                is_set(|config| config.temperature.is_some()),
            ),
            (
                "inference_config.top_p",
                is_set(|config| config.top_p.is_some()),
            ),
            (
                "inference_config.top_k",
                is_set(|config| config.top_k.is_some()),
            ),
            (
                "inference_config.stop_sequences",
                is_set(|config| !config.stop_sequences.is_empty()),
            ),
            ("reasoning_config", self.request.reasoning_config.is_some()),
            (
                "additional_model_request_fields",
                self.has_additional_fields(),
            ),
        ];
        for (field, is_set) in fields {
            if is_set {
                self.leave_out(field, PROBLEM);
            }
        }
        let adaptation = &mut self.fit.adaptation;
        adaptation.omit_max_tokens = true;
        adaptation.omit_temperature = true;
        adaptation.omit_top_p = true;
        adaptation.omit_top_k = true;
        adaptation.max_stop_sequences = Some(0);
        adaptation.omit_additional_fields = true;
    }

    fn has_additional_fields(&self) -> bool {
        let fields = self.request.additional_model_request_fields.as_ref();
        fields.is_some_and(|fields| !fields.fields.is_empty())
    }
}

#[cfg(test)]
#[path = "options_tests.rs"]
mod tests;
