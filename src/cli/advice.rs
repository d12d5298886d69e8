//! What to do about a failure: one sentence for each reason, or else for each code.

use tonic::Code;

use crate::app::Unreachable;
use crate::app::advice_on_credentials;
use crate::app::advice_on_target;
use crate::proto::ErrorReason;
use crate::reasons::Guidance;
use crate::reasons::guidance;

/// What to do when the gateway gives this reason.
pub(super) fn advice_for_reason(reason: ErrorReason) -> Option<&'static str> {
    guidance(reason).map(Guidance::advice)
}

/// What an operator does, who can do more than a caller, when AWS named its exception so.
pub(super) fn advice_for_operator(reason: ErrorReason, exception: &str) -> Option<String> {
    if exception.is_empty() {
        return None;
    }
    if reason == ErrorReason::UpstreamCredentialsInvalid {
        let advice = advice_on_credentials(exception, false);
        return Some(format!("AWS rejects the gateway's credentials: {advice}"));
    }
    if reason == ErrorReason::UpstreamResourceNotFound {
        return advice_on_target(exception).map(str::to_owned);
    }
    // Callers are told to wait.
    let is_throttled = reason == ErrorReason::UpstreamThrottled;
    let row = guidance(reason).filter(|_| is_throttled);
    row.map(|row| row.operator.to_owned())
}

/// What to do when the way to Bedrock's endpoint ends early.
pub(super) fn advice_for_endpoint(unreachable: &Unreachable) -> &'static str {
    match unreachable {
        Unreachable::Endpoint { .. } => "correct bedrock.region or bedrock.endpoint",
        Unreachable::Name { .. } => {
            "check that bedrock.region is a region of AWS in which Bedrock is offered, the host in \
             bedrock.endpoint, and the DNS of this machine"
        }
        Unreachable::Connection { .. } => {
            "check routes, security groups and firewalls between here and there, the VPC endpoint \
             if there is one, and bedrock.endpoint; a slow way needs a longer \
             bedrock.connect_timeout"
        }
        Unreachable::Answer { .. } => {
            "check whether a proxy or firewall in between breaks or replaces TLS, whether this \
             machine trusts the certificate, and whether bedrock.endpoint is one of Bedrock"
        }
    }
}

/// What to do when there is a code but no reason: something between here and the gateway spoke.
pub(super) fn advice_for_code(code: Code) -> &'static str {
    match code {
        Code::Cancelled | Code::DeadlineExceeded => {
            "nothing came in time; give the call more time (--timeout), or look at the gateway's logs"
        }
        Code::Unavailable => "the connection broke; is the gateway still running?",
        Code::Unimplemented => "what answers there is no bedrock-gateway, or another version of it",
        Code::OutOfRange | Code::ResourceExhausted => {
            "a message is larger than allowed; see server.max_message_size"
        }
        Code::Ok
        | Code::Unknown
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::Internal
        | Code::DataLoss
        | Code::Unauthenticated => "look at the gateway's logs, or at a proxy in between",
    }
}
