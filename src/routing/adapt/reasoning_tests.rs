use super::*;
use crate::proto::AnyToolChoice;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::Role;
use crate::registry::Model;
use crate::routing::adapt::Fit;
use crate::routing::adapt::support_tests::conversation;
use crate::routing::adapt::support_tests::dropping;
use crate::routing::adapt::support_tests::fields;
use crate::routing::adapt::support_tests::fit;
use crate::routing::adapt::support_tests::message;
use crate::routing::adapt::support_tests::skip;
use crate::routing::adapt::support_tests::text;
use crate::routing::adapt::support_tests::tools;
use crate::routing::adapt::support_tests::with_config;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;

use Asked::ExtraHigh as Xhigh;
use Asked::{High, Low, Max, Medium, Unspecified};
use Mode::{Adaptive, Disabled, Enabled, Unspecified as Default};

/// A model of this family, with room for every budget.
fn family(style: ReasoningStyle) -> Model {
    let mut model = model("reasoner", 1);
    model.capabilities.reasoning = style;
    model.limits.max_output_tokens = 64_000;
    model
}

fn asking(mode: Mode, effort: Asked, budget_tokens: Option<i32>) -> InvokeRequest {
    InvokeRequest {
        reasoning_config: Some(ReasoningConfig {
            mode: mode.into(),
            effort: effort.into(),
            budget_tokens,
        }),
        ..prompt()
    }
}

/// How the model is asked, in short: `off`, `free`, a budget, then the effort.
fn asked(fit: &Fit) -> String {
    let Some(reasoning) = fit.adaptation.reasoning else {
        return "nothing".to_owned();
    };
    let mode = match reasoning.mode {
        ReasoningMode::Off => "off".to_owned(),
        ReasoningMode::Free => "free".to_owned(),
        ReasoningMode::Budget(tokens) => tokens.to_string(),
    };
    let effort = reasoning.effort.map(|effort| format!(" {effort:?}"));
    format!("{mode}{}", effort.unwrap_or_default())
}

/// Mode, effort, budget; how the model is asked if fields may be dropped; the fields that were
/// changed; whether the model is passed over if they may not.
type Row = (
    Mode,
    Asked,
    Option<i32>,
    &'static str,
    &'static [&'static str],
    bool,
);

const ALL: &[&str] = &[CONFIG];

fn check(style: ReasoningStyle, table: &[Row]) {
    for &(mode, effort, budget, expected, changed, skips) in table {
        let request = asking(mode, effort, budget);
        let (mode_name, effort_name) = (mode.as_str_name(), effort.as_str_name());
        let row = format!("{style:?}: {mode_name} {effort_name} {budget:?}");

        let strict = fit(&request, &family(style));
        let dropped = fit(&dropping(request), &family(style)).unwrap();

        assert_eq!(asked(&dropped), expected, "{row}");
        assert_eq!(fields(&dropped), changed, "{row}");
        assert_eq!(strict.is_err(), skips, "{row}");
    }
}

#[test]
#[rustfmt::skip]
fn model_that_does_not_reason_is_asked_nothing() {
    check(ReasoningStyle::None, &[
        (Default,  Unspecified, None,        "nothing", &[], false),
        (Disabled, Unspecified, None,        "nothing", &[], false),
        (Disabled, High,        None,        "nothing", ALL, true),
        (Default,  Low,         None,        "nothing", ALL, true),
        (Enabled,  Unspecified, None,        "nothing", ALL, true),
        (Enabled,  Unspecified, Some(4_096), "nothing", ALL, true),
        (Adaptive, Unspecified, None,        "nothing", ALL, true),
    ]);
}

