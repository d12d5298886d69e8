//! The edge: gRPC in, gRPC out. Validates, asks the router, answers; decides nothing.

mod access_log;
mod arrival;
mod health;
mod inference;
mod models;
mod reflection;
mod services;
pub mod status;
mod stream;
pub mod validate;

pub use reflection::reflection;
pub use services::{Parts, Services};
