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

    assert!(was_sent(Refusable::Temperature, &request, &needs, &sent));
    assert!(!was_sent(
        Refusable::Temperature,
        &request,
        &needs,
        &omitted
    ));
    assert!(!was_sent(Refusable::BothSamplings, &request, &needs, &sent));
    assert!(!was_sent(Refusable::StopSequences, &request, &needs, &sent));
}
