//! [`Bedrock`]: one call in, one HTTP request out.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;

use super::classify;
use super::classify::UpstreamError;
use super::client::BedrockConfig;
use super::clients::Clients;
use super::events;
use super::raw_frames::RawFrames;
use super::raw_json::AnswerBody;
use super::raw_json::BodyInterceptor;
use super::reply;
use super::request;
use crate::proto::CountTokensRequest;
use crate::proto::InvokeRequest;
use crate::proto::Tool;
use crate::proto::tool;
use crate::provider::Call;
use crate::provider::ErrorKind;
use crate::provider::EventStream;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Reply;
use crate::registry::Model;

/// Amazon Bedrock as a host of models. One per worker: the connections belong to the runtime that
/// opened them.
pub struct Bedrock {
    clients: Clients,
}

impl Bedrock {
    /// Makes a client with its own connections. Opens none yet.
    pub fn new(shared: &BedrockConfig) -> Self {
        Self {
            clients: Clients::new(shared),
        }
    }

    /// What kind of failure it is. Rejected credentials are forgotten, so that the next call
    /// resolves them anew.
    fn classified<E: UpstreamError>(&self, error: SdkError<E, Response>) -> ProviderError {
        let error = classify::call_error(error);
        if error.kind == ErrorKind::Credentials && !error.upstream_error.is_empty() {
            self.clients.forget_credentials();
        }
        error
    }
}

#[tonic::async_trait]
impl Provider for Bedrock {
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, ProviderError> {
        let client = self.clients.for_region(&call.model.target.region);
        let (operation, json) = request::prepare(&call)?.converse(&client);
        let answer = AnswerBody::default();
        let output = if json.is_empty() && !may_call_tools(call.request) {
            operation.send().await
        } else {
            operation
                .customize()
                .interceptor(BodyInterceptor::new(json).keep_answer(answer.clone()))
                .send()
                .await
        };
        let output = output.map_err(|error| self.classified(error))?;
        reply::reply(output, answer.bytes(), &call.model.name)
    }

    async fn invoke_stream(&self, call: Call<'_>) -> Result<EventStream, ProviderError> {
        let client = self.clients.for_region(&call.model.target.region);
        let (operation, json) = request::prepare(&call)?.converse_stream(&client);
        let frames = may_run_tools(call.request).then(RawFrames::default);
        let output = if json.is_empty() && frames.is_none() {
            operation.send().await
        } else {
            operation
                .customize()
                .interceptor(BodyInterceptor::new(json).keep_frames(frames.clone()))
                .send()
                .await
        };
        let output = output.map_err(|error| self.classified(error))?;
        Ok(events::event_stream(output, &call.model.name, frames))
    }

    async fn count_tokens(
        &self,
        model: &Model,
        request: &CountTokensRequest,
    ) -> Result<i32, ProviderError> {
        let (input, json) = request::count_tokens_input(model, request)?;
        let client = self.clients.for_region(&model.target.region);
        let operation = client
            .count_tokens()
            // The tokenizer belongs to the model: CountTokens takes no inference profile.
            .model_id(&model.target.base_model_id)
            .input(input)
            .customize()
            .interceptor(BodyInterceptor::new(json));
        let output = operation
            .send()
            .await
            .map_err(|error| self.classified(error))?;
        Ok(output.input_tokens)
    }
}

/// Whether the answer may hold calls of tools, and so JSON to keep exactly.
fn may_call_tools(request: &InvokeRequest) -> bool {
    request.tool_config.is_some()
}

/// Whether the provider may run tools of its own, and stream JSON results of them.
fn may_run_tools(request: &InvokeRequest) -> bool {
    let config = request.tool_config.as_ref();
    config.is_some_and(|config| {
        let is_system_tool = |tool: &Tool| matches!(tool.tool, Some(tool::Tool::SystemTool(_)));
        config.tools.iter().any(is_system_tool)
    })
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
