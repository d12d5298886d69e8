//! What to do about a failure: one sentence for each reason.

use tonic::Code;

use crate::proto::ErrorReason;

/// What to do when the gateway gives this reason.
#[expect(
    clippy::too_many_lines,
    reason = "one row for each reason reads best in one table"
)]
pub(super) fn advice_for_reason(reason: ErrorReason) -> Option<&'static str> {
    Some(match reason {
        ErrorReason::Unspecified => return None,
        ErrorReason::InvalidRequest => "correct the fields above and call again",
        ErrorReason::ModelNotFound => "see `bedrock-gateway models` for the names there are",
        ErrorReason::ModelDisabled => "name another model, or ask the operator to turn it on",
        ErrorReason::ModelSuspended => {
            "earlier calls of the model failed; see the attempts for why, wait, or allow fallback to other models"
        }
        ErrorReason::CapabilityUnsupported => {
            "no model that may answer can do this; name one that can, see `bedrock-gateway models --json`"
        }
        ErrorReason::CallerUnauthenticated => "send credentials that the gateway knows",
        ErrorReason::CallerForbidden => {
            "ask the operator for the right to use this model or method"
        }
        ErrorReason::RateLimited => "you send more than the gateway allows you; wait and slow down",
        ErrorReason::Overloaded => "the gateway is at its limit; wait, or add instances",
        ErrorReason::NotServing => "the gateway is starting or stopping; call again in a moment",
        ErrorReason::DeadlineExceeded => {
            "give the call more time (--timeout), or ask for fewer tokens"
        }
        ErrorReason::AttemptTimeout => {
            "Bedrock was too slow; raise routing.attempt_timeout (BEDROCK_TIMEOUT), or stream"
        }
        ErrorReason::StreamInterrupted => {
            "the answer broke off; start over, what came so far cannot be continued"
        }
        ErrorReason::AllAttemptsFailed => {
            "the attempts failed for different reasons; see each above"
        }
        ErrorReason::Internal => "this is a defect of the gateway; report it with the request id",
        ErrorReason::UpstreamValidationFailed => {
            "the model refuses the request; its message above says which part"
        }
        ErrorReason::UpstreamContextWindowExceeded => {
            "shorten the conversation, or name a model with a larger context"
        }
        ErrorReason::UpstreamThrottled => {
            "the account's rate is used up; wait, allow fallback, or ask AWS for a higher quota"
        }
        ErrorReason::UpstreamQuotaExceeded => {
            "a quota of the account is used up, waiting briefly does not help; ask AWS to raise it"
        }
        ErrorReason::UpstreamAccessDenied => {
            "give the gateway's role bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream \
             on the model and its inference profile in every region of the profile; the account in \
             profile ARNs must be your own (registry.profile_account)"
        }
        ErrorReason::UpstreamCredentialsInvalid => {
            "AWS refuses the gateway's credentials: check that they are set, not expired, and that \
             its clock is right"
        }
        ErrorReason::UpstreamResourceNotFound => {
            "Bedrock does not know the id in the registry: check model id, inference profile and \
             region, and that model access was granted"
        }
        ErrorReason::UpstreamModelNotReady => "the model is being loaded; call again in a moment",
        ErrorReason::UpstreamModelError => "the model failed; call again, or allow fallback",
        ErrorReason::UpstreamModelTimeout => {
            "the model took too long; ask for fewer tokens, or stream"
        }
        ErrorReason::UpstreamInternal | ErrorReason::UpstreamUnavailable => {
            "Bedrock has trouble; call again later, or allow fallback"
        }
        ErrorReason::UpstreamUnreachable => {
            "the gateway cannot reach Bedrock: check its network, DNS, bedrock.endpoint and \
             bedrock.region"
        }
        ErrorReason::UpstreamProtocolError | ErrorReason::UpstreamStreamTruncated => {
            "Bedrock's answer was damaged; call again, and look for a proxy in between if it stays"
        }
        ErrorReason::FieldNotImplemented => {
            "leave the fields above out; this version cannot send them"
        }
        ErrorReason::ModelRetired => "the model is past its end of life; name its replacement",
        ErrorReason::ModelNotInRegion => {
            "the model is not offered in the gateway's region; name another, or change bedrock.region"
        }
    })
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
