//! What must hold of the gateway whatever bytes it is given, one module per fuzz target.
//!
//! Each `check` panics when a property does not hold. The gateway is used through its public
//! parts and runs whole, SDK included; only the connection to Bedrock is in memory.

pub mod convert;
pub mod errors;
pub mod events;
pub mod registry;

mod fixture;
mod json;
mod text;
