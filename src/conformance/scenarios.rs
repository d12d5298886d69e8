//! Tells an emulator, through its control endpoint, what its models shall do.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::Request;
use http::StatusCode;
use http::header;
use http_body_util::BodyExt as _;
use http_body_util::Limited;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

/// Most bytes of a reply that are read. A journal has the bodies of many calls.
const MAX_REPLY_BYTES: usize = 256 << 20;

/// Longest wait for a reply. An emulator answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The control endpoint of an emulator.
#[derive(Clone, Debug)]
pub struct EmulatorControl {
    authority: String,
}

/// What is played, and what was set before.
pub(super) struct Played {
    models: Vec<String>,
    before: Map<String, Value>,
}

/// A call that the emulator saw.
#[derive(Deserialize)]
struct JournalEntry {
    number: u64,
    /// Read only if it is looked at: a journal is long.
    body: Box<RawValue>,
}

/// Why an emulator did not obey.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The URL is none of an emulator.
    #[error("\"{0}\" is no address of an emulator; write one such as http://127.0.0.1:8787")]
    Address(String),
    /// Nobody answers there.
    #[error("no emulator answers at {authority}: {cause}")]
    Unreachable {
        /// Host and port.
        authority: String,
        /// Why.
        cause: String,
    },
    /// It refused.
    #[error("the emulator refused: {0}")]
    Refused(String),
}

impl EmulatorControl {
    /// The control endpoint of the emulator at this URL.
    ///
    /// # Errors
    /// [`ControlError::Address`].
    pub fn at(url: &str) -> Result<Self, ControlError> {
        let wrong = || ControlError::Address(url.to_owned());
        let with_scheme = if url.contains("://") {
            url.to_owned()
        } else {
            format!("http://{url}")
        };
        let parsed = Url::parse(&with_scheme).map_err(|_no_url| wrong())?;
        let host = parsed
            .host_str()
            .filter(|_| parsed.scheme() == "http" && parsed.path() == "/");
        let port = parsed.port_or_known_default().ok_or_else(wrong)?;
        Ok(Self {
            authority: format!("{}:{port}", host.ok_or_else(wrong)?),
        })
    }

    /// Whether there is an emulator.
    ///
    /// # Errors
    /// [`ControlError::Unreachable`] or [`ControlError::Refused`].
    pub async fn check(&self) -> Result<(), ControlError> {
        self.list().await.map(drop)
    }

    /// Sets what models do.
    ///
    /// # Errors
    /// [`ControlError`]; then nothing is set that was not before.
    pub(super) async fn begin(
        &self,
        scenarios: Vec<(String, &Value)>,
    ) -> Result<Played, ControlError> {
        let before = self.list().await?;
        let models = scenarios.iter().map(|(model, _)| model.clone());
        let played = Played {
            models: models.collect(),
            before,
        };
        for (model, scenario) in &scenarios {
            let set = self.scenario(Method::PUT, model, scenario.to_string());
            if let Err(error) = set.await {
                // The first failure says what is wrong.
                let _ = self.end(played).await;
                return Err(error);
            }
        }
        Ok(played)
    }

    /// Takes them back, and sets again what was set before.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(super) async fn end(&self, played: Played) -> Result<(), ControlError> {
        let mut ended = Ok(());
        for model in &played.models {
            ended = ended.and(self.scenario(Method::DELETE, model, String::new()).await);
        }
        ended?;
        let left = self.list().await?;
        for (model, slot) in played
            .before
            .iter()
            .filter(|(model, _)| !left.contains_key(*model))
        {
            let steady = slot.get("steady").filter(|steady| !steady.is_null());
            if let Some(plan) = steady.or_else(|| slot.get("queue")) {
                self.scenario(Method::PUT, model, plan.to_string()).await?;
            }
        }
        Ok(())
    }

    /// The number of the last call that the emulator saw.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(super) async fn last_call(&self) -> Result<u64, ControlError> {
        let journal = self.journal().await?;
        Ok(journal.last().map_or(0, |call| call.number))
    }

    /// What it was sent behind that call.
    ///
    /// # Errors
    /// [`ControlError`].
    pub(super) async fn sent_after(&self, number: u64) -> Result<Vec<Value>, ControlError> {
        let journal = self.journal().await?.into_iter();
        let new = journal.filter(|call| call.number > number);
        let bodies = new.filter_map(|call| serde_json::from_str(call.body.get()).ok());
        Ok(bodies.collect())
    }

    async fn journal(&self) -> Result<Vec<JournalEntry>, ControlError> {
        self.ask(Method::GET, "journal", String::new()).await
    }

    async fn list(&self) -> Result<Map<String, Value>, ControlError> {
        self.ask(Method::GET, "scenarios", String::new()).await
    }

    async fn scenario(
        &self,
        method: Method,
        model: &str,
        body: String,
    ) -> Result<(), ControlError> {
        let path = format!("scenarios/{model}");
        self.ask::<Value>(method, &path, body).await.map(drop)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<T, ControlError> {
        let unreachable = |cause: String| ControlError::Unreachable {
            authority: self.authority.clone(),
            cause,
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/_emulator/{path}"))
            .header(header::HOST, &self.authority)
            .body(body)
            .map_err(|error| unreachable(error.to_string()))?;
        let exchanged = timeout(TIMEOUT, exchange(&self.authority, request)).await;
        let exchanged = exchanged
            .map_err(|_elapsed| unreachable(format!("nothing came within {TIMEOUT:?}")))?;
        let (status, reply) = exchanged.map_err(|error| unreachable(error.to_string()))?;
        let refused = |reply: &[u8]| {
            let reply: Value = serde_json::from_slice(reply).unwrap_or_default();
            let message = reply.get("message").and_then(Value::as_str);
            message.map_or_else(|| format!("HTTP status {status}"), str::to_owned)
        };
        if status != StatusCode::OK {
            return Err(ControlError::Refused(refused(&reply)));
        }
        serde_json::from_slice(&reply)
            .map_err(|error| unreachable(format!("its reply is none of an emulator: {error}")))
    }
}

/// One request on a connection of its own.
async fn exchange(
    authority: &str,
    request: Request<String>,
) -> Result<(StatusCode, Bytes), Box<dyn Error + Send + Sync>> {
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let exchange = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let reply = Limited::new(response.into_body(), MAX_REPLY_BYTES);
        let reply = reply.collect().await?.to_bytes();
        // Nothing is asked on this connection again.
        drop(sender);
        Ok((status, reply))
    };
    let (answered, _closed) = futures_util::future::join(exchange, connection).await;
    answered
}
