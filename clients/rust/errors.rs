//! Reads what an error says: which fields, what to do, what was tried.

#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "a sample prints"))]

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;
use bedrock_gateway::proto::InferenceConfig;
use bedrock_gateway::proto::InvokeRequest;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address =
        std::env::var_os("GATEWAY_ADDRESS").unwrap_or_else(|| "http://127.0.0.1:50051".into());
    let client = Client::connect(&address.to_string_lossy(), Options::new()).await?;
    run(&client).await
}

/// The sample itself.
pub(crate) async fn run(client: &Client) -> Result<(), Error> {
    let request = InvokeRequest {
        model: "no-such-model".to_owned(),
        ..InvokeRequest::from("Hi")
    };
    if let Err(error) = client.invoke(request).await {
        explain(&error);
    }

    let request = InvokeRequest {
        inference_config: Some(InferenceConfig {
            max_tokens: Some(-1),
            temperature: Some(9.0),
            ..InferenceConfig::default()
        }),
        ..InvokeRequest::from("Hi")
    };
    if let Err(error) = client.invoke(request).await {
        explain(&error);
    }
    Ok(())
}

fn explain(error: &Error) {
    println!(
        "{} ({:?}): {}",
        error.reason_name(),
        error.code(),
        error.message()
    );
    for violation in error.field_violations() {
        println!("  {}: {}", violation.field, violation.description);
    }
    for attempt in error.attempts() {
        println!("  tried {}", attempt.model);
    }
    if error.is_invalid_request() || error.is_unknown_model() {
        println!("  correct the request");
    } else if let Some(delay) = error.retry_delay() {
        println!("  try again after {delay:?}");
    }
    if let Some(help) = error.help() {
        println!("  see {help}");
    }
    println!("  the gateway's log knows it as {}", error.request_id());
}
