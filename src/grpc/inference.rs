//! Handlers of InferenceService: validate, route, answer. No decisions.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic::metadata::MetadataValue;

use crate::grpc::access_log;
use crate::grpc::arrival::Arrival;
use crate::grpc::arrival::identify;
use crate::grpc::status;
use crate::grpc::stream::ResponseStream;
use crate::grpc::validate;
use crate::proto::CountTokensRequest;
use crate::proto::CountTokensResponse;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::InvokeStreamRequest;
use crate::proto::StreamOptions;
use crate::proto::inference_service_server::InferenceService;
use crate::routing::Router;
use crate::routing::Turn;
use crate::telemetry::EveryCall;

/// For access logs of proxies that do not read messages: who answered, after how many calls.
const SERVED_MODEL: &str = "x-served-model";
const ATTEMPT_COUNT: &str = "x-attempt-count";

/// The service that runs models.
pub struct Inference {
    router: Arc<Router>,
    cutting: CancellationToken,
    log_every_call: EveryCall,
}

impl Inference {
    /// The service over a router. Calls end with NOT_SERVING when `cutting` is cancelled.
    pub fn new(router: Arc<Router>, cutting: CancellationToken, log_every_call: EveryCall) -> Self {
        Self {
            router,
            cutting,
            log_every_call,
        }
    }
}

#[tonic::async_trait]
impl InferenceService for Inference {
    type InvokeStreamStream = ResponseStream;

    async fn invoke(
        &self,
        request: Request<InvokeRequest>,
    ) -> Result<Response<InvokeResponse>, Status> {
        let arrival = Arrival::read(&request);
        let id = arrival.request_id.clone();
        let policy = self.router.policy();
        let default = policy.settings.default_invoke_deadline;
        let turn = arrival
            .deadline(default, &policy.settings)
            .and_then(|deadline| {
                let request = validate::invoke(request.into_inner())?.into_inner();
                Ok(Turn {
                    request: Arc::new(request),
                    request_id: arrival.request_id,
                    arrived: arrival.at,
                    deadline,
                    stream_options: StreamOptions::default(),
                    cutting: self.cutting.clone(),
                })
            })
            .map_err(|violations| {
                access_log::refused("Invoke", &id, &violations);
                status::of_violations(&violations, &id)
            })?;
        match self.router.invoke(turn).await {
            Ok(reply) => {
                let metadata = reply.metadata.as_ref();
                access_log::answered("Invoke", &id, metadata, self.log_every_call.is_on());
                let answered_by = metadata.map(|metadata| {
                    let calls = access_log::calls(metadata);
                    (&*metadata.model, calls)
                });
                let mut response = Response::new(InvokeResponse::default());
                describe(response.metadata_mut(), &id, answered_by);
                *response.get_mut() = reply;
                Ok(response)
            }
            Err(error) => {
                access_log::failed("Invoke", &id, &error);
                Err(status::of_route_error(error, &id))
            }
        }
    }

    async fn invoke_stream(
        &self,
        request: Request<InvokeStreamRequest>,
    ) -> Result<Response<ResponseStream>, Status> {
        let arrival = Arrival::read(&request);
        let id = arrival.request_id.clone();
        let policy = self.router.policy();
        let default = policy.settings.default_stream_deadline;
        let turn = arrival
            .deadline(default, &policy.settings)
            .and_then(|deadline| {
                let (request, stream_options) = validate::invoke_stream(request.into_inner())?;
                Ok(Turn {
                    request: Arc::new(request.into_inner()),
                    request_id: arrival.request_id,
                    arrived: arrival.at,
                    deadline,
                    stream_options,
                    cutting: self.cutting.clone(),
                })
            })
            .map_err(|violations| {
                access_log::refused("InvokeStream", &id, &violations);
                status::of_violations(&violations, &id)
            })?;
        match self.router.invoke_stream(turn).await {
            Ok(stream) => {
                let mut metadata = MetadataMap::new();
                let answered_by = stream.answered_by();
                describe(&mut metadata, &id, answered_by);
                let cutting = self.cutting.clone();
                let mut response = Response::new(ResponseStream::new(
                    stream,
                    id,
                    cutting,
                    self.log_every_call.is_on(),
                ));
                *response.metadata_mut() = metadata;
                Ok(response)
            }
            Err(error) => {
                access_log::failed("InvokeStream", &id, &error);
                Err(status::of_route_error(error, &id))
            }
        }
    }

    async fn count_tokens(
        &self,
        request: Request<CountTokensRequest>,
    ) -> Result<Response<CountTokensResponse>, Status> {
        let arrival = Arrival::read(&request);
        let id = arrival.request_id.clone();
        let policy = self.router.policy();
        let turn = arrival
            .deadline(COUNT_TOKENS_DEADLINE, &policy.settings)
            .and_then(|deadline| {
                let request = validate::count_tokens(request.into_inner())?;
                Ok(Turn {
                    request: Arc::new(conversation(request.into_inner())),
                    request_id: arrival.request_id,
                    arrived: arrival.at,
                    deadline,
                    stream_options: StreamOptions::default(),
                    cutting: self.cutting.clone(),
                })
            })
            .map_err(|violations| {
                access_log::refused("CountTokens", &id, &violations);
                status::of_violations(&violations, &id)
            })?;
        match self.router.count_tokens(turn).await {
            Ok(count) => {
                let mut response = Response::new(count);
                identify(response.metadata_mut(), &id);
                Ok(response)
            }
            Err(error) => {
                access_log::failed("CountTokens", &id, &error);
                Err(status::of_route_error(error, &id))
            }
        }
    }
}

/// Deadline of CountTokens when the caller sets none: it answers in well under a second.
pub(super) const COUNT_TOKENS_DEADLINE: Duration = Duration::from_secs(10);

/// What is to be counted, as part of a request for an answer: the numbers and meanings are the same.
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

/// `answered_by`: the model, and after how many calls; `None` if that is not known yet.
fn describe(metadata: &mut MetadataMap, request_id: &str, answered_by: Option<(&str, usize)>) {
    identify(metadata, request_id);
    let Some((model, calls)) = answered_by else {
        return;
    };
    if let Ok(model) = MetadataValue::try_from(model) {
        metadata.insert(SERVED_MODEL, model);
    }
    metadata.insert(ATTEMPT_COUNT, MetadataValue::from(calls));
}
