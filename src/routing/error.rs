//! Why a call failed as a whole, and what was tried.

use std::time::Duration;

use tonic::Code;

use crate::proto::Attempt;
use crate::proto::AttemptError;
use crate::proto::ErrorReason;
use crate::proto::InvocationMetadata;
use crate::proto::attempt::State;
use crate::provider::ErrorKind;
use crate::provider::Origin;
use crate::routing::adapt::Skip;
use crate::routing::ledger::Ledger;

/// A call that no model answered.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteError {
    /// The gRPC status code.
    pub code: Code,
    /// The machine-readable cause.
    pub reason: ErrorReason,
    /// The cause for a developer: never a credential or an ARN, and the upstream's own words only
    /// where they are about the caller's request.
    pub message: String,
    /// Facts of the message, for programs: keys of `google.rpc.ErrorInfo.metadata`.
    pub facts: Vec<(&'static str, String)>,
    /// How long to wait before the same call can succeed, if waiting helps.
    pub retry_after: Option<Duration>,
    /// What was tried; `None` if it did not come to that. Boxed: most calls succeed.
    pub metadata: Option<Box<InvocationMetadata>>,
    /// Whether content had already been sent.
    pub output_started: bool,
}

/// The wait to suggest when the upstream suggested none.
const DEFAULT_RETRY_DELAY: Duration = Duration::from_secs(1);

impl Skip {
    /// The status code of a call that ends because of this alone.
    pub(super) fn code(&self) -> Code {
        code_of(self.reason)
    }
}

