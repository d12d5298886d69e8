use std::time::Duration;

use tonic::Code;

use crate::deadline::Deadline;
use crate::proto::CachePointBlock;
use crate::proto::ErrorReason;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::RoutingConfig;
use crate::proto::SystemContentBlock;
use crate::proto::attempt::State;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::proto::routing_config::FallbackMode;
use crate::proto::system_content_block;
use crate::provider::ErrorKind;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::provider::scripted::usage;
use crate::registry::Model;
use crate::registry::Prices;
use crate::routing::bench::bench;
use crate::routing::bench::bench_of;
use crate::routing::bench::collect;
use crate::routing::bench::states;
use crate::routing::bench::text;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

#[tokio::test(start_paused = true)]
async fn first_model_by_priority_answers() {
    let bench = bench(Scripted::default().on("first", [Step::Text("hello")]));

    let reply = bench.router.invoke(turn(prompt())).await.unwrap();

    let metadata = reply.metadata.unwrap();
    assert_eq!(reply.text, "hello");
    assert_eq!(metadata.model, "first");
    assert_eq!(metadata.usage, Some(usage()));
    assert_eq!(states(&metadata.attempts), [("first", State::Succeeded)]);
}

#[tokio::test(start_paused = true)]
async fn throttled_model_falls_back_to_the_next_priority() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::Throttled)])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    let reply = bench.router.invoke(turn(prompt())).await.unwrap();

    let metadata = reply.metadata.unwrap();
    assert_eq!(bench.provider.calls(), ["first", "second"]);
    assert_eq!(
        states(&metadata.attempts),
        [("first", State::Failed), ("second", State::Succeeded)]
    );
    let error = metadata.attempts[0].error.as_ref().unwrap();
    assert_eq!(error.reason(), ErrorReason::UpstreamThrottled);
    assert_eq!(error.code, i32::from(Code::ResourceExhausted));
}

#[tokio::test(start_paused = true)]
async fn named_model_is_tried_before_the_others() {
    let script = Scripted::default()
        .on("second", [Step::Fail(ErrorKind::AccessDenied)])
        .on("first", [Step::Text("hello")]);
    let bench = bench(script);
    let request = InvokeRequest {
        model: "second".to_owned(),
        ..prompt()
    };

    bench.router.invoke(turn(request)).await.unwrap();

    assert_eq!(bench.provider.calls(), ["second", "first"]);
}

