//! `reasoning_config` as each family of models wants it.
//!
//! Where a model has no equivalent the field is refused, not approximated: routing decided before
//! whether it may be left out.

use super::refused::Refused;
use super::refused::known;
use crate::proto::ReasoningConfig;
use crate::proto::reasoning_config::Effort;
use crate::proto::reasoning_config::Mode;
use crate::registry::ReasoningStyle;

/// Least budget Claude takes.
const MIN_BUDGET_TOKENS: i32 = 1024;

/// How a request asks for reasoning.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reasoning {
    /// Member `thinking` of `additionalModelRequestFields`, as JSON.
    pub(super) thinking: Option<String>,
    /// Member `effort` of `outputConfig`.
    pub(super) effort: Option<&'static str>,
}

/// Translates for one model. `max_tokens` is what will be sent, if anything.
pub(super) fn reasoning(
    config: &ReasoningConfig,
    style: ReasoningStyle,
    max_tokens: Option<i32>,
) -> Result<Reasoning, Refused> {
    let effort = known::<Effort>(config.effort, "effort")?;
    let mode = match known::<Mode>(config.mode, "mode")? {
        Mode::Unspecified if effort == Effort::Unspecified => {
            return Ok(Reasoning::default());
        }
        Mode::Unspecified => Mode::Adaptive,
        mode @ (Mode::Disabled | Mode::Enabled | Mode::Adaptive) => mode,
    };
    if config.budget_tokens.is_some() && mode != Mode::Enabled {
        return Err(Refused::invalid("budget_tokens", "needs MODE_ENABLED"));
    }
    match style {
        ReasoningStyle::None if mode == Mode::Disabled && effort == Effort::Unspecified => {
            Ok(Reasoning::default())
        }
        ReasoningStyle::None
        | ReasoningStyle::Effort
        | ReasoningStyle::EffortOrNone
        | ReasoningStyle::NestedEffort
        | ReasoningStyle::NestedEffortOrNone
        | ReasoningStyle::Qwen
        | ReasoningStyle::Nova => Err(Refused::unsupported(
            "",
            "this model does not reason on request",
        )),
        ReasoningStyle::Always => always(mode, effort, config.budget_tokens),
        ReasoningStyle::BudgetOrAdaptive if config.budget_tokens.is_none() => {
            adaptive(mode, effort, None)
        }
        ReasoningStyle::Budget | ReasoningStyle::BudgetOrAdaptive => {
            budget(mode, effort, config.budget_tokens, max_tokens)
        }
        ReasoningStyle::AlwaysAdaptive if mode == Mode::Disabled => {
            Err(Refused::unsupported("mode", "this model always reasons"))
        }
        ReasoningStyle::Adaptive | ReasoningStyle::AlwaysAdaptive => {
            adaptive(mode, effort, config.budget_tokens)
        }
    }
}

fn always(mode: Mode, effort: Effort, budget_tokens: Option<i32>) -> Result<Reasoning, Refused> {
    if mode == Mode::Disabled {
        return Err(Refused::unsupported("mode", "this model always reasons"));
    }
    if effort != Effort::Unspecified {
        return Err(Refused::unsupported("effort", "this model takes no effort"));
    }
    if budget_tokens.is_some() {
        return Err(Refused::unsupported(
            "budget_tokens",
            "this model takes no budget",
        ));
    }
    Ok(Reasoning::default())
}

fn budget(
    mode: Mode,
    effort: Effort,
    budget_tokens: Option<i32>,
    max_tokens: Option<i32>,
) -> Result<Reasoning, Refused> {
    if mode == Mode::Disabled {
        return match effort {
            Effort::Unspecified => Ok(Reasoning::default()),
            _ => Err(Refused::unsupported(
                "effort",
                "this model takes an effort only when it reasons",
            )),
        };
    }
    let limit = max_tokens.unwrap_or(i32::MAX);
    let budget = match budget_tokens {
        Some(budget) if budget < MIN_BUDGET_TOKENS => {
            return Err(Refused::unsupported(
                "budget_tokens",
                format!("this model takes no less than {MIN_BUDGET_TOKENS}"),
            ));
        }
        Some(budget) => budget,
        // Half of the limit at most, so that something is left for the answer.
        None => suggested_budget(effort).min((limit / 2).max(MIN_BUDGET_TOKENS)),
    };
    if budget >= limit {
        return Err(Refused::unsupported(
            "budget_tokens",
            format!("{budget} does not fit below the {limit} tokens of the whole answer"),
        ));
    }
    Ok(Reasoning {
        thinking: Some(format!(r#"{{"type":"enabled","budget_tokens":{budget}}}"#)),
        effort: None,
    })
}

/// Budgets that gateways use for the same words; Anthropic names none.
fn suggested_budget(effort: Effort) -> i32 {
    match effort {
        Effort::Low => 2048,
        Effort::Unspecified | Effort::Medium => 8192,
        Effort::High => 16384,
        Effort::ExtraHigh | Effort::Max => 32768,
    }
}

fn adaptive(mode: Mode, effort: Effort, budget_tokens: Option<i32>) -> Result<Reasoning, Refused> {
    if budget_tokens.is_some() {
        return Err(Refused::unsupported(
            "budget_tokens",
            "this model takes no budget",
        ));
    }
    let effort = match effort {
        Effort::Unspecified => None,
        Effort::Low => Some("low"),
        Effort::Medium => Some("medium"),
        Effort::High => Some("high"),
        // Bedrock caps these the same way when the model does not think.
        Effort::ExtraHigh | Effort::Max if mode == Mode::Disabled => Some("high"),
        Effort::ExtraHigh => Some("xhigh"),
        Effort::Max => Some("max"),
    };
    let thinking = (mode != Mode::Disabled).then(|| r#"{"type":"adaptive"}"#.to_owned());
    Ok(Reasoning { thinking, effort })
}

#[cfg(test)]
#[path = "reasoning_tests.rs"]
mod tests;
