use std::sync::Arc;

use super::*;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;

#[test]
fn what_one_worker_learns_all_know_and_only_of_that_model() {
    let models = vec![model("a", 1), model("b", 2)];
    let learned = Arc::new(Learned::new(&Registry::from_models(models)));
    let worker = Arc::clone(&learned);
    let refused = Refusals::of(Refusable::StopSequences, &prompt());

    let is_news = std::thread::spawn(move || worker.remember(&model("a", 1), refused));

    assert!(is_news.join().unwrap());
    assert!(!learned.remember(&model("a", 1), refused), "known by now");
    assert!(learned.about(&model("a", 1)).has(Refusable::StopSequences));
    assert!(learned.about(&model("b", 2)).is_empty());
}

#[test]
fn one_tier_is_refused_and_not_all() {
    let request = InvokeRequest {
        service_tier: ServiceTier::Flex.into(),
        ..prompt()
    };

    let refused = Refusals::of(Refusable::ServiceTier, &request);

    assert!(refused.has_tier(ServiceTier::Flex));
    assert!(!refused.has_tier(ServiceTier::Priority));
    assert_eq!(refused.fields().count(), 0);
}

#[test]
fn field_is_refused_where_not_even_the_default_tier_is_taken() {
    let request = InvokeRequest {
        service_tier: ServiceTier::Default.into(),
        ..prompt()
    };

    let refused = Refusals::of(Refusable::ServiceTier, &request);

    assert_eq!(refused.fields().collect::<Vec<_>>(), ["service_tier"]);
}

#[test]
fn members_that_a_caller_made_up_say_nothing_of_the_next_caller() {
    let refused = Refusals::of(Refusable::AdditionalFields, &prompt());

    assert!(!refused.is_empty());
    assert!(refused.lasting().is_empty());
}

#[test]
fn refused_fields_have_the_names_that_callers_write() {
    let request = prompt();
    let refused = Refusals::of(Refusable::TopK, &request)
        .and(Refusals::of(Refusable::ToolChoiceAny, &request))
        .and(Refusals::of(Refusable::Streaming, &request));

    assert_eq!(
        refused.fields().collect::<Vec<_>>(),
        ["inference_config.top_k", "tool_config.tool_choice.any"]
    );
}

#[test]
fn only_what_was_sent_can_have_been_refused() {
    let request = InvokeRequest {
        inference_config: Some(InferenceConfig {
            temperature: Some(0.5),
            ..InferenceConfig::default()
        }),
        ..prompt()
    };
    let needs = Needs::of(&request, false);
    let sent = Adaptation::default();
    let omitted = Adaptation {
        omit_temperature: true,
        ..Adaptation::default()
    };

    let cause = |refused, adaptation| cause(refused, &request, &needs, adaptation);
    assert_eq!(
        cause(Refusable::Temperature, &sent),
        Some(Refusable::Temperature)
    );
    assert_eq!(cause(Refusable::Temperature, &omitted), None);
    assert_eq!(cause(Refusable::BothSamplings, &sent), None);
    assert_eq!(cause(Refusable::StopSequences, &sent), None);
}

#[test]
fn member_that_a_caller_wrote_by_hand_is_refused_as_such() {
    let request = InvokeRequest {
        additional_model_request_fields: Some(prost_types::Struct {
            fields: [("top_k".to_owned(), prost_types::Value::default())].into(),
        }),
        ..prompt()
    };
    let needs = Needs::of(&request, false);

    let cause = cause(Refusable::TopK, &request, &needs, &Adaptation::default());

    assert_eq!(cause, Some(Refusable::AdditionalFields));
}
