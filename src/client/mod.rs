//! A client of the API for Rust: the generated one, and a thin layer that does what gRPC libraries
//! of other languages do by themselves.
//!
//! - Every call has a deadline: the one of [`Client::with_timeout`], or else of the service config.
//!   The gateway is told, ends the call in time, and says what it tried.
//! - Calls that certainly were not answered are made again, as gRFC A6 says: only on codes that the
//!   service config names, only before response headers came, never when the gateway says no, never
//!   behind the deadline, and less often while many calls fail.
//! - All addresses of a DNS name are connected, and take calls in turn; addresses that take no
//!   connection are left out until they do. The name is looked up again every 30 s. Health is not
//!   watched: a gateway that drains closes its connections.
//! - A failed call is an [`Error`] with everything the gateway says about it as types, down to the
//!   attempts.
//! - A stream that ends without an error was complete. Dropping it ends the call.
//!
//! There is no cache, no limit of its own, and no fallback: falling back is the gateway's work.
//! Further samples stand in `clients/rust/`.
//!
//! ```no_run
#![doc = include_str!("../../clients/rust/basic.rs")]
//! ```

mod methods;
mod options;
mod service_config;
mod call;
mod retry;
mod stream;
mod join;
mod request;
mod error;
mod transport;
mod peer;
mod tls;

pub use error::Cause;
pub use error::Error;
pub use join::Collector;
pub use join::OutOfOrder;
pub use join::join;
pub use methods::Client;
pub use options::Options;
pub use service_config::ServiceConfig;
pub use service_config::ServiceConfigError;
pub use stream::EventStream;
pub use stream::texts;
pub use tonic::Code;
pub use tonic_health::pb::health_check_response::ServingStatus;
pub use tonic_types::pb::bad_request::FieldViolation;
pub use tonic_types::pb::quota_failure::Violation as QuotaViolation;
pub use transport::Transport;
