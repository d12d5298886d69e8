//! Which models exist: the file `aws-bedrock-models.json` as checked, typed data.
//!
//! [`Registry::parse`] reads the text in three steps: `node` takes it apart and knows each
//! value's place, `read` gives it the types of `file`, `parse` turns these into [`Model`]s
//! and checks what must hold between them. All steps go on after a problem, so that one run finds
//! all of them.
//!
//! Knows nothing of calls, health or time limits in force, and reads no clock.

mod model;
mod price;
mod removed;
mod target;
mod call_reason;

mod catalogue;
mod describe;
mod entry;
mod nearest;
mod problem;
mod places;
mod unsupported;
mod warning;

mod arn;
mod features;
mod file;
mod node;
mod object;
mod parse;
mod read;
mod schema;
mod values;

pub(crate) use arn::{BedrockArn, ResourceKind, partition_of};
pub use call_reason::{ArnForm, CallReason};
pub use catalogue::Registry;
pub use model::{
    BesideToolResults, Capabilities, Lifecycle, Limits, MediaLimits, Model, ReasoningReplay,
    ReasoningStyle, Sampling, Timeouts, ToolChoices, TopK,
};
pub use places::{Places, Position};
pub use price::{Prices, dollars, total_cost};
pub use problem::{LoadError, Problem, RegistryErrors};
pub use removed::RemovedModel;
pub use schema::json_schema;
pub(crate) use target::geography;
pub use target::{ParseChoices, Target};
pub use warning::{Warning, WarningKind};

#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod registry_tests;
#[cfg(test)]
#[path = "support_tests.rs"]
mod support;
