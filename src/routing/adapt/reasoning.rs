//! How the model is asked to reason: `reasoning_config` in the terms of the model's family.
//!
//! A family that knows fewer levels of effort gets the nearest lower one, which is reported. What
//! a family has no word for is a setting that the model does not take.

use crate::proto::ReasoningConfig;
use crate::proto::reasoning_config::Effort as Asked;
use crate::proto::reasoning_config::Mode;
use crate::proto::tool_choice::Choice;
use crate::provider::Effort;
use crate::provider::Reasoning;
use crate::provider::ReasoningMode;
use crate::registry::ReasoningStyle;
use crate::routing::adapt::fit::Fitting;

const CONFIG: &str = "reasoning_config";
const MODE: &str = "reasoning_config.mode";
const EFFORT: &str = "reasoning_config.effort";
const BUDGET: &str = "reasoning_config.budget_tokens";

/// Smallest budget Claude accepts for thinking, in tokens.
///
/// Source: Amazon Bedrock user guide, extended thinking, seen 2026-11.
const LEAST_BUDGET: i32 = 1024;

/// The levels of effort of a family that reasons on request, and what it gets unasked.
#[derive(Clone, Copy)]
struct Levels {
    lowest: Effort,
    highest: Effort,
    default: Effort,
}

/// DeepSeek-V3 and GLM take lower levels, and do not reason.
///
/// Source: live checks of pydantic-ai 2.68, seen 2026-11-23.
const HIGH_ONLY: Levels = Levels {
    lowest: Effort::High,
    highest: Effort::High,
    default: Effort::High,
};

const UP_TO_HIGH: Levels = Levels {
    lowest: Effort::Low,
    highest: Effort::High,
    default: Effort::Medium,
};

/// Qwen reasons little below its highest level.
const BEST_AT_HIGH: Levels = Levels {
    default: Effort::High,
    ..UP_TO_HIGH
};

const UP_TO_EXTRA_HIGH: Levels = Levels {
    highest: Effort::ExtraHigh,
    ..UP_TO_HIGH
};

/// What the caller asks for.
#[derive(Clone, Copy)]
struct Wish {
    wants: bool,
    /// On every request, whatever the model thinks of it.
    always: bool,
    effort: Option<Effort>,
    budget: Option<i32>,
}

