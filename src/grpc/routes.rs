//! The services of one worker, put together.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic_health::pb::health_server::HealthServer;
use tonic_reflection::server::Error;

use crate::grpc::health::HealthService;
use crate::grpc::inference::Inference;
use crate::grpc::models::Models;
use crate::grpc::reflection;
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
}

/// Puts the services together: inference, models, health, reflection.
///
/// # Errors
/// If a descriptor set cannot be read, which is a defect of the build.
pub fn routes(
    services: Services,
    server: &ServerSettings,
    routing: &RoutingSettings,
) -> Result<Routes, Error> {
    let Services {
        router,
        health,
        cutting,
    } = services;
    let inference = Inference::new(Arc::clone(&router), routing.clone(), cutting);
    let mut routes = Routes::builder();
    routes.add_service(
        InferenceServiceServer::new(inference).max_decoding_message_size(server.max_message_bytes),
    );
    routes.add_service(ModelServiceServer::new(Models::new(router)));
    routes.add_service(HealthServer::new(HealthService::new(health)));
    if server.reflection {
        reflection::add_to(&mut routes)?;
    }
    Ok(routes.routes().prepare())
}
