//! The edge: gRPC in front of routing.

pub mod validate;
