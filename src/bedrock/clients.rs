//! The clients of one worker: one per region, over the same connections.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_sdk_bedrockruntime::Client;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::client::BedrockConfig;

/// Clients by region, made when first needed. The registry limits how many there can be.
pub(super) struct Clients {
    shared: BedrockConfig,
    http_client: SharedHttpClient,
    home: Client,
    foreign: Mutex<HashMap<String, Client>>,
}

impl Clients {
    /// A client for the gateway's own region.
    pub(super) fn new(shared: &BedrockConfig, http_client: SharedHttpClient) -> Self {
        Self {
            shared: shared.clone(),
            home: shared.client(http_client.clone(), None),
            http_client,
            foreign: Mutex::new(HashMap::new()),
        }
    }

    /// The client that calls this region.
    pub(super) fn for_region(&self, region: &str) -> Client {
        if !self.shared.is_foreign(region) {
            return self.home.clone();
        }
        let mut foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = foreign.get(region) {
            return client.clone();
        }
        let client = self.shared.client(self.http_client.clone(), Some(region));
        foreign.insert(region.to_owned(), client.clone());
        client
    }

    /// What they share.
    pub(super) fn shared(&self) -> &BedrockConfig {
        &self.shared
    }
}
