//! Server reflection, v1 and v1alpha, over our own files and those that clients need to decode
//! health checks and error details.

use tonic::service::Routes;
use tonic_reflection::pb;
use tonic_reflection::server::Builder;
use tonic_reflection::server::Error;

use crate::proto;

/// Both versions: older tools ask only v1alpha, newer ones only v1. Made once and shared, because
/// the decoded descriptors take megabytes.
///
/// # Errors
/// If a descriptor set cannot be read, which is a defect of the build.
pub fn reflection() -> Result<Routes, Error> {
    let mut routes = Routes::builder();
    routes.add_service(builder().build_v1()?);
    routes.add_service(builder().build_v1alpha()?);
    Ok(routes.routes())
}

fn builder() -> Builder<'static> {
    Builder::configure()
        .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(pb::v1::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(pb::v1alpha::FILE_DESCRIPTOR_SET)
        .include_reflection_service(false)
}
