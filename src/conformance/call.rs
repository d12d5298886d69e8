//! Calls a gateway, as any client would, and keeps what came of it.

use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout;
use tonic::Code;
use tonic::Request;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;

use crate::conformance::observation::Asked;
use crate::conformance::observation::Ended;
use crate::conformance::observation::Observed;
use crate::proto::CountTokensRequest;
use crate::proto::GetModelRequest;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;
use crate::proto::ListModelsRequest;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::proto::invoke_stream_response::Event;
use crate::proto::model_service_client::ModelServiceClient;

/// Largest answer that is read. Only images come near.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// How much longer than the deadline a call is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// A gateway to call.
#[derive(Clone)]
pub(super) struct Client {
    inference: InferenceServiceClient<Channel>,
    models: ModelServiceClient<Channel>,
}

impl Client {
    pub(super) fn new(channel: Channel) -> Self {
        Self {
            inference: InferenceServiceClient::new(channel.clone())
                .max_decoding_message_size(MAX_ANSWER_BYTES),
            models: ModelServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER_BYTES),
        }
    }

    /// `Invoke`.
    pub(super) async fn invoke(&self, asked: &Asked) -> Observed {
        let mut client = self.inference.clone();
        let request = request(asked.request.clone(), asked.timeout);
        observe(asked.timeout, async move {
            let (headers, answer, _) = client.invoke(request).await?.into_parts();
            Ok((headers, Ended::Answer(Box::new(answer)), None))
        })
        .await
    }

    /// `InvokeStream`.
    pub(super) async fn stream(&self, asked: &Asked) -> Observed {
        let mut client = self.inference.clone();
        let request = request(stream_request(asked), asked.timeout);
        observe(asked.timeout, async move {
            let begun = Instant::now();
            let (headers, mut stream, _) = client.invoke_stream(request).await?.into_parts();
            let mut events = Vec::new();
            let mut first_content = None;
            let ended = loop {
                match stream.message().await {
                    Ok(Some(response)) => {
                        if matches!(response.event, Some(Event::ContentBlockStart(_))) {
                            first_content.get_or_insert_with(|| begun.elapsed());
                        }
                        events.extend(response.event);
                    }
                    Ok(None) => break Ended::Stream(events),
                    Err(status) => break Ended::Failed(Box::new(status), events),
                }
            };
            Ok((headers, ended, first_content))
        })
        .await
    }

    /// `CountTokens`.
    pub(super) async fn count_tokens(
        &self,
        message: CountTokensRequest,
        timeout: Duration,
    ) -> Observed {
        let mut client = self.inference.clone();
        let request = request(message, timeout);
        observe(timeout, async move {
            let (headers, count, _) = client.count_tokens(request).await?.into_parts();
            Ok((headers, Ended::Count(count), None))
        })
        .await
    }

    /// `ListModels`, one page.
    pub(super) async fn list_models(
        &self,
        message: ListModelsRequest,
        timeout: Duration,
    ) -> Observed {
        let mut client = self.models.clone();
        let request = request(message, timeout);
        observe(timeout, async move {
            let (headers, page, _) = client.list_models(request).await?.into_parts();
            Ok((headers, Ended::Models(page.models), None))
        })
        .await
    }

    /// `GetModel`.
    pub(super) async fn model(&self, message: GetModelRequest, timeout: Duration) -> Observed {
        let mut client = self.models.clone();
        let request = request(message, timeout);
        observe(timeout, async move {
            let (headers, found, _) = client.get_model(request).await?.into_parts();
            let model = found.model.unwrap_or_default();
            Ok((headers, Ended::Model(Box::new(model)), None))
        })
        .await
    }
}

fn request<T>(message: T, timeout: Duration) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(timeout);
    request
}

/// Headers, the end, and when the first piece of content came.
type Answered = (MetadataMap, Ended, Option<Duration>);

async fn observe(
    limit: Duration,
    call: impl Future<Output = Result<Answered, Status>>,
) -> Observed {
    let begun = Instant::now();
    let outcome = timeout(limit + PATIENCE, call).await;
    let took = begun.elapsed();
    let (headers, ended, first_content) = match outcome {
        Ok(Ok(answered)) => answered,
        Ok(Err(status)) => {
            let headers = status.metadata().clone();
            (headers, Ended::Failed(Box::new(status), Vec::new()), None)
        }
        Err(_elapsed) => (MetadataMap::new(), Ended::Late, None),
    };
    let ended = match ended {
        // The library gave up by itself; a gateway would have said more.
        Ended::Failed(status, _) if took >= limit && is_of_this_side(&status) => Ended::Late,
        ended => ended,
    };
    Observed {
        headers,
        took,
        first_content,
        ended,
    }
}

fn is_of_this_side(status: &Status) -> bool {
    matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded) && status.details().is_empty()
}

fn stream_request(asked: &Asked) -> InvokeStreamRequest {
    let InvokeRequest {
        model,
        prompt,
        messages,
        system,
        inference_config,
        tool_config,
        reasoning_config,
        output_config,
        guardrail_config,
        routing_config,
        request_metadata,
        additional_model_request_fields,
        additional_model_response_field_paths,
        prompt_variables,
        latency_mode,
        service_tier,
    } = asked.request.clone();
    InvokeStreamRequest {
        model,
        prompt,
        messages,
        system,
        inference_config,
        tool_config,
        reasoning_config,
        output_config,
        guardrail_config,
        routing_config,
        request_metadata,
        additional_model_request_fields,
        additional_model_response_field_paths,
        prompt_variables,
        latency_mode,
        service_tier,
        stream_options: Some(asked.stream_options),
    }
}
