//! What to do about a failure: one sentence for each reason, or else for each code.

use tonic::Code;

use crate::proto::ErrorReason;
use crate::reasons::Guidance;
use crate::reasons::guidance;

/// What to do when the gateway gives this reason.
pub(super) fn advice_for_reason(reason: ErrorReason) -> Option<&'static str> {
    guidance(reason).map(Guidance::advice)
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
