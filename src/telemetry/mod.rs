//! What the program tells its operator: logs and counts; never prompts, answers or secrets.

mod every_call;
mod log_limit;
mod logs;
mod metrics;
mod panics;

pub use every_call::EveryCall;
pub use log_limit::LogLimit;
pub use logs::LogError;
pub use logs::LogFilter;
pub use logs::init_logs;
pub use metrics::Age;
pub use metrics::ByModel;
pub use metrics::CancelledCounts;
pub use metrics::CircuitCounts;
pub use metrics::Counter;
pub use metrics::Flag;
pub use metrics::Gauge;
pub use metrics::Metrics;
pub use metrics::OmittedParts;
pub use panics::log_panics;
