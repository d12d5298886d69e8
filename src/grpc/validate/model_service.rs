//! Rules for requests about the registry.

use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::scalar::MODEL_NAME;
use crate::grpc::validate::violation::Valid;
use crate::grpc::validate::violation::Violations;
use crate::proto::GetModelRequest;
use crate::proto::ListModelsRequest;

/// The rules for `ListModels`. Whether a page token is one of ours is for its reader to say.
///
/// # Errors
/// A negative page size.
pub fn list_models(request: ListModelsRequest) -> Result<Valid<ListModelsRequest>, Violations> {
    let mut found = Violations::default();
    let path = Path::Root.field("page_size");
    scalar::not_negative(&mut found, &path, request.page_size);
    Valid::new(request, found)
}

/// The rules for `GetModel`.
///
/// # Errors
/// A missing name, or one that no model can have.
pub fn get_model(request: GetModelRequest) -> Result<Valid<GetModelRequest>, Violations> {
    let mut found = Violations::default();
    let path = Path::Root.field("name");
    scalar::name(&mut found, &path, &request.name, &MODEL_NAME);
    Valid::new(request, found)
}