#[test]
#[rustfmt::skip]
fn claude_up_to_4_5_reasons_within_a_budget() {
    check(ReasoningStyle::Budget, &[
        (Default,  Unspecified, None,         "nothing", &[],       false),
        (Disabled, Unspecified, None,         "off",     &[],       false),
        (Disabled, Max,         None,         "off",     &[EFFORT], true),
        (Default,  Low,         None,         "2048",    &[],       false),
        (Default,  Medium,      None,         "8192",    &[],       false),
        (Default,  High,        None,         "16384",   &[],       false),
        (Default,  Xhigh,       None,         "32768",   &[],       false),
        (Default,  Max,         None,         "32768",   &[],       false),
        (Enabled,  Unspecified, None,         "8192",    &[],       false),
        (Adaptive, Unspecified, None,         "8192",    &[],       false),
        (Adaptive, Low,         None,         "2048",    &[],       false),
        (Enabled,  High,        Some(4_000),  "4000",    &[],       false),
        (Enabled,  Unspecified, Some(1_024),  "1024",    &[],       false),
        (Enabled,  Unspecified, Some(1_023),  "nothing", ALL,       true),
        (Enabled,  Unspecified, Some(90_000), "32000",   &[BUDGET], false),
    ]);
}

#[test]
#[rustfmt::skip]
fn claude_4_6_reasons_within_a_budget_or_as_it_sees_fit() {
    check(ReasoningStyle::BudgetOrAdaptive, &[
        (Default,  Unspecified, None,        "nothing",   &[],       false),
        (Disabled, Unspecified, None,        "off",       &[],       false),
        (Disabled, Medium,      None,        "off Medium", &[],      false),
        (Disabled, Max,         None,        "off High",  &[EFFORT], false),
        (Default,  Low,         None,        "free Low",  &[],       false),
        (Default,  Xhigh,       None,        "free High", &[EFFORT], false),
        (Default,  Max,         None,        "free Max",  &[],       false),
        (Enabled,  Unspecified, None,        "free",      &[MODE],   false),
        (Adaptive, Unspecified, None,        "free",      &[],       false),
        (Enabled,  Unspecified, Some(2_000), "2000",      &[],       false),
        (Enabled,  High,        Some(2_000), "2000 High", &[],       false),
        (Enabled,  Unspecified, Some(500),   "nothing",   ALL,       true),
    ]);
}

#[test]
#[rustfmt::skip]
fn claude_from_4_7_reasons_as_it_sees_fit() {
    check(ReasoningStyle::Adaptive, &[
        (Default,  Unspecified, None,        "nothing",        &[],       false),
        (Disabled, Unspecified, None,        "off",            &[],       false),
        (Disabled, Xhigh,       None,        "off High",       &[EFFORT], false),
        (Default,  Low,         None,        "free Low",       &[],       false),
        (Default,  Xhigh,       None,        "free ExtraHigh", &[],       false),
        (Adaptive, Max,         None,        "free Max",       &[],       false),
        (Enabled,  Unspecified, None,        "free",           &[MODE],   false),
        (Enabled,  Unspecified, Some(2_000), "free",           &[BUDGET, MODE], true),
        (Enabled,  Medium,      Some(2_000), "free Medium",    &[BUDGET, MODE], true),
    ]);
    check(ReasoningStyle::AlwaysAdaptive, &[
        (Default,  Unspecified, None,        "nothing",  &[],       false),
        (Disabled, Unspecified, None,        "nothing",  ALL,       true),
        (Disabled, Low,         None,        "nothing",  ALL,       true),
        (Default,  Low,         None,        "free Low", &[],       false),
        (Enabled,  Unspecified, None,        "free",     &[],       false),
        (Enabled,  Unspecified, Some(2_000), "free",     &[BUDGET], true),
    ]);
}

