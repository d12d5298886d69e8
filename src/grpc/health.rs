//! grpc.health.v1 over the gateway's health.
//!
//! A thin service of our own over the published messages: the stock one ends a Watch of an unknown
//! name, where the protocol says SERVICE_UNKNOWN and an open stream, and reports "" as SERVING
//! before the gateway is ready.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::sleep_until;
use tokio_stream::Stream;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server;

use crate::grpc::arrival::Arrival;
use crate::grpc::status;
use crate::health::Health;
use crate::health::Phase;
use crate::proto::ErrorReason;
use crate::routing::Policy;
use crate::routing::RouteError;

/// The health service.
pub(super) struct HealthService {
    health: Health,
}

impl HealthService {
    /// The service over a gateway's health.
    pub(super) fn new(health: Health) -> Self {
        Self { health }
    }
}

#[tonic::async_trait]
impl health_server::Health for HealthService {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let name = &request.get_ref().service;
        match self.health.is_serving(name, self.health.phase()) {
            Some(serving) => Ok(Response::new(answer(serving_status(serving)))),
            None => {
                let id = Arrival::read(&request).request_id;
                let message = "nothing has that health name".to_owned();
                let error = RouteError::new(ErrorReason::ModelNotFound, message);
                Err(status::of_route_error(error, &id))
            }
        }
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let watcher = Watcher {
            phases: self.health.phases(),
            policies: self.health.policies(),
            circuits: self.health.circuits(),
            health: self.health.clone(),
            name: request.into_inner().service,
            last: None,
        };
        Ok(Response::new(Box::pin(stream::unfold(
            watcher,
            Watcher::next,
        ))))
    }
}

/// One Watch: sends a status when it differs from the last.
struct Watcher {
    health: Health,
    phases: watch::Receiver<Phase>,
    policies: watch::Receiver<Arc<Policy>>,
    circuits: watch::Receiver<()>,
    name: String,
    last: Option<ServingStatus>,
}

impl Watcher {
    async fn next(mut self) -> Option<(Result<HealthCheckResponse, Status>, Self)> {
        loop {
            let phase = *self.phases.borrow_and_update();
            self.policies.mark_unchanged();
            self.circuits.mark_unchanged();
            let serving = self.health.is_serving(&self.name, phase);
            let status = serving.map_or(ServingStatus::ServiceUnknown, serving_status);
            if self.last != Some(status) {
                self.last = Some(status);
                return Some((Ok(answer(status)), self));
            }
            if phase == Phase::Closing {
                return None;
            }
            let by_time = self.health.next_change(&self.name);
            let changed = tokio::select! {
                changed = self.phases.changed() => changed,
                changed = self.policies.changed() => changed,
                changed = self.circuits.changed() => changed,
                () = moment(by_time) => Ok(()),
            };
            changed.ok()?;
        }
    }
}

/// Waits for a moment, or for ever.
async fn moment(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn serving_status(serving: bool) -> ServingStatus {
    if serving {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse {
        status: status.into(),
    }
}
