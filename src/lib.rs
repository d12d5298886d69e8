//! bedrock-gateway: a gRPC service in front of Amazon Bedrock.

pub mod proto;
