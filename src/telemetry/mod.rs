//! What the program tells its operator.
//!
//! Logs only, so far as they are; never prompts, answers or secrets.

mod logs;

pub use logs::LogError;
pub use logs::init_logs;
