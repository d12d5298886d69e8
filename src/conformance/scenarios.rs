//! Tells an emulator, through its control endpoint, what its models shall do.

use http::Method;
use http::Request;
use http::StatusCode;
use http::header;
use http_body_util::BodyExt as _;
use http_body_util::Limited;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use url::Url;

/// Most bytes of a reply that are read.
const MAX_REPLY_BYTES: usize = 64 * 1024;

/// The control endpoint of an emulator.
#[derive(Clone, Debug)]
pub struct EmulatorControl {
    authority: String,
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
        self.ask(Method::GET, "scenarios", String::new()).await
    }

    /// Sets what a model does.
    pub(super) async fn set(&self, model: &str, scenario: &Value) -> Result<(), ControlError> {
        self.ask(
            Method::PUT,
            &format!("scenarios/{model}"),
            scenario.to_string(),
        )
        .await
    }

    /// Lets a model answer as usual.
    pub(super) async fn clear(&self, model: &str) -> Result<(), ControlError> {
        self.ask(Method::DELETE, &format!("scenarios/{model}"), String::new())
            .await
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> Result<(), ControlError> {
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
        let stream = TcpStream::connect(&self.authority)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        let exchange = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let reply = Limited::new(response.into_body(), MAX_REPLY_BYTES)
                .collect()
                .await;
            let reply =
                reply.map_or_else(|_| bytes::Bytes::new(), http_body_util::Collected::to_bytes);
            // Nothing is asked on this connection again.
            drop(sender);
            Ok::<_, hyper::Error>((status, reply))
        };
        let (answered, _closed) = futures_util::future::join(exchange, connection).await;
        let (status, reply) = answered.map_err(|error| unreachable(error.to_string()))?;
        if status == StatusCode::OK {
            return Ok(());
        }
        let reply: Value = serde_json::from_slice(&reply).unwrap_or_default();
        let message = reply.get("message").and_then(Value::as_str);
        Err(ControlError::Refused(match message {
            Some(message) => message.to_owned(),
            None => format!("HTTP status {status}"),
        }))
    }
}
