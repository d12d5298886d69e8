//! [`Bedrock`]: one call in, one HTTP request out.

use aws_sdk_bedrockruntime::Client;

use super::classify;
use super::client::BedrockConfig;
use super::events;
use super::raw_json::AnswerBody;
use super::raw_json::BodyInterceptor;
use super::reply;
use super::request;
use crate::proto::CountTokensRequest;
use crate::provider::Call;
use crate::provider::EventStream;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Reply;
use crate::registry::Model;

/// Amazon Bedrock as a host of models. One per worker: the connections belong to the runtime that
/// opened them.
pub struct Bedrock {
    client: Client,
}

impl Bedrock {
    /// Makes a client with its own connections. Opens none yet.
    pub fn new(shared: &BedrockConfig) -> Self {
        Self {
            client: shared.client(),
        }
    }
}

#[tonic::async_trait]
impl Provider for Bedrock {
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, ProviderError> {
        let (operation, json) = request::prepare(&call)?.converse(&self.client);
        let answer = AnswerBody::default();
        let output = operation
            .customize()
            .interceptor(BodyInterceptor::new(json, Some(answer.clone())))
            .send()
            .await
            .map_err(classify::call_error)?;
        reply::reply(output, answer.bytes(), &call.model.name)
    }

    async fn invoke_stream(&self, call: Call<'_>) -> Result<EventStream, ProviderError> {
        let (operation, json) = request::prepare(&call)?.converse_stream(&self.client);
        let output = if json.is_empty() {
            operation.send().await
        } else {
            operation
                .customize()
                .interceptor(BodyInterceptor::new(json, None))
                .send()
                .await
        };
        let output = output.map_err(classify::call_error)?;
        Ok(events::event_stream(output, &call.model.name))
    }

    async fn count_tokens(
        &self,
        model: &Model,
        request: &CountTokensRequest,
    ) -> Result<i32, ProviderError> {
        let (input, json) = request::count_tokens_input(model, request)?;
        let operation = self
            .client
            .count_tokens()
            // The tokenizer belongs to the model: CountTokens takes no inference profile.
            .model_id(&model.target.base_model_id)
            .input(input)
            .customize()
            .interceptor(BodyInterceptor::new(json, None));
        let output = operation.send().await.map_err(classify::call_error)?;
        Ok(output.input_tokens)
    }
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
