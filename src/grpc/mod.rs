//! The edge: gRPC in, gRPC out. Validates, asks the router, answers; decides nothing.

mod access_log;
mod admission;
mod arrival;
mod call;
mod health;
mod inference;
mod models;
mod reflection;
mod request_body;
mod services;
pub mod status;
mod stream;
mod streams;
pub mod validate;

pub use admission::Admission;
pub use call::{Call, CallBody};
pub use inference::Inference;
pub use reflection::reflection;
pub use services::{ConnectionServices, Parts, Services};
pub use streams::{ROUNDS, Streams, Traffic};
