//! A gateway that keeps every promise but one: it answers as the API says, and then a test breaks
//! the answer.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use bedrock_gateway::proto::Attempt;
use bedrock_gateway::proto::AttemptError;
use bedrock_gateway::proto::Capability;
use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::ContentBlockDeltaEvent;
use bedrock_gateway::proto::ContentBlockStartEvent;
use bedrock_gateway::proto::ContentBlockStopEvent;
use bedrock_gateway::proto::Cost;
use bedrock_gateway::proto::CountTokensRequest;
use bedrock_gateway::proto::CountTokensResponse;
use bedrock_gateway::proto::ErrorReason;
use bedrock_gateway::proto::GetModelRequest;
use bedrock_gateway::proto::GetModelResponse;
use bedrock_gateway::proto::InvocationFailure;
use bedrock_gateway::proto::InvocationMetadata;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeResponse;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::InvokeStreamResponse;
use bedrock_gateway::proto::ListModelsRequest;
use bedrock_gateway::proto::ListModelsResponse;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::MessageStartEvent;
use bedrock_gateway::proto::MessageStopEvent;
use bedrock_gateway::proto::Model;
use bedrock_gateway::proto::Pricing;
use bedrock_gateway::proto::Role;
use bedrock_gateway::proto::StopReason;
use bedrock_gateway::proto::TextBlockStart;
use bedrock_gateway::proto::ToolUseBlock;
use bedrock_gateway::proto::ToolUseBlockDelta;
use bedrock_gateway::proto::ToolUseBlockStart;
use bedrock_gateway::proto::Usage;
use bedrock_gateway::proto::attempt::State;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::content_block_delta_event::Delta;
use bedrock_gateway::proto::content_block_start_event::Start;
use bedrock_gateway::proto::inference_service_server::InferenceService;
use bedrock_gateway::proto::inference_service_server::InferenceServiceServer;
use bedrock_gateway::proto::invoke_stream_response::Event;
use bedrock_gateway::proto::model;
use bedrock_gateway::proto::model_service_server::ModelService;
use bedrock_gateway::proto::model_service_server::ModelServiceServer;
use futures_util::Stream;
use futures_util::stream;
use prost::Message as _;
use prost::Name as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::Code;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic::transport::Server;
use tonic_types::pb;

/// The model that answers.
pub(crate) const MODEL: &str = "honest";

/// A model that is described and not listed.
pub(crate) const UNLISTED: &str = "unlisted";

const ID: &str = "call-1";

/// Prompts that fail, before content and behind it.
pub(crate) const REFUSED: &str = "refused";
pub(crate) const THROTTLED: &str = "throttled";
pub(crate) const INTERRUPTED: &str = "interrupted";

/// The details of a status.
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) info: pb::ErrorInfo,
    pub(crate) request_id: Option<String>,
    pub(crate) violations: Vec<pb::bad_request::FieldViolation>,
    pub(crate) failure: Option<InvocationFailure>,
}

/// What is broken.
#[derive(Clone, Copy)]
pub(crate) enum Break {
    Nothing,
    /// Whole answers, and what streams are made of.
    Answer(fn(&mut InvokeResponse)),
    Headers(fn(&mut MetadataMap)),
    Events(fn(&mut Vec<Event>)),
    Failure(fn(&mut Failure)),
    Count(fn(&mut CountTokensResponse)),
    List(fn(&mut Vec<Model>)),
    Model(fn(&mut Model)),
    /// It never answers.
    Silence,
}

/// The gateway, as long as it is kept.
pub(crate) struct WrongGateway {
    pub(crate) address: SocketAddr,
    serving: JoinHandle<()>,
}

impl WrongGateway {
    /// Starts one.
    pub(crate) async fn start(broken: Break) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let accepted = stream::unfold(listener, |listener| async {
            Some((listener.accept().await.map(|(socket, _)| socket), listener))
        });
        let service = Arc::new(Service { broken });
        let server = Server::builder()
            .add_service(InferenceServiceServer::from_arc(Arc::clone(&service)))
            .add_service(ModelServiceServer::from_arc(service))
            .serve_with_incoming(accepted);
        let serving = tokio::spawn(async { server.await.unwrap() });
        Self { address, serving }
    }
}

