//! The services of one worker, put together.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;

use crate::grpc::health::HealthService;
use crate::grpc::inference::Inference;
use crate::grpc::models::Models;
use crate::health::Health;
use crate::proto::inference_service_server::InferenceServiceServer;
use crate::proto::model_service_server::ModelServiceServer;
use crate::routing::Router;
use crate::settings::RoutingSettings;
use crate::settings::ServerSettings;

/// What the services of one worker need.
pub struct Services {
    /// Finds a model that answers.
    pub router: Arc<Router>,
    /// What the gateway says of itself.
    pub health: Health,
    /// Ends calls under way.
    pub cutting: CancellationToken,
    /// Services that all workers share.
    pub shared: Routes,
}

/// Puts the services together: inference, models, health, and what is shared.
pub fn routes(services: Services, server: &ServerSettings, routing: &RoutingSettings) -> Routes {
    let Services {
        router,
        health,
        cutting,
        shared,
    } = services;
    let inference = Inference::new(Arc::clone(&router), routing.clone(), cutting);
    let inference =
        InferenceServiceServer::new(inference).max_decoding_message_size(server.max_message_bytes);
    shared
        .add_service(inference)
        .add_service(ModelServiceServer::new(Models::new(router)))
        .add_service(HealthServer::new(HealthService::new(health)))
        .prepare()
}
