//! What the program tells its operator: logs and counts; never prompts, answers or secrets.

mod log_limit;
mod logs;
mod metrics;
mod panics;

pub use log_limit::LogLimit;
pub use logs::LogError;
pub use logs::init_logs;
pub use metrics::Counter;
pub use metrics::Gauge;
pub use metrics::Metrics;
pub use metrics::OmittedParts;
pub use panics::log_panics;
