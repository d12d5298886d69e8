//! Does this model suit this request, and what is sent differently to it. Pure.
//!
//! What changes the meaning of a request (content, tools, output form, guardrails, system text) is
//! never changed: a model that cannot take it is skipped. Everything that is changed is reported
//! as an adjustment.

use crate::proto::Adjustment;
use crate::proto::Capability;
use crate::proto::ErrorReason;
use crate::proto::InvokeRequest;
use crate::proto::routing_config::UnsupportedFieldPolicy;
use crate::provider::Adaptation;
use crate::registry::Model;
use crate::registry::ReasoningStyle;
use crate::registry::Sampling;
use crate::registry::TopK;
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
pub(super) struct Fit {
    /// What is sent differently.
    pub(super) adaptation: Adaptation,
    /// The same, for the caller.
    pub(super) adjustments: Vec<Adjustment>,
}

/// Smallest budget Claude accepts for thinking, in tokens.
///
/// Source: Amazon Bedrock user guide, extended thinking, seen 2026-11.
const LEAST_THINKING_TOKENS: i32 = 1024;

/// Whether a model suits a request, and what is sent differently to it.
///
/// `written_for` is the provider whose models the caller had in mind when it set
/// `additional_model_request_fields`.
///
/// # Errors
/// [`Skip`] if the model cannot take something that must not be left out.
pub(super) fn adapt(
    request: &InvokeRequest,
    needs: Needs,
    model: &Model,
    written_for: &str,
) -> Result<Fit, Skip> {
    let missing: Vec<&str> = needs
        .capabilities()
        .filter(|capability| !model.can(*capability))
        .map(capability_name)
        .collect();
    if !missing.is_empty() {
        return Err(unsupported(format!(
            "the model lacks {}",
            missing.join(", ")
        )));
    }
    let mut fitting = Fitting {
        request,
        needs,
        model,
        may_drop: may_drop_fields(request),
        fit: Fit::default(),
    };
    fitting.max_tokens();
    fitting.reasoning()?;
    fitting.sampling()?;
    fitting.history();
    fitting.vendor_fields(written_for)?;
    fitting.streaming();
    Ok(fitting.fit)
}

impl Fit {
    /// Leaves the cache points out after all. `false` if there is nothing to leave out.
    pub(super) fn leave_out_cache_points(&mut self, needs: Needs) -> bool {
        let has_any = needs.has_cache_points && !self.adaptation.omit_cache_points;
        if has_any {
            self.adaptation.omit_cache_points = true;
            self.adjustments.push(Adjustment {
                field: "cache_point".to_owned(),
                description: "left out: the model refused to cache the prompt".to_owned(),
            });
        }
        has_any
    }
}

struct Fitting<'a> {
    request: &'a InvokeRequest,
    needs: Needs,
    model: &'a Model,
    may_drop: bool,
    fit: Fit,
}

