//! How a model is asked to reason, as each family of models wants it spelled.
//!
//! What is asked was decided by routing; here nothing is refused and nothing is changed.

use crate::provider::Effort;
use crate::provider::Reasoning;
use crate::provider::ReasoningMode;
use crate::registry::ReasoningStyle;

/// What asks a model to reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Spelled {
    /// A member of `additionalModelRequestFields`, and its JSON.
    pub(super) additional: Option<(&'static str, String)>,
    /// Member `effort` of `outputConfig`.
    pub(super) effort: Option<&'static str>,
}

/// Spells it for one family.
///
/// Sources: user guides of Claude and Nova 2 on Bedrock, and the clients LiteLLM 1.109.1 and
/// pydantic-ai 2.68, seen 2026-11-23.
pub(super) fn spell(reasoning: Reasoning, style: ReasoningStyle) -> Spelled {
    let effort = reasoning.effort.map(effort_name);
    match style {
        // Nothing can be asked of them.
        ReasoningStyle::None | ReasoningStyle::Always => Spelled::default(),
        ReasoningStyle::Budget
        | ReasoningStyle::BudgetOrAdaptive
        | ReasoningStyle::Adaptive
        | ReasoningStyle::AlwaysAdaptive => Spelled {
            additional: thinking(reasoning.mode).map(|json| ("thinking", json)),
            effort,
        },
        ReasoningStyle::Effort | ReasoningStyle::EffortOrNone => {
            Spelled::word("reasoning_effort", effort_or_none(reasoning.mode, effort))
        }
        ReasoningStyle::Qwen => {
            Spelled::word("reasoning_config", effort_or_none(reasoning.mode, effort))
        }
        ReasoningStyle::NestedEffort | ReasoningStyle::NestedEffortOrNone => {
            let effort = effort_or_none(reasoning.mode, effort);
            let json = effort.map(|effort| format!(r#"{{"effort":"{effort}"}}"#));
            Spelled {
                additional: json.map(|json| ("reasoning", json)),
                effort: None,
            }
        }
        ReasoningStyle::Nova => Spelled {
            additional: Some(("reasoningConfig", nova(reasoning.mode, effort))),
            effort: None,
        },
    }
}

impl Spelled {
    fn word(name: &'static str, word: Option<&'static str>) -> Self {
        Self {
            additional: word.map(|word| (name, format!("\"{word}\""))),
            effort: None,
        }
    }
}

fn thinking(mode: ReasoningMode) -> Option<String> {
    match mode {
        ReasoningMode::Off => None,
        ReasoningMode::Budget(tokens) => {
            Some(format!(r#"{{"type":"enabled","budget_tokens":{tokens}}}"#))
        }
        ReasoningMode::Free => Some(r#"{"type":"adaptive"}"#.to_owned()),
    }
}

fn effort_or_none(mode: ReasoningMode, effort: Option<&'static str>) -> Option<&'static str> {
    match mode {
        ReasoningMode::Off => Some("none"),
        ReasoningMode::Budget(_) | ReasoningMode::Free => effort,
    }
}

fn nova(mode: ReasoningMode, effort: Option<&'static str>) -> String {
    match (mode, effort) {
        (ReasoningMode::Off, _) => r#"{"type":"disabled"}"#.to_owned(),
        (ReasoningMode::Budget(_) | ReasoningMode::Free, None) => {
            r#"{"type":"enabled"}"#.to_owned()
        }
        (ReasoningMode::Budget(_) | ReasoningMode::Free, Some(effort)) => {
            format!(r#"{{"type":"enabled","maxReasoningEffort":"{effort}"}}"#)
        }
    }
}

fn effort_name(effort: Effort) -> &'static str {
    match effort {
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::ExtraHigh => "xhigh",
        Effort::Max => "max",
    }
}

#[cfg(test)]
#[path = "reasoning_tests.rs"]
mod tests;