#[test]
#[rustfmt::skip]
fn models_with_an_effort_that_always_reason_cannot_be_told_not_to() {
    check(ReasoningStyle::Effort, &[
        (Default,  Unspecified, None,        "nothing",     &[],       false),
        (Disabled, Unspecified, None,        "nothing",     ALL,       true),
        (Default,  Low,         None,        "free Low",    &[],       false),
        (Enabled,  Medium,      None,        "free Medium", &[],       false),
        (Default,  Xhigh,       None,        "free High",   &[EFFORT], false),
        (Default,  Max,         None,        "free High",   &[EFFORT], false),
        (Enabled,  Unspecified, None,        "nothing",     &[],       false),
        (Enabled,  Low,         Some(2_000), "free Low",    &[BUDGET], true),
    ]);
    check(ReasoningStyle::NestedEffort, &[
        (Disabled, Unspecified, None, "nothing",        ALL,       true),
        (Default,  High,        None, "free High",      &[],       false),
        (Default,  Xhigh,       None, "free ExtraHigh", &[],       false),
        (Default,  Max,         None, "free ExtraHigh", &[EFFORT], false),
    ]);
}

#[test]
#[rustfmt::skip]
fn models_with_an_effort_that_may_be_none() {
    check(ReasoningStyle::EffortOrNone, &[
        (Default,  Unspecified, None,        "nothing",   &[],       false),
        (Disabled, Unspecified, None,        "off",       &[],       false),
        (Disabled, Low,         None,        "off",       &[EFFORT], true),
        (Enabled,  Unspecified, None,        "free High", &[],       false),
        (Default,  Low,         None,        "free High", &[EFFORT], false),
        (Default,  High,        None,        "free High", &[],       false),
        (Default,  Max,         None,        "free High", &[EFFORT], false),
        (Enabled,  Unspecified, Some(2_000), "free High", &[BUDGET], true),
    ]);
    check(ReasoningStyle::NestedEffortOrNone, &[
        (Disabled, Unspecified, None, "off",            &[],       false),
        (Enabled,  Unspecified, None, "free Medium",    &[],       false),
        (Default,  Low,         None, "free Low",       &[],       false),
        (Default,  Max,         None, "free ExtraHigh", &[EFFORT], false),
    ]);
    check(ReasoningStyle::Qwen, &[
        (Default,  Unspecified, None, "nothing",   &[],       false),
        (Disabled, Unspecified, None, "off",       &[],       false),
        (Adaptive, Unspecified, None, "free High", &[],       false),
        (Default,  Low,         None, "free Low",  &[],       false),
        (Default,  Xhigh,       None, "free High", &[EFFORT], false),
    ]);
}

#[test]
#[rustfmt::skip]
fn nova_2_reasons_with_three_levels() {
    check(ReasoningStyle::Nova, &[
        (Default,  Unspecified, None,        "nothing",     &[],       false),
        (Disabled, Unspecified, None,        "off",         &[],       false),
        (Disabled, High,        None,        "off",         &[EFFORT], true),
        (Enabled,  Unspecified, None,        "free Medium", &[],       false),
        (Default,  Low,         None,        "free Low",    &[],       false),
        (Default,  High,        None,        "free High",   &[],       false),
        (Default,  Max,         None,        "free High",   &[EFFORT], false),
        (Enabled,  Low,         Some(2_000), "free Low",    &[BUDGET], true),
    ]);
}

#[test]
#[rustfmt::skip]
fn deepseek_r1_always_reasons_and_takes_no_word_for_it() {
    check(ReasoningStyle::Always, &[
        (Default,  Unspecified, None,        "nothing", &[],                false),
        (Enabled,  Unspecified, None,        "nothing", &[],                false),
        (Adaptive, Unspecified, None,        "nothing", &[],                false),
        (Disabled, Unspecified, None,        "nothing", ALL,                true),
        (Default,  Low,         None,        "nothing", &[EFFORT],          true),
        (Enabled,  Low,         Some(2_000), "nothing", &[BUDGET, EFFORT],  true),
    ]);
}

fn with_tokens(request: InvokeRequest, max_tokens: i32) -> InvokeRequest {
    let config = InferenceConfig {
        max_tokens: Some(max_tokens),
        ..InferenceConfig::default()
    };
    InvokeRequest {
        inference_config: with_config(config).inference_config,
        ..request
    }
}

