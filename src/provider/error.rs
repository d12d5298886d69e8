//! How an attempt can fail, and the one table of what follows from it.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use tonic::Code;

use crate::proto::ErrorReason;
use crate::provider::Completion;
use crate::provider::refusal::Refusable;
use crate::provider::suspension;
use crate::provider::suspension::CircuitEffect;

/// Why one attempt failed. The kind decides everything that follows; see
/// [`ErrorKind::consequence`].
pub struct ProviderError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What a caller may read: fixed text per kind, or the upstream's own words where they are
    /// about the caller's request. Never a prompt, a credential or an ARN.
    pub message: Cow<'static, str>,
    /// Name of the upstream's exception, for example "ThrottlingException". Empty if the gateway
    /// found the failure itself.
    pub upstream_error: Cow<'static, str>,
    /// The upstream's identifier of the call. Empty if there was no answer.
    pub request_id: String,
    /// How long the upstream asked to wait.
    pub retry_after: Option<Duration>,
    /// What of the request the model refused, if the upstream named it in words that are known.
    pub refused: Option<Refusable>,
    /// What the model's own server said, if the upstream passed it on. Boxed: it rarely does.
    pub origin: Option<Box<Origin>>,
    /// What the upstream said about the call before it failed, if it said anything: what it
    /// reports as used may be billed.
    pub completion: Option<Box<Completion>>,
    /// Of [`ErrorKind::AttemptTimeout`]: whether the attempt had less time than its configured
    /// limit because the caller's deadline was near. That says nothing about the model.
    pub cut_short: bool,
    /// For the log, never for callers.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

/// What a model's own server said about a failure. Texts have at most 256 characters and no ARNs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Its HTTP status.
    pub status: Option<i32>,
    /// What was called there; empty if it was not named.
    pub resource: String,
    /// Its words; empty if there were none.
    pub message: String,
}

impl Origin {
    /// The parts that are known, under the upstream's names for them.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let status = self.status.map(|status| status.to_string());
        [
            ("originalStatusCode", status.unwrap_or_default()),
            ("resourceName", self.resource.clone()),
            ("originalMessage", self.message.clone()),
        ]
        .into_iter()
        .filter(|(_, fact)| !fact.is_empty())
    }
}

/// Kinds of failure of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// ThrottlingException: the account's rate for this model was exceeded.
    Throttled,
    /// ThrottlingException that names a daily quota.
    DailyQuota,
    /// ServiceQuotaExceededException.
    Quota,
    /// ModelNotReadyException.
    NotReady,
    /// ServiceUnavailableException, and 502, 503, 504 without a name.
    Unavailable,
    /// InternalServerException.
    Internal,
    /// No answer: name resolution, connect, TLS, or a connection lost before the answer.
    Unreachable,
    /// The gateway's own process or machine has no descriptor, port or memory left for another
    /// connection.
    OutOfConnections,
    /// ModelTimeoutException: the model itself took too long. May have been billed.
    ModelTimeout,
    /// Our own limit on the attempt, its first event or the silence between events.
    AttemptTimeout,
    /// ModelErrorException or ModelStreamErrorException that is the model's fault.
    ModelError,
    /// The same exceptions with an original status of 4xx: the request is at fault.
    ModelRejected,
    /// AccessDeniedException: the gateway's account may not use the model.
    AccessDenied,
    /// AccessDeniedException that is about prompt caching.
    PromptCachingRefused,
    /// AWS rejected the gateway's credentials or signature.
    Credentials,
    /// ResourceNotFoundException: unknown model.
    NotFound,
    /// The same that says the account has not sent in the form of use cases.
    UseCaseMissing,
    /// The same that says the model is legacy, and the account did not use it of late.
    Legacy,
    /// The same, or ValidationException, that says the model reached its end of life.
    EndOfLife,
    /// ValidationException that says the model id cannot be called as it is.
    NeedsProfile,
    /// ValidationException: the input does not fit the context window.
    ContextTooLong,
    /// ValidationException: the model does not take a field that was set.
    FieldRefused,
    /// ValidationException of CountTokens: the model cannot count.
    CannotCount,
    /// Any other ValidationException.
    Validation,
    /// The request cannot be put to any model; found before a call was made.
    InvalidRequest,
    /// An unknown exception with a 4xx status.
    UnknownClient,
    /// An unknown exception with a 5xx status, or in a stream.
    UnknownServer,
    /// The answer could not be read.
    BadAnswer,
    /// The stream ended before the message was complete.
    Truncated,
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// Whether the same model may be called again.
    pub same_model: SameModel,
    /// Whether the next candidate may be called.
    pub next_model: NextModel,
    /// What the failure does to the circuit of the model.
    pub circuit: CircuitEffect,
    /// The gRPC status code if this failure ends the call.
    pub code: Code,
    /// The machine-readable cause.
    pub reason: ErrorReason,
}

/// Whether the model that failed may be called again with the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameModel {
    /// No.
    Never,
    /// One more time.
    Once,
    /// As often as the limits on retries allow.
    Yes,
    /// Only if no other candidate is left, and after the delay the upstream asked for.
    IfLast,
    /// One more time, at once, with the cache points left out.
    WithoutCachePoints,
    /// At once, without what it refused, if that may be left out.
    WithoutRefused,
}

/// Whether another model may be called with the same request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextModel {
    /// No: it would fail there too, or the caller must decide.
    Never,
    /// Yes.
    Yes,
    /// Only one with a larger context window.
    LargerWindow,
}

