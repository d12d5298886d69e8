//! The SDK's errors as [`ProviderError`]: by the exception's name, refined by message only where
//! the table says so, otherwise by HTTP status.
//!
//! Decides only what kind of failure it is; what follows from it stands in `provider`.

use std::borrow::Cow;
use std::time::Duration;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::event_stream::RawMessage;

use super::name::Failure;
use super::transport::has_cause;
use super::transport::transport;
use super::upstream;
use super::upstream::UpstreamError;
use crate::bedrock::raw_frames::FrameTooLarge;
use crate::provider::ErrorKind;
use crate::provider::Origin;
use crate::provider::ProviderError;

/// Header with an exception's name, and behind a colon what it belongs to.
const ERROR_TYPE: &str = "x-amzn-errortype";

/// Longest wait that is believed; clients take a far longer one for a mistake.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Longest text of the upstream that a caller sees, in characters.
const MAX_MESSAGE: usize = 256;

/// A failed call, before any event.
pub(in crate::bedrock) fn call_error<E: UpstreamError>(
    error: SdkError<E, Response>,
) -> ProviderError {
    let (request_id, retry_after) = match error.raw_response() {
        Some(response) => {
            let headers = response.headers();
            let request_id = headers.get("x-amzn-requestid").unwrap_or_default();
            (trimmed(request_id), retry_after(headers))
        }
        None => (String::new(), None),
    };
    let mut classified = match &error {
        // What the SDK calls a body that it cannot read.
        SdkError::ServiceError(service) if service.raw().status().is_success() => {
            transport(&error, ErrorKind::BadAnswer)
        }
        SdkError::ServiceError(service) => {
            let origin = upstream::origin(service.raw().body().bytes().unwrap_or_default());
            // The SDK looks for a name only where it can read the body.
            let named = service.raw().headers().get(ERROR_TYPE);
            let named = named.and_then(|named| named.split(':').next());
            let failure = Failure {
                name: service.err().code().or(named).unwrap_or_default(),
                message: service.err().message().unwrap_or_default(),
                original_status: origin.status,
                status: Some(service.raw().status().as_u16()),
            };
            answered(&failure, origin)
        }
        SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => {
            transport(&error, ErrorKind::Unreachable)
        }
        SdkError::ConstructionFailure(_) => transport(&error, ErrorKind::Validation),
        _ => transport(&error, ErrorKind::BadAnswer),
    };
    classified.request_id = request_id;
    classified.retry_after = retry_after;
    classified
}

/// A failure inside a stream. `request_id` is the opening answer's.
pub(in crate::bedrock) fn stream_error<E: UpstreamError>(
    error: SdkError<E, RawMessage>,
    request_id: &str,
) -> ProviderError {
    let mut classified = match &error {
        SdkError::ServiceError(service) => {
            let name = upstream::exception_name(service.raw(), ":exception-type");
            let origin = upstream::origin(upstream::payload(service.raw()));
            let failure = Failure {
                name: name.as_deref().unwrap_or_default(),
                message: service.err().message().unwrap_or_default(),
                original_status: origin.status,
                status: None,
            };
            answered(&failure, origin)
        }
        SdkError::ResponseError(response) => {
            match upstream::exception_name(response.raw(), ":error-code") {
                Some(name) => {
                    let message = upstream::header(response.raw(), ":error-message");
                    let failure = Failure {
                        name: &name,
                        message: message.unwrap_or_default(),
                        original_status: None,
                        status: None,
                    };
                    answered(&failure, Origin::default())
                }
                None => transport(&error, ErrorKind::BadAnswer),
            }
        }
        _ if has_cause(&error, |cause| cause.is::<FrameTooLarge>()) => {
            transport(&error, ErrorKind::BadAnswer)
        }
        // The answer had begun: whatever broke the connection cut it short.
        _ => transport(&error, ErrorKind::Truncated),
    };
    request_id.clone_into(&mut classified.request_id);
    classified
}

/// The upstream said what is wrong.
fn answered(failure: &Failure<'_>, origin: Origin) -> ProviderError {
    let (kind, refused) = failure.verdict();
    let own_words = trimmed(failure.message);
    let name = identifier(failure.name);
    let origin = Origin {
        status: origin.status,
        resource: trimmed(&without_arns(resource(&origin.resource))),
        message: trimmed(&without_arns(&origin.message)),
    };
    let message = match caller_text(kind) {
        CallerText::Fixed(text) => Cow::Borrowed(text),
        CallerText::Upstream(text) if own_words.is_empty() => Cow::Borrowed(text),
        CallerText::Upstream(_) => Cow::Owned(trimmed(&without_arns(failure.message))),
    };
    let logged = match kind {
        // The text of a refused signature holds the canonical request; so may one nobody knows.
        ErrorKind::Credentials | ErrorKind::UnknownClient | ErrorKind::UnknownServer => {
            name.clone()
        }
        // A model that failed may quote what it was writing.
        ErrorKind::ModelError | ErrorKind::ModelRejected => match origin.status {
            Some(status) => format!("{name}, original status {status}"),
            None => name.clone(),
        },
        // Texts about the request quote from it.
        _ if matches!(caller_text(kind), CallerText::Upstream(_)) => name.clone(),
        _ => match failure.status {
            Some(status) => format!("{name} {status}: {own_words}"),
            None => format!("{name}: {own_words}"),
        },
    };
    ProviderError {
        message: with_origin(message, &origin),
        upstream_error: Cow::Owned(name),
        refused,
        origin: (origin != Origin::default()).then(|| Box::new(origin)),
        source: Some(logged.into()),
        ..ProviderError::new(kind, "")
    }
}

