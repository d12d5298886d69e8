//! bedrock-gateway: a gRPC service in front of Amazon Bedrock.

pub mod bedrock;
pub mod proto;
pub mod provider;
pub mod registry;
pub mod settings;
