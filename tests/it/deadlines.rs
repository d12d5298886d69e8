//! The caller's deadline and the limits of attempts.

use std::time::Duration;

use bedrock_gateway::emulator::Delay;
use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::attempt::State;
use futures_util::future::join_all;
use tonic::Code;
use tonic::Request;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::SECOND;
use crate::support::collect;
use crate::support::failure;
use crate::support::prompt;
use crate::support::reason;
use crate::support::states;
use crate::support::stream_prompt;
use crate::support::text;

#[tokio::test]
async fn deadline_is_answered_by_the_gateway_with_the_ledger() {
    // The client here keeps the same time: on a loaded machine it must not be the first to give up.
    let gateway = Gateway::with(&[("routing.reply_reserve", "1s")]).await;
    gateway
        .emulator()
        .set_scenario("*", Scenario::fault(Fault::Hang { after_events: None }));
    let mut request = Request::new(prompt("Hi"));
    request.set_timeout(Duration::from_secs(2));

    let status = gateway.inference().invoke(request).await.unwrap_err();

    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert_eq!(reason(&status), "DEADLINE_EXCEEDED");
    let attempts = failure(&status).metadata.unwrap().attempts;
    // The first left a share of the time to the second.
    assert_eq!(
        states(&attempts),
        [(FIRST, State::Failed), (SECOND, State::Cancelled)]
    );
    assert_eq!(gateway.calls(), [FIRST, SECOND]);
}

#[tokio::test]
async fn model_ten_times_slower_than_usual_costs_no_call_that_another_can_answer() {
    let gateway = Gateway::start().await;
    let slow = Scenario {
        delay: Delay {
            headers_ms: 20_000,
            ..Delay::default()
        },
        ..Scenario::reply("late")
    };
    gateway.emulator().set_scenario(FIRST, slow);
    let timely = Scenario::reply("in time");
    gateway.emulator().set_scenario(SECOND, timely);
    let call = || async {
        let mut request = Request::new(prompt("Hi"));
        // Room for the usual two seconds, and on a loaded machine for the other model.
        request.set_timeout(Duration::from_secs(5));
        gateway.inference().invoke(request).await
    };

    let answers = join_all((0..20).map(|_| call())).await;

    for answer in answers {
        assert_eq!(answer.unwrap().into_inner().text, "in time");
    }
}

#[tokio::test]
async fn model_that_hangs_is_left_after_the_attempt_limit() {
    let gateway = Gateway::with(&[("routing.attempt_timeout", "1s")]).await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::fault(Fault::Hang { after_events: None }));
    gateway
        .emulator()
        .set_scenario(SECOND, Scenario::reply("hello"));

    let answer = gateway
        .inference()
        .invoke(prompt("Hi"))
        .await
        .unwrap()
        .into_inner();

    assert_eq!(answer.text, "hello");
    let attempts = answer.metadata.unwrap().attempts;
    let error = attempts[0].error.as_ref().unwrap();
    assert_eq!(error.reason().as_str_name(), "ERROR_REASON_ATTEMPT_TIMEOUT");
}

#[tokio::test]
async fn stream_that_does_not_begin_is_left_after_the_first_event_limit() {
    let gateway = Gateway::with(&[("routing.first_event_timeout", "1s")]).await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::fault(Fault::Hang { after_events: None }));

    let stream = gateway
        .inference()
        .invoke_stream(stream_prompt("Hi"))
        .await
        .unwrap();

    assert_eq!(stream.metadata().get("x-served-model").unwrap(), SECOND);
}

#[tokio::test]
async fn stream_that_falls_silent_is_aborted_after_the_idle_limit() {
    let gateway = Gateway::with(&[("routing.idle_timeout", "1s")]).await;
    let stream = gateway.silent_stream().await;
    let (events, end) = collect(stream).await;

    let status = end.unwrap_err();
    assert!(!text(&events).is_empty());
    assert_eq!(reason(&status), "STREAM_INTERRUPTED");
    let attempts = failure(&status).metadata.unwrap().attempts;
    let error = attempts[0].error.as_ref().unwrap();
    assert_eq!(error.reason().as_str_name(), "ERROR_REASON_ATTEMPT_TIMEOUT");
    assert_eq!(gateway.calls(), [FIRST]);
}

#[tokio::test]
async fn deadline_ends_a_stream_under_way_with_the_ledger() {
    let gateway = Gateway::start().await;
    let hang = Fault::Hang {
        after_events: Some(3),
    };
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::fault(hang));
    let mut request = Request::new(stream_prompt("Hi"));
    request.set_timeout(Duration::from_secs(2));

    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let (_events, end) = collect(stream.into_inner()).await;

    let status = end.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    let failure = failure(&status);
    assert!(failure.output_started);
    assert_eq!(
        states(&failure.metadata.unwrap().attempts),
        [(FIRST, State::Cancelled)]
    );
}
