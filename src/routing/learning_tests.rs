//! What the loop does when a model refuses a field, and what it remembers.

use crate::proto::CachePointBlock;
use crate::proto::ErrorReason;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::RoutingConfig;
use crate::proto::ServiceTier;
use crate::proto::SystemContentBlock;
use crate::proto::attempt::State;
use crate::proto::routing_config::FallbackMode;
use crate::proto::routing_config::UnsupportedFieldPolicy;
use crate::proto::system_content_block;
use crate::provider::ErrorKind;
use crate::provider::Refusable;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::routing::bench::bench;
use crate::routing::bench::states;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

fn sampled(policy: UnsupportedFieldPolicy) -> InvokeRequest {
    InvokeRequest {
        inference_config: Some(InferenceConfig {
            temperature: Some(0.5),
            top_k: Some(40),
            ..InferenceConfig::default()
        }),
        routing_config: Some(RoutingConfig {
            unsupported_field_policy: policy.into(),
            ..RoutingConfig::default()
        }),
        ..prompt()
    }
}

#[tokio::test(start_paused = true)]
async fn refused_field_is_left_out_at_once_and_from_then_on_without_asking() {
    let script = Scripted::default().on(
        "first",
        [
            Step::Refuse(Refusable::Temperature),
            Step::Text("hello"),
            Step::Text("again"),
        ],
    );
    let bench = bench(script);
    let request = || turn(sampled(UnsupportedFieldPolicy::DropField));

    let first = bench.router.invoke(request()).await.unwrap();
    let second = bench.router.invoke(request()).await.unwrap();

    let attempts = first.metadata.unwrap().attempts;
    assert_eq!(
        states(&attempts),
        [("first", State::Failed), ("first", State::Succeeded)]
    );
    assert_eq!(attempts[0].adjustments.len(), 0);
    assert_eq!(
        attempts[1].adjustments[0].field,
        "inference_config.temperature"
    );
    assert_eq!(second.text, "again");
    assert_eq!(second.metadata.unwrap().attempts[0].adjustments.len(), 1);
    assert!(bench.provider.last_adaptation().omit_temperature);
    assert!(!bench.provider.last_adaptation().omit_top_k);
}

fn cached() -> InvokeRequest {
    let cached = SystemContentBlock {
        block: Some(system_content_block::Block::CachePoint(
            CachePointBlock::default(),
        )),
    };
    InvokeRequest {
        system: vec![cached],
        model: "first".to_owned(),
        ..prompt()
    }
}

#[tokio::test(start_paused = true)]
async fn refused_prompt_cache_is_remembered_once_an_answer_came_without_it() {
    let script = Scripted::default().on(
        "first",
        [
            Step::Fail(ErrorKind::PromptCachingRefused),
            Step::Text("hello"),
            Step::Text("again"),
        ],
    );
    let bench = bench(script);

    bench.router.invoke(turn(cached())).await.unwrap();
    let second = bench.router.invoke(turn(cached())).await.unwrap();

    assert_eq!(bench.provider.calls(), ["first", "first", "first"]);
    assert!(bench.provider.last_adaptation().omit_cache_points);
    let attempts = second.metadata.unwrap().attempts;
    assert_eq!(attempts[0].adjustments[0].field, "system[0].cache_point");
}

#[tokio::test(start_paused = true)]
async fn prompt_cache_is_asked_for_again_if_the_refusal_was_about_something_else() {
    let script = Scripted::default().on(
        "first",
        [
            Step::Fail(ErrorKind::PromptCachingRefused),
            Step::Fail(ErrorKind::Validation),
            Step::Text("hello"),
        ],
    );
    let bench = bench(script);

    bench.router.invoke(turn(cached())).await.unwrap_err();
    bench.router.invoke(turn(cached())).await.unwrap();

    assert!(!bench.provider.last_adaptation().omit_cache_points);
}

