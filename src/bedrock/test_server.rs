//! A scripted upstream for tests: records each request and answers with given bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use super::Bedrock;
use super::BedrockConfig;
use super::Credentials;
use crate::proto::InvokeRequest;
use crate::proto::stream_options::GuardrailProcessingMode;
use crate::provider::Adaptation;
use crate::provider::Call;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Reply;
use crate::registry::CallReason;
use crate::registry::Capabilities;
use crate::registry::Lifecycle;
use crate::registry::Limits;
use crate::registry::MediaLimits;
use crate::registry::Model;
use crate::registry::Target;
use crate::registry::Timeouts;
use crate::settings::BedrockSettings;
use crate::telemetry::Metrics;

/// A request as it came over the wire.
pub(super) struct Recorded {
    pub(super) head: String,
    pub(super) body: String,
}

pub(super) struct TestServer {
    address: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

impl TestServer {
    /// Answers connections in turn with these bytes, and closes each.
    pub(super) async fn start(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        let mut answers = VecDeque::from(answers);
        tokio::spawn(async move {
            while let Some(answer) = answers.pop_front() {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read_request(&mut stream).await;
                recorded.lock().unwrap().push(request);
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, requests }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) async fn bedrock(&self) -> Bedrock {
        Bedrock::new(&config(&self.address).await)
    }

    pub(super) fn only_request(&self) -> Recorded {
        let mut requests = self.requests.lock().unwrap();
        assert_eq!(requests.len(), 1, "one call is one request");
        requests.pop().unwrap()
    }
}

pub(super) async fn config(endpoint: &str) -> BedrockConfig {
    counting_config(endpoint, Arc::default()).await
}

pub(super) async fn counting_config(endpoint: &str, metrics: Arc<Metrics>) -> BedrockConfig {
    let settings = BedrockSettings {
        region: "eu-central-1".to_owned(),
        endpoint: Some(endpoint.parse().unwrap()),
        connect_timeout: Duration::from_secs(5),
        emulator: true,
    };
    let credentials = Credentials::Static {
        access_key_id: "AKIDTEST".to_owned(),
        secret_access_key: "secret".to_owned(),
        session_token: None,
    };
    BedrockConfig::load(&settings, credentials, metrics).await
}

pub(super) async fn read_request(stream: &mut TcpStream) -> Recorded {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            let mut body = bytes[end + 4..].to_vec();
            while body.len() < length {
                assert!(stream.read_buf(&mut body).await.unwrap() > 0);
            }
            assert_eq!(body.len(), length, "content-length is the body's");
            let body = String::from_utf8(body).unwrap();
            return Recorded { head, body };
        }
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
    }
}

/// An answer with a status, headers and a body.
pub(super) fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\
         x-amzn-requestid: 11111111-2222-3333-4444-555555555555\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{head}\r\n{body}").into_bytes()
}

/// An answer of Converse that ends a turn with this content.
pub(super) fn converse_answer(content: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"metrics":{{"latencyMs":12}},"output":{{"message":{{"content":{content},"role":"assistant"}}}},"stopReason":"end_turn","usage":{{"inputTokens":3,"outputTokens":5,"totalTokens":8}}}}"#
    );
    answer("200 OK", &[("content-type", "application/json")], &body)
}

pub(super) fn model() -> Model {
    Model {
        name: "claude".to_owned(),
        aliases: Vec::new(),
        display_name: String::new(),
        description: String::new(),
        provider: "anthropic".to_owned(),
        target: Target {
            invocation_id: "eu.anthropic.claude-v1:0".to_owned(),
            base_model_id: "anthropic.claude-v1:0".to_owned(),
            region: "eu-central-1".to_owned(),
            destination_regions: Vec::new(),
            is_prompt: false,
            reason: CallReason::ModelId,
        },
        priority: 1,
        disabled: false,
        capabilities: Capabilities {
            flags: Vec::new(),
            ..Capabilities::unrestricted()
        },
        limits: Limits {
            context_window_tokens: 200_000,
            max_output_tokens: 8_192,
            default_max_tokens: 4_096,
            media: MediaLimits::default(),
        },
        lifecycle: Lifecycle::default(),
        prices: None,
        timeouts: Timeouts::default(),
        regions: Vec::new(),
    }
}

pub(super) fn call<'a>(
    model: &'a Model,
    request: &'a InvokeRequest,
    adaptation: &'a Adaptation,
) -> Call<'a> {
    Call {
        model,
        request,
        guardrail_processing_mode: GuardrailProcessingMode::Unspecified,
        adaptation,
    }
}

/// The body that a request leads to.
pub(super) async fn body_of(
    request: &InvokeRequest,
    adaptation: &Adaptation,
    model: &Model,
) -> String {
    let server = TestServer::start(vec![converse_answer(r#"[{"text":"ok"}]"#)]).await;

    let reply = server
        .bedrock()
        .await
        .invoke(call(model, request, adaptation))
        .await;

    reply.map_err(|error| error.to_string()).unwrap();
    server.only_request().body
}

/// The reply that an answer leads to.
pub(super) async fn reply_to(answer: Vec<u8>) -> Result<Reply, ProviderError> {
    let server = TestServer::start(vec![answer]).await;
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());
    server
        .bedrock()
        .await
        .invoke(call(&model, &request, &adaptation))
        .await
}
