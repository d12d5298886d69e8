//! What the program tells its operator: logs and counts; never prompts, answers or secrets.

mod logs;
mod metrics;

pub use logs::LogError;
pub use logs::init_logs;
pub use metrics::Counter;
pub use metrics::Metrics;
pub use metrics::OmittedParts;
