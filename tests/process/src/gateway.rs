//! The gateway as a process.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::Context as _;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use tempfile::NamedTempFile;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::client::connect;
use crate::emulator::Emulator;
use crate::server::Server;

/// What the emulator accepts. No secret: it opens nothing but emulators.
const CREDENTIALS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIAEMULATOR00000000"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "emulator/secret/access/key/not/a/secret",
    ),
];

/// A registry file with models of these names, first the preferred one.
///
/// # Errors
/// The file cannot be written.
pub fn registry(names: &[&str]) -> anyhow::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(registry_text(names).as_bytes())?;
    Ok(file)
}

/// What such a file says.
#[must_use]
pub fn registry_text(names: &[&str]) -> String {
    let models: Map<String, Value> = (1..)
        .zip(names)
        .map(|(priority, name)| {
            let entry = json!({
                "modelId": format!("process.{name}-v1:0"),
                "displayName": name,
                "provider": "amazon",
                "capabilities": [],
                "contextWindow": 200_000,
                "maxOutputTokens": 100_000,
                "requiresInferenceProfile": false,
                "priority": priority,
            });
            ((*name).to_owned(), entry)
        })
        .collect();
    json!({ "modelRegistry": models }).to_string()
}

/// A gateway that serves.
pub struct Gateway {
    process: Server,
    address: SocketAddr,
}

/// How a gateway is started.
pub struct Options<'a> {
    /// What it calls.
    pub emulator: &'a Emulator,
    /// Its models.
    pub registry: &'a NamedTempFile,
    /// Settings that are not the default, by key.
    pub settings: &'a [(&'a str, &'a str)],
}

impl Gateway {
    /// Starts one and waits until it serves.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(options: &Options<'_>) -> anyhow::Result<Self> {
        let registry = options.registry.path().to_str().context("no text")?;
        let endpoint = format!("http://{}", options.emulator.address());
        let ours = [
            ("server.listen", "127.0.0.1:0"),
            ("server.drain_delay", "0s"),
            ("registry.file", registry),
            ("bedrock.endpoint", &endpoint),
        ];
        let mut variables: Vec<(String, String)> = ours
            .iter()
            .chain(options.settings)
            .map(|(key, value)| (variable(key), (*value).to_owned()))
            .collect();
        variables.extend(CREDENTIALS.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let mut process = Server::start(&["serve"], &variables)?;
        let address = process.line("gateway listening on ").await?;
        let gateway = Self {
            process,
            address: address.parse()?,
        };
        gateway.serves().await?;
        Ok(gateway)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> &Server {
        &self.process
    }

    /// Ends it in good order.
    ///
    /// # Errors
    /// It does not end, or not with exit code 0.
    pub async fn terminate(self) -> anyhow::Result<()> {
        self.process.terminate().await
    }

    /// Waits until the health service says SERVING.
    async fn serves(&self) -> anyhow::Result<()> {
        let channel = connect(self.address).await?;
        let request = HealthCheckRequest::default();
        let mut states = HealthClient::new(channel)
            .watch(request)
            .await?
            .into_inner();
        while let Some(state) = states.message().await? {
            if state.status() == ServingStatus::Serving {
                return Ok(());
            }
        }
        anyhow::bail!("it ended before it served")
    }
}

/// The variable of a setting.
fn variable(key: &str) -> String {
    format!("BEDROCK_GATEWAY_{}", key.replace('.', "_").to_uppercase())
}
