//! A failed call as a type: what failed, why, what was tried, when to come again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use prost::Message;
use tonic::Code;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic_types::pb;
use tonic_types::pb::bad_request::FieldViolation;
use tonic_types::pb::quota_failure;

use super::retry::Pushback;
use crate::proto::Attempt;
use crate::proto::ErrorReason;
use crate::proto::InvocationFailure;

const REQUEST_ID: &str = "x-request-id";
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// Why a call has no answer, or not all of one.
///
/// Holds nothing of the prompt or the answer beside what the gateway says of them: a field's path,
/// and the words with which a model refused it.
pub struct Error(Box<Inner>);

struct Inner {
    cause: Cause,
    status: Status,
    info: Option<pb::ErrorInfo>,
    request_id: String,
    retry_delay: Option<Duration>,
    field_violations: Vec<FieldViolation>,
    quota_violations: Vec<quota_failure::Violation>,
    failure: Option<InvocationFailure>,
}

/// Who says that a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The gateway, or something in between that speaks gRPC.
    Gateway,
    /// Nobody: there is no connection, or it broke.
    Connection,
    /// Nobody within the time of the call and a second more.
    Silence,
    /// This client: the gateway broke a promise of the API, such as a stream that ends with OK
    /// before its last event.
    BrokenPromise,
    /// This client: what it was told cannot be sent, such as metadata that is no ASCII.
    Input,
}

impl Error {
    /// What a status says.
    pub(super) fn of_status(status: Status) -> Self {
        // A status that came over the wire has no source.
        let source = std::error::Error::source(&status).map(innermost);
        let (cause, status) = match source {
            None => (Cause::Gateway, status),
            Some(source) if status.code() == Code::Unknown => {
                let mut unavailable =
                    Status::unavailable(format!("the connection broke: {source}"));
                unavailable.set_source(Arc::new(status));
                (Cause::Connection, unavailable)
            }
            Some(_) => (Cause::Connection, status),
        };
        let mut inner = Inner {
            cause,
            info: None,
            request_id: text(status.metadata(), REQUEST_ID),
            retry_delay: None,
            field_violations: Vec::new(),
            quota_violations: Vec::new(),
            failure: None,
            status,
        };
        inner.decode();
        Self(Box::new(inner))
    }

    pub(super) fn silence(timeout: Duration) -> Self {
        let message = format!("no complete answer within {timeout:?}, and no word why");
        Self::own(Cause::Silence, Code::DeadlineExceeded, message)
    }

    pub(super) fn broken_promise(message: impl Into<String>) -> Self {
        Self::own(Cause::BrokenPromise, Code::DataLoss, message)
    }

    pub(super) fn input(message: impl Into<String>) -> Self {
        Self::own(Cause::Input, Code::InvalidArgument, message)
    }

    fn own(cause: Cause, code: Code, message: impl Into<String>) -> Self {
        let mut error = Self::of_status(Status::new(code, message));
        error.0.cause = cause;
        error
    }

    /// Who says so.
    pub fn cause(&self) -> Cause {
        self.0.cause
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        self.0.status.code()
    }

    /// The machine-readable cause; unspecified if the gateway gave none that is known here.
    pub fn reason(&self) -> ErrorReason {
        let name = format!("ERROR_REASON_{}", self.reason_name());
        ErrorReason::from_str_name(&name).unwrap_or(ErrorReason::Unspecified)
    }

    /// The same as the gateway spells it, such as `UPSTREAM_THROTTLED`; empty if it gave none. A
    /// newer gateway may give one that is not known here.
    pub fn reason_name(&self) -> &str {
        self.0.info.as_ref().map_or("", |info| &info.reason)
    }

    /// One sentence for people. Programs decide by [`Error::reason`].
    pub fn message(&self) -> &str {
        self.0.status.message()
    }

