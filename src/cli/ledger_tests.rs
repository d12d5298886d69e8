use super::*;

fn attempt(number: i32, model: &str, state: State, reason: ErrorReason) -> Attempt {
    Attempt {
        number,
        model: model.to_owned(),
        state: state.into(),
        error: (reason != ErrorReason::Unspecified).then(|| AttemptError {
            reason: reason.into(),
            ..AttemptError::default()
        }),
        ..Attempt::default()
    }
}

fn metadata(attempts: Vec<Attempt>) -> InvocationMetadata {
    InvocationMetadata {
        model: "claude-sonnet-4-5".to_owned(),
        usage: Some(Usage {
            input_tokens: 12,
            output_tokens: 40,
            ..Usage::default()
        }),
        cost: Some(Cost {
            currency_code: "USD".to_owned(),
            total_nanos: 636_000,
            ..Cost::default()
        }),
        attempts,
        ..InvocationMetadata::default()
    }
}

#[test]
fn a_first_attempt_that_answers_needs_no_trail() {
    let answered = attempt(
        1,
        "claude-sonnet-4-5",
        State::Succeeded,
        ErrorReason::Unspecified,
    );

    assert_eq!(
        summary(&metadata(vec![answered]), StopReason::EndTurn),
        "claude-sonnet-4-5 · 12 in, 40 out · $0.000636 · 1 attempt"
    );
}

#[test]
fn what_was_tried_and_skipped_before_is_named() {
    let attempts = vec![
        attempt(
            1,
            "claude-opus-4-1",
            State::Failed,
            ErrorReason::UpstreamThrottled,
        ),
        attempt(
            2,
            "claude-3-opus",
            State::Skipped,
            ErrorReason::ModelRetired,
        ),
        attempt(
            3,
            "claude-sonnet-4-5",
            State::Succeeded,
            ErrorReason::Unspecified,
        ),
    ];

    assert_eq!(
        summary(&metadata(attempts), StopReason::MaxTokens),
        "claude-sonnet-4-5 · 12 in, 40 out · $0.000636 · 2 attempts: claude-opus-4-1 \
         UPSTREAM_THROTTLED, claude-3-opus skipped (MODEL_RETIRED), claude-sonnet-4-5 · stopped: \
         max_tokens"
    );
}

#[test]
fn an_unknown_price_is_not_zero() {
    let unpriced = InvocationMetadata {
        cost: None,
        ..metadata(Vec::new())
    };

    assert!(summary(&unpriced, StopReason::EndTurn).contains("price unknown"));
}

#[test]
fn price_of_all_attempts_is_named_where_it_differs() {
    let dollars = |total_nanos| {
        Some(Cost {
            currency_code: "USD".to_owned(),
            total_nanos,
            ..Cost::default()
        })
    };
    let priced = |total_cost| InvocationMetadata {
        total_cost,
        ..metadata(Vec::new())
    };

    assert_eq!(price(&priced(dollars(636_000))), "$0.000636");
    assert_eq!(price(&priced(None)), "$0.000636");
    assert_eq!(
        price(&priced(dollars(1_200_000))),
        "$0.000636 ($0.0012 in all)"
    );
}

#[test]
fn money_shows_cents_and_every_digit_below() {
    let money = |total_nanos, currency_code: &str| {
        money(&Cost {
            currency_code: currency_code.to_owned(),
            total_nanos,
            ..Cost::default()
        })
    };

    assert_eq!(money(0, "USD"), "$0.00");
    assert_eq!(money(1, "USD"), "$0.000000001");
    assert_eq!(money(1_500_000_000, "USD"), "$1.50");
    assert_eq!(money(12_345_678_900, "EUR"), "12.3456789 EUR");
}
