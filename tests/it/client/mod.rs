//! The client for Rust, against gateways in front of the emulator and against scripted ones.

mod addresses;
mod calls;
mod deadline;
mod failures;
mod retries;
mod samples;
mod scripted;
mod tls;

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Options;

use crate::support::Gateway;

/// A client of a gateway.
async fn client_of(gateway: &Gateway) -> Client {
    client_at(&gateway.address().to_string()).await
}

async fn client_at(address: &str) -> Client {
    let address = format!("http://{address}");
    Client::connect(&address, Options::new()).await.unwrap()
}
