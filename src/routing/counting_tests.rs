//! What the loop does for a count of tokens: the same as for an answer, for one model.

use crate::proto::CachePointBlock;
use crate::proto::ErrorReason;
use crate::proto::InvokeRequest;
use crate::proto::SystemContentBlock;
use crate::proto::system_content_block;
use crate::provider::ErrorKind;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::routing::bench::Bench;
use crate::routing::bench::bench;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

fn of(model: &str) -> InvokeRequest {
    InvokeRequest {
        model: model.to_owned(),
        ..prompt()
    }
}

/// Who counted, or why nobody did.
async fn count(bench: &Bench, request: InvokeRequest) -> Result<String, ErrorReason> {
    let counted = bench.router.count_tokens(turn(request)).await;
    counted
        .map(|counted| counted.model)
        .map_err(|error| error.reason)
}

fn admits(bench: &Bench, model: &str) -> bool {
    let policy = bench.router.policy();
    policy.circuits.admits_calls(policy.model(model).unwrap())
}

#[tokio::test(start_paused = true)]
async fn rejected_credentials_cost_a_count_one_attempt() {
    let steps = [Step::Fail(ErrorKind::Credentials), Step::Text("hello")];
    let bench = bench(Scripted::default().on("first", steps));

    let counted = count(&bench, of("first")).await;

    assert_eq!(counted.as_deref(), Ok("first"));
    assert_eq!(bench.provider.calls(), ["first", "first"]);
}

#[tokio::test(start_paused = true)]
async fn failed_count_says_what_was_tried_and_asks_no_other_model() {
    let steps = vec![Step::Fail(ErrorKind::Unavailable); 4];
    let bench = bench(Scripted::default().on("first", steps));

    let error = bench.router.count_tokens(turn(of("first"))).await;

    let error = error.unwrap_err();
    assert_eq!(error.reason, ErrorReason::UpstreamUnavailable);
    assert_eq!(error.metadata.unwrap().attempts.len(), 4);
    assert_eq!(bench.provider.calls(), ["first"; 4]);
}

#[tokio::test(start_paused = true)]
async fn model_that_counts_no_more_is_left_alone_and_still_answers() {
    let mut steps = vec![Step::Fail(ErrorKind::ModelTimeout); 6];
    steps.push(Step::Text("hello"));
    let bench = bench(Scripted::default().on("first", steps));

    let mut reasons = Vec::new();
    for _ in 0..7 {
        reasons.push(count(&bench, of("first")).await.unwrap_err());
    }
    let is_active = admits(&bench, "first");
    let answer = bench.router.invoke(turn(of("first"))).await.unwrap();

    // After the fifth the circuit is open; the sixth is made because there is no other model.
    assert_eq!(reasons[..6], [ErrorReason::UpstreamModelTimeout; 6]);
    assert_eq!(reasons[6], ErrorReason::ModelSuspended);
    assert!(is_active);
    assert_eq!(answer.text, "hello");
}

#[tokio::test(start_paused = true)]
async fn count_without_a_name_is_made_by_the_first_model_that_is_active() {
    let script = Scripted::default()
        .on("first", [Step::Fail(ErrorKind::AccessDenied)])
        .on("second", [Step::Text("hello"), Step::Text("hello")]);
    let bench = bench(script);
    bench.router.invoke(turn(prompt())).await.unwrap();

    let counted = count(&bench, prompt()).await;

    assert_eq!(counted.as_deref(), Ok("second"));
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_had_to_leave_out_is_not_counted_either() {
    let cached = SystemContentBlock {
        block: Some(system_content_block::Block::CachePoint(
            CachePointBlock::default(),
        )),
    };
    let request = InvokeRequest {
        system: vec![cached],
        ..of("first")
    };
    let steps = [
        Step::Fail(ErrorKind::PromptCachingRefused),
        Step::Text("hello"),
        Step::Text("hello"),
    ];
    let bench = bench(Scripted::default().on("first", steps));
    bench.router.invoke(turn(request.clone())).await.unwrap();

    count(&bench, request).await.unwrap();

    assert_eq!(bench.provider.calls().len(), 3);
    assert!(bench.provider.last_adaptation().omit_cache_points);
}
