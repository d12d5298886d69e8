//! Callers who go away, and what is noted of their calls.

use std::time::Duration;

use tokio::time::timeout;
use tokio_stream::StreamExt;

use crate::proto::attempt::State;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::provider::ErrorKind;
use crate::provider::ProviderError;
use crate::provider::scripted::Scripted;
use crate::provider::scripted::Step;
use crate::routing::bench::Bench;
use crate::routing::bench::bench;
use crate::routing::bench::collect;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;
use crate::routing::ledger::Ledger;

const MOMENT: Duration = Duration::from_secs(1);

/// Calls of a model that were left, events and bytes delivered before.
fn noted(bench: &Bench, model: &str) -> [u64; 3] {
    let policy = bench.router.policy();
    let counts = policy.circuits.metrics().cancelled.of(model);
    [&counts.calls, &counts.events, &counts.output_bytes].map(|count| count.value())
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_left_before_their_answer_are_noted() {
    let bench = bench(Scripted::default().on("first", [Step::Silence, Step::Silence]));

    timeout(MOMENT, bench.router.invoke(turn(prompt())))
        .await
        .unwrap_err();
    let stream = timeout(MOMENT, bench.router.invoke_stream(turn(prompt()))).await;

    assert!(stream.is_err());
    assert_eq!(noted(&bench, "first"), [2, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn stream_that_is_left_is_noted_with_what_was_delivered() {
    let bench = bench(Scripted::default().on("first", [Step::Hang(&["be", "gun"])]));
    let mut stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    while let Ok(Some(event)) = timeout(MOMENT, stream.next()).await {
        event.unwrap();
    }

    drop(stream);

    // The attempt, the message, the block, and two pieces.
    assert_eq!(noted(&bench, "first"), [1, 5, 5]);
}

#[tokio::test(start_paused = true)]
async fn message_that_was_complete_but_not_taken_is_noted() {
    let bench = bench(Scripted::default().on("first", [Step::Text("hello")]));
    let mut stream = bench.router.invoke_stream(turn(prompt())).await.unwrap();
    while let Some(event) = stream.next().await {
        if let Some(Sent::MessageStop(_)) = event.unwrap().event {
            break;
        }
    }

    drop(stream);

    assert_eq!(noted(&bench, "first")[0], 1);
}

#[tokio::test(start_paused = true)]
async fn calls_that_end_by_themselves_are_not_noted() {
    let steps = [
        Step::Text("hello"),
        Step::Text("hello"),
        Step::Fail(ErrorKind::Validation),
        Step::Break(&["begun"], ErrorKind::Validation),
    ];
    let bench = bench(Scripted::default().on("first", steps));

    bench.router.invoke(turn(prompt())).await.unwrap();
    collect(bench.router.invoke_stream(turn(prompt())).await.unwrap()).await;
    bench.router.invoke(turn(prompt())).await.unwrap_err();
    collect(bench.router.invoke_stream(turn(prompt())).await.unwrap()).await;

    assert_eq!(noted(&bench, "first"), [0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn attempt_that_had_failed_is_not_called_cancelled() {
    let mut ledger = Ledger::default();
    ledger.start(&model("first", 1), Vec::new());
    ledger.fail(&ProviderError::new(ErrorKind::Unavailable, "failure"));

    ledger.cancel();

    assert_eq!(ledger.attempts()[0].state(), State::Failed);
}