impl Drop for WrongGateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

struct Service {
    broken: Break,
}

type Responses = Pin<Box<dyn Stream<Item = Result<InvokeStreamResponse, Status>> + Send>>;

#[tonic::async_trait]
impl InferenceService for Service {
    async fn invoke(
        &self,
        request: Request<InvokeRequest>,
    ) -> Result<Response<InvokeResponse>, Status> {
        let request = request.into_inner();
        self.wait().await;
        if let Some(failure) = failure(&request.prompt) {
            return Err(self.status(failure));
        }
        Ok(self.response(self.answer(&request)))
    }

    type InvokeStreamStream = Responses;

    async fn invoke_stream(
        &self,
        request: Request<InvokeStreamRequest>,
    ) -> Result<Response<Responses>, Status> {
        let request = request.into_inner();
        self.wait().await;
        let request = InvokeRequest {
            model: request.model,
            prompt: request.prompt,
            tool_config: request.tool_config,
            inference_config: request.inference_config,
            ..InvokeRequest::default()
        };
        let mut answer = self.answer(&request);
        if let Some(metadata) = &mut answer.metadata {
            metadata.time_to_first_token = metadata.total_latency;
        }
        let mut events = events(&answer);
        let mut end = None;
        if request.prompt == INTERRUPTED {
            events.truncate(3);
            end = failure(&request.prompt).map(|failure| self.status(failure));
        }
        if let Break::Events(change) = self.broken {
            change(&mut events);
        }
        let events = events
            .into_iter()
            .map(|event| Ok(InvokeStreamResponse { event: Some(event) }));
        let responses: Vec<_> = events.chain(end.map(Err)).collect();
        let responses: Responses = Box::pin(stream::iter(responses));
        Ok(self.response(responses))
    }

    async fn count_tokens(
        &self,
        request: Request<CountTokensRequest>,
    ) -> Result<Response<CountTokensResponse>, Status> {
        let mut count = CountTokensResponse {
            input_tokens: 7,
            model: request.into_inner().model,
        };
        if let Break::Count(change) = self.broken {
            change(&mut count);
        }
        Ok(Response::new(count))
    }
}

#[tonic::async_trait]
impl ModelService for Service {
    async fn list_models(
        &self,
        request: Request<ListModelsRequest>,
    ) -> Result<Response<ListModelsResponse>, Status> {
        let request = request.into_inner();
        let all = models();
        let begin = request.page_token.parse().unwrap_or(0);
        let end = match usize::try_from(request.page_size).unwrap() {
            0 => all.len(),
            size => all.len().min(begin + size),
        };
        let mut models = all[begin..end].to_vec();
        if let Break::List(change) = self.broken {
            change(&mut models);
        }
        let next_page_token = if end < all.len() {
            end.to_string()
        } else {
            String::new()
        };
        Ok(Response::new(ListModelsResponse {
            models,
            next_page_token,
        }))
    }

    async fn get_model(
        &self,
        request: Request<GetModelRequest>,
    ) -> Result<Response<GetModelResponse>, Status> {
        let name = request.into_inner().name;
        let mut all = models();
        all.push(Model {
            name: UNLISTED.to_owned(),
            ..all[0].clone()
        });
        let mut model = all.into_iter().find(|model| model.name == name).unwrap();
        if let Break::Model(change) = self.broken {
            change(&mut model);
        }
        Ok(Response::new(GetModelResponse { model: Some(model) }))
    }
}

impl Service {
    async fn wait(&self) {
        if matches!(self.broken, Break::Silence) {
            std::future::pending::<()>().await;
        }
    }

