//! The gateway's API as generated code.

#![expect(
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::too_many_lines,
    reason = "generated code"
)]

tonic::include_proto!("bedrock.gateway.v1");