#[tokio::test(start_paused = true)]
async fn without_leave_to_drop_it_the_next_model_is_asked_and_then_the_first_no_more() {
    let script = Scripted::default()
        .on("first", [Step::Refuse(Refusable::Temperature)])
        .on("second", [Step::Text("hello"), Step::Text("again")]);
    let bench = bench(script);
    let request = || turn(sampled(UnsupportedFieldPolicy::SkipModel));

    bench.router.invoke(request()).await.unwrap();
    let second = bench.router.invoke(request()).await.unwrap();

    let attempts = second.metadata.unwrap().attempts;
    assert_eq!(bench.provider.calls(), ["first", "second", "second"]);
    assert_eq!(
        states(&attempts),
        [("first", State::Skipped), ("second", State::Succeeded)]
    );
    assert_eq!(
        attempts[0].error.as_ref().unwrap().message,
        "inference_config.temperature: the model does not take it"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_safe_to_leave_out_needs_no_leave() {
    let script = Scripted::default().on(
        "first",
        [Step::Refuse(Refusable::ServiceTier), Step::Text("hello")],
    );
    let bench = bench(script);
    let request = InvokeRequest {
        service_tier: ServiceTier::Flex.into(),
        ..prompt()
    };

    let reply = bench.router.invoke(turn(request)).await.unwrap();

    assert_eq!(reply.text, "hello");
    assert!(bench.provider.last_adaptation().omit_service_tier);
}

#[tokio::test(start_paused = true)]
async fn lone_model_may_refuse_one_field_after_the_other() {
    let script = Scripted::default().on(
        "first",
        [
            Step::Refuse(Refusable::Temperature),
            Step::Refuse(Refusable::TopK),
            Step::Text("hello"),
        ],
    );
    let bench = bench(script);
    let mut request = sampled(UnsupportedFieldPolicy::DropField);
    if let Some(config) = &mut request.routing_config {
        config.fallback_mode = FallbackMode::Disabled.into();
    }

    let reply = bench.router.invoke(turn(request)).await.unwrap();

    let attempts = reply.metadata.unwrap().attempts;
    assert_eq!(attempts.len(), 3);
    assert_eq!(attempts[2].adjustments.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn refusal_of_what_was_not_sent_is_not_believed() {
    let script = Scripted::default()
        .on("first", [Step::Refuse(Refusable::StopSequences)])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);
    let request = sampled(UnsupportedFieldPolicy::DropField);

    bench.router.invoke(turn(request)).await.unwrap();

    let first = model("first", 1);
    assert_eq!(bench.provider.calls(), ["first", "second"]);
    assert_eq!(bench.router.policy().refused_fields(&first).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn refused_stream_becomes_a_stream_of_a_whole_answer() {
    let script = Scripted::default().on(
        "first",
        [
            Step::Refuse(Refusable::Streaming),
            Step::Text("hello"),
            Step::Text("again"),
        ],
    );
    let bench = bench(script);

    bench.router.invoke_stream(turn(prompt())).await.unwrap();
    bench.router.invoke_stream(turn(prompt())).await.unwrap();

    assert_eq!(bench.provider.calls(), ["first", "first", "first"]);
    assert!(bench.provider.last_adaptation().whole_answer);
}

#[tokio::test(start_paused = true)]
async fn content_that_is_refused_is_never_left_out() {
    let script = Scripted::default()
        .on("first", [Step::Refuse(Refusable::System)])
        .on("second", [Step::Refuse(Refusable::System)])
        .on("third", [Step::Refuse(Refusable::System)]);
    let bench = bench(script);
    let request = InvokeRequest {
        system: vec![crate::proto::SystemContentBlock {
            block: Some(crate::proto::system_content_block::Block::Text(
                "Be brief".to_owned(),
            )),
        }],
        ..sampled(UnsupportedFieldPolicy::DropField)
    };

    let error = bench.router.invoke(turn(request)).await.unwrap_err();

    assert_eq!(bench.provider.calls(), ["first", "second", "third"]);
    assert_eq!(error.reason, ErrorReason::UpstreamValidationFailed);
}
