//! Failures as types.

use bedrock_gateway::client::Cause;
use bedrock_gateway::client::Client;
use bedrock_gateway::client::Options;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::ErrorReason;
use bedrock_gateway::proto::InferenceConfig;
use bedrock_gateway::proto::InvokeRequest;
use tokio::net::TcpListener;

use super::client_of;
use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::only;

#[tokio::test]
async fn every_wrong_field_is_named() {
    let gateway = Gateway::start().await;
    let client = client_of(&gateway).await;
    let request = InvokeRequest {
        inference_config: Some(InferenceConfig {
            max_tokens: Some(-1),
            temperature: Some(9.0),
            ..InferenceConfig::default()
        }),
        ..InvokeRequest::from("canary")
    };

    let named = client.with_metadata("x-request-id", "order-7").unwrap();
    let error = named.invoke(request).await.unwrap_err();

    let fields = error.field_violations().iter();
    let fields: Vec<_> = fields.map(|violation| violation.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "inference_config.max_tokens",
            "inference_config.temperature"
        ]
    );
    assert_eq!(error.reason(), ErrorReason::InvalidRequest);
    assert_eq!(error.request_id(), "order-7");
    assert_eq!(error.help(), Some("docs/errors.md#invalid_request"));
    assert!(error.is_invalid_request() && !error.may_pass());
    let text = format!("{error} {error:?}");
    assert!(!text.contains("canary"), "{text}");
}

#[tokio::test]
async fn throttled_model_is_told_with_its_attempt_and_a_time() {
    let gateway = Gateway::start().await;
    let throttled = Scenario::exception("ThrottlingException");
    gateway.emulator().set_scenario(FIRST, throttled);
    let client = client_of(&gateway).await;

    let error = client.invoke(only(FIRST)).await.unwrap_err();

    assert_eq!(error.reason(), ErrorReason::UpstreamThrottled);
    assert!(error.is_throttled() && error.may_pass());
    assert!(error.retry_delay().is_some());
    assert_eq!(error.fact("upstreamError"), Some("ThrottlingException"));
    let attempt = error.attempts().last().unwrap();
    assert_eq!(attempt.model, FIRST);
    assert!(!error.output_started());
    assert!(error.to_string().contains("tried: "), "{error}");
}

#[tokio::test]
async fn address_where_nobody_answers_fails_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);

    let error = Client::connect(&address, Options::new()).await.unwrap_err();

    assert_eq!(error.cause(), Cause::Connection);
    assert!(error.is_unavailable());
    let start = format!("no connection to {address}/: Connection refused");
    assert!(error.message().starts_with(&start), "{error}");
}

#[tokio::test]
async fn addresses_that_are_none_are_refused() {
    for address in [
        "",
        "gateway",
        "gateway:50051",
        "ftp://gateway",
        "http://",
        "http://gateway/path",
    ] {
        let error = Client::connect(address, Options::new()).await.unwrap_err();

        assert_eq!(error.cause(), Cause::Input, "{address}");
        assert!(error.message().contains("allowed: "), "{error}");
    }
}