/// What an ARN names within its account; anything else as it is.
fn resource(name: &str) -> &str {
    match name.strip_prefix("arn:") {
        Some(arn) => arn.splitn(5, ':').nth(4).unwrap_or_default(),
        None => name,
    }
}

fn with_origin(message: Cow<'static, str>, origin: &Origin) -> Cow<'static, str> {
    let facts: Vec<_> = origin
        .facts()
        .map(|(name, fact)| format!("{name}: {fact}"))
        .collect();
    if facts.is_empty() {
        return message;
    }
    Cow::Owned(trimmed(&format!("{message} ({})", facts.join(", "))))
}

/// What a caller is told.
pub(super) enum CallerText {
    /// Always this.
    Fixed(&'static str),
    /// The upstream's own words, or this if it has none.
    Upstream(&'static str),
}

/// What a caller is told of a kind of failure.
pub(super) fn caller_text(kind: ErrorKind) -> CallerText {
    use CallerText::Fixed;
    use CallerText::Upstream;
    match kind {
        ErrorKind::Throttled => Fixed("the account's rate for this model was exceeded"),
        ErrorKind::DailyQuota => Fixed("the account's daily quota for this model was exceeded"),
        ErrorKind::Quota => Fixed("a quota of the account was exceeded"),
        ErrorKind::NotReady => Fixed("the model is not ready to serve"),
        ErrorKind::Unavailable => Fixed("Bedrock is unavailable"),
        ErrorKind::Internal => Fixed("Bedrock had an internal error"),
        ErrorKind::Unreachable => Fixed("Bedrock could not be reached"),
        ErrorKind::OutOfConnections => {
            Fixed("the gateway has nothing left to open a connection to Bedrock with")
        }
        ErrorKind::ModelTimeout => Fixed("the model took too long"),
        ErrorKind::AttemptTimeout => Fixed("the attempt took too long"),
        ErrorKind::ModelError => Fixed("the model failed while it processed the request"),
        ErrorKind::AccessDenied => Fixed("the gateway's account may not use this model"),
        ErrorKind::PromptCachingRefused => Fixed("the model does not take cache points"),
        ErrorKind::Credentials => Fixed("AWS rejected the gateway's credentials"),
        ErrorKind::NotFound => Fixed("Bedrock does not offer this model any more, or never did"),
        ErrorKind::UseCaseMissing => {
            Fixed("the gateway's account has not sent in the use case details for this model")
        }
        ErrorKind::Legacy => {
            Fixed("the model is legacy, and the gateway's account did not use it of late")
        }
        ErrorKind::EndOfLife => Fixed("the model reached its end of life"),
        ErrorKind::NeedsProfile => Fixed("Bedrock cannot call the model by its configured id"),
        ErrorKind::BadAnswer => Fixed("Bedrock's answer could not be read"),
        ErrorKind::Truncated => Fixed("Bedrock's stream ended before the message was complete"),
        ErrorKind::UnknownServer => Fixed("Bedrock failed in a way the gateway does not know"),
        ErrorKind::ModelRejected => Upstream("the model rejected the request"),
        ErrorKind::ContextTooLong => Upstream("the input does not fit the model's context window"),
        ErrorKind::FieldRefused => Upstream("the model does not take a field of the request"),
        ErrorKind::CannotCount => Fixed("the model cannot count tokens"),
        ErrorKind::InvalidRequest => Fixed("the request cannot be put to a model"),
        ErrorKind::Validation => Upstream("Bedrock rejected the request"),
        ErrorKind::UnknownClient => Fixed("Bedrock refused the request"),
    }
}

/// The first 256 characters, on one line.
pub(in crate::bedrock) fn trimmed(message: &str) -> String {
    message
        .chars()
        .take(MAX_MESSAGE)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// The letters a name of an exception may have, up to the first other one: whatever else the
/// upstream puts in its place, such as an ARN, is not a name.
fn identifier(name: &str) -> String {
    let allowed =
        |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    name.chars().take_while(allowed).take(MAX_MESSAGE).collect()
}

fn without_arns(message: &str) -> String {
    let mut redacted = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(start) = rest.find("arn:") {
        let (before, arn) = rest.split_at(start);
        redacted.push_str(before);
        redacted.push_str("<arn>");
        let end = arn
            .find(|letter: char| letter.is_whitespace() || "\"'`,;)".contains(letter))
            .unwrap_or(arn.len());
        rest = arn.split_at(end).1;
    }
    redacted.push_str(rest);
    redacted
}

/// `retry-after` counts seconds, `x-amz-retry-after` milliseconds. Dates are not used by AWS.
fn retry_after(headers: &Headers) -> Option<Duration> {
    let number = |name| headers.get(name).and_then(|text| text.trim().parse().ok());
    number("x-amz-retry-after")
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
        .map(|wait| wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
