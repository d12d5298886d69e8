//! Chooses the models that answer if the first one cannot, and reads what was tried.

#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "a sample prints"))]

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::RoutingConfig;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address =
        std::env::var_os("GATEWAY_ADDRESS").unwrap_or_else(|| "http://127.0.0.1:50051".into());
    let client = Client::connect(&address.to_string_lossy(), Options::new()).await?;
    run(&client).await
}

/// The sample itself.
pub(crate) async fn run(client: &Client) -> Result<(), Error> {
    let models = client.list_models().await?;
    let mut names = models.iter().map(|model| model.name.clone());
    let first = names.next().unwrap_or_default();
    let request = InvokeRequest {
        model: first.clone(),
        routing_config: Some(RoutingConfig {
            fallback_models: names.take(2).collect(),
            max_attempts: Some(3),
            ..RoutingConfig::default()
        }),
        ..InvokeRequest::from("Hi")
    };
    let metadata = client.invoke(request).await?.metadata.unwrap_or_default();

    println!("asked for {first}, answered by {}", metadata.model);
    for attempt in &metadata.attempts {
        let outcome = match &attempt.error {
            Some(error) => error.reason().as_str_name(),
            None => "answered",
        };
        println!("{} {}: {outcome}", attempt.number, attempt.model);
    }
    Ok(())
}
