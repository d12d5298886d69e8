//! Calls a gateway, as any client would or through a client program, and keeps what came of it.

use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout;
use tonic::Code;
use tonic::Request;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;

use crate::conformance::client_program::ClientProgram;
use crate::conformance::client_reply;
use crate::conformance::client_reply::Replied;
use crate::conformance::client_reply::Reply;
use crate::conformance::observation::Asked;
use crate::conformance::observation::Ended;
use crate::conformance::observation::Observed;
use crate::conformance::result::Finding;
use crate::proto::CountTokensRequest;
use crate::proto::GetModelRequest;
use crate::proto::GetModelResponse;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;
use crate::proto::ListModelsRequest;
use crate::proto::ListModelsResponse;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::proto::invoke_stream_response::Event;
use crate::proto::model_service_client::ModelServiceClient;

/// Largest answer that is read. Only images come near.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// How much longer than the deadline a call is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// The same for a client program, which may be slow to start.
const PROGRAMS_PATIENCE: Duration = Duration::from_secs(10);

/// A gateway to call.
#[derive(Clone)]
pub(super) struct Client {
    inference: InferenceServiceClient<Channel>,
    models: ModelServiceClient<Channel>,
    /// Makes the calls instead, if there is one.
    program: Option<ClientProgram>,
}

impl Client {
    pub(super) fn new(channel: Channel, program: Option<ClientProgram>) -> Self {
        Self {
            program,
            inference: InferenceServiceClient::new(channel.clone())
                .max_decoding_message_size(MAX_ANSWER_BYTES),
            models: ModelServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER_BYTES),
        }
    }

    /// `Invoke`.
    pub(super) async fn invoke(&self, asked: &Asked) -> Observed {
        if let Some(program) = &self.program {
            let answer = |answer| Ended::Answer(Box::new(answer));
            let reply = program.call("Invoke", &asked.request, asked.timeout);
            return observe_reply(asked.timeout, reply, |reply| reply.whole(answer)).await;
        }
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
        let message = stream_request(asked);
        if let Some(program) = &self.program {
            let reply = program.call("InvokeStream", &message, asked.timeout);
            return observe_reply(asked.timeout, reply, Reply::stream).await;
        }
        let mut client = self.inference.clone();
        let request = request(message, asked.timeout);
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
        if let Some(program) = &self.program {
            let reply = program.call("CountTokens", &message, timeout);
            return observe_reply(timeout, reply, |reply| reply.whole(Ended::Count)).await;
        }
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
        if let Some(program) = &self.program {
            let reply = program.call("ListModels", &message, timeout);
            return observe_reply(timeout, reply, |reply| reply.whole(listed)).await;
        }
        let mut client = self.models.clone();
        let request = request(message, timeout);
        observe(timeout, async move {
            let (headers, page, _) = client.list_models(request).await?.into_parts();
            Ok((headers, listed(page), None))
        })
        .await
    }

    /// `GetModel`.
    pub(super) async fn model(&self, message: GetModelRequest, timeout: Duration) -> Observed {
        if let Some(program) = &self.program {
            let reply = program.call("GetModel", &message, timeout);
            return observe_reply(timeout, reply, |reply| reply.whole(found_model)).await;
        }
        let mut client = self.models.clone();
        let request = request(message, timeout);
        observe(timeout, async move {
            let (headers, found, _) = client.get_model(request).await?.into_parts();
            Ok((headers, found_model(found), None))
        })
        .await
    }
}

fn listed(page: ListModelsResponse) -> Ended {
    Ended::Models(page.models)
}

fn found_model(found: GetModelResponse) -> Ended {
    Ended::Model(Box::new(found.model.unwrap_or_default()))
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
        findings: Vec::new(),
    }
}

/// What a client program says of a call.
async fn observe_reply(
    limit: Duration,
    reply: impl Future<Output = Result<Reply, String>>,
    read: impl FnOnce(Reply) -> Result<Replied, String>,
) -> Observed {
    let begun = Instant::now();
    let outcome = timeout(limit + PROGRAMS_PATIENCE, reply).await;
    let took = begun.elapsed();
    let late = Replied {
        headers: MetadataMap::new(),
        ended: Ended::Late,
        first_content: None,
        findings: Vec::new(),
    };
    let replied = match outcome {
        Ok(reply) => reply.and_then(read).unwrap_or_else(|problem| Replied {
            findings: vec![Finding::new(client_reply::REPLIES.0, problem)],
            ..late
        }),
        Err(_elapsed) => late,
    };
    let ended = match replied.ended {
        Ended::Failed(status, _) if is_of_this_side(&status) => Ended::Late,
        ended => ended,
    };
    Observed {
        headers: replied.headers,
        took,
        first_content: replied.first_content,
        ended,
        findings: replied.findings,
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
