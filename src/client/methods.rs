//! The client itself: one function per method of the API.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::call::Method;
use super::call::Rules;
use super::error::Error;
use super::options::CallOptions;
use super::options::Options;
use super::stream::EventStream;
use super::transport::Transport;
use crate::proto::CountTokensRequest;
use crate::proto::CountTokensResponse;
use crate::proto::GetModelRequest;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::InvokeStreamRequest;
use crate::proto::ListModelsRequest;
use crate::proto::Model;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::proto::model_service_client::ModelServiceClient;

const INFERENCE: &str = "bedrock.gateway.v1.InferenceService";
const MODELS: &str = "bedrock.gateway.v1.ModelService";
const HEALTH: &str = "grpc.health.v1.Health";

/// Models that are asked for at once: as many as the API allows.
const PAGE_SIZE: i32 = 1000;

/// Pages after which a list is taken to be endless.
const MAX_PAGES: usize = 100;

/// A client of one gateway, or of all gateways behind one name.
///
/// Cheap to clone; clones share their connections. Make one and keep it. Use it on the runtime that
/// it was made on: its connections are tasks there.
#[derive(Clone)]
pub struct Client {
    transport: Transport,
    rules: Arc<Rules>,
    max_message_bytes: usize,
    call: CallOptions,
}

impl Client {
    /// Connects to an address such as `http://127.0.0.1:50051`, in the clear, or
    /// `https://gateway.example.com:443`. Without a port it is 80 or 443.
    ///
    /// # Errors
    /// [`Cause::Connection`](super::Cause::Connection) if nobody answers there within
    /// [`Options::connect_timeout`], [`Cause::Input`](super::Cause::Input) if address or options
    /// cannot be right.
    pub async fn connect(address: &str, options: Options) -> Result<Self, Error> {
        let transport = Transport::connect(address, &options).await?;
        Ok(Self {
            transport,
            rules: Arc::new(Rules::new(options.service_config)),
            max_message_bytes: options.max_message_bytes,
            call: CallOptions::default(),
        })
    }

    /// The same client with another time for each of its calls, all attempts included, in place of
    /// that in the service config. The gateway is told, and ends a call in time; it is waited for a
    /// second longer, because it says what it tried.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut client = self.clone();
        client.call.timeout = Some(timeout);
        client
    }

    /// The same client with metadata that goes along with each of its calls, such as
    /// `authorization`. Values are kept out of `Debug` output and of what HTTP/2 remembers.
    ///
    /// # Errors
    /// [`Cause::Input`](super::Cause::Input) if key or value is no text that HTTP/2 carries.
    pub fn with_metadata(&self, key: &str, value: &str) -> Result<Self, Error> {
        let mut client = self.clone();
        client.call.set(key, value)?;
        Ok(client)
    }

    /// Asks, and waits for the whole answer. A prompt is a request.
    ///
    /// # Errors
    /// [`Error`], with what was tried.
    pub async fn invoke(&self, request: impl Into<InvokeRequest>) -> Result<InvokeResponse, Error> {
        let send = |request| {
            let mut client = self.inference();
            async move { client.invoke(request).await }
        };
        let method = Method {
            service: INFERENCE,
            name: "Invoke",
        };
        let call = Box::pin(self.rules.call(method, &self.call, request.into(), send));
        Ok(call.await?.0.into_inner())
    }

    /// Asks, and gives the answer while it is generated. Returns when its first piece is there;
    /// until then the gateway falls back and this client retries.
    ///
    /// # Errors
    /// [`Error`], with what was tried.
    pub async fn stream(
        &self,
        request: impl Into<InvokeStreamRequest>,
    ) -> Result<EventStream, Error> {
        let send = |request| {
            let mut client = self.inference();
            async move { client.invoke_stream(request).await }
        };
        let method = Method {
            service: INFERENCE,
            name: "InvokeStream",
        };
        let call = Box::pin(self.rules.call(method, &self.call, request.into(), send));
        let (response, time) = call.await?;
        Ok(EventStream::new(response, time))
    }

    /// Counts the input tokens of a request, without running a model.
    ///
    /// # Errors
    /// [`Error`]; FAILED_PRECONDITION if the model cannot count.
    pub async fn count_tokens(
        &self,
        request: impl Into<CountTokensRequest>,
    ) -> Result<CountTokensResponse, Error> {
        let send = |request| {
            let mut client = self.inference();
            async move { client.count_tokens(request).await }
        };
        let method = Method {
            service: INFERENCE,
            name: "CountTokens",
        };
        let call = Box::pin(self.rules.call(method, &self.call, request.into(), send));
        Ok(call.await?.0.into_inner())
    }

    /// All models, in the order in which the gateway tries them.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn list_models(&self) -> Result<Vec<Model>, Error> {
        let method = Method {
            service: MODELS,
            name: "ListModels",
        };
        let mut models = Vec::new();
        let mut page_token = String::new();
        for _ in 0..MAX_PAGES {
            let request = ListModelsRequest {
                page_size: PAGE_SIZE,
                page_token,
            };
            let send = |request| {
                let mut client = self.models();
                async move { client.list_models(request).await }
            };
            let call = Box::pin(self.rules.call(method, &self.call, request, send));
            let page = call.await?.0.into_inner();
            models.extend(page.models);
            if page.next_page_token.is_empty() {
                return Ok(models);
            }
            page_token = page.next_page_token;
        }
        Err(Error::broken_promise("the list of models does not end"))
    }

    /// One model, by its name or an alias.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_unknown_model`] if there is none.
    pub async fn model(&self, name: &str) -> Result<Model, Error> {
        let request = GetModelRequest {
            name: name.to_owned(),
        };
        let send = |request| {
            let mut client = self.models();
            async move { client.get_model(request).await }
        };
        let method = Method {
            service: MODELS,
            name: "GetModel",
        };
        let call = Box::pin(self.rules.call(method, &self.call, request, send));
        let found = call.await?.0.into_inner().model;
        found.ok_or_else(|| Error::broken_promise("the answer holds no model"))
    }

    /// How a part of the gateway is: `""` for the whole, `bedrock.gateway.v1.InferenceService`,
    /// `bedrock.gateway.v1.ModelService`, `liveness`, or `models/` and the name of a model.
    ///
    /// # Errors
    /// [`Error`]; NOT_FOUND if it has no part of that name.
    pub async fn health(&self, service: &str) -> Result<ServingStatus, Error> {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let send = |request| {
            let mut client = HealthClient::new(self.transport.clone());
            async move { client.check(request).await }
        };
        let method = Method {
            service: HEALTH,
            name: "Check",
        };
        let call = Box::pin(self.rules.call(method, &self.call, request, send));
        Ok(call.await?.0.into_inner().status())
    }

    /// The generated client, for what this one has no function for: no deadline, retry or metadata
    /// is added to its calls.
    pub fn inference(&self) -> InferenceServiceClient<Transport> {
        InferenceServiceClient::new(self.transport.clone())
            .max_decoding_message_size(self.max_message_bytes)
    }

    /// The same for the models.
    pub fn models(&self) -> ModelServiceClient<Transport> {
        ModelServiceClient::new(self.transport.clone())
            .max_decoding_message_size(self.max_message_bytes)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("transport", &self.transport)
            .field("call", &self.call)
            .finish()
    }
}
