//! A request on its way to Bedrock: checked, routed, adapted to a model, converted, written by
//! the SDK. Either it is refused in clean words, or the body is JSON that holds what was asked.
//!
//! The input is a byte that picks the model, and the bytes of an `InvokeRequest`.

use std::sync::Arc;
use std::sync::LazyLock;
use std::time::Duration;

use bedrock_gateway::bedrock::Answer;
use bedrock_gateway::bedrock::Bedrock;
use bedrock_gateway::bedrock::InMemoryUpstream;
use bedrock_gateway::bedrock::Sent;
use bedrock_gateway::deadline::Deadline;
use bedrock_gateway::grpc::status;
use bedrock_gateway::grpc::validate;
use bedrock_gateway::proto::CountTokensRequest;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::StreamOptions;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::system_content_block;
use bedrock_gateway::proto::tool;
use bedrock_gateway::proto::tool_spec::InputSchemaForm;
use bedrock_gateway::provider::Call;
use bedrock_gateway::provider::ErrorKind;
use bedrock_gateway::provider::EventStream;
use bedrock_gateway::provider::Provider;
use bedrock_gateway::provider::ProviderError;
use bedrock_gateway::provider::Reply;
use bedrock_gateway::routing::Availability;
use bedrock_gateway::routing::Policy;
use bedrock_gateway::routing::PolicyInForce;
use bedrock_gateway::routing::Router;
use bedrock_gateway::routing::Turn;
use bedrock_gateway::settings;
use bedrock_gateway::settings::Environment;
use bedrock_gateway::settings::Flags;
use bedrock_gateway::settings::RoutingSettings;
use bytes::Bytes;
use prost::Message;
use tokio::time::Instant;
use tonic::Status;

use crate::events;
use crate::fixture;
use crate::fixture::Fixture;
use crate::json::Json;
use crate::text;
use crate::text::is_one_line;

/// Longest message of a status, and longest encoded details, in bytes. The details hold the
/// message once more.
const MAX_STATUS_MESSAGE: usize = 256;
const MAX_STATUS_DETAILS: usize = 4096 + MAX_STATUS_MESSAGE + 64;

