//! Time: the gateway's word on a missed deadline is waited for, and nothing for ever.

use std::time::Duration;

use bedrock_gateway::client::Cause;
use bedrock_gateway::client::Client;
use bedrock_gateway::client::Options;
use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::ErrorReason;
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::client_of;
use super::scripted::Scripted;
use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::process::command;
use crate::support::prompt;
use crate::support::soon;

async fn hanging() -> Gateway {
    // However often it hangs, it is called.
    let gateway = Gateway::with(&[("routing.circuit_opens_after", "0")]).await;
    let hang = Fault::Hang { after_events: None };
    gateway.emulator().set_scenario("*", Scenario::fault(hang));
    gateway
}

#[tokio::test]
async fn missed_deadline_is_always_explained_by_the_gateway() {
    let gateway = hanging().await;
    let client = client_of(&gateway).await;

    for _ in 0..10 {
        let hasty = client.with_timeout(Duration::from_millis(200));
        let error = hasty.invoke(prompt("Hi")).await.unwrap_err();

        assert_eq!(error.reason(), ErrorReason::DeadlineExceeded, "{error}");
        assert_eq!(error.cause(), Cause::Gateway);
        assert!(error.is_deadline_exceeded());
        // No attempt is begun that has so little time.
        assert!(error.invocation_failure().is_some() && error.attempts().is_empty());
    }
}

#[tokio::test]
async fn invoke_command_shows_what_was_tried_when_time_is_up() {
    let gateway = hanging().await;
    let address = gateway.address().to_string();

    for (time, words) in [("200ms", "the deadline passed"), ("2s", FIRST)] {
        for flags in [&["--json"][..], &["--stream"][..], &[][..]] {
            let arguments = ["invoke", "Hi", "--timeout", time, "--address", &address];
            let arguments = [&arguments[..], flags].concat();
            let output = soon(command(&arguments).output()).await.unwrap();

            let told = [output.stdout, output.stderr].concat();
            let told = String::from_utf8(told).unwrap();
            assert_eq!(output.status.code(), Some(1), "{told}");
            assert!(told.contains("DEADLINE_EXCEEDED"), "{told}");
            assert!(told.contains(words), "{told}");
        }
    }
}

#[tokio::test]
async fn deadline_ends_a_stream_under_way_with_what_was_tried() {
    let gateway = Gateway::start().await;
    let _other = gateway.silent_stream().await;
    let client = client_of(&gateway).await;

    let hasty = client.with_timeout(Duration::from_millis(1500));
    let stream = hasty.stream("Hi").await.unwrap();
    let error = stream.into_answer().await.unwrap_err();

    assert_eq!(error.reason(), ErrorReason::DeadlineExceeded, "{error}");
    assert!(error.output_started());
    assert_eq!(error.attempts()[0].model, FIRST);
}

#[tokio::test]
async fn gateway_that_says_nothing_is_waited_for_a_second_longer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::connect(&address, Options::new()).await.unwrap();
    let begun = Instant::now();

    let hasty = client.with_timeout(Duration::from_millis(100));
    let error = soon(hasty.invoke("Hi")).await.unwrap_err();

    assert_eq!(error.cause(), Cause::Silence);
    assert!(error.is_deadline_exceeded());
    assert!(begun.elapsed() >= Duration::from_millis(1100));
}

#[tokio::test]
async fn every_call_tells_the_gateway_its_time() {
    let gateway = Scripted::default();
    let address = gateway.start().await;
    let client = super::client_at(&address.to_string()).await;

    client.invoke("Hi").await.unwrap();
    client
        .with_timeout(Duration::from_secs(30))
        .invoke("Hi")
        .await
        .unwrap();

    // Two minutes stand in the service config.
    let told = ["120000m", "30000000u"].map(|text| Some(text.to_owned()));
    assert_eq!(gateway.seen("grpc-timeout"), told);
}
