//! The emulator as a process, and its control endpoint.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use anyhow::ensure;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::server::Server;

/// A running emulator.
pub struct Emulator {
    process: Server,
    address: SocketAddr,
}

/// One call of the journal.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Counts up from 1, whatever was forgotten.
    pub number: u64,
    /// Key of the model.
    pub model: Option<String>,
    /// What was asked.
    pub body: Value,
    /// Whether the gateway went away before the end of the answer.
    pub client_closed: bool,
    /// When it ended, in milliseconds since 1970.
    pub ended_at_ms: Option<i64>,
}

impl Entry {
    /// Whether the emulator is still at it.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.ended_at_ms.is_none()
    }
}

impl Emulator {
    /// Starts one with the models of this registry file.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(registry: &Path) -> anyhow::Result<Self> {
        let registry = registry.to_str().context("a path that is no text")?;
        let arguments = ["emulate", "--listen", "127.0.0.1:0", "--registry", registry];
        let mut process = Server::start(&arguments, &[])?;
        let address = process.line("emulator listening on http://").await?;
        Ok(Self {
            process,
            address: address.parse()?,
        })
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

    /// Makes this the model's behaviour; `*` stands for all.
    ///
    /// # Errors
    /// It is none.
    pub async fn set(&self, model: &str, scenario: &Value) -> anyhow::Result<()> {
        let path = format!("scenarios/{model}");
        self.control("PUT", &path, &scenario.to_string()).await?;
        Ok(())
    }

    /// Lets every model answer as usual.
    ///
    /// # Errors
    /// The emulator is gone.
    pub async fn clear_scenarios(&self) -> anyhow::Result<()> {
        self.control("DELETE", "scenarios", "").await?;
        Ok(())
    }

    /// Forgets the calls so far.
    ///
    /// # Errors
    /// The emulator is gone.
    pub async fn clear_journal(&self) -> anyhow::Result<()> {
        self.control("DELETE", "journal", "").await?;
        Ok(())
    }

    /// The last thousand calls.
    ///
    /// # Errors
    /// The emulator is gone.
    pub async fn journal(&self) -> anyhow::Result<Vec<Entry>> {
        let entries = self.control("GET", "journal", "").await?;
        serde_json::from_slice(&entries).context("failed to read the journal")
    }

    /// Calls since the start.
    ///
    /// # Errors
    /// The emulator is gone.
    pub async fn calls(&self) -> anyhow::Result<u64> {
        Ok(self.journal().await?.last().map_or(0, |entry| entry.number))
    }

    async fn control(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let mut connection = TcpStream::connect(self.address).await?;
        let request = format!(
            "{method} /_emulator/{path} HTTP/1.1\r\nhost: emulator\r\nconnection: close\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        connection.write_all(request.as_bytes()).await?;
        let mut response = Vec::new();
        connection.read_to_end(&mut response).await?;
        let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let body = response.split_off(end.context("half an answer")? + 4);
        ensure!(
            response.starts_with(b"HTTP/1.1 200"),
            "{path}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }
}

/// A scenario with a long answer, all of it at once, in so many pieces of 1 KiB.
#[must_use]
pub fn torrent(pieces: usize) -> Value {
    let piece = json!({"contentBlockDelta": {
        "contentBlockIndex": 0,
        "delta": {"text": "stone ".repeat(1_024 / 6)},
    }});
    let mut events = vec![json!({"messageStart": {"role": "assistant"}})];
    events.extend(vec![piece; pieces]);
    events.push(json!({"contentBlockStop": {"contentBlockIndex": 0}}));
    events.push(json!({"messageStop": {"stopReason": "end_turn"}}));
    events.push(json!({"metadata": {
        "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
        "metrics": {"latencyMs": 1},
    }}));
    json!({"reply": {"events": events}})
}
