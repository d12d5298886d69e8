//! What became of one call: a line for people, an object for programs, and the exit code.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tonic::Code;
use tonic::Status;

use super::reporter::Reporter;
use crate::cli::advice::UNKNOWN_OPERATION;
use crate::cli::advice::advice_for_operator;
use crate::cli::exit_code::Exit;
use crate::cli::failure;
use crate::cli::ledger;
use crate::proto::AttemptError;
use crate::proto::Cost;
use crate::proto::ErrorReason;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeResponse;
use crate::proto::attempt::State;
use crate::reasons::Repeat;
use crate::reasons::guidance;

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
                let mut text = format!("{} · {milliseconds} ms", self.failure(status));
                for line in self.trail() {
                    let _ = write!(text, "\n{line}");
                }
                let reason = failure::reason(status);
                let exit = exit_of(reason, status.code(), &failure::upstream_error(status));
                if reason == Some(ErrorReason::ModelSuspended) {
                    return reporter.failed_for_a_cause(&text, &advice(status), exit);
                }
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

    /// The attempts, if they failed for different reasons.
    fn trail(&self) -> Vec<String> {
        let attempts = self.metadata().attempts;
        let mut reasons = attempts
            .iter()
            .filter_map(|attempt| attempt.error.as_ref())
            .map(AttemptError::reason);
        let first = reasons.next();
        if reasons.all(|reason| Some(reason) == first) {
            return Vec::new();
        }
        ledger::trail(&attempts)
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
fn exit_of(reason: Option<ErrorReason>, code: Code, exception: &str) -> Exit {
    if exception == UNKNOWN_OPERATION {
        return Exit::Configuration;
    }
    let Some(reason) = reason else {
        return match code {
            Code::Unavailable => Exit::Unavailable,
            _ => Exit::Failure,
        };
    };
    match reason {
        ErrorReason::ModelNotFound => Exit::Usage,
        ErrorReason::UpstreamUnreachable => Exit::Unavailable,
        ErrorReason::UpstreamAccessDenied
        | ErrorReason::UpstreamCredentialsInvalid
        | ErrorReason::CallerUnauthenticated
        | ErrorReason::CallerForbidden => Exit::NotPermitted,
        // Its code says whether any cause may pass.
        ErrorReason::AllAttemptsFailed if code != Code::Unavailable => Exit::Failure,
        // Every reason has a row.
        _ => match guidance(reason).map(|row| row.repeat) {
            Some(Repeat::AtOnce | Repeat::AfterDelay) => Exit::TryLater,
            Some(Repeat::AfterChange) | None => Exit::Failure,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Attempt;

    #[test]
    fn attempts_are_told_where_their_reasons_differ() {
        let outcome = |reasons: [ErrorReason; 2]| {
            let attempts = reasons.map(|reason| Attempt {
                model: "large".to_owned(),
                state: State::Failed.into(),
                error: Some(AttemptError {
                    reason: reason.into(),
                    ..AttemptError::default()
                }),
                ..Attempt::default()
            });
            let metadata = InvocationMetadata {
                attempts: attempts.into(),
                ..InvocationMetadata::default()
            };
            Outcome {
                asked: String::new(),
                latency: Duration::ZERO,
                result: Ok(InvokeResponse {
                    metadata: Some(metadata),
                    ..InvokeResponse::default()
                }),
            }
        };
        let (busy, slow) = (
            ErrorReason::UpstreamUnavailable,
            ErrorReason::AttemptTimeout,
        );

        let trail = outcome([busy, slow]).trail();

        assert_eq!(outcome([busy, busy]).trail(), Vec::<String>::new());
        assert_eq!(trail.len(), 2, "{trail:?}");
        assert!(
            trail[0].contains("large  UPSTREAM_UNAVAILABLE"),
            "{trail:?}"
        );
        assert!(trail[1].contains("large  ATTEMPT_TIMEOUT"), "{trail:?}");
    }

    #[test]
    fn exit_code_says_whether_the_same_call_may_succeed_later() {
        for (reason, code, exit) in [
            (ErrorReason::ModelNotFound, Code::NotFound, 2),
            (ErrorReason::UpstreamUnreachable, Code::Unavailable, 69),
            (
                ErrorReason::UpstreamAccessDenied,
                Code::FailedPrecondition,
                77,
            ),
            (ErrorReason::UpstreamThrottled, Code::ResourceExhausted, 75),
            (
                ErrorReason::UpstreamQuotaExceeded,
                Code::ResourceExhausted,
                1,
            ),
            (ErrorReason::DeadlineExceeded, Code::DeadlineExceeded, 1),
            (ErrorReason::UpstreamProtocolError, Code::Unavailable, 75),
            (ErrorReason::UpstreamStreamTruncated, Code::Unavailable, 75),
            (ErrorReason::StreamInterrupted, Code::Aborted, 75),
            (ErrorReason::AllAttemptsFailed, Code::Unavailable, 75),
            (ErrorReason::AllAttemptsFailed, Code::FailedPrecondition, 1),
            (ErrorReason::Unspecified, Code::Unknown, 1),
        ] {
            assert_eq!(exit_of(Some(reason), code, "").number(), exit, "{reason:?}");
        }
        assert_eq!(exit_of(None, Code::Unavailable, ""), Exit::Unavailable);
        assert_eq!(exit_of(None, Code::Internal, ""), Exit::Failure);
    }
}
