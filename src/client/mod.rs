//! A client of the API for Rust.

mod join;

pub use join::Collector;
pub use join::OutOfOrder;
pub use join::join;