impl ErrorKind {
    /// The table. No other place in the program decides what a failure leads to.
    #[rustfmt::skip]
    pub const fn consequence(self) -> Consequence {
        use CircuitEffect as E;
        use Code as C;
        use ErrorReason as R;
        use NextModel as N;
        use SameModel as S;
        use suspension as why;
        let (same_model, next_model, circuit, code, reason) = match self {
            Self::Throttled            => (S::IfLast,              N::Yes,          E::Suspends(why::THROTTLED),       C::ResourceExhausted,  R::UpstreamThrottled),
            Self::DailyQuota           => (S::Never,               N::Yes,          E::Suspends(why::DAILY_QUOTA),     C::ResourceExhausted,  R::UpstreamQuotaExceeded),
            Self::Quota                => (S::Never,               N::Yes,          E::Suspends(why::QUOTA),           C::ResourceExhausted,  R::UpstreamQuotaExceeded),
            Self::NotReady             => (S::Yes,                 N::Yes,          E::Suspends(why::NOT_READY),       C::Unavailable,        R::UpstreamModelNotReady),
            Self::Unavailable          => (S::Yes,                 N::Yes,          E::Counts,                         C::Unavailable,        R::UpstreamUnavailable),
            Self::Internal             => (S::Yes,                 N::Yes,          E::Counts,                         C::Unavailable,        R::UpstreamInternal),
            Self::Unreachable          => (S::Yes,                 N::Yes,          E::Counts,                         C::Unavailable,        R::UpstreamUnreachable),
            Self::OutOfConnections     => (S::Yes,                 N::Never,        E::Nothing,                        C::Unavailable,        R::Overloaded),
            Self::ModelTimeout         => (S::Never,               N::Yes,          E::Counts,                         C::DeadlineExceeded,   R::UpstreamModelTimeout),
            Self::AttemptTimeout       => (S::Never,               N::Yes,          E::Counts,                         C::DeadlineExceeded,   R::AttemptTimeout),
            Self::ModelError           => (S::Once,                N::Yes,          E::Counts,                         C::Unavailable,        R::UpstreamModelError),
            Self::ModelRejected        => (S::Never,               N::Never,        E::Nothing,                        C::InvalidArgument,    R::UpstreamValidationFailed),
            Self::AccessDenied         => (S::Never,               N::Yes,          E::Suspends(why::ACCESS_DENIED),   C::FailedPrecondition, R::UpstreamAccessDenied),
            Self::PromptCachingRefused => (S::WithoutCachePoints,  N::Yes,          E::Nothing,                        C::FailedPrecondition, R::UpstreamAccessDenied),
            Self::Credentials          => (S::Once,                N::Never,        E::Nothing,                        C::FailedPrecondition, R::UpstreamCredentialsInvalid),
            Self::NotFound             => (S::Never,               N::Yes,          E::Suspends(why::NOT_FOUND),       C::FailedPrecondition, R::UpstreamResourceNotFound),
            Self::UseCaseMissing       => (S::Never,               N::Yes,          E::Suspends(why::USE_CASE_MISSING), C::FailedPrecondition, R::UpstreamResourceNotFound),
            Self::Legacy               => (S::Never,               N::Yes,          E::Suspends(why::LEGACY),          C::FailedPrecondition, R::UpstreamResourceNotFound),
            Self::EndOfLife            => (S::Never,               N::Yes,          E::Suspends(why::END_OF_LIFE),     C::FailedPrecondition, R::UpstreamResourceNotFound),
            Self::NeedsProfile         => (S::Never,               N::Yes,          E::Suspends(why::NEEDS_PROFILE),   C::FailedPrecondition, R::UpstreamResourceNotFound),
            Self::ContextTooLong       => (S::Never,               N::LargerWindow, E::Nothing,                        C::InvalidArgument,    R::UpstreamContextWindowExceeded),
            Self::FieldRefused         => (S::WithoutRefused,      N::Yes,          E::Nothing,                        C::InvalidArgument,    R::UpstreamValidationFailed),
            Self::CannotCount          => (S::Never,               N::Never,        E::Nothing,                        C::FailedPrecondition, R::CapabilityUnsupported),
            Self::Validation           => (S::Never,               N::Never,        E::Nothing,                        C::InvalidArgument,    R::UpstreamValidationFailed),
            Self::InvalidRequest       => (S::Never,               N::Never,        E::Nothing,                        C::InvalidArgument,    R::InvalidRequest),
            Self::UnknownClient        => (S::Never,               N::Yes,          E::Nothing,                        C::InvalidArgument,    R::UpstreamValidationFailed),
            Self::UnknownServer        => (S::Once,                N::Yes,          E::Counts,                         C::Unavailable,        R::UpstreamProtocolError),
            Self::BadAnswer            => (S::Once,                N::Yes,          E::Counts,                         C::Unavailable,        R::UpstreamProtocolError),
            Self::Truncated            => (S::Once,                N::Yes,          E::Counts,                         C::Unavailable,        R::UpstreamStreamTruncated),
        };
        Consequence { same_model, next_model, circuit, code, reason }
    }
}

impl ProviderError {
    /// A failure that the gateway found itself.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            upstream_error: Cow::Borrowed(""),
            request_id: String::new(),
            retry_after: None,
            refused: None,
            origin: None,
            completion: None,
            cut_short: false,
            source: None,
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderError")
            .field("kind", &self.kind)
            .field("upstream_error", &self.upstream_error)
            .field("request_id", &self.request_id)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl Error for ProviderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
