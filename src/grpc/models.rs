//! Handlers of ModelService: the registry as callers see it.

use std::sync::Arc;

use tonic::Request;
use tonic::Response;
use tonic::Status;

use crate::grpc::arrival::Arrival;
use crate::grpc::arrival::identify;
use crate::grpc::status;
use crate::grpc::validate;
use crate::grpc::validate::Reason;
use crate::grpc::validate::Violations;
use crate::proto::ErrorReason;
use crate::proto::GetModelRequest;
use crate::proto::GetModelResponse;
use crate::proto::ListModelsRequest;
use crate::proto::ListModelsResponse;
use crate::proto::Model as ModelMessage;
use crate::proto::model::State;
use crate::proto::model_service_server::ModelService;
use crate::registry::Model;
use crate::routing::Policy;
use crate::routing::Router;

const DEFAULT_PAGE_SIZE: usize = 100;
const MAX_PAGE_SIZE: usize = 1000;

/// The service that describes models.
pub(super) struct Models {
    router: Arc<Router>,
}

impl Models {
    /// The service over the models of a router.
    pub(super) fn new(router: Arc<Router>) -> Self {
        Self { router }
    }
}

fn describe(policy: &Policy, model: &Model) -> ModelMessage {
    let mut described = model.describe(state(policy, model));
    for field in policy.refused_fields(model) {
        if !described
            .unsupported_fields
            .iter()
            .any(|known| known == field)
        {
            described.unsupported_fields.push(field.to_owned());
        }
    }
    described
}

fn state(policy: &Policy, model: &Model) -> State {
    match policy.availability.objection(model).map(|skip| skip.reason) {
        None if policy.circuits.admits_calls(model) => State::Active,
        None if policy.circuits.is_retired(model) => State::Retired,
        None => State::Suspended,
        Some(ErrorReason::ModelRetired) => State::Retired,
        Some(_) => State::Disabled,
    }
}

#[tonic::async_trait]
impl ModelService for Models {
    async fn list_models(
        &self,
        request: Request<ListModelsRequest>,
    ) -> Result<Response<ListModelsResponse>, Status> {
        let arrival = Arrival::read(&request);
        let page = Page::read(request.into_inner())
            .map_err(|violations| status::of_violations(&violations, &arrival.request_id))?;
        let policy = self.router.policy();
        let models = policy.registry.models();
        let end = page.start.saturating_add(page.size);
        let listed = models.iter().skip(page.start).take(page.size);
        let mut response = Response::new(ListModelsResponse {
            models: listed.map(|model| describe(&policy, model)).collect(),
            next_page_token: if end < models.len() {
                end.to_string()
            } else {
                String::new()
            },
        });
        identify(response.metadata_mut(), &arrival.request_id);
        Ok(response)
    }

    async fn get_model(
        &self,
        request: Request<GetModelRequest>,
    ) -> Result<Response<GetModelResponse>, Status> {
        let arrival = Arrival::read(&request);
        let request = validate::get_model(request.into_inner())
            .map_err(|violations| status::of_violations(&violations, &arrival.request_id))?;
        let policy = self.router.policy();
        let model = policy
            .model(&request.name)
            .map_err(|error| status::of_route_error(error, &arrival.request_id))?;
        let mut response = Response::new(GetModelResponse {
            model: Some(describe(&policy, model)),
        });
        identify(response.metadata_mut(), &arrival.request_id);
        Ok(response)
    }
}

/// A part of the list. The token is the position of its first entry.
struct Page {
    start: usize,
    size: usize,
}

impl Page {
    fn read(request: ListModelsRequest) -> Result<Self, Violations> {
        let request = validate::list_models(request)?;
        let size = match usize::try_from(request.page_size) {
            Ok(0) | Err(_) => DEFAULT_PAGE_SIZE,
            Ok(size) => size.min(MAX_PAGE_SIZE),
        };
        let start = match request.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_not_a_number| {
                let violation = format_args!("must be the next_page_token of an earlier response");
                Violations::of("page_token", Reason::BadFormat, violation)
            })?,
        };
        Ok(Self { start, size })
    }
}