    fn answer(&self, request: &InvokeRequest) -> InvokeResponse {
        let mut answer = answer(request);
        if let Break::Answer(change) = self.broken {
            change(&mut answer);
        }
        answer
    }

    fn response<T>(&self, message: T) -> Response<T> {
        let mut response = Response::new(message);
        let headers = response.metadata_mut();
        headers.insert("x-request-id", ID.parse().unwrap());
        headers.insert("x-served-model", MODEL.parse().unwrap());
        headers.insert("x-attempt-count", "1".parse().unwrap());
        if let Break::Headers(change) = self.broken {
            change(headers);
        }
        response
    }

    fn status(&self, mut failure: Failure) -> Status {
        if let Break::Failure(change) = self.broken {
            change(&mut failure);
        }
        let google = |name: &str, value| prost_types::Any {
            type_url: format!("type.googleapis.com/google.rpc.{name}"),
            value,
        };
        let mut details = vec![google("ErrorInfo", failure.info.encode_to_vec())];
        let mut headers = MetadataMap::new();
        if let Some(request_id) = failure.request_id {
            headers.insert("x-request-id", request_id.parse().unwrap());
            let info = pb::RequestInfo {
                request_id,
                ..pb::RequestInfo::default()
            };
            details.push(google("RequestInfo", info.encode_to_vec()));
        }
        if !failure.violations.is_empty() {
            let bad = pb::BadRequest {
                field_violations: failure.violations,
            };
            details.push(google("BadRequest", bad.encode_to_vec()));
        }
        details.extend(failure.failure.map(|failure| prost_types::Any {
            type_url: InvocationFailure::type_url(),
            value: failure.encode_to_vec(),
        }));
        let status = pb::Status {
            code: failure.code.into(),
            message: "as told".to_owned(),
            details,
        };
        let details = status.encode_to_vec().into();
        Status::with_details_and_metadata(failure.code, "as told", details, headers)
    }
}

/// Two models; the first one answers.
fn models() -> Vec<Model> {
    let model = |name: &str, priority| Model {
        name: name.to_owned(),
        aliases: vec![format!("{name}-alias")],
        priority,
        state: model::State::Active.into(),
        capabilities: vec![Capability::Streaming.into()],
        max_output_tokens: 1_000,
        pricing: Some(Pricing {
            currency_code: "USD".to_owned(),
            input_nanos_per_million_tokens: 3_000_000_000,
            output_nanos_per_million_tokens: 15_000_000_000,
            cache_write_nanos_per_million_tokens: 3_750_000_000,
            ..Pricing::default()
        }),
        ..Model::default()
    };
    vec![model(MODEL, 1), model("second", 2)]
}

/// An attempt that was made, and how it ended.
pub(crate) fn attempt(number: i32, state: State) -> Attempt {
    Attempt {
        number,
        model: MODEL.to_owned(),
        state: state.into(),
        error: (state == State::Failed).then(|| AttemptError {
            code: Code::ResourceExhausted.into(),
            reason: ErrorReason::UpstreamThrottled.into(),
            ..AttemptError::default()
        }),
        start_time: Some(prost_types::Timestamp::default()),
        latency: Some(prost_types::Duration::default()),
        ..Attempt::default()
    }
}

