//! An upstream in memory, for fuzz targets and benchmarks: no socket is opened, and what the SDK
//! would have sent can be read. It answers what it is told and knows nothing of Bedrock.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use aws_sdk_bedrockruntime::Client;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorFuture;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::Body;
use http_body::Frame;

use super::Bedrock;
use super::BedrockConfig;
use super::Credentials;
use crate::settings::BedrockSettings;

/// An upstream that answers each call the same until it is told otherwise.
#[derive(Clone, Default)]
pub struct InMemoryUpstream(Arc<Mutex<State>>);

/// What the upstream answers.
#[derive(Clone, Default)]
pub struct Answer {
    /// HTTP status. One that HTTP does not know makes the call fail without an answer.
    pub status: u16,
    /// Names and values of headers. One that HTTP does not allow is left out.
    pub headers: Vec<(String, String)>,
    /// The body in the pieces in which it arrives.
    pub body: Vec<Bytes>,
}

/// A request as it would have gone over the wire.
#[derive(Default)]
pub struct Sent {
    /// The path of its URL.
    pub path: String,
    /// Value of the header `content-length`; empty if there is none.
    pub content_length: String,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Default)]
struct State {
    answer: Answer,
    sent: Vec<Sent>,
}

impl InMemoryUpstream {
    /// Answers this from now on.
    pub fn answer(&self, answer: Answer) {
        self.state().answer = answer;
    }

    /// The requests since this was last asked.
    pub fn take_sent(&self) -> Vec<Sent> {
        mem::take(&mut self.state().sent)
    }

    /// The adapter, with this as its upstream.
    pub async fn bedrock(&self) -> Bedrock {
        Bedrock::over(&config().await, SharedHttpClient::new(self.clone()))
    }

    /// The SDK alone, as the adapter sets it up, without what the adapter does in its calls.
    pub async fn sdk(&self) -> Client {
        let http_client = SharedHttpClient::new(self.clone());
        Client::from_conf(config().await.client_config(http_client, None).build())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn config() -> BedrockConfig {
    let settings = BedrockSettings {
        region: "us-east-1".to_owned(),
        endpoint: None,
        connect_timeout: Duration::from_secs(1),
        emulator: false,
    };
    let credentials = Credentials::Static {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    };
    BedrockConfig::load(&settings, credentials, Arc::default()).await
}

impl fmt::Debug for InMemoryUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InMemoryUpstream")
    }
}

impl HttpClient for InMemoryUpstream {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InMemoryUpstream {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.state();
        let headers = request.headers();
        state.sent.push(Sent {
            path: request
                .uri()
                .split('?')
                .next()
                .unwrap_or_default()
                .to_owned(),
            content_length: headers.get("content-length").unwrap_or_default().to_owned(),
            body: request.body().bytes().unwrap_or_default().to_vec(),
        });
        HttpConnectorFuture::ready(state.answer.response())
    }
}

impl Answer {
    fn response(&self) -> Result<Response, ConnectorError> {
        let status = self.status.try_into();
        let status = status.map_err(|error| ConnectorError::user(Box::from(error)))?;
        let body = SdkBody::from_body_1_x(Pieces(self.body.clone().into()));
        let mut response = Response::new(status, body);
        for (name, value) in &self.headers {
            let _ = response
                .headers_mut()
                .try_append(name.clone(), value.clone());
        }
        Ok(response)
    }
}

/// A body that arrives in pieces.
struct Pieces(VecDeque<Bytes>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}
