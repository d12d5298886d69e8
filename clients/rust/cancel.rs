//! Ends calls early: by a deadline, and by letting go of a stream.

#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "a sample prints"))]

use std::time::Duration;

use bedrock_gateway::client::Client;
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
    let patient = client.with_timeout(Duration::from_secs(20));
    let mut stream = patient.stream("Tell a very long story.").await?;
    while let Some(event) = stream.event().await? {
        if let Some(text) = texts(&event).next() {
            println!("{text} ... enough");
            break;
        }
    }
    // The gateway ends its call of the model, too.
    drop(stream);

    let hasty = client.with_timeout(Duration::from_millis(1));
    match hasty.invoke("Hi").await {
        Err(error) if error.is_deadline_exceeded() => println!("not in time: {error}"),
        Err(error) => return Err(error),
        Ok(answer) => println!("in time, against all odds: {}", answer.text),
    }
    Ok(())
}
