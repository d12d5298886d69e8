//! bedrock-gateway: a gRPC service in front of Amazon Bedrock.

pub mod cli;
pub mod proto;
pub mod provider;
pub mod registry;
pub mod settings;
pub mod telemetry;