static FIXTURE: LazyLock<Fixture> = Fixture::lazy();
static ROUTER: LazyLock<Router> = LazyLock::new(router);
static ANSWER: LazyLock<Answer> = LazyLock::new(|| {
    let body = r#"{"output":{"message":{"role":"assistant","content":[{"text":"ok"}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":1}}"#;
    fixture::answer(vec![Bytes::from_static(body.as_bytes())])
});
static STREAM: LazyLock<Answer> = LazyLock::new(|| {
    let lines = br#"messageStart {"role":"assistant"}
contentBlockDelta {"contentBlockIndex":0,"delta":{"text":"ok"}}
contentBlockStop {"contentBlockIndex":0}
messageStop {"stopReason":"end_turn"}
metadata {"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":1}}"#;
    fixture::answer(vec![events::frames(lines)])
});
static COUNT: LazyLock<Answer> =
    LazyLock::new(|| fixture::answer(vec![Bytes::from_static(br#"{"inputTokens":3}"#)]));

/// Sends the input to the model it picks.
pub fn check(input: &[u8]) {
    let Some((pick, bytes)) = input.split_first() else {
        return;
    };
    let Ok(mut request) = InvokeRequest::decode(bytes) else {
        return;
    };
    let models = FIXTURE.registry.models();
    let Some(model) = models.get(usize::from(*pick) % models.len()) else {
        return;
    };
    request.model.clone_from(&model.name);
    check_count(&request);
    match validate::invoke(request) {
        Err(violations) => {
            for violation in violations.kept() {
                assert!(is_one_line(&violation.field));
                assert!(is_one_line(&violation.description));
            }
            check_status(&status::of_violations(&violations, "call-1"));
        }
        Ok(request) => {
            let answered = ROUTER.invoke(turn(request.into_inner()));
            let answered = FIXTURE.runtime.block_on(answered);
            if let Err(error) = answered {
                check_status(&status::of_route_error(error, "call-1"));
            }
        }
    }
}

fn turn(request: InvokeRequest) -> Turn {
    let now = Instant::now();
    Turn {
        request: Arc::new(request),
        request_id: "call-1".to_owned(),
        arrived: now,
        deadline: Deadline::after(now, Duration::from_secs(600)),
        stream_options: StreamOptions::default(),
        cutting: Default::default(),
    }
}

/// The same conversation, to be counted.
fn check_count(request: &InvokeRequest) {
    let request = validate::count_tokens(CountTokensRequest {
        model: request.model.clone(),
        prompt: request.prompt.clone(),
        messages: request.messages.clone(),
        system: request.system.clone(),
        tool_config: request.tool_config.clone(),
        additional_model_request_fields: request.additional_model_request_fields.clone(),
    });
    let Ok(request) = request.map(|request| conversation(request.into_inner())) else {
        return;
    };
    FIXTURE.upstream.answer(COUNT.clone());
    let counted = ROUTER.count_tokens(turn(request));
    match FIXTURE.runtime.block_on(counted) {
        Ok(counted) => {
            assert_eq!(counted.input_tokens, 3);
            read_body(&only_sent(&FIXTURE.upstream));
        }
        Err(error) => {
            assert!(FIXTURE.upstream.take_sent().is_empty(), "sent and refused");
            check_status(&status::of_route_error(error, "call-1"));
        }
    }
}

fn conversation(request: CountTokensRequest) -> InvokeRequest {
    InvokeRequest {
        model: request.model,
        prompt: request.prompt,
        messages: request.messages,
        system: request.system,
        tool_config: request.tool_config,
        additional_model_request_fields: request.additional_model_request_fields,
        ..InvokeRequest::default()
    }
}

fn check_status(status: &Status) {
    assert!(is_one_line(status.message()));
    assert!(status.message().len() <= MAX_STATUS_MESSAGE);
    assert!(status.details().len() <= MAX_STATUS_DETAILS);
}

fn router() -> Router {
    let settings = settings::load(&Flags::default(), &Environment::default()).unwrap();
    let settings = RoutingSettings {
        fallback: false,
        max_retries: 0,
        max_attempts: 1.try_into().unwrap(),
        invoke_stream_threshold_tokens: 4096,
        ..settings.routing
    };
    let provider = BothWays {
        upstream: FIXTURE.upstream.clone(),
        bedrock: Arc::clone(&FIXTURE.bedrock),
    };
    // Whatever day it is.
    let availability = Availability::new("us-east-1".to_owned(), true);
    let registry = Arc::clone(&FIXTURE.registry);
    let policy = Policy::new(registry, settings, availability, None);
    Router::new(PolicyInForce::new(policy), Arc::new(provider))
}

/// Bedrock, asked both ways each time, and what was sent to it looked at.
struct BothWays {
    upstream: InMemoryUpstream,
    bedrock: Arc<Bedrock>,
}

#[tonic::async_trait]
impl Provider for BothWays {
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, ProviderError> {
        self.both(call).await.map(|(reply, _)| reply)
    }

    async fn invoke_stream(&self, call: Call<'_>) -> Result<EventStream, ProviderError> {
        self.both(call).await.map(|(_, stream)| stream)
    }

    async fn count_tokens(&self, call: Call<'_>) -> Result<i32, ProviderError> {
        self.bedrock.count_tokens(call).await
    }
}

impl BothWays {
    async fn both(&self, call: Call<'_>) -> Result<(Reply, EventStream), ProviderError> {
        self.upstream.answer(ANSWER.clone());
        let whole = self.bedrock.invoke(call).await;
        if let Err(error) = whole {
            check_refused(&error, &self.upstream);
            let stream = self.bedrock.invoke_stream(call).await;
            assert!(stream.is_err_and(|other| other.message == error.message));
            return Err(error);
        }
        let whole_sent = only_sent(&self.upstream);
        self.upstream.answer(STREAM.clone());
        let stream = self.bedrock.invoke_stream(call).await;
        let stream_sent = only_sent(&self.upstream);

        assert!(whole_sent.path.ends_with("/converse"));
        assert!(stream_sent.path.ends_with("/converse-stream"));
        let body = read_body(&whole_sent);
        check_content(&call, &whole_sent.body, &body);
        if call.request.guardrail_config.is_none() {
            check_same(&whole_sent.body, &stream_sent.body);
        } else {
            read_body(&stream_sent);
        }
        Ok((whole?, stream?))
    }
}

/// A request that cannot be put to the model at all: nothing was sent, and the words are clean.
fn check_refused(error: &ProviderError, upstream: &InMemoryUpstream) {
    text::check_error(error);
    assert!(upstream.take_sent().is_empty(), "sent and refused");
    assert!(
        matches!(
            error.kind,
            ErrorKind::InvalidRequest | ErrorKind::FieldRefused
        ),
        "{:?}",
        error.kind
    );
}

fn only_sent(upstream: &InMemoryUpstream) -> Sent {
    let mut sent = upstream.take_sent();
    assert_eq!(sent.len(), 1, "one call is one request");
    sent.pop().unwrap()
}

fn read_body(sent: &Sent) -> Json {
    assert_eq!(sent.content_length, sent.body.len().to_string());
    let body = Json::parse(&sent.body).expect("the body is JSON");
    assert!(matches!(body, Json::Object(_)), "the body is an object");
    assert_eq!(body.repeated_member(), None);
    body
}

/// The order of maps may differ, nothing else.
fn check_same(whole: &[u8], stream: &[u8]) {
    if whole != stream {
        let whole: serde_json::Value = serde_json::from_slice(whole).unwrap();
        let stream: serde_json::Value = serde_json::from_slice(stream).unwrap();
        assert!(whole == stream, "the stream asks for something else");
    }
}

/// What must never be changed is in the body: text word by word, JSON of tools byte by byte.
fn check_content(call: &Call<'_>, bytes: &[u8], body: &Json) {
    let request = call.request;
    assert!(request.prompt.is_empty() || body.says(&request.prompt));
    for block in &request.system {
        if let Some(system_content_block::Block::Text(text)) = &block.block {
            assert!(body.says(text), "a system text is missing");
        }
    }
    for block in request.messages.iter().flat_map(|message| &message.content) {
        match &block.block {
            // Blank ones, which only answers may hold, are left out.
            Some(Block::Text(text)) => {
                assert!(
                    text.trim().is_empty() || body.says(text),
                    "a text is missing"
                );
            }
            Some(Block::ToolUse(tool_use)) => {
                assert!(body.says(&tool_use.tool_use_id), "a call is missing");
                check_json(bytes, &tool_use.input_json);
            }
            _ => {}
        }
    }
    for tool in request.tool_config.iter().flat_map(|config| &config.tools) {
        if let Some(tool::Tool::ToolSpec(spec)) = &tool.tool {
            assert!(body.says(&spec.name), "a tool is missing");
            if let Some(InputSchemaForm::InputSchemaJson(json)) = &spec.input_schema_form {
                check_json(bytes, json);
            }
        }
    }
}

fn check_json(body: &[u8], json: &str) {
    let json = json.trim_ascii().as_bytes();
    assert!(
        json.is_empty() || body.windows(json.len()).any(|window| window == json),
        "JSON of a tool was changed"
    );
}