#[test]
#[rustfmt::skip]
fn budget_and_answer_fit_below_max_tokens() {
    let limited = |max_output_tokens| {
        let mut model = family(ReasoningStyle::Budget);
        model.limits.max_output_tokens = max_output_tokens;
        model
    };
    let low = || asking(Default, Low, None);
    let high = || asking(Default, High, None);
    let exact = |budget| asking(Enabled, Unspecified, Some(budget));
    let table: [(InvokeRequest, Model, &str, i32, &[&str]); 9] = [
        // Unset, max_tokens is raised by the budget as far as the model allows.
        (low(),                        limited(64_000), "2048",    3_072,  &[]),
        (exact(20_000),                limited(64_000), "20000",   21_024, &[]),
        (high(),                       limited(8_192),  "4096",    8_192,  &[EFFORT]),
        (exact(20_000),                limited(8_192),  "4096",    8_192,  &[BUDGET]),
        (exact(8_000),                 limited(8_192),  "8000",    8_192,  &[]),
        // Set, it is never raised.
        (with_tokens(low(), 5_000),    limited(64_000), "2048",    5_000,  &[]),
        (with_tokens(high(), 3_000),   limited(64_000), "1500",    3_000,  &[EFFORT]),
        (with_tokens(low(), 1_025),    limited(64_000), "1024",    1_025,  &[EFFORT]),
        (with_tokens(low(), 1_024),    limited(64_000), "nothing", 1_024,  ALL),
    ];

    for (number, (request, model, expected, max_tokens, changed)) in table.into_iter().enumerate() {
        let fit = fit(&dropping(request), &model).unwrap();

        assert_eq!(asked(&fit), expected, "row {number}");
        assert_eq!(fit.adaptation.max_tokens, max_tokens, "row {number}");
        assert_eq!(fields(&fit), changed, "row {number}");
    }
}

#[test]
fn nova_at_its_highest_effort_sets_its_own_limit() {
    let unset = asking(Default, High, None);
    let set = with_tokens(unset.clone(), 500);
    let nova = family(ReasoningStyle::Nova);

    let free = fit(&unset, &nova).unwrap();
    let dropped = fit(&dropping(set.clone()), &nova).unwrap();
    let medium = fit(&with_tokens(asking(Default, Medium, None), 500), &nova).unwrap();

    assert!(free.adaptation.omit_max_tokens);
    assert_eq!(fields(&free), [""; 0]);
    assert!(dropped.adaptation.omit_max_tokens);
    assert_eq!(fields(&dropped), ["inference_config.max_tokens"]);
    assert_eq!(
        skip(&set, &nova),
        "inference_config.max_tokens: it cannot be set while the model reasons with high effort"
    );
    assert!(!medium.adaptation.omit_max_tokens);
}

#[test]
fn budget_is_not_given_to_a_model_that_is_made_to_call_a_tool_or_to_go_on() {
    let forced = InvokeRequest {
        tool_config: Some(tools(Some(Choice::Any(AnyToolChoice {})))),
        ..asking(Default, Low, None)
    };
    let begun = InvokeRequest {
        reasoning_config: asking(Default, Low, None).reasoning_config,
        ..conversation([
            message(Role::User, [text("Hi")]),
            message(Role::Assistant, [text("Hello, ")]),
        ])
    };
    let budget = family(ReasoningStyle::Budget);

    for request in [&forced, &begun] {
        let dropped = fit(&dropping(request.clone()), &budget).unwrap();

        assert!(skip(request, &budget).starts_with("reasoning_config: the model cannot"));
        assert_eq!(asked(&dropped), "nothing");
        assert_eq!(fields(&dropped), ALL);
        assert!(!dropped.adaptation.omit_tool_choice);
        for style in [ReasoningStyle::Adaptive, ReasoningStyle::Nova] {
            assert_eq!(asked(&fit(request, &family(style)).unwrap()), "free Low");
        }
    }
}
