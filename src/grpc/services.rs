//! The services of one worker, put together.

use std::convert::Infallible;
use std::sync::Arc;

use http::Request;
use http::Response;
use hyper::body::Incoming;
use hyper::service::Service;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;

use crate::grpc::admission::Admission;
use crate::grpc::admission::ConnectionCalls;
use crate::grpc::arrival::REQUEST_ID;
use crate::grpc::arrival::ReceivedAt;
use crate::grpc::call::Call;
use crate::grpc::call::CallBody;
use crate::grpc::call::Guard;
use crate::grpc::health::HealthService;
use crate::grpc::inference::Inference;
use crate::grpc::models::Models;
use crate::health::Health;
use crate::proto::inference_service_server::InferenceServiceServer;
use crate::proto::model_service_server::ModelServiceServer;
use crate::routing::Router;
use crate::settings::ServerSettings;
use crate::telemetry::Metrics;

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
    /// How many calls may run.
    pub admission: Arc<Admission>,
    /// Where calls are counted.
    pub metrics: Arc<Metrics>,
    /// Services that all workers share.
    pub shared: Routes,
}

/// The services of one worker.
pub struct Services {
    inference: InferenceServiceServer<Inference>,
    others: Routes,
    admission: Arc<Admission>,
    metrics: Arc<Metrics>,
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
            admission: parts.admission,
            metrics: parts.metrics,
        }
    }

    /// The services for a new connection.
    pub fn for_connection(&self) -> ConnectionServices {
        ConnectionServices {
            inference: self.inference.clone(),
            others: self.others.clone(),
            calls: Arc::new(ConnectionCalls::new(Arc::clone(&self.admission))),
            metrics: Arc::clone(&self.metrics),
        }
    }
}

/// The services of one connection.
pub struct ConnectionServices {
    inference: InferenceServiceServer<Inference>,
    others: Routes,
    calls: Arc<ConnectionCalls>,
    metrics: Arc<Metrics>,
}

impl Service<Request<Incoming>> for ConnectionServices {
    type Response = Response<CallBody>;
    type Error = Infallible;
    type Future = Call;

    /// Calls of models need a permit; the others are cheap and tell operators what goes on, so
    /// they are never refused.
    ///
    /// Calls of models go straight to their service: the general routing wraps each body twice
    /// more, which every event of every stream would pay for.
    fn call(&self, mut request: Request<Incoming>) -> Call {
        use tower::Service as _;

        let now = Instant::now();
        let request_id = request.headers().get(REQUEST_ID).cloned();
        let mut guard = Guard {
            request_id,
            permit: None,
            metrics: Arc::clone(&self.metrics),
        };
        request.extensions_mut().insert(ReceivedAt(now));
        if !is_for::<InferenceServiceServer<Inference>>(request.uri().path()) {
            return Call::new(Box::pin(self.others.clone().call(request)), guard);
        }
        match self.calls.admit(now) {
            Ok(permit) => guard.permit = Some(permit),
            Err(refused) => return Call::refused(&guard, &refused),
        }
        Call::new(self.inference.clone().call(request), guard)
    }
}

/// Whether a path, "/package.Service/Method", names this service.
fn is_for<S: NamedService>(path: &str) -> bool {
    path.strip_prefix('/')
        .and_then(|path| path.strip_prefix(S::NAME))
        .is_some_and(|rest| rest.starts_with('/'))
}
