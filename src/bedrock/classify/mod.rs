//! What kind of failure an error of the SDK is.

mod advice;
mod error;
mod name;
mod refusal;
mod transport;
mod upstream;

pub use advice::advice;
pub use advice::advice_on_target;
pub(super) use error::call_error;
pub(super) use error::stream_error;
pub(super) use error::trimmed;
pub(super) use upstream::UpstreamError;