impl Fitting<'_> {
    fn max_tokens(&mut self) {
        let limits = &self.model.limits;
        let limit = i32::try_from(limits.max_output_tokens).unwrap_or(i32::MAX);
        let asked = self
            .request
            .inference_config
            .as_ref()
            .and_then(|config| config.max_tokens);
        self.fit.adaptation.max_tokens = match asked {
            Some(asked) if asked > limit => {
                self.adjust(
                    "inference_config.max_tokens",
                    format!("reduced from {asked} to {limit}, the model's limit"),
                );
                limit
            }
            Some(asked) => asked,
            None => {
                i32::try_from(limits.default_max_tokens).map_or(limit, |tokens| tokens.min(limit))
            }
        };
    }

    fn reasoning(&mut self) -> Result<(), Skip> {
        let Some(config) = &self.request.reasoning_config else {
            return Ok(());
        };
        let problem = match self.model.capabilities.reasoning {
            ReasoningStyle::None if self.needs.wants_reasoning => Some("the model does not reason"),
            ReasoningStyle::Always | ReasoningStyle::AlwaysAdaptive
                if self.needs.refuses_reasoning =>
            {
                Some("the model always reasons")
            }
            ReasoningStyle::Always if config.effort != 0 || config.budget_tokens.is_some() => {
                Some("the model takes neither an effort nor a budget")
            }
            ReasoningStyle::Adaptive | ReasoningStyle::AlwaysAdaptive
                if config.budget_tokens.is_some() =>
            {
                Some("the model takes no budget")
            }
            ReasoningStyle::Budget
                if self.needs.wants_reasoning
                    && self.fit.adaptation.max_tokens <= LEAST_THINKING_TOKENS =>
            {
                Some("the model needs more than 1024 max_tokens to reason")
            }
            ReasoningStyle::None
            | ReasoningStyle::Budget
            | ReasoningStyle::BudgetOrAdaptive
            | ReasoningStyle::Adaptive
            | ReasoningStyle::AlwaysAdaptive
            | ReasoningStyle::Effort
            | ReasoningStyle::EffortOrNone
            | ReasoningStyle::NestedEffort
            | ReasoningStyle::NestedEffortOrNone
            | ReasoningStyle::Qwen
            | ReasoningStyle::Nova
            | ReasoningStyle::Always => None,
        };
        if let Some(problem) = problem {
            self.leave_out("reasoning_config", problem)?;
            self.fit.adaptation.omit_reasoning_config = true;
        }
        Ok(())
    }

    fn sampling(&mut self) -> Result<(), Skip> {
        let Some(config) = &self.request.inference_config else {
            return Ok(());
        };
        let thinks = self.needs.wants_reasoning
            && !self.fit.adaptation.omit_reasoning_config
            && matches!(
                self.model.capabilities.reasoning,
                ReasoningStyle::Budget
                    | ReasoningStyle::BudgetOrAdaptive
                    | ReasoningStyle::Adaptive
                    | ReasoningStyle::AlwaysAdaptive
            );
        let sampling = self.model.capabilities.sampling;
        if config.temperature.is_some() {
            if sampling == Sampling::None {
                self.leave_out("inference_config.temperature", "the model does not take it")?;
                self.fit.adaptation.omit_temperature = true;
            } else if thinks && config.temperature != Some(1.0) {
                self.leave_out(
                    "inference_config.temperature",
                    "it must be 1 while the model reasons",
                )?;
                self.fit.adaptation.omit_temperature = true;
            }
        }
        if config.top_p.is_some() {
            if sampling == Sampling::None {
                self.leave_out("inference_config.top_p", "the model does not take it")?;
                self.fit.adaptation.omit_top_p = true;
            } else if sampling == Sampling::One
                && config.temperature.is_some()
                && !self.fit.adaptation.omit_temperature
            {
                let reason = "left out: the model takes temperature or top_p, not both";
                self.adjust("inference_config.top_p", reason.to_owned());
                self.fit.adaptation.omit_top_p = true;
            }
        }
        if config.top_k.is_some() {
            if self.model.capabilities.top_k == TopK::None || sampling == Sampling::None {
                self.leave_out("inference_config.top_k", "the model does not take it")?;
                self.fit.adaptation.omit_top_k = true;
            } else if thinks {
                self.leave_out(
                    "inference_config.top_k",
                    "it cannot be set while the model reasons",
                )?;
                self.fit.adaptation.omit_top_k = true;
            }
        }
        Ok(())
    }

    /// Parts of the conversation that only some models may see again.
    fn history(&mut self) {
        if self.needs.has_reasoning_blocks {
            self.fit.adaptation.omit_foreign_reasoning = true;
            self.report_reasoning_blocks();
        }
        if self.needs.has_cache_points && !self.model.can(Capability::PromptCaching) {
            self.fit.adaptation.omit_cache_points = true;
            let reason = "left out: the model has no prompt cache";
            self.adjust("cache_point", reason.to_owned());
        }
    }

    fn report_reasoning_blocks(&mut self) {
        let request = self.request;
        for (index, message) in request.messages.iter().enumerate() {
            for (block_index, content) in message.content.iter().enumerate() {
                let Some(crate::proto::content_block::Block::Reasoning(block)) = &content.block
                else {
                    continue;
                };
                if !self.model.keeps_reasoning_of(&block.model) {
                    let path = format!("messages[{index}].content[{block_index}].reasoning");
                    self.adjust(&path, "left out: another model produced it".to_owned());
                }
            }
        }
    }

    fn vendor_fields(&mut self, written_for: &str) -> Result<(), Skip> {
        if self.needs.wants_optimized_latency && !self.model.can(Capability::OptimizedLatency) {
            self.fit.adaptation.omit_latency_mode = true;
            let reason = "left out: the model has no latency-optimized variant";
            self.adjust("latency_mode", reason.to_owned());
        }
        if self.request.additional_model_request_fields.is_some()
            && self.model.provider != written_for
        {
            self.leave_out(
                "additional_model_request_fields",
                "they were written for a model of another provider",
            )?;
            self.fit.adaptation.omit_additional_fields = true;
        }
        Ok(())
    }

    /// A model that cannot stream answers whole, and the caller's stream is made of that.
    fn streaming(&mut self) {
        let problem = if !self.model.can(Capability::Streaming) {
            "the model does not stream"
        } else if self.needs.includes(Capability::ToolUse)
            && !self.model.can(Capability::StreamingToolUse)
        {
            "the model does not stream with tools"
        } else {
            return;
        };
        self.fit.adaptation.whole_answer = true;
        if self.needs.wants_stream {
            self.adjust("stream", format!("made from a whole answer: {problem}"));
        }
    }

    /// Leaves a field out if the caller allows it.
    fn leave_out(&mut self, field: &str, problem: &str) -> Result<(), Skip> {
        if !self.may_drop {
            return Err(unsupported(format!("{field}: {problem}")));
        }
        self.adjust(field, format!("left out: {problem}"));
        Ok(())
    }

    fn adjust(&mut self, field: &str, description: String) {
        self.fit.adjustments.push(Adjustment {
            field: field.to_owned(),
            description,
        });
    }
}

fn may_drop_fields(request: &InvokeRequest) -> bool {
    request.routing_config.as_ref().is_some_and(|config| {
        config.unsupported_field_policy() == UnsupportedFieldPolicy::DropField
    })
}

fn unsupported(message: String) -> Skip {
    Skip {
        reason: ErrorReason::CapabilityUnsupported,
        message,
    }
}

/// A capability as callers write it, without its prefix.
fn capability_name(capability: Capability) -> &'static str {
    let name = capability.as_str_name();
    name.strip_prefix("CAPABILITY_").unwrap_or(name)
}

#[cfg(test)]
#[path = "adapt_tests.rs"]
mod tests;
