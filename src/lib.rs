//! bedrock-gateway: a gRPC service in front of Amazon Bedrock.
//!
//! The modules in the order in which they build on each other; `ARCHITECTURE.md` says which may use
//! which, and a test checks it.

pub mod proto;
pub mod client;
pub mod reasons;
pub mod media;
pub mod settings;
pub mod deadline;
pub mod shutdown;
pub mod telemetry;
pub mod registry;
pub mod iam;
pub mod provider;
pub mod bedrock;
pub mod routing;
pub mod health;
pub mod grpc;
pub mod app;
pub mod conformance;
pub mod cli;

#[cfg(feature = "emulator")]
pub mod emulator;
