//! Asks one question, and says who answered at what price.

#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "a sample prints"))]

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address =
        std::env::var_os("GATEWAY_ADDRESS").unwrap_or_else(|| "http://127.0.0.1:50051".into());
    let client = Client::connect(&address.to_string_lossy(), Options::new()).await?;
    run(&client).await
}

/// The sample itself.
pub(crate) async fn run(client: &Client) -> Result<(), Error> {
    let answer = client.invoke("Name three moons of Jupiter.").await?;

    println!("{}", answer.text);
    let metadata = answer.metadata.unwrap_or_default();
    let usage = metadata.usage.unwrap_or_default();
    println!(
        "{}: {} tokens in, {} out",
        metadata.model, usage.input_tokens, usage.output_tokens
    );
    if let Some(cost) = metadata.cost {
        println!(
            "{} billionths of a {}",
            cost.total_nanos, cost.currency_code
        );
    }
    Ok(())
}
