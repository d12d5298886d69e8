//! Which models exist: the file `aws-bedrock-models.json` as checked, typed data.
//!
//! Knows nothing of calls, health or time limits in force.

mod model;
mod price;
mod target;

pub use model::{Capabilities, Lifecycle, Limits, Model, ReasoningStyle, Sampling, Timeouts, TopK};
pub use price::Prices;
pub use target::Target;
