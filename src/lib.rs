//! bedrock-gateway: a gRPC service in front of Amazon Bedrock.

pub mod deadline;
pub mod proto;
pub mod provider;
pub mod registry;
pub mod routing;
pub mod settings;
