//! The services of one worker, put together.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use http::Request;
use http::Response;
use hyper::body::Incoming;
use hyper::service::Service;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;

use crate::grpc::arrival::ReceivedAt;
use crate::grpc::health::HealthService;
use crate::grpc::inference::Inference;
use crate::grpc::models::Models;
use crate::health::Health;
use crate::proto::inference_service_server::InferenceServiceServer;
use crate::proto::model_service_server::ModelServiceServer;
use crate::routing::Router;
use crate::settings::ServerSettings;

/// What the services of one worker need.
pub struct Parts {
    /// Finds a model that answers.
    pub router: Arc<Router>,
    /// What the gateway says of itself.
    pub health: Health,
    /// Ends calls under way.
    pub cutting: CancellationToken,
    /// Whether every call is logged, or only those that did not go as they should.
    pub log_every_call: bool,
    /// Services that all workers share.
    pub shared: Routes,
}

/// The services of one worker.
#[derive(Clone)]
pub struct Services {
    inference: InferenceServiceServer<Inference>,
    others: Routes,
}

impl Services {
    /// Puts the services together: inference, models, health, and what is shared.
    pub fn new(parts: Parts, server: &ServerSettings) -> Self {
        let router = Arc::clone(&parts.router);
        let inference = Inference::new(router, parts.cutting, parts.log_every_call);
        Self {
            inference: InferenceServiceServer::new(inference)
                .max_decoding_message_size(server.max_message_bytes),
            others: parts
                .shared
                .add_service(ModelServiceServer::new(Models::new(parts.router)))
                .add_service(HealthServer::new(HealthService::new(parts.health)))
                .prepare(),
        }
    }
}

impl Service<Request<Incoming>> for Services {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    /// Calls of models go straight to their service: the general routing wraps each body twice
    /// more, which every event of every stream would pay for.
    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        use tower::Service as _;

        request.extensions_mut().insert(ReceivedAt(Instant::now()));
        if is_for::<InferenceServiceServer<Inference>>(request.uri().path()) {
            self.inference.clone().call(request)
        } else {
            Box::pin(self.others.clone().call(request))
        }
    }
}

/// Whether a path, "/package.Service/Method", names this service.
fn is_for<S: NamedService>(path: &str) -> bool {
    path.strip_prefix('/')
        .and_then(|path| path.strip_prefix(S::NAME))
        .is_some_and(|rest| rest.starts_with('/'))
}
