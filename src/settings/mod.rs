//! What the operator chose, checked and typed.
//!
//! No section holds an `Option` that means "default": every default is applied before. Whether the
//! registry has the default model, or AWS the region, is not checked here.
//!
//! [`load`] reads file, environment and flags, [`LoadedSettings`] more than once. Each setting is
//! declared once, in `table.rs`.

mod define;
#[cfg(test)]
mod document;
mod error;
mod kinds;
mod load;
mod quantity;
mod raw;
mod reload;
mod table;
mod validate;

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

pub(crate) use define::Definition;
pub(crate) use define::Kind;
pub use error::Problem;
pub use error::SettingsError;
pub use error::Source;
pub use load::Environment;
pub use load::Flags;
pub use load::load;
pub(crate) use quantity::Span;
pub use reload::LoadedSettings;
pub use reload::Reread;
pub(crate) use table::SECTIONS;

/// Everything the operator chose.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The gRPC listener and its limits.
    pub server: ServerSettings,
    /// Which models there are.
    pub registry: RegistrySettings,
    /// How Bedrock is called.
    pub bedrock: BedrockSettings,
    /// Failure, fallback and time.
    pub routing: RoutingSettings,
    /// Logs.
    pub log: LogSettings,
}

/// The gRPC listener and its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// Address of the gRPC listener. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Worker threads, each with its own runtime and connections to Bedrock.
    pub workers: NonZeroUsize,
    /// Largest message a client may send, in bytes.
    pub max_message_bytes: usize,
    /// Largest metadata a client may send, in bytes.
    pub max_header_bytes: usize,
    /// Most connections, before the limit on descriptors is considered.
    pub max_connections: NonZeroU32,
    /// Most concurrent streams on one connection.
    pub max_streams_per_connection: NonZeroU32,
    /// Most calls of models at one time.
    pub max_concurrent_calls: NonZeroU32,
    /// Most of them on one connection.
    pub max_concurrent_calls_per_connection: NonZeroU32,
    /// Whether server reflection is offered.
    pub reflection: bool,
    /// How long a client may take until it speaks HTTP/2.
    pub handshake_timeout: Duration,
    /// How long a client may take nothing of an answer.
    pub stalled_stream_timeout: Duration,
    /// How long a connection may have no call.
    pub idle_connection_timeout: Duration,
    /// Age at which a client is asked to connect anew, before jitter.
    pub max_connection_age: Duration,
    /// Silence before TCP's own keepalive asks.
    pub tcp_keepalive: Duration,
    /// Interval of HTTP/2 keepalive pings.
    pub keepalive_interval: Duration,
    /// How long a ping may stay unanswered.
    pub keepalive_timeout: Duration,
    /// After SIGTERM: how long new calls are still taken, so that load balancers notice.
    pub drain_delay: Duration,
    /// After that: how long calls under way may go on.
    pub drain_timeout: Duration,
}

/// Which models there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrySettings {
    /// Where the models stand.
    pub file: RegistrySource,
    /// Model to try first when a request names none; registry order if absent.
    pub default_model: Option<String>,
    /// How the account in inference profile ARNs is treated.
    pub profile_account: ProfileAccount,
    /// Whether models past their end of life are tried.
    pub try_retired_models: bool,
}

/// Where the registry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistrySource {
    /// The copy that was compiled into the program.
    Embedded,
    /// This file.
    File(PathBuf),
}

impl fmt::Display for RegistrySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("the copy inside the program"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

/// How the account in inference profile ARNs is treated. The account of a system-defined profile
/// is the caller's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfileAccount {
    /// The ARN is called as it stands in the registry.
    AsWritten,
    /// This account is put in its place.
    Replace(String),
    /// The plain profile id is called, which needs no account.
    PlainId,
}

/// How Bedrock is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BedrockSettings {
    /// AWS region.
    pub region: String,
    /// Endpoint instead of the region's own: https, or http on loopback.
    pub endpoint: Option<Url>,
    /// Limit on TCP and TLS set-up. One value for all calls: another would open another pool.
    pub connect_timeout: Duration,
    /// Whether to start the embedded emulator and call it instead of AWS.
    pub emulator: bool,
}

/// Failure, fallback and time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutingSettings {
    /// Whether other models may answer when a request does not say.
    pub fallback: bool,
    /// Most repeated calls of the same model in one request, over all models.
    pub max_retries: u32,
    /// Most upstream calls for one request, retries and fallbacks together; 1 to 16.
    pub max_attempts: NonZeroU32,
    /// Limit of a unary attempt.
    pub attempt_timeout: Duration,
    /// Limit on the first event of a streamed attempt.
    pub first_event_timeout: Duration,
    /// Limit on the silence between two events.
    pub idle_timeout: Duration,
    /// `Invoke` runs over the stream when it asks for more tokens than this.
    pub invoke_stream_threshold_tokens: u32,
    /// Deadline of `Invoke` when the caller sets none.
    pub default_invoke_deadline: Duration,
    /// Deadline of `InvokeStream` when the caller sets none.
    pub default_stream_deadline: Duration,
    /// Longest deadline a caller may set.
    pub max_deadline: Duration,
    /// Part of the deadline kept for sending the reply.
    pub reply_reserve: Duration,
    /// Least time left to start an attempt.
    pub min_attempt_time: Duration,
    /// First step of the back-off.
    pub backoff_base: Duration,
    /// Longest back-off.
    pub backoff_cap: Duration,
    /// How many calls may be repeated.
    pub retry_budget: RetryBudgetSettings,
    /// When a failing model is left alone.
    pub circuit: CircuitSettings,
}

/// How many calls of one model may be repeated, over all requests of ten seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryBudgetSettings {
    /// Part of the model's calls.
    pub percent: u32,
    /// On top of that.
    pub min_per_second: u32,
}

/// When a failing model is left alone, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CircuitSettings {
    /// Failures in a row that open a model's circuit; 0 if it never opens.
    pub opens_after: u32,
    /// How long it stays open the first time.
    pub open_time: Duration,
    /// How long it stays open at most.
    pub open_time_cap: Duration,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Form of a line.
    pub format: LogFormat,
    /// Whether a line is logged for every call, or only for those that failed or that the first
    /// model did not answer at once.
    pub every_call: bool,
    /// Which targets at which level, in the syntax of tracing's `EnvFilter`.
    pub filter: String,
}

/// Form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}
