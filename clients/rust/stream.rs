//! Prints an answer while it is generated, and joins the events into the same answer.

#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "a sample prints"))]

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Collector;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;
use bedrock_gateway::client::texts;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address =
        std::env::var_os("GATEWAY_ADDRESS").unwrap_or_else(|| "http://127.0.0.1:50051".into());
    let client = Client::connect(&address.to_string_lossy(), Options::new()).await?;
    run(&client).await
}

/// The sample itself.
pub(crate) async fn run(client: &Client) -> Result<(), Error> {
    let mut stream = client.stream("Write a haiku about rivers.").await?;
    // Only for programs that want the message, too; `stream.into_answer()` does this at once.
    let mut collector = Collector::default();
    while let Some(event) = stream.event().await? {
        for text in texts(&event) {
            print!("{text}");
        }
        let _no_matter = collector.push(&event);
    }
    println!();

    // No error came: the answer is complete.
    let answer = collector.finish();
    println!("{} letters", answer.text.chars().count());
    Ok(())
}
