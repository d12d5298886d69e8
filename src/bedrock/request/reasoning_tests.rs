use super::*;

fn config(mode: Mode, effort: Effort, budget_tokens: Option<i32>) -> ReasoningConfig {
    ReasoningConfig {
        mode: mode.into(),
        effort: effort.into(),
        budget_tokens,
    }
}

fn thinking(config: &ReasoningConfig, style: ReasoningStyle, max_tokens: i32) -> Option<String> {
    reasoning(config, style, Some(max_tokens))
        .ok()
        .map(|reasoning| reasoning.thinking.unwrap_or_default())
}

#[test]
fn an_effort_becomes_a_budget_below_half_of_the_answer() {
    let low = config(Mode::Unspecified, Effort::Low, None);
    let max = config(Mode::Enabled, Effort::Max, None);

    assert_eq!(
        thinking(&low, ReasoningStyle::Budget, 64_000).unwrap(),
        r#"{"type":"enabled","budget_tokens":2048}"#
    );
    assert_eq!(
        thinking(&max, ReasoningStyle::Budget, 10_000).unwrap(),
        r#"{"type":"enabled","budget_tokens":5000}"#
    );
    assert_eq!(
        thinking(&max, ReasoningStyle::Budget, 1_500).unwrap(),
        r#"{"type":"enabled","budget_tokens":1024}"#
    );
}

#[test]
fn a_budget_that_cannot_be_is_refused() {
    let tight = config(Mode::Enabled, Effort::Unspecified, None);
    let small = config(Mode::Enabled, Effort::Unspecified, Some(1_000));
    let large = config(Mode::Enabled, Effort::Unspecified, Some(5_000));

    assert_eq!(thinking(&tight, ReasoningStyle::Budget, 1_024), None);
    assert_eq!(thinking(&small, ReasoningStyle::Budget, 9_000), None);
    assert_eq!(thinking(&large, ReasoningStyle::Budget, 5_000), None);
    assert_eq!(thinking(&large, ReasoningStyle::Adaptive, 9_000), None);
}

#[test]
fn adaptive_models_take_the_effort_beside_thinking() {
    let asked = config(Mode::Unspecified, Effort::ExtraHigh, None);
    let disabled = config(Mode::Disabled, Effort::Max, None);

    let asked = reasoning(&asked, ReasoningStyle::Adaptive, None)
        .ok()
        .unwrap();
    let disabled = reasoning(&disabled, ReasoningStyle::Adaptive, None)
        .ok()
        .unwrap();

    assert_eq!(asked.thinking.unwrap(), r#"{"type":"adaptive"}"#);
    assert_eq!(asked.effort, Some("xhigh"));
    assert_eq!(disabled.thinking, None);
    assert_eq!(disabled.effort, Some("high"));
}

#[test]
fn models_without_a_switch_refuse_one() {
    let enabled = config(Mode::Enabled, Effort::Unspecified, None);
    let disabled = config(Mode::Disabled, Effort::Unspecified, None);

    assert_eq!(thinking(&enabled, ReasoningStyle::None, 9), None);
    assert_eq!(thinking(&disabled, ReasoningStyle::None, 9).unwrap(), "");
    assert_eq!(thinking(&enabled, ReasoningStyle::Always, 9).unwrap(), "");
    assert_eq!(thinking(&disabled, ReasoningStyle::Always, 9), None);
}
