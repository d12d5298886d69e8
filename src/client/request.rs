//! Requests from what a caller has at hand: a prompt, or a request for another method.

use crate::proto::CountTokensRequest;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;

impl From<&str> for InvokeRequest {
    /// A prompt, for the first model of the registry that can answer.
    fn from(prompt: &str) -> Self {
        Self {
            prompt: prompt.to_owned(),
            ..Self::default()
        }
    }
}

impl From<&str> for InvokeStreamRequest {
    /// A prompt, for the first model of the registry that can answer.
    fn from(prompt: &str) -> Self {
        InvokeRequest::from(prompt).into()
    }
}

impl From<&str> for CountTokensRequest {
    /// A prompt, for the first model of the registry that can count.
    fn from(prompt: &str) -> Self {
        InvokeRequest::from(prompt).into()
    }
}

impl From<InvokeRequest> for InvokeStreamRequest {
    /// The same, streamed, without options of the stream.
    fn from(request: InvokeRequest) -> Self {
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
        } = request;
        Self {
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
            stream_options: None,
        }
    }
}

impl From<InvokeRequest> for CountTokensRequest {
    /// What counts of it.
    fn from(request: InvokeRequest) -> Self {
        Self {
            model: request.model,
            prompt: request.prompt,
            messages: request.messages,
            system: request.system,
            tool_config: request.tool_config,
            additional_model_request_fields: request.additional_model_request_fields,
        }
    }
}
