//! The table: one row for each reason.

use super::own;
use super::upstream;
use crate::proto::ErrorReason;

/// What to do about a failure with a certain reason. Texts are clauses that stand alone: lower case
/// at the start, no full stop at the end.
#[derive(Debug)]
pub struct Guidance {
    /// When it happens.
    pub when: &'static str,
    /// What the program that called does, or who writes it.
    pub caller: &'static str,
    /// What those do who run the gateway; begins with "nothing" if they have no part in it.
    pub operator: &'static str,
    /// Who of the two can end it.
    pub actor: Actor,
    /// Whether the caller may send the same request again.
    pub repeat: Repeat,
    /// What the gateway does beside what the table of kinds of failure says; may be empty.
    pub gateway: &'static str,
}

/// Who can end a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The program that called, or who writes it.
    Caller,
    /// Those who run the gateway.
    Operator,
}

/// Whether the same request can succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// At once.
    AtOnce,
    /// After the delay that `google.rpc.RetryInfo` names.
    AfterDelay,
    /// Not before something was changed.
    AfterChange,
}

impl Guidance {
    /// What the one does who can end the failure.
    pub const fn advice(&self) -> &'static str {
        match self.actor {
            Actor::Caller => self.caller,
            Actor::Operator => self.operator,
        }
    }

    /// What those do who run the gateway and made the call themselves.
    pub fn advice_to_operator(&self) -> &'static str {
        if self.operator.starts_with("nothing") {
            self.caller
        } else {
            self.operator
        }
    }
}

/// What to do about a failure with this reason; `None` for a reason that says nothing.
pub const fn guidance(reason: ErrorReason) -> Option<&'static Guidance> {
    use ErrorReason as R;
    Some(match reason {
        R::Unspecified => return None,
        R::InvalidRequest => own::INVALID_REQUEST,
        R::ModelNotFound => own::MODEL_NOT_FOUND,
        R::ModelDisabled => own::MODEL_DISABLED,
        R::ModelSuspended => own::MODEL_SUSPENDED,
        R::CapabilityUnsupported => own::CAPABILITY_UNSUPPORTED,
        R::CallerUnauthenticated => own::CALLER_UNAUTHENTICATED,
        R::CallerForbidden => own::CALLER_FORBIDDEN,
        R::RateLimited => own::RATE_LIMITED,
        R::Overloaded => own::OVERLOADED,
        R::NotServing => own::NOT_SERVING,
        R::DeadlineExceeded => own::DEADLINE_EXCEEDED,
        R::AttemptTimeout => own::ATTEMPT_TIMEOUT,
        R::StreamInterrupted => own::STREAM_INTERRUPTED,
        R::AllAttemptsFailed => own::ALL_ATTEMPTS_FAILED,
        R::Internal => own::INTERNAL,
        R::UpstreamValidationFailed => upstream::VALIDATION_FAILED,
        R::UpstreamContextWindowExceeded => upstream::CONTEXT_WINDOW_EXCEEDED,
        R::UpstreamThrottled => upstream::THROTTLED,
        R::UpstreamQuotaExceeded => upstream::QUOTA_EXCEEDED,
        R::UpstreamAccessDenied => upstream::ACCESS_DENIED,
        R::UpstreamCredentialsInvalid => upstream::CREDENTIALS_INVALID,
        R::UpstreamResourceNotFound => upstream::RESOURCE_NOT_FOUND,
        R::UpstreamModelNotReady => upstream::MODEL_NOT_READY,
        R::UpstreamModelError => upstream::MODEL_ERROR,
        R::UpstreamModelTimeout => upstream::MODEL_TIMEOUT,
        R::UpstreamInternal => upstream::INTERNAL,
        R::UpstreamUnavailable => upstream::UNAVAILABLE,
        R::UpstreamUnreachable => upstream::UNREACHABLE,
        R::UpstreamProtocolError => upstream::PROTOCOL_ERROR,
        R::UpstreamStreamTruncated => upstream::STREAM_TRUNCATED,
        R::FieldNotImplemented => own::FIELD_NOT_IMPLEMENTED,
        R::ModelRetired => own::MODEL_RETIRED,
        R::ModelNotInRegion => own::MODEL_NOT_IN_REGION,
    })
}
