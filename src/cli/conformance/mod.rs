//! `conformance`: holds a gateway against its promises.
//!
//! Reads flags, starts a gateway if none is named, and writes reports. What is promised, and how it
//! is checked, stands in `crate::conformance`.

mod args;
mod command;
mod gateway;
mod progress;
mod reports;

pub(super) use args::ConformanceArgs;
pub(super) use command::WrongInput;
pub(super) use command::run;
