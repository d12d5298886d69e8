//! bedrock-gateway: a gRPC service in front of Amazon Bedrock.

#[cfg(feature = "emulator")]
pub mod emulator;
pub mod proto;
pub mod settings;
pub mod deadline;
pub mod shutdown;
pub mod registry;
pub mod provider;
pub mod routing;
pub mod health;
pub mod grpc;
