//! What each function of the client gives.

use bedrock_gateway::client::Cause;
use bedrock_gateway::client::Code;
use bedrock_gateway::client::ServingStatus;
use bedrock_gateway::client::texts;
use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeStreamResponse;
use bedrock_gateway::proto::MessageStopEvent;
use bedrock_gateway::proto::StopReason;
use bedrock_gateway::proto::invoke_stream_response::Event;
use futures_util::StreamExt as _;

use super::client_at;
use super::client_of;
use super::scripted::Scripted;
use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::prompt;
use crate::support::soon;
use crate::support::until;

#[tokio::test]
async fn stream_joins_to_the_answer_that_invoke_gives() {
    let gateway = Gateway::start().await;
    let client = client_of(&gateway).await;

    let whole = client.invoke(prompt("Hi")).await.unwrap();
    let stream = client.stream(prompt("Hi")).await.unwrap();
    let joined = stream.into_answer().await.unwrap();

    assert!(!whole.text.is_empty());
    assert_eq!(joined.text, whole.text);
    assert_eq!(joined.message, whole.message);
    assert_eq!(joined.stop_reason(), StopReason::EndTurn);
    assert_eq!(joined.raw_stop_reason, whole.raw_stop_reason);
    assert_eq!(
        joined.metadata.unwrap().usage,
        whole.metadata.unwrap().usage
    );
}

#[tokio::test]
async fn stream_is_one_of_futures_and_its_texts_are_the_answer() {
    let gateway = Gateway::start().await;
    let client = client_of(&gateway).await;
    let whole = client.invoke(prompt("Hi")).await.unwrap();

    let stream = client.stream(prompt("Hi")).await.unwrap();
    let id = stream.request_id().to_owned();
    let events: Vec<_> = stream.map(Result::unwrap).collect().await;

    let text: String = events.iter().flat_map(texts).collect();
    assert_eq!(text, whole.text);
    let Some(Event::Metadata(metadata)) = events.last() else {
        panic!("metadata comes last");
    };
    assert_eq!(metadata.request_id, id);
}

#[tokio::test]
async fn stream_that_is_dropped_ends_the_call_upstream() {
    let gateway = Gateway::start().await;
    let _other = gateway.silent_stream().await;
    let client = client_of(&gateway).await;
    let mut stream = client.stream(prompt("Hi")).await.unwrap();
    stream.event().await.unwrap();

    drop(stream);

    let emulator = gateway.emulator();
    soon(emulator.wait_until(|entries| entries.iter().any(|entry| entry.client_closed))).await;
}

#[tokio::test]
async fn call_that_is_dropped_before_its_answer_ends_upstream_too() {
    let gateway = Gateway::start().await;
    let hang = Fault::Hang { after_events: None };
    let hang = Scenario::fault(hang);
    gateway.emulator().set_scenario(FIRST, hang);
    let client = client_of(&gateway).await;
    let call = tokio::spawn(async move { client.invoke(prompt("Hi")).await });
    until(|| !gateway.calls().is_empty()).await;

    call.abort();

    let emulator = gateway.emulator();
    soon(emulator.wait_until(|entries| entries.iter().any(|entry| entry.client_closed))).await;
}

#[tokio::test]
async fn stream_that_ends_too_early_is_no_success() {
    let gateway = Scripted::default();
    let stop = InvokeStreamResponse {
        event: Some(Event::MessageStop(MessageStopEvent::default())),
    };
    *gateway.streams.lock().unwrap() = [Ok(vec![Ok(stop)])].into();
    let client = client_at(&gateway.start().await.to_string()).await;

    let stream = client.stream("Hi").await.unwrap();
    let error = stream.into_answer().await.unwrap_err();

    assert_eq!(error.cause(), Cause::BrokenPromise);
}

#[tokio::test]
async fn models_are_listed_and_found_by_name() {
    let gateway = Gateway::start().await;
    let client = client_of(&gateway).await;

    let models = client.list_models().await.unwrap();
    let first = client.model(FIRST).await.unwrap();
    let error = client.model("no-such-model").await.unwrap_err();

    assert_eq!(models[0], first);
    assert!(models.len() > 1);
    assert!(error.is_unknown_model());
}

#[tokio::test]
async fn tokens_are_counted_and_health_is_told() {
    let gateway = Gateway::start().await;
    let client = client_of(&gateway).await;

    let count = client.count_tokens(prompt("Hi")).await.unwrap();
    let answer = client.invoke(prompt("Hi")).await.unwrap();
    let health = client.health("liveness").await.unwrap();
    let unknown = client.health("no-such-part").await.unwrap_err();

    let usage = answer.metadata.unwrap().usage.unwrap();
    assert_eq!(count.input_tokens, usage.input_tokens);
    assert_eq!(health, ServingStatus::Serving);
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn metadata_goes_along_and_stays_out_of_debug() {
    let gateway = Scripted::default();
    let client = client_at(&gateway.start().await.to_string()).await;

    let named = client
        .with_metadata("authorization", "Bearer canary")
        .unwrap();
    named.invoke("Hi").await.unwrap();
    client.invoke("Hi").await.unwrap();

    let told = [Some("Bearer canary".to_owned()), None];
    assert_eq!(gateway.seen("authorization"), told);
    let agents = gateway.seen("user-agent");
    let agent = agents[0].as_deref().unwrap();
    assert!(agent.starts_with("bedrock-gateway-client/"), "{agent}");
    let text = format!("{named:?}");
    assert!(
        text.contains("authorization") && !text.contains("canary"),
        "{text}"
    );
}
