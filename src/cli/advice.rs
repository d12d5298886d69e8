//! What to do about a failure: one sentence for each reason, or else for each code.

use std::time::Duration;

use tonic::Code;

use crate::app::Unreachable;
use crate::app::advice_on_credentials;
use crate::app::advice_on_target;
use crate::proto::ErrorReason;
use crate::reasons::Guidance;
use crate::reasons::guidance;

/// How AWS names a call of something that it does not have at that address.
pub(super) const UNKNOWN_OPERATION: &str = "UnknownOperationException";

/// What to do when the gateway gives this reason.
pub(super) fn advice_for_reason(reason: ErrorReason) -> Option<&'static str> {
    guidance(reason).map(Guidance::advice)
}

/// What an operator does who made the call, and can do more than a caller. `exception` is how AWS
/// named the failure; empty if it did not come to that.
pub(super) fn advice_for_operator(reason: ErrorReason, exception: &str) -> Option<String> {
    if exception == UNKNOWN_OPERATION {
        let advice = "what answers is not Bedrock Runtime: correct bedrock.endpoint, which names \
                      another service or has a path too many";
        return Some(advice.to_owned());
    }
    if reason == ErrorReason::UpstreamCredentialsInvalid && !exception.is_empty() {
        let advice = advice_on_credentials(exception, false);
        return Some(format!("AWS rejects the gateway's credentials: {advice}"));
    }
    let own = match reason {
        ErrorReason::UpstreamResourceNotFound => advice_on_target(exception),
        ErrorReason::DeadlineExceeded => {
            Some("give the call more time (--timeout), or look at the latency of the model")
        }
        // A wrong name is more likely than a missing model.
        ErrorReason::ModelNotFound => advice_for_reason(reason),
        _ => None,
    };
    own.or_else(|| guidance(reason).map(Guidance::advice_to_operator))
        .map(str::to_owned)
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

/// What to do when a question about health fails; `is_late` if that took all of its time.
pub(super) fn advice_for_health(code: Code, is_late: bool, limit: Duration) -> String {
    match code {
        Code::Cancelled | Code::DeadlineExceeded if is_late => {
            format!("nothing was answered within {limit:?}; is it the gateway's port?")
        }
        // So does a connection end that breaks.
        Code::Cancelled => advice_for_code(Code::Unavailable).to_owned(),
        code => advice_for_code(code).to_owned(),
    }
}

/// What to do when there is a code but no reason: something between here and the gateway spoke.
pub(super) fn advice_for_code(code: Code) -> &'static str {
    match code {
        Code::Cancelled | Code::DeadlineExceeded => {
            "nothing came in time, or the connection broke; give the call more time (--timeout), or \
             look whether a gateway listens there"
        }
        Code::Unavailable | Code::Unknown | Code::Internal => {
            "the connection broke, or what answers there speaks no gRPC; is the gateway still \
             running, and is it its port?"
        }
        Code::Unimplemented => "what answers there is no bedrock-gateway, or another version of it",
        Code::OutOfRange | Code::ResourceExhausted => {
            "a message is larger than allowed; see server.max_message_size"
        }
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Aborted
        | Code::DataLoss
        | Code::Unauthenticated => "look at the gateway's logs, or at a proxy in between",
    }
}
