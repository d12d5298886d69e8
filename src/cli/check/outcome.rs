//! What became of one call: a line for people, an object for programs, and the exit code.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tonic::Code;
use tonic::Status;

use super::reporter::Reporter;
use crate::cli::advice::advice_for_operator;
use crate::cli::exit_code::Exit;
use crate::cli::failure;
use crate::cli::ledger;
use crate::proto::Cost;
use crate::proto::ErrorReason;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeResponse;
use crate::proto::attempt::State;

/// What became of one call.
pub(super) struct Outcome {
    /// The model that was asked for; empty for the default one.
    pub(super) asked: String,
    /// From the request to the answer.
    pub(super) latency: Duration,
    /// The answer.
    pub(super) result: Result<InvokeResponse, Box<Status>>,
}

impl Outcome {
    /// Tells people.
    pub(super) fn report(&self, reporter: &mut Reporter<'_>) -> io::Result<()> {
        let milliseconds = self.latency.as_millis();
        match &self.result {
            Ok(response) => {
                let summary = ledger::summary(&self.metadata(), response.stop_reason());
                reporter.passed(&format!("{summary} · {milliseconds} ms"))
            }
            Err(status) => {
                let text = format!("{} · {milliseconds} ms", self.failure(status));
                let exit = exit_of(failure::reason(status), status.code());
                reporter.failed(&text, &advice(status), exit)
            }
        }
    }

    /// What the call cost, failed attempts included; `None` if that is not known.
    pub(super) fn total_cost(&self) -> Option<Cost> {
        self.metadata().total_cost
    }

    /// Whether AWS itself said what is wrong.
    pub(super) fn is_refused_by_aws(&self) -> bool {
        match &self.result {
            Ok(_) => false,
            Err(status) => !failure::upstream_error(status).is_empty(),
        }
    }

    /// Tells programs.
    pub(super) fn json(&self) -> Value {
        let latency_ms = u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX);
        match &self.result {
            Ok(response) => json!({
                "model": self.model(),
                "state": "answered",
                "latencyMs": latency_ms,
                "stopReason": response.stop_reason().as_str_name(),
                "metadata": ledger::metadata_json(&self.metadata()),
            }),
            Err(status) => {
                let mut value = json!({
                    "model": self.model(),
                    "state": "failed",
                    "latencyMs": latency_ms,
                });
                let mut members = failure::json(status);
                if let Some(error) = members.get_mut("error").and_then(Value::as_object_mut) {
                    error.insert("advice".to_owned(), advice(status).into());
                }
                if let (Some(value), Value::Object(members)) = (value.as_object_mut(), members) {
                    value.extend(members);
                }
                value
            }
        }
    }

    fn failure(&self, status: &Status) -> String {
        let reason = failure::reason(status).map(|reason| reason.as_str_name());
        let reason = reason.map_or_else(
            || failure::code_name(status),
            |name| name.trim_start_matches("ERROR_REASON_").to_owned(),
        );
        let mut text = format!("{}: {reason}", self.model());
        let upstream_error = failure::upstream_error(status);
        if !upstream_error.is_empty() {
            let _ = write!(text, " ({upstream_error})");
        }
        let _ = write!(text, ": {}", status.message());
        let made = self.metadata().attempts;
        let made = made
            .iter()
            .filter(|attempt| attempt.state() != State::Skipped)
            .count();
        if made > 1 {
            let _ = write!(text, " · {made} attempts");
        }
        text
    }

    /// The model that was called, as far as that is known.
    fn model(&self) -> String {
        let metadata = self.metadata();
        let called = metadata.attempts.last().map(|attempt| &attempt.model);
        let name = called.unwrap_or(&self.asked);
        if name.is_empty() {
            "the default model".to_owned()
        } else {
            name.clone()
        }
    }

    fn metadata(&self) -> InvocationMetadata {
        let metadata = match &self.result {
            Ok(response) => response.metadata.clone(),
            Err(status) => failure::invocation_failure(status).and_then(|failure| failure.metadata),
        };
        metadata.unwrap_or_default()
    }
}

/// What an operator does about it, who knows more than a caller: how AWS named its exception.
fn advice(status: &Status) -> String {
    let exception = failure::upstream_error(status);
    failure::reason(status)
        .and_then(|reason| advice_for_operator(reason, &exception))
        .unwrap_or_else(|| failure::advice(status).to_owned())
}

/// The exit code for a failed call.
fn exit_of(reason: Option<ErrorReason>, code: Code) -> Exit {
    match reason {
        Some(ErrorReason::ModelNotFound) => Exit::Usage,
        Some(ErrorReason::UpstreamUnreachable) => Exit::Unavailable,
        Some(
            ErrorReason::UpstreamAccessDenied
            | ErrorReason::UpstreamCredentialsInvalid
            | ErrorReason::CallerUnauthenticated
            | ErrorReason::CallerForbidden,
        ) => Exit::NotPermitted,
        Some(
            ErrorReason::UpstreamThrottled
            | ErrorReason::UpstreamQuotaExceeded
            | ErrorReason::UpstreamModelNotReady
            | ErrorReason::UpstreamUnavailable
            | ErrorReason::UpstreamInternal
            | ErrorReason::UpstreamModelError
            | ErrorReason::UpstreamModelTimeout
            | ErrorReason::AttemptTimeout
            | ErrorReason::DeadlineExceeded
            | ErrorReason::ModelSuspended
            | ErrorReason::RateLimited
            | ErrorReason::Overloaded
            | ErrorReason::NotServing,
        ) => Exit::TryLater,
        Some(
            ErrorReason::Unspecified
            | ErrorReason::InvalidRequest
            | ErrorReason::ModelDisabled
            | ErrorReason::CapabilityUnsupported
            | ErrorReason::StreamInterrupted
            | ErrorReason::AllAttemptsFailed
            | ErrorReason::Internal
            | ErrorReason::UpstreamValidationFailed
            | ErrorReason::UpstreamContextWindowExceeded
            | ErrorReason::UpstreamResourceNotFound
            | ErrorReason::UpstreamProtocolError
            | ErrorReason::UpstreamStreamTruncated
            | ErrorReason::FieldNotImplemented
            | ErrorReason::ModelRetired
            | ErrorReason::ModelNotInRegion,
        ) => Exit::Failure,
        None if code == Code::Unavailable => Exit::Unavailable,
        None => Exit::Failure,
    }
}