    /// By which the gateway's log knows the call; empty if the gateway did not answer.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// How long to wait before the same request is worth another try; `None` if waiting does not
    /// help, or if nobody knows.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.0.retry_delay
    }

    /// Every field of the request that is wrong, by path, such as `messages[2].content[0].image`.
    pub fn field_violations(&self) -> &[FieldViolation] {
        &self.0.field_violations
    }

    /// The limits of the gateway that were exceeded.
    pub fn quota_violations(&self) -> &[quota_failure::Violation] {
        &self.0.quota_violations
    }

    /// A fact of the message for programs, by its key: `model`, `region`, `field`, `replacement`,
    /// `upstreamError` and others, which the comments of [`ErrorReason`] list.
    pub fn fact(&self, key: &str) -> Option<&str> {
        let info = self.0.info.as_ref()?;
        info.metadata.get(key).map(String::as_str)
    }

    /// The place in this project's documentation that says what to do, such as
    /// `docs/errors.md#upstream_throttled`.
    pub fn help(&self) -> Option<&str> {
        self.fact("help")
    }

    /// What was tried; `None` if it did not come to an attempt.
    pub fn invocation_failure(&self) -> Option<&InvocationFailure> {
        self.0.failure.as_ref()
    }

    /// One line per model that was tried or passed over, in order.
    pub fn attempts(&self) -> &[Attempt] {
        let metadata = self.0.failure.as_ref().and_then(|it| it.metadata.as_ref());
        metadata.map_or(&[], |metadata| &metadata.attempts)
    }

    /// Whether a part of the answer came before the failure. It may be billed.
    pub fn output_started(&self) -> bool {
        self.0.failure.as_ref().is_some_and(|it| it.output_started)
    }

    /// Whether the request is at fault: the same one fails again. [`Error::field_violations`] says
    /// where.
    pub fn is_invalid_request(&self) -> bool {
        self.code() == Code::InvalidArgument
    }

    /// Whether a rate or quota was exceeded, the caller's or the account's.
    pub fn is_throttled(&self) -> bool {
        self.code() == Code::ResourceExhausted
    }

    /// Whether the time of the call was too short.
    pub fn is_deadline_exceeded(&self) -> bool {
        self.code() == Code::DeadlineExceeded
    }

    /// Whether no model has the name that was asked for.
    pub fn is_unknown_model(&self) -> bool {
        self.code() == Code::NotFound
    }

    /// Whether a stream broke after it had begun. Start over: what came is not a whole answer.
    pub fn is_interrupted(&self) -> bool {
        self.code() == Code::Aborted
    }

    /// Whether nothing can be reached or is ready: the gateway, or every model behind it.
    pub fn is_unavailable(&self) -> bool {
        self.code() == Code::Unavailable
    }

    /// Whether the same request may be answered later, without anybody changing anything. After
    /// [`Error::retry_delay`] if there is one. The client has made the retries that are safe without
    /// being told; another one may be billed again.
    pub fn may_pass(&self) -> bool {
        self.retry_delay().is_some()
            || matches!(
                self.code(),
                Code::Unavailable | Code::Aborted | Code::DeadlineExceeded
            )
    }

    /// The status as it came, for libraries that want one.
    pub fn status(&self) -> &Status {
        &self.0.status
    }

    /// The same, taken out.
    pub fn into_status(self) -> Status {
        self.0.status
    }

    pub(super) fn pushback(&self) -> Pushback {
        let trailer = self.0.status.metadata().get(PUSHBACK);
        Pushback::parse(trailer.map(|value| value.as_bytes()))
    }
}

impl Inner {
    fn decode(&mut self) {
        let Ok(status) = pb::Status::decode(self.status.details()) else {
            return;
        };
        for detail in status.details {
            let value = detail.value.as_slice();
            let name = detail.type_url.rsplit('/').next().unwrap_or_default();
            match name {
                "google.rpc.ErrorInfo" => self.info = pb::ErrorInfo::decode(value).ok(),
                "google.rpc.RequestInfo" => {
                    if let Ok(info) = pb::RequestInfo::decode(value) {
                        self.request_id = info.request_id;
                    }
                }
                "google.rpc.RetryInfo" => {
                    let info = pb::RetryInfo::decode(value).ok();
                    let delay = info.and_then(|info| info.retry_delay);
                    self.retry_delay = delay.and_then(|delay| delay.try_into().ok());
                }
                "google.rpc.BadRequest" => {
                    let request = pb::BadRequest::decode(value).unwrap_or_default();
                    self.field_violations = request.field_violations;
                }
                "google.rpc.QuotaFailure" => {
                    let failure = pb::QuotaFailure::decode(value).unwrap_or_default();
                    self.quota_violations = failure.violations;
                }
                "bedrock.gateway.v1.InvocationFailure" => {
                    self.failure = InvocationFailure::decode(value).ok();
                }
                _ => {}
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason_name() {
            "" => write!(f, "{}: {}", code_name(self.code()), self.message())?,
            reason => write!(
                f,
                "{reason} ({}): {}",
                code_name(self.code()),
                self.message()
            )?,
        }
        for violation in self.field_violations() {
            write!(f, "; {}: {}", violation.field, violation.description)?;
        }
        let tried = self.attempts().iter().filter_map(|attempt| {
            let reason = attempt.error.as_ref()?.reason().as_str_name();
            let reason = reason.trim_start_matches("ERROR_REASON_");
            Some(format!("{} {reason}", attempt.model))
        });
        let tried: Vec<_> = tried.collect();
        if !tried.is_empty() {
            write!(f, "; tried: {}", tried.join(", "))?;
        }
        if let Some(delay) = self.retry_delay() {
            write!(f, "; retry after {delay:?}")?;
        }
        if !self.request_id().is_empty() {
            write!(f, "; request {}", self.request_id())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}, {self})", self.cause())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.0.status)
    }
}

/// "RESOURCE_EXHAUSTED".
pub(super) fn code_name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

fn text(metadata: &MetadataMap, key: &str) -> String {
    let value = metadata.get(key).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// The cause that says most: "connection refused" rather than "transport error".
pub(super) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
