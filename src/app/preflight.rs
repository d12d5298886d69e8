//! The gateway before it serves: each thing it stands on, looked at by itself.
//!
//! Made of the same parts as the gateway that [`start`](super::start()) builds, without a listener
//! and without workers. Says what is there and what is missing; judges nothing.

use std::sync::Arc;

use tokio::task::spawn;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::Request;
use tonic::Response;
use tonic::Status;

use crate::app::configuration;
use crate::app::error::StartError;
use crate::app::upstream;
use crate::app::upstream::Upstream;
use crate::bedrock::Bedrock;
use crate::bedrock::CredentialsNotReady;
use crate::bedrock::FoundCredentials;
use crate::bedrock::Reached;
use crate::bedrock::Unreachable;
use crate::grpc::Inference;
use crate::proto::ErrorReason;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::inference_service_server::InferenceService;
use crate::registry::Model;
use crate::registry::Registry;
use crate::routing::Policy;
use crate::routing::PolicyInForce;
use crate::routing::Router;
use crate::settings::Settings;
use crate::telemetry::EveryCall;
use crate::telemetry::Metrics;

/// What the gateway would call Bedrock with. While it lives, it keeps credentials and, if the
/// settings ask for it, the emulator.
pub struct Preflight {
    upstream: Upstream,
    _credentials: AbortOnDropHandle<()>,
}

/// The models a call may go to.
pub struct Candidates(Policy);

/// A gateway for a few calls.
pub struct Trial(Inference);

impl Preflight {
    /// Sets up how Bedrock is called, and starts to look for credentials.
    ///
    /// # Errors
    /// [`StartError`] if the emulator was asked for and cannot be started.
    pub async fn new(settings: &Settings) -> Result<Self, StartError> {
        let upstream = upstream::connect(settings, Arc::new(Metrics::default())).await?;
        let bedrock = upstream.bedrock.clone();
        let kept = spawn(async move { bedrock.keep_credentials().await });
        Ok(Self {
            upstream,
            _credentials: AbortOnDropHandle::new(kept),
        })
    }

    /// Which credentials were found, as soon as that is known: after half a minute at the latest.
    ///
    /// # Errors
    /// [`CredentialsNotReady`] says why there are none.
    pub async fn credentials(&self) -> Result<FoundCredentials, CredentialsNotReady> {
        self.upstream.bedrock.found_credentials().await
    }

    /// Reaches for Bedrock's endpoint without a call that costs anything.
    ///
    /// # Errors
    /// [`Unreachable`] says where the way ends.
    pub async fn reach(&self) -> Result<Reached, Unreachable> {
        self.upstream.bedrock.reach().await
    }

    /// Makes calls of these models possible, as the gateway would make them.
    pub fn trial(&self, candidates: Candidates) -> Trial {
        let policy = PolicyInForce::new(candidates.0);
        let bedrock = Arc::new(Bedrock::new(&self.upstream.bedrock));
        let router = Arc::new(Router::new(policy, bedrock));
        let cutting = CancellationToken::new();
        Trial(Inference::new(router, cutting, EveryCall::new(false)))
    }
}

impl Candidates {
    /// Reads the registry that the settings name.
    ///
    /// # Errors
    /// [`StartError`] if it cannot be had or does not have the default model.
    pub fn load(settings: &Settings) -> Result<Self, StartError> {
        configuration::policy(settings).map(Self)
    }

    /// The registry.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// Why a model is not called, whatever is asked of it; `None` if it is.
    pub fn objection(&self, model: &Model) -> Option<(ErrorReason, String)> {
        let skip = self.0.availability.objection(model)?;
        Some((skip.reason, skip.message))
    }

    /// The model that is tried first when a request names none; `None` if there is no model.
    pub fn first(&self) -> Option<&Arc<Model>> {
        let models = self.0.registry.models();
        match &self.0.default_model {
            Some(name) => self.0.registry.find(name),
            None => models
                .iter()
                .find(|model| self.objection(model).is_none())
                .or_else(|| models.first()),
        }
    }
}

impl Trial {
    /// Runs one turn, as the gateway would for a caller who sent this.
    ///
    /// # Errors
    /// The status that the caller would get.
    pub async fn invoke(&self, request: Request<InvokeRequest>) -> Result<InvokeResponse, Status> {
        self.0.invoke(request).await.map(Response::into_inner)
    }
}
