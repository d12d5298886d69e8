//! What each reason of a failure means to those who read it: what callers and operators do about it.
//!
//! docs/errors.md is written from here, and the command line gives its advice from here. What the
//! gateway itself does about a failure stands in `provider`.

mod guidance;
mod own;
mod upstream;

pub use guidance::guidance;
pub use guidance::{Actor, Guidance, Repeat};