#[tokio::test(start_paused = true)]
async fn without_fallback_only_the_named_model_is_called() {
    let script = Scripted::default().on("second", [Step::Fail(ErrorKind::ModelTimeout)]);
    let bench = bench(script);
    let request = InvokeRequest {
        model: "second".to_owned(),
        routing_config: Some(RoutingConfig {
            fallback_mode: FallbackMode::Disabled.into(),
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    let error = bench.router.invoke(turn(request)).await.unwrap_err();

    assert_eq!(bench.provider.calls(), ["second"]);
    assert_eq!(error.reason, ErrorReason::UpstreamModelTimeout);
    assert_eq!(error.code, Code::DeadlineExceeded);
}

#[tokio::test(start_paused = true)]
async fn callers_fault_is_not_tried_anywhere_else() {
    let bench = bench(Scripted::default().on("first", [Step::Fail(ErrorKind::Validation)]));

    let error = bench.router.invoke(turn(prompt())).await.unwrap_err();

    assert_eq!(bench.provider.calls(), ["first"]);
    assert_eq!(error.code, Code::InvalidArgument);
    assert_eq!(error.reason, ErrorReason::UpstreamValidationFailed);
    assert_eq!(error.retry_after, None);
}

#[tokio::test(start_paused = true)]
async fn same_reason_everywhere_is_the_reason_of_the_call() {
    let throttled = || Step::FailFor(ErrorKind::Throttled, Duration::from_secs(100));
    let script = Scripted::default()
        .on("first", [throttled()])
        .on("second", [throttled()])
        .on("third", [throttled()]);
    let bench = bench(script);

    let error = bench.router.invoke(turn(prompt())).await.unwrap_err();

    assert_eq!(error.code, Code::ResourceExhausted);
    assert_eq!(error.reason, ErrorReason::UpstreamThrottled);
    assert_eq!(error.retry_after, Some(Duration::from_secs(100)));
}

#[tokio::test(start_paused = true)]
async fn mixed_reasons_are_unavailable_if_one_passes_by_itself() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::AccessDenied)])
        .on("second", [Step::Fail(ErrorKind::ModelTimeout)])
        .on("third", [Step::Fail(ErrorKind::NotFound)]);
    let bench = bench(script);

    let error = bench.router.invoke(turn(prompt())).await.unwrap_err();

    assert_eq!(error.reason, ErrorReason::AllAttemptsFailed);
    assert_eq!(error.code, Code::Unavailable);
    assert_eq!(error.metadata.unwrap().attempts.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn calls_of_one_request_are_bounded() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::Throttled)])
        .on("second", [Step::Fail(ErrorKind::Throttled)]);
    let bench = bench(script);
    let request = InvokeRequest {
        routing_config: Some(RoutingConfig {
            max_attempts: Some(2),
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    bench.router.invoke(turn(request)).await.unwrap_err();

    assert_eq!(bench.provider.calls(), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn model_that_does_not_answer_is_left_after_the_attempt_limit() {
    let script = Scripted::default()
        .on("first", [Step::Silence])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);
    let started = tokio::time::Instant::now();

    let reply = bench.router.invoke(turn(prompt())).await.unwrap();

    assert_eq!(reply.text, "hello");
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn deadline_ends_the_call_with_what_was_tried() {
    let script = Scripted::default().on("first", [Step::Silence]);
    let bench = bench_of(vec![model("first", 1)], script);
    let mut turn = turn(prompt());
    turn.deadline = Deadline::after(turn.arrived, Duration::from_secs(5));

    let error = bench.router.invoke(turn).await.unwrap_err();

    assert_eq!(error.code, Code::DeadlineExceeded);
    assert_eq!(error.reason, ErrorReason::DeadlineExceeded);
    let attempts = error.metadata.unwrap().attempts;
    assert_eq!(states(&attempts), [("first", State::Cancelled)]);
}

#[tokio::test(start_paused = true)]
async fn no_attempt_starts_without_time_for_it() {
    let bench = bench(Scripted::default());
    let mut turn = turn(prompt());
    turn.deadline = Deadline::after(turn.arrived, Duration::from_millis(200));

    let error = bench.router.invoke(turn).await.unwrap_err();

    assert_eq!(error.reason, ErrorReason::DeadlineExceeded);
    assert_eq!(bench.provider.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn context_overflow_falls_back_only_to_a_larger_window() {
    let mut large = model("large", 9);
    large.limits.context_window_tokens = 1_000_000;
    let models = vec![model("first", 1), model("second", 2), large];
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::ContextTooLong)])
        .on("large", [Step::Text("hello")]);
    let bench = bench_of(models, script);

    let reply = bench.router.invoke(turn(prompt())).await.unwrap();

    assert_eq!(bench.provider.calls(), ["first", "large"]);
    assert_eq!(
        states(&reply.metadata.unwrap().attempts),
        [
            ("first", State::Failed),
            ("second", State::Skipped),
            ("large", State::Succeeded)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn long_answer_is_gathered_from_a_stream() {
    let script = Scripted::default().on("first", [Step::Text("a long answer")]);
    let bench = bench(script);
    let request = InvokeRequest {
        inference_config: Some(InferenceConfig {
            max_tokens: Some(4_000),
            ..InferenceConfig::default()
        }),
        ..prompt()
    };

    let reply = bench.router.invoke(turn(request)).await.unwrap();

    assert_eq!(reply.text, "a long answer");
    assert_eq!(reply.metadata.unwrap().usage, Some(usage()));
    assert_eq!(bench.provider.last_adaptation().max_tokens, 4_000);
}

#[tokio::test(start_paused = true)]
async fn gathered_answer_that_falls_silent_falls_back() {
    let script = Scripted::default()
        .on("first", [Step::Hang(&["begun"])])
        .on("second", [Step::Text("whole")]);
    let bench = bench(script);
    let request = InvokeRequest {
        inference_config: Some(InferenceConfig {
            max_tokens: Some(4_000),
            ..InferenceConfig::default()
        }),
        ..prompt()
    };

    let reply = bench.router.invoke(turn(request)).await.unwrap();

    assert_eq!(reply.text, "whole");
}

#[tokio::test(start_paused = true)]
async fn cost_of_the_answer_and_of_all_attempts_is_told_in_answers_and_errors() {
    let priced = |name, priority| Model {
        prices: Some(Prices {
            input: 1_000_000_000,
            output: 2_000_000_000,
            cache_read: None,
            cache_write: None,
            cache_write_one_hour: None,
        }),
        ..model(name, priority)
    };
    let used = Step::FailUsed(ErrorKind::AccessDenied);
    let script = Scripted::default()
        .on("first", [used.clone(), used.clone()])
        .on("second", [Step::Text("hello"), used]);
    let bench = bench_of(vec![priced("first", 1), priced("second", 2)], script);

    let answered = bench.router.invoke(turn(prompt())).await.unwrap();
    tokio::time::advance(Duration::from_secs(300)).await;
    let failed = bench.router.invoke(turn(prompt())).await.unwrap_err();

    // Three tokens in and five out each time.
    let answered = answered.metadata.unwrap();
    assert_eq!(answered.cost.unwrap().total_nanos, 13_000);
    assert_eq!(answered.total_cost.unwrap().total_nanos, 26_000);
    let failed = failed.metadata.unwrap();
    assert_eq!(failed.cost, None);
    assert_eq!(failed.total_cost.unwrap().total_nanos, 26_000);
}

#[tokio::test(start_paused = true)]
async fn unknown_model_is_the_callers_mistake() {
    let bench = bench(Scripted::default());
    let request = InvokeRequest {
        model: "fourth".to_owned(),
        ..prompt()
    };

    let error = bench.router.invoke(turn(request)).await.unwrap_err();

    assert_eq!(error.code, Code::NotFound);
    assert_eq!(error.reason, ErrorReason::ModelNotFound);
}

#[tokio::test(start_paused = true)]
async fn refused_prompt_cache_is_tried_once_more_without_cache_points() {
    let script = Scripted::default().on(
        "first",
        [
            Step::Fail(ErrorKind::PromptCachingRefused),
            Step::Text("hello"),
        ],
    );
    let bench = bench(script);
    let cached = SystemContentBlock {
        block: Some(system_content_block::Block::CachePoint(
            CachePointBlock::default(),
        )),
    };
    let request = InvokeRequest {
        system: vec![cached],
        ..prompt()
    };

    let reply = bench.router.invoke(turn(request)).await.unwrap();

    assert_eq!(bench.provider.calls(), ["first", "first"]);
    assert!(bench.provider.last_adaptation().omit_cache_points);
    let attempts = reply.metadata.unwrap().attempts;
    assert_eq!(attempts[0].adjustments.len(), 0);
    assert_eq!(attempts[1].adjustments[0].field, "system[0].cache_point");
}

#[tokio::test(start_paused = true)]
async fn refused_prompt_cache_without_cache_points_is_access_denied() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::PromptCachingRefused)])
        .on("second", [Step::Text("hello")]);
    let bench = bench(script);

    bench.router.invoke(turn(prompt())).await.unwrap();

    assert_eq!(bench.provider.calls(), ["first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn message_without_content_is_an_answer() {
    let script = Scripted::default().on("first", [Step::Empty, Step::Empty]);
    let bench = bench(script);
    let long = InvokeRequest {
        inference_config: Some(InferenceConfig {
            max_tokens: Some(4_000),
            ..InferenceConfig::default()
        }),
        ..prompt()
    };

    let gathered = bench.router.invoke(turn(long)).await.unwrap();
    let stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    let (events, error) = collect(stream).await;

    assert_eq!(gathered.text, "");
    assert_eq!(gathered.metadata.unwrap().usage, Some(usage()));
    assert_eq!(error, None);
    assert!(matches!(
        events.last().unwrap().event,
        Some(Sent::Metadata(_))
    ));
    assert_eq!(bench.provider.calls(), ["first", "first"]);
}

#[tokio::test(start_paused = true)]
async fn failure_is_told_rather_than_the_clock_when_too_little_time_is_left() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["begun"])]));
    let mut turn = turn(InvokeRequest {
        inference_config: Some(InferenceConfig {
            max_tokens: Some(4_000),
            ..InferenceConfig::default()
        }),
        ..prompt()
    });
    turn.deadline = Deadline::after(turn.arrived, Duration::from_millis(30_100));

    let error = bench.router.invoke(turn).await.unwrap_err();

    assert_eq!(error.reason, ErrorReason::AttemptTimeout);
    assert_eq!(bench.provider.calls(), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn shortest_hint_of_all_attempts_is_passed_on() {
    let script = Scripted::default()
        .on(
            "first",
            [Step::FailFor(ErrorKind::Throttled, Duration::from_secs(70))],
        )
        .on(
            "second",
            [Step::FailFor(ErrorKind::Throttled, Duration::from_secs(90))],
        )
        .on("third", [Step::Fail(ErrorKind::AccessDenied)]);
    let bench = bench(script);

    let error = bench.router.invoke(turn(prompt())).await.unwrap_err();

    assert_eq!(error.retry_after, Some(Duration::from_secs(70)));
}

#[tokio::test(start_paused = true)]
async fn longest_limit_that_can_be_written_is_no_limit() {
    let bench = bench(Scripted::default().on("first", [Step::Text("hello"), Step::Text("hello")]));
    let request = || InvokeRequest {
        routing_config: Some(RoutingConfig {
            attempt_timeout: Some(prost_types::Duration {
                seconds: i64::MAX,
                nanos: 999_999_999,
            }),
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    let reply = bench.router.invoke(turn(request())).await.unwrap();
    let stream = bench.router.invoke_stream(turn(request())).await.unwrap();
    let (events, error) = collect(stream).await;

    assert_eq!(reply.text, "hello");
    assert_eq!((text(&events).as_str(), error), ("hello", None));
}
