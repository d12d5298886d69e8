use prost_types::Struct;
use prost_types::Value;

use crate::proto::ErrorReason;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::registry::Model;
use crate::routing::adapt::support_tests::fields;
use crate::routing::adapt::support_tests::fit;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;

fn small() -> Model {
    let mut model = model("small", 1);
    model.limits.context_window_tokens = 1_000;
    model.limits.max_output_tokens = 400;
    model.limits.default_max_tokens = 100;
    model
}

/// A request of at least this many tokens, by the estimate.
fn long(tokens: usize, max_tokens: Option<i32>) -> InvokeRequest {
    InvokeRequest {
        prompt: "abcd efgh ".repeat(tokens),
        inference_config: Some(InferenceConfig {
            max_tokens,
            ..InferenceConfig::default()
        }),
        ..prompt()
    }
}

#[test]
#[rustfmt::skip]
fn tokens_of_the_answer_are_what_model_and_window_leave() {
    let table = [
        (10,  None,      100, ""),
        (10,  Some(400), 400, ""),
        (10,  Some(401), 400, "reduced from 401 to 400, the model's limit"),
        (600, Some(400), 400, ""),
        (601, Some(400), 399, "reduced from 400 to 399, what the context window leaves beside the input"),
        (950, Some(9),   9,   ""),
        (950, None,      50,  ""),
        (999, Some(900), 1,   "reduced from 900 to 1, what the context window leaves beside the input"),
    ];

    for (input, asked, sent, change) in table {
        let fit = fit(&long(input, asked), &small()).unwrap();

        let reported = fit.adjustments.first().map(|adjustment| adjustment.description.as_str());
        assert_eq!(fit.adaptation.max_tokens, sent, "{input} {asked:?}");
        assert_eq!(reported.unwrap_or_default(), change, "{input} {asked:?}");
    }
}

#[test]
fn input_that_surely_exceeds_the_window_skips_the_model() {
    let skip = fit(&long(1_000, None), &small()).unwrap_err();

    assert_eq!(skip.reason, ErrorReason::UpstreamContextWindowExceeded);
    assert_eq!(
        skip.message,
        "the input has at least 1000 tokens and leaves no room in the 1000 of small"
    );
}

#[test]
fn unknown_window_is_no_limit() {
    let mut unknown = small();
    unknown.limits.context_window_tokens = 0;

    let fit = fit(&long(5_000, Some(400)), &unknown).unwrap();

    assert_eq!(fields(&fit), [""; 0]);
}

#[test]
fn switch_that_may_widen_the_window_leaves_the_judgement_to_the_model() {
    let beta = Struct {
        fields: [("anthropic_beta".to_owned(), Value::default())].into(),
    };
    let request = InvokeRequest {
        additional_model_request_fields: Some(beta),
        ..long(5_000, None)
    };

    assert!(fit(&request, &small()).is_ok());
}