impl Fitting<'_> {
    pub(super) fn reasoning(&mut self) {
        let config = self.request.reasoning_config.as_ref();
        let Some(wish) = config.and_then(Wish::of) else {
            return;
        };
        let style = self.abilities.reasoning();
        self.fit.adaptation.reasoning = match style {
            ReasoningStyle::None => self.no_reasoning(wish),
            ReasoningStyle::Budget
            | ReasoningStyle::BudgetOrAdaptive
            | ReasoningStyle::Adaptive
            | ReasoningStyle::AlwaysAdaptive => self.thinking(wish, style),
            ReasoningStyle::Effort => self.effort(wish, Effort::High),
            ReasoningStyle::NestedEffort => self.effort(wish, Effort::ExtraHigh),
            ReasoningStyle::EffortOrNone => Some(self.effort_or_none(wish, HIGH_ONLY)),
            ReasoningStyle::Qwen => Some(self.effort_or_none(wish, BEST_AT_HIGH)),
            ReasoningStyle::NestedEffortOrNone => Some(self.effort_or_none(wish, UP_TO_EXTRA_HIGH)),
            ReasoningStyle::Nova => Some(self.nova(wish)),
            ReasoningStyle::Always => self.always(wish),
        };
    }

    fn no_reasoning(&mut self, wish: Wish) -> Option<Reasoning> {
        if wish.wants || wish.effort.is_some() {
            self.leave_out(CONFIG, "the model does not reason");
        }
        None
    }

    fn always(&mut self, wish: Wish) -> Option<Reasoning> {
        if !wish.wants {
            self.leave_out(CONFIG, "the model always reasons");
            return None;
        }
        self.budget_not_taken(wish);
        if wish.effort.is_some() {
            self.leave_out(EFFORT, "the model takes no effort");
        }
        None
    }

    fn effort(&mut self, wish: Wish, highest: Effort) -> Option<Reasoning> {
        if !wish.wants {
            self.leave_out(CONFIG, "the model always reasons");
            return None;
        }
        self.budget_not_taken(wish);
        let effort = wish.effort?;
        Some(Reasoning {
            mode: ReasoningMode::Free,
            effort: Some(self.at_most(effort, highest, "the model's highest level")),
        })
    }

    fn effort_or_none(&mut self, wish: Wish, levels: Levels) -> Reasoning {
        if !wish.wants {
            return self.off_without_effort(wish);
        }
        self.budget_not_taken(wish);
        let effort = wish.effort.unwrap_or(levels.default);
        let effort = self.at_most(effort, levels.highest, "the model's highest level");
        if effort < levels.lowest {
            let why = "raised to high: below that, the model does not reason";
            self.adjust(EFFORT, why);
        }
        Reasoning {
            mode: ReasoningMode::Free,
            effort: Some(effort.max(levels.lowest)),
        }
    }

    fn nova(&mut self, wish: Wish) -> Reasoning {
        let reasoning = self.effort_or_none(wish, UP_TO_HIGH);
        let is_highest = reasoning.effort == Some(Effort::High);
        if reasoning.mode != ReasoningMode::Off && is_highest {
            let config = self.request.inference_config.as_ref();
            if config.is_some_and(|config| config.max_tokens.is_some()) {
                let problem = "it cannot be set while the model reasons with high effort";
                self.leave_out("inference_config.max_tokens", problem);
            }
            self.fit.adaptation.omit_max_tokens = true;
            self.fit.adaptation.max_tokens = self.ceiling;
        }
        reasoning
    }

    /// Claude: within a budget up to 4.5, as it sees fit from 4.7 on, 4.6 either way.
    fn thinking(&mut self, wish: Wish, style: ReasoningStyle) -> Option<Reasoning> {
        let has_budgets_only = style == ReasoningStyle::Budget;
        if !wish.wants {
            if style == ReasoningStyle::AlwaysAdaptive {
                self.leave_out(CONFIG, "the model always reasons");
                return None;
            }
            if has_budgets_only {
                return Some(self.off_without_effort(wish));
            }
            let why = "the highest level while the model does not reason";
            let effort = wish
                .effort
                .map(|effort| self.at_most(effort, Effort::High, why));
            return Some(Reasoning {
                mode: ReasoningMode::Off,
                effort,
            });
        }
        if matches!(
            style,
            ReasoningStyle::Adaptive | ReasoningStyle::AlwaysAdaptive
        ) {
            self.budget_not_taken(wish);
        } else if has_budgets_only || wish.budget.is_some() {
            let mode = self.budget(wish)?;
            let effort = wish.effort.filter(|_| !has_budgets_only);
            return Some(Reasoning {
                mode,
                effort: effort.map(|effort| self.known_to(style, effort)),
            });
        }
        if wish.always && style != ReasoningStyle::AlwaysAdaptive {
            let change = "changed to MODE_ADAPTIVE: without a budget the model decides";
            self.adjust(MODE, change);
        }
        Some(Reasoning {
            mode: ReasoningMode::Free,
            effort: wish.effort.map(|effort| self.known_to(style, effort)),
        })
    }

    /// A budget that leaves room for the answer. Raises the default of `max_tokens` for it.
    fn budget(&mut self, wish: Wish) -> Option<ReasoningMode> {
        if !self.continues_own_reasoning() {
            let why = "left out: the tool calls that are being answered were made without \
                       reasoning of this model, and it cannot begin in the middle";
            self.adjust(CONFIG, why);
            return None;
        }
        if let Some(problem) = self.budget_problem(wish) {
            self.leave_out(CONFIG, problem);
            return None;
        }
        let wanted = wish.budget.unwrap_or_else(|| suggested_budget(wish.effort));
        let config = self.request.inference_config.as_ref();
        let beside_answer = wanted.saturating_add(self.fit.adaptation.max_tokens);
        let is_unset = config.is_none_or(|config| config.max_tokens.is_none());
        if is_unset {
            self.fit.adaptation.max_tokens = beside_answer.min(self.ceiling);
        }
        let max_tokens = self.fit.adaptation.max_tokens;
        if max_tokens <= LEAST_BUDGET {
            let problem = "the model needs more than 1024 max_tokens to reason";
            self.leave_out(CONFIG, problem);
            return None;
        }
        let budget = match wish.budget {
            Some(asked) if asked < max_tokens => asked,
            _ if is_unset && beside_answer <= max_tokens => wanted,
            // Half of the tokens are left for the answer.
            _ => wanted.min((max_tokens / 2).max(LEAST_BUDGET)),
        };
        if budget < wanted && wish.budget.is_some() {
            let change =
                format!("reduced from {wanted} to {budget}, below max_tokens {max_tokens}");
            self.adjust(BUDGET, change);
        } else if budget < wanted && wish.effort.is_some() {
            let change = format!("lowered to a budget of {budget}, below max_tokens {max_tokens}");
            self.adjust(EFFORT, change);
        }
        Some(ReasoningMode::Budget(budget))
    }

    /// What keeps the model from reasoning within a budget. One that reasons as it sees fit just
    /// does not.
    ///
    /// Source: Anthropic's documentation of thinking with tools, seen 2026-11-23.
    fn budget_problem(&self, wish: Wish) -> Option<&'static str> {
        if self.forces_a_tool() {
            Some("the model cannot reason when it is made to call a tool")
        } else if self.needs.has_prefill {
            Some("the model cannot reason when the beginning of its answer is given")
        } else if wish.budget.is_some_and(|budget| budget < LEAST_BUDGET) {
            Some("the model takes no budget below 1024 tokens")
        } else {
            None
        }
    }

    fn off_without_effort(&mut self, wish: Wish) -> Reasoning {
        if wish.effort.is_some() {
            let problem = "the model takes an effort only when it reasons";
            self.leave_out(EFFORT, problem);
        }
        Reasoning {
            mode: ReasoningMode::Off,
            effort: None,
        }
    }

    fn budget_not_taken(&mut self, wish: Wish) {
        if wish.budget.is_some() {
            self.leave_out(BUDGET, "the model takes no budget");
        }
    }

    /// Claude 4.6 has no level between high and the highest.
    ///
    /// Source: OpenRouter's guide for the migration to Claude 4.7, seen 2026-11-23.
    fn known_to(&mut self, style: ReasoningStyle, effort: Effort) -> Effort {
        if style == ReasoningStyle::BudgetOrAdaptive && effort == Effort::ExtraHigh {
            self.at_most(effort, Effort::High, "the model's nearest lower level")
        } else {
            effort
        }
    }

    fn at_most(&mut self, effort: Effort, highest: Effort, why: &str) -> Effort {
        if effort > highest {
            let highest = as_callers_write(highest).as_str_name();
            self.adjust(EFFORT, format!("lowered to {highest}, {why}"));
        }
        effort.min(highest)
    }

    fn forces_a_tool(&self) -> bool {
        let tools = self.request.tool_config.as_ref();
        let choice = tools.and_then(|tools| tools.tool_choice.as_ref());
        match choice.and_then(|choice| choice.choice.as_ref()) {
            Some(Choice::Any(_) | Choice::Tool(_)) => true,
            Some(Choice::Auto(_)) | None => false,
        }
    }
}

