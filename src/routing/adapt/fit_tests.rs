use super::*;
use crate::proto::InferenceConfig;
use crate::provider::Refusable;
use crate::registry::Sampling;
use crate::routing::adapt::support_tests::dropping;
use crate::routing::adapt::support_tests::fields;
use crate::routing::adapt::support_tests::fit;
use crate::routing::adapt::support_tests::limited;
use crate::routing::adapt::support_tests::skip;
use crate::routing::adapt::support_tests::with_config;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;

fn sampled() -> InvokeRequest {
    with_config(InferenceConfig {
        temperature: Some(0.5),
        top_k: Some(40),
        ..InferenceConfig::default()
    })
}

#[test]
fn plain_prompt_is_sent_as_it_is_with_the_models_default_of_tokens() {
    let fit = fit(&prompt(), &model("any", 1)).unwrap();

    let unchanged = Adaptation {
        max_tokens: 1_024,
        ..Adaptation::default()
    };
    assert_eq!(fit.adaptation, unchanged);
    assert_eq!(fields(&fit), [""; 0]);
}

#[test]
fn everything_that_does_not_suit_is_named_at_once() {
    let frozen = limited(|capabilities| capabilities.sampling = Sampling::None);

    assert_eq!(
        skip(&sampled(), &frozen),
        "inference_config.temperature: the model does not take it; \
         inference_config.top_k: the model does not take it"
    );
}

#[test]
fn caller_who_allows_it_gets_the_model_without_the_fields() {
    let frozen = limited(|capabilities| capabilities.sampling = Sampling::None);

    let fit = fit(&dropping(sampled()), &frozen).unwrap();

    assert!(fit.adaptation.omit_temperature && fit.adaptation.omit_top_k);
    assert_eq!(
        fields(&fit),
        ["inference_config.temperature", "inference_config.top_k"]
    );
    assert_eq!(
        fit.adjustments[0].description,
        "left out: the model does not take it"
    );
}

#[test]
fn what_a_model_refused_before_counts_like_what_the_registry_says() {
    let request = sampled();
    let needs = Needs::of(&request, false);
    let refused = Refusals::of(Refusable::TopK, &request);

    let skip = adapt(&request, &needs, &model("new", 1), refused, "anthropic").unwrap_err();

    assert_eq!(skip.reason, ErrorReason::CapabilityUnsupported);
    assert_eq!(
        skip.message,
        "inference_config.top_k: the model does not take it"
    );
}
