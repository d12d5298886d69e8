//! [`Bedrock`]: one call in, one HTTP request out.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::body::SdkBody;

use super::classify;
use super::classify::UpstreamError;
use super::client::BedrockConfig;
use super::clients::Clients;
use super::events;
use super::exchange::Exchange;
use super::omissions::Omissions;
use super::raw_frames::RawFrames;
use super::reading::Reading;
use super::reply;
use super::request;
use crate::provider::Call;
use crate::provider::ErrorKind;
use crate::provider::EventStream;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Reply;

/// Amazon Bedrock as a host of models. One per worker: the connections belong to the runtime that
/// opened them.
pub struct Bedrock {
    clients: Clients,
    omissions: Arc<Omissions>,
}

impl Bedrock {
    /// Makes a client with its own connections. Opens none yet.
    pub fn new(shared: &BedrockConfig) -> Self {
        Self::over(shared, shared.http_client())
    }

    /// The same with these connections.
    pub(super) fn over(shared: &BedrockConfig, http_client: SharedHttpClient) -> Self {
        Self {
            clients: Clients::new(shared, http_client),
            omissions: shared.omissions(),
        }
    }

    /// What AWS answered, or what kind of failure it is. Rejected credentials are replaced.
    fn answered<T, E: UpstreamError>(
        &self,
        output: Result<T, SdkError<E, Response>>,
    ) -> Result<T, ProviderError> {
        let shared = self.clients.shared();
        output
            .inspect(|_| shared.verdicts().accepted())
            .map_err(|error| {
                let date = error.raw_response();
                let date = date.and_then(|response| response.headers().get("date"));
                let date = date.map(str::to_owned);
                let error = classify::call_error(error);
                if error.kind == ErrorKind::Credentials
                    && !error.upstream_error.is_empty()
                    && shared
                        .verdicts()
                        .rejected(&error.upstream_error, date.as_deref())
                {
                    shared.replace_credentials();
                }
                error
            })
    }
}

#[tonic::async_trait]
impl Provider for Bedrock {
    async fn invoke(&self, call: Call<'_>) -> Result<Reply, ProviderError> {
        let client = self.clients.for_region(&call.model.target.region);
        let (operation, json) = request::prepare(&call)?.converse(&client);
        let (output, answer) = Exchange::new(json).run(Box::pin(operation.send())).await;
        let output = self.answered(output)?;
        let bytes = answer.as_ref().and_then(SdkBody::bytes);
        let bytes = bytes.unwrap_or_default();
        let reading = Reading::new(bytes, &call.model.name, &self.omissions);
        reply::reply(output, &reading)
    }

    async fn invoke_stream(&self, call: Call<'_>) -> Result<EventStream, ProviderError> {
        let client = self.clients.for_region(&call.model.target.region);
        let (operation, json) = request::prepare(&call)?.converse_stream(&client);
        let frames = RawFrames::default();
        let exchange = Exchange::streamed(json, frames.clone());
        let (output, _) = exchange.run(Box::pin(operation.send())).await;
        let output = self.answered(output)?;
        let omissions = Arc::clone(&self.omissions);
        Ok(events::event_stream(
            output,
            frames,
            &call.model.name,
            omissions,
        ))
    }

    async fn count_tokens(&self, call: Call<'_>) -> Result<i32, ProviderError> {
        let (input, json) = request::count_tokens_input(&call)?;
        let target = &call.model.target;
        let client = self.clients.for_region(&target.region);
        let operation = client
            .count_tokens()
            // The tokenizer belongs to the model: CountTokens takes no inference profile.
            .model_id(&target.base_model_id)
            .input(input);
        let (output, _) = Exchange::new(json).run(Box::pin(operation.send())).await;
        let output = self.answered(output)?;
        // The SDK fills in zero where the upstream says nothing, and no input is without a token.
        if output.input_tokens < 1 {
            return Err(ProviderError::new(
                ErrorKind::BadAnswer,
                "Bedrock's answer holds no count of tokens",
            ));
        }
        Ok(output.input_tokens)
    }
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