impl Wish {
    /// `None` if the model's default shall hold.
    fn of(config: &ReasoningConfig) -> Option<Self> {
        let effort = effort(config.effort());
        let wants = match config.mode() {
            Mode::Unspecified if effort.is_none() => return None,
            Mode::Unspecified | Mode::Enabled | Mode::Adaptive => true,
            Mode::Disabled => false,
        };
        Some(Self {
            wants,
            always: config.mode() == Mode::Enabled,
            effort,
            budget: config.budget_tokens,
        })
    }
}

fn effort(asked: Asked) -> Option<Effort> {
    Some(match asked {
        Asked::Unspecified => return None,
        Asked::Low => Effort::Low,
        Asked::Medium => Effort::Medium,
        Asked::High => Effort::High,
        Asked::ExtraHigh => Effort::ExtraHigh,
        Asked::Max => Effort::Max,
    })
}

fn as_callers_write(effort: Effort) -> Asked {
    match effort {
        Effort::Low => Asked::Low,
        Effort::Medium => Asked::Medium,
        Effort::High => Asked::High,
        Effort::ExtraHigh => Asked::ExtraHigh,
        Effort::Max => Asked::Max,
    }
}

/// Budgets that gateways use for the same words; Anthropic names none.
fn suggested_budget(effort: Option<Effort>) -> i32 {
    match effort {
        Some(Effort::Low) => 2_048,
        None | Some(Effort::Medium) => 8_192,
        Some(Effort::High) => 16_384,
        Some(Effort::ExtraHigh | Effort::Max) => 32_768,
    }
}

#[cfg(test)]
#[path = "reasoning_tests.rs"]
mod tests;
