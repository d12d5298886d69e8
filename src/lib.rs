//! bedrock-gateway: a gRPC service in front of Amazon Bedrock.

#[cfg(feature = "emulator")]
pub mod emulator;
pub mod proto;
