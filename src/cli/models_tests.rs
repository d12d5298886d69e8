use prost_types::Timestamp;

use super::*;
use crate::proto::Pricing;

fn model(name: &str, priority: i32, state: State) -> Model {
    Model {
        name: name.to_owned(),
        priority,
        state: state.into(),
        ..Model::default()
    }
}

#[test]
fn the_table_aligns_and_marks_what_is_not_known() {
    let models = [
        Model {
            aliases: vec!["opus".to_owned(), "best".to_owned()],
            bedrock_model_id: "us.anthropic.claude-opus-4-1-20250805-v1:0".to_owned(),
            context_window_tokens: 200_000,
            max_output_tokens: 32_000,
            pricing: Some(Pricing {
                currency_code: "USD".to_owned(),
                input_nanos_per_million_tokens: 15_000_000_000,
                output_nanos_per_million_tokens: 75_000_000_000,
                ..Pricing::default()
            }),
            retire_time: Some(Timestamp {
                seconds: 1_798_675_200,
                nanos: 0,
            }),
            ..model("claude-opus-4-1", 1, State::Active)
        },
        model("deepseek-r1", 9, State::Retired),
    ];

    assert_eq!(
        table(&models),
        "\
PRIORITY  MODEL            STATE    CONTEXT  OUTPUT  IN $/M  OUT $/M  RETIRES     ALIASES    CALLED AS
       1  claude-opus-4-1  active    200000   32000   15.00    75.00  2026-12-31  opus,best  us.anthropic.claude-opus-4-1-20250805-v1:0
       9  deepseek-r1      retired        -       -       -        -  -           -          -
"
    );
}

#[test]
fn prices_keep_their_digits() {
    assert_eq!(dollars(250_000_000), "0.25");
    assert_eq!(dollars(1_000_000_000), "1.00");
    assert_eq!(dollars(35_000_000), "0.035");
}
