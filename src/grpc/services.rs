//! The services of one worker, put together.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

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
use crate::grpc::arrival;
use crate::grpc::arrival::REQUEST_ID;
use crate::grpc::arrival::ReceivedAt;
use crate::grpc::call::Call;
use crate::grpc::call::CallBody;
use crate::grpc::call::Guard;
use crate::grpc::health::HealthService;
use crate::grpc::inference;
use crate::grpc::inference::Inference;
use crate::grpc::models::Models;
use crate::grpc::request_body::Bounds;
use crate::grpc::request_body::RequestBody;
use crate::health::Health;
use crate::proto::inference_service_server::InferenceServiceServer;
use crate::proto::model_service_server::ModelServiceServer;
use crate::routing::Router;
use crate::settings::RoutingSettings;
use crate::settings::ServerSettings;
use crate::telemetry::EveryCall;
use crate::telemetry::Metrics;

/// What the services of one worker need.
pub struct Parts {
    /// Finds a model that answers.
    pub router: Arc<Router>,
    /// What the gateway says of itself.
    pub health: Health,
    /// Ends what has no end of its own.
    pub closing: CancellationToken,
    /// Ends calls under way.
    pub cutting: CancellationToken,
    /// Whether every call is logged, or only those that did not go as they should.
    pub log_every_call: EveryCall,
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
    common: Arc<Common>,
}

/// What every call of a worker may need.
pub(super) struct Common {
    pub(super) router: Arc<Router>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) closing: CancellationToken,
    pub(super) cutting: CancellationToken,
}

impl Services {
    /// Puts the services together: inference, models, health, and what is shared.
    pub fn new(parts: Parts, server: &ServerSettings) -> Self {
        let router = &parts.router;
        let cutting = parts.cutting.clone();
        let inference = Inference::new(Arc::clone(router), cutting, parts.log_every_call);
        let models = Models::new(Arc::clone(router));
        Self {
            inference: InferenceServiceServer::new(inference)
                .max_decoding_message_size(server.max_message_bytes),
            others: parts
                .shared
                .add_service(ModelServiceServer::new(models))
                .add_service(HealthServer::new(HealthService::new(parts.health)))
                .prepare(),
            admission: parts.admission,
            common: Arc::new(Common {
                router: parts.router,
                metrics: parts.metrics,
                closing: parts.closing,
                cutting: parts.cutting,
            }),
        }
    }

    /// The services for a new connection.
    pub fn for_connection(&self) -> ConnectionServices {
        ConnectionServices {
            inference: self.inference.clone(),
            others: self.others.clone(),
            calls: Arc::new(ConnectionCalls::new(Arc::clone(&self.admission))),
            common: Arc::clone(&self.common),
        }
    }
}

/// The services of one connection.
pub struct ConnectionServices {
    inference: InferenceServiceServer<Inference>,
    others: Routes,
    calls: Arc<ConnectionCalls>,
    common: Arc<Common>,
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

        let received = Instant::now();
        request.extensions_mut().insert(ReceivedAt(received));
        let mut guard = Guard {
            request_id: request.headers().get(REQUEST_ID).cloned(),
            permit: None,
            ends_with_the_listener: is_of(request.uri().path(), REFLECTION),
            common: Arc::clone(&self.common),
        };
        let is_inference = is_for::<InferenceServiceServer<Inference>>(request.uri().path());
        if is_inference {
            match self.calls.admit(received) {
                Ok(permit) => guard.permit = Some(permit),
                Err(refused) => return Call::refused(&guard, &refused),
            }
        }
        let bounds = Bounds {
            received,
            request_id: guard.request_id.clone(),
            timeout: arrival::timeout(request.headers()).and_then(Result::ok),
            default: time_without_deadline(request.uri().path()),
            common: Arc::clone(&self.common),
        };
        let bounds = (!guard.ends_with_the_listener).then_some(bounds);
        let request = request.map(|body| RequestBody::new(body, bounds));
        let work = if is_inference {
            self.inference.clone().call(request)
        } else {
            Box::pin(self.others.clone().call(request))
        };
        Call::new(work, guard)
    }
}

/// Start of the names of the reflection services, whose streams have no end of their own.
const REFLECTION: &str = "grpc.reflection.";

/// How long a request may take to arrive if its caller sets no deadline.
fn time_without_deadline(path: &str) -> fn(&RoutingSettings) -> Duration {
    match path.rsplit('/').next() {
        Some("Invoke") => |settings| settings.default_invoke_deadline,
        Some("InvokeStream") => |settings| settings.default_stream_deadline,
        _ => |_settings| inference::COUNT_TOKENS_DEADLINE,
    }
}

/// Whether a path, "/package.Service/Method", is in this package.
fn is_of(path: &str, package: &str) -> bool {
    path.strip_prefix('/')
        .is_some_and(|path| path.starts_with(package))
}

/// Whether a path, "/package.Service/Method", names this service.
fn is_for<S: NamedService>(path: &str) -> bool {
    path.strip_prefix('/')
        .and_then(|path| path.strip_prefix(S::NAME))
        .is_some_and(|rest| rest.starts_with('/'))
}