fn answer(request: &InvokeRequest) -> InvokeResponse {
    let usage = Usage {
        input_tokens: 10,
        output_tokens: 20,
        total_tokens: 30,
        ..Usage::default()
    };
    let cost = Cost {
        currency_code: "USD".to_owned(),
        total_nanos: 330_000,
        input_nanos: 30_000,
        output_nanos: 300_000,
        ..Cost::default()
    };
    let mut content = vec![Block::Text("well done".to_owned())];
    let mut stop_reason = StopReason::EndTurn;
    if request.tool_config.is_some() {
        content.push(Block::ToolUse(ToolUseBlock {
            tool_use_id: "tool-1".to_owned(),
            name: "look".to_owned(),
            input_json: "{\"at\": 1}".to_owned(),
            ..ToolUseBlock::default()
        }));
        stop_reason = StopReason::ToolUse;
    }
    let content = content
        .into_iter()
        .map(|block| ContentBlock { block: Some(block) });
    InvokeResponse {
        text: "well done".to_owned(),
        message: Some(Message {
            role: Role::Assistant.into(),
            content: content.collect(),
        }),
        stop_reason: stop_reason.into(),
        raw_stop_reason: "as_told".to_owned(),
        metadata: Some(InvocationMetadata {
            request_id: ID.to_owned(),
            model: MODEL.to_owned(),
            requested_model: request.model.clone(),
            usage: Some(usage.clone()),
            cost: Some(cost.clone()),
            total_cost: Some(cost.clone()),
            total_latency: Some(prost_types::Duration::default()),
            attempts: vec![Attempt {
                usage: Some(usage),
                cost: Some(cost),
                ..attempt(1, State::Succeeded)
            }],
            ..InvocationMetadata::default()
        }),
        ..InvokeResponse::default()
    }
}

/// The answer, told in pieces.
fn events(answer: &InvokeResponse) -> Vec<Event> {
    let message = answer.message.clone().unwrap();
    let metadata = answer.metadata.clone().unwrap();
    let mut events = vec![Event::MessageStart(MessageStartEvent {
        role: message.role,
        model: MODEL.to_owned(),
        request_id: ID.to_owned(),
    })];
    for (content_block_index, content) in (0..).zip(message.content) {
        let (start, delta) = match content.block.unwrap() {
            Block::Text(text) => (Start::Text(TextBlockStart {}), Delta::Text(text)),
            Block::ToolUse(call) => (
                Start::ToolUse(ToolUseBlockStart {
                    tool_use_id: call.tool_use_id,
                    name: call.name,
                    r#type: call.r#type,
                }),
                Delta::ToolUse(ToolUseBlockDelta {
                    input_json: call.input_json,
                }),
            ),
            _ => panic!("not told in pieces"),
        };
        events.push(Event::ContentBlockStart(ContentBlockStartEvent {
            content_block_index,
            start: Some(start),
        }));
        events.push(Event::ContentBlockDelta(ContentBlockDeltaEvent {
            content_block_index,
            delta: Some(delta),
        }));
        events.push(Event::ContentBlockStop(ContentBlockStopEvent {
            content_block_index,
        }));
    }
    events.push(Event::MessageStop(MessageStopEvent {
        stop_reason: answer.stop_reason,
        raw_stop_reason: answer.raw_stop_reason.clone(),
        ..MessageStopEvent::default()
    }));
    events.push(Event::Metadata(Box::new(metadata)));
    events
}

/// How prompts that shall fail do.
fn failure(prompt: &str) -> Option<Failure> {
    let (code, reason) = match prompt {
        REFUSED => (Code::InvalidArgument, "INVALID_REQUEST"),
        THROTTLED => (Code::ResourceExhausted, "UPSTREAM_THROTTLED"),
        INTERRUPTED => (Code::Aborted, "STREAM_INTERRUPTED"),
        _ => return None,
    };
    let violation = pb::bad_request::FieldViolation {
        field: "prompt".to_owned(),
        description: "is refused".to_owned(),
        ..pb::bad_request::FieldViolation::default()
    };
    Some(Failure {
        code,
        info: pb::ErrorInfo {
            reason: reason.to_owned(),
            domain: "bedrock.gateway".to_owned(),
            ..pb::ErrorInfo::default()
        },
        request_id: Some(ID.to_owned()),
        violations: if prompt == REFUSED {
            vec![violation]
        } else {
            Vec::new()
        },
        failure: (prompt != REFUSED).then(|| InvocationFailure {
            metadata: Some(InvocationMetadata {
                attempts: vec![attempt(1, State::Failed), attempt(2, State::Failed)],
                ..InvocationMetadata::default()
            }),
            output_started: prompt == INTERRUPTED,
        }),
    })
}