impl RouteError {
    /// A failure before anything was tried.
    pub fn new(reason: ErrorReason, message: String) -> Self {
        Self {
            code: code_of(reason),
            reason,
            message,
            facts: Vec::new(),
            retry_after: None,
            metadata: None,
            output_started: false,
        }
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn with_fact(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.facts.push((key, value.into()));
        self
    }

    /// The deadline passed.
    pub(super) fn deadline() -> Self {
        let message = "the deadline passed before the answer was complete";
        Self::new(ErrorReason::DeadlineExceeded, message.to_owned())
    }

    /// The deadline passed before the request was complete.
    pub fn request_incomplete() -> Self {
        let message = "the deadline passed before the request had arrived";
        Self::new(ErrorReason::DeadlineExceeded, message.to_owned())
    }

    /// The process is ending.
    pub fn not_serving() -> Self {
        let message = "the gateway is shutting down";
        let mut error = Self::new(ErrorReason::NotServing, message.to_owned());
        error.retry_after = Some(Duration::from_millis(200));
        error
    }

    /// The stream broke after content was sent.
    pub(super) fn interrupted(ledger: &Ledger) -> Self {
        let mut attempts = ledger.attempts().iter().rev();
        let cause = attempts.find(|attempt| failed(attempt));
        let cause = cause.map_or("", attempt_message);
        let message = format!("the stream broke after content was sent: {cause}");
        let mut error = Self::new(ErrorReason::StreamInterrupted, message);
        error.describe_last(ledger);
        error
    }

    /// Every candidate failed or was skipped.
    pub(super) fn exhausted(ledger: &Ledger) -> Self {
        let failures = ledger.failures();
        let Some((&first, rest)) = failures.split_first() else {
            return Self::all_skipped(ledger);
        };
        let reason = first.consequence().reason;
        let mut error = if rest.iter().all(|kind| kind.consequence().reason == reason) {
            let message = ledger
                .attempts()
                .iter()
                .rev()
                .find(|attempt| failed(attempt));
            let message = message.map_or("", attempt_message).to_owned();
            let mut error = Self::new(reason, message);
            error.code = first.consequence().code;
            error
        } else {
            let message = format!(
                "all {} attempts failed, for different reasons",
                failures.len()
            );
            let mut error = Self::new(ErrorReason::AllAttemptsFailed, message);
            let passing = failures.iter().any(|kind| passes_by_itself(*kind));
            error.code = if passing {
                Code::Unavailable
            } else {
                first.consequence().code
            };
            error
        };
        if failures.iter().any(|kind| passes_by_itself(*kind)) {
            error.retry_after = Some(ledger.retry_after().unwrap_or(DEFAULT_RETRY_DELAY));
        }
        error.describe_last(ledger);
        error
    }

    /// Models that are suspended will answer later. Those that cannot be called by anybody say less
    /// than those that do not suit the request.
    fn all_skipped(ledger: &Ledger) -> Self {
        if let Some(wait) = ledger.next_try() {
            let message =
                format!("every model that could answer is suspended; next try in {wait:.1?}");
            return Self {
                retry_after: Some(wait),
                ..Self::new(ErrorReason::ModelSuspended, message)
            };
        }
        let skips = || {
            let attempts = ledger.attempts().iter();
            attempts.filter_map(|attempt| attempt.error.as_ref())
        };
        let unsuited = || skips().filter(|skip| is_about_the_request(skip.reason()));
        let first = unsuited().next().or_else(|| skips().next());
        let reason = first.map_or(ErrorReason::CapabilityUnsupported, AttemptError::reason);
        let is_only_reason = if is_about_the_request(reason) {
            unsuited().all(|skip| skip.reason() == reason)
        } else {
            skips().all(|skip| skip.reason() == reason)
        };
        match first {
            Some(first) if is_only_reason => Self::new(reason, first.message.clone()),
            _ => {
                let mut reasons: Vec<&str> = Vec::new();
                for skip in skips() {
                    let name = skip.reason().as_str_name();
                    let name = name.trim_start_matches("ERROR_REASON_");
                    if !reasons.contains(&name) {
                        reasons.push(name);
                    }
                }
                let message = format!(
                    "every model is passed over, for different reasons: {}; see the attempts",
                    reasons.join(", ")
                );
                Self::new(ErrorReason::CapabilityUnsupported, message)
            }
        }
    }

    fn describe_last(&mut self, ledger: &Ledger) {
        self.facts.push(("attempts", ledger.calls().to_string()));
        let Some(attempt) = ledger
            .attempts()
            .iter()
            .rev()
            .find(|attempt| failed(attempt))
        else {
            return;
        };
        let upstream_error = attempt
            .error
            .as_ref()
            .map(|error| error.upstream_error.as_str());
        for (key, value) in [
            ("model", attempt.model.as_str()),
            ("region", attempt.region.as_str()),
            ("upstreamError", upstream_error.unwrap_or_default()),
            ("upstreamRequestId", attempt.upstream_request_id.as_str()),
        ] {
            if !value.is_empty() {
                self.facts.push((key, value.to_owned()));
            }
        }
        self.facts
            .extend(ledger.origin().into_iter().flat_map(Origin::facts));
    }
}

/// Whether a model was passed over because of what the request holds.
fn is_about_the_request(reason: ErrorReason) -> bool {
    matches!(
        reason,
        ErrorReason::CapabilityUnsupported | ErrorReason::UpstreamContextWindowExceeded
    )
}

fn failed(attempt: &Attempt) -> bool {
    attempt.state() == State::Failed
}

fn attempt_message(attempt: &Attempt) -> &str {
    attempt
        .error
        .as_ref()
        .map_or("", |error| error.message.as_str())
}

/// Whether the same call may well succeed later without anybody doing anything.
fn passes_by_itself(kind: ErrorKind) -> bool {
    let consequence = kind.consequence();
    kind == ErrorKind::Throttled
        || matches!(consequence.code, Code::Unavailable | Code::DeadlineExceeded)
}

/// The status code of each cause that the gateway itself finds.
const fn code_of(reason: ErrorReason) -> Code {
    use ErrorReason as R;
    match reason {
        R::InvalidRequest | R::UpstreamValidationFailed | R::UpstreamContextWindowExceeded => {
            Code::InvalidArgument
        }
        R::ModelNotFound => Code::NotFound,
        R::ModelDisabled
        | R::ModelRetired
        | R::ModelNotInRegion
        | R::CapabilityUnsupported
        | R::UpstreamAccessDenied
        | R::UpstreamCredentialsInvalid
        | R::UpstreamResourceNotFound => Code::FailedPrecondition,
        R::CallerUnauthenticated => Code::Unauthenticated,
        R::CallerForbidden => Code::PermissionDenied,
        R::RateLimited | R::UpstreamThrottled | R::UpstreamQuotaExceeded => Code::ResourceExhausted,
        R::DeadlineExceeded | R::AttemptTimeout | R::UpstreamModelTimeout => Code::DeadlineExceeded,
        R::StreamInterrupted => Code::Aborted,
        R::FieldNotImplemented => Code::Unimplemented,
        R::Internal | R::Unspecified => Code::Internal,
        R::ModelSuspended
        | R::Overloaded
        | R::NotServing
        | R::AllAttemptsFailed
        | R::UpstreamModelNotReady
        | R::UpstreamModelError
        | R::UpstreamInternal
        | R::UpstreamUnavailable
        | R::UpstreamUnreachable
        | R::UpstreamProtocolError
        | R::UpstreamStreamTruncated => Code::Unavailable,
    }
}
