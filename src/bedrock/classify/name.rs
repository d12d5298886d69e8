//! From an exception's name, its message and the HTTP status to a kind of failure.
//!
//! Messages are only looked at where Bedrock gives one name to failures with different
//! consequences. A message that changed falls back to the plain kind of its name.

use super::refusal::refusal;
use crate::provider::ErrorKind;
use crate::provider::Refusable;

/// What the upstream said about a failure.
pub(super) struct Failure<'a> {
    /// Name of the exception, in upper camel case; empty if it has none.
    pub(super) name: &'a str,
    /// The upstream's words.
    pub(super) message: &'a str,
    /// Status the model's own server answered with.
    pub(super) original_status: Option<i32>,
    /// HTTP status; `None` inside a stream.
    pub(super) status: Option<u16>,
}

/// Names that need no second look, with and without the suffix the front layers leave out.
///
/// Source: the service model 2023-09-30 and
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html>,
/// seen 2026-11-22.
const NAMES: &[(&str, ErrorKind)] = &[
    ("ThrottlingException", ErrorKind::Throttled),
    ("ServiceQuotaExceededException", ErrorKind::Quota),
    ("ModelNotReadyException", ErrorKind::NotReady),
    ("ServiceUnavailableException", ErrorKind::Unavailable),
    ("ServiceUnavailable", ErrorKind::Unavailable),
    ("InternalServerException", ErrorKind::Internal),
    ("InternalFailure", ErrorKind::Internal),
    ("InternalServerError", ErrorKind::Internal),
    ("ModelTimeoutException", ErrorKind::ModelTimeout),
    ("ModelErrorException", ErrorKind::ModelError),
    ("ModelStreamErrorException", ErrorKind::ModelError),
    ("AccessDeniedException", ErrorKind::AccessDenied),
    ("NotAuthorized", ErrorKind::AccessDenied),
    ("MPAgreementBeingCreated", ErrorKind::AccessDenied),
    ("ExpiredToken", ErrorKind::Credentials),
    ("ExpiredTokenException", ErrorKind::Credentials),
    ("UnrecognizedClientException", ErrorKind::Credentials),
    ("InvalidSignatureException", ErrorKind::Credentials),
    ("SignatureDoesNotMatch", ErrorKind::Credentials),
    ("InvalidClientTokenId", ErrorKind::Credentials),
    ("IncompleteSignature", ErrorKind::Credentials),
    ("IncompleteSignatureException", ErrorKind::Credentials),
    ("MissingAuthenticationToken", ErrorKind::Credentials),
    (
        "MissingAuthenticationTokenException",
        ErrorKind::Credentials,
    ),
    ("RequestExpired", ErrorKind::Credentials),
    ("RequestTimeTooSkewed", ErrorKind::Credentials),
    ("ResourceNotFoundException", ErrorKind::NotFound),
    ("ValidationException", ErrorKind::Validation),
    ("ValidationError", ErrorKind::Validation),
];

/// Words that tell apart what one name lumps together, except for parts of a request that a model
/// does not take, see `refusal`: the plain kind, a fragment of the message
/// in lower case with a straight apostrophe, and the kind it means. First match counts.
///
/// Source: texts quoted in public traces of Bedrock's answers up to 2026-11-22.
const FRAGMENTS: &[(ErrorKind, &str, ErrorKind)] = &[
    (ErrorKind::Throttled, "per day", ErrorKind::DailyQuota),
    (
        ErrorKind::AccessDenied,
        "did not allow prompt caching",
        ErrorKind::PromptCachingRefused,
    ),
    (
        ErrorKind::AccessDenied,
        "authentication failed",
        ErrorKind::Credentials,
    ),
    (
        ErrorKind::AccessDenied,
        "invalid api key format",
        ErrorKind::Credentials,
    ),
    (
        ErrorKind::Validation,
        "on-demand throughput",
        ErrorKind::NeedsProfile,
    ),
    (
        ErrorKind::Validation,
        "model identifier is invalid",
        ErrorKind::NeedsProfile,
    ),
    (ErrorKind::NotFound, "end of its life", ErrorKind::EndOfLife),
    (
        ErrorKind::NotFound,
        "use case details have not been submitted",
        ErrorKind::UseCaseMissing,
    ),
    (
        ErrorKind::NotFound,
        "marked by provider as legacy",
        ErrorKind::Legacy,
    ),
    // Some regions send these with status 400.
    (
        ErrorKind::Validation,
        "end of its life",
        ErrorKind::EndOfLife,
    ),
    (
        ErrorKind::Validation,
        "operation not allowed",
        ErrorKind::AccessDenied,
    ),
    (
        ErrorKind::Validation,
        "prompt is too long",
        ErrorKind::ContextTooLong,
    ),
    (
        ErrorKind::Validation,
        "input is too long",
        ErrorKind::ContextTooLong,
    ),
    (
        ErrorKind::Validation,
        "exceed context limit",
        ErrorKind::ContextTooLong,
    ),
    (
        ErrorKind::Validation,
        "exceeds the model's context window",
        ErrorKind::ContextTooLong,
    ),
    (
        ErrorKind::Validation,
        "too many total text bytes",
        ErrorKind::ContextTooLong,
    ),
    (
        ErrorKind::Validation,
        "maximum context length",
        ErrorKind::ContextTooLong,
    ),
    (
        ErrorKind::Validation,
        "support counting tokens",
        ErrorKind::CannotCount,
    ),
];

impl Failure<'_> {
    /// The kind of failure, and the part of the request that was refused, if it is that kind and
    /// the words are known.
    pub(super) fn verdict(&self) -> (ErrorKind, Option<Refusable>) {
        let plain = NAMES
            .iter()
            .find(|(name, _)| *name == self.name)
            .map_or_else(|| self.kind_of_status(), |(_, kind)| *kind);
        if plain == ErrorKind::ModelError
            && matches!(self.original_status, Some(status) if (400..500).contains(&status))
        {
            return (ErrorKind::ModelRejected, None);
        }
        if !FRAGMENTS.iter().any(|(kind, ..)| *kind == plain) {
            return (plain, None);
        }
        let message = self.message.to_lowercase().replace('\u{2019}', "'");
        let refined = FRAGMENTS
            .iter()
            .find(|(kind, fragment, _)| *kind == plain && message.contains(fragment));
        match refined {
            Some((.., refined)) => (*refined, None),
            None if plain == ErrorKind::Validation => match refusal(&message) {
                Some(refusal) => (ErrorKind::FieldRefused, refusal.part),
                None => (plain, None),
            },
            None => (plain, None),
        }
    }

    /// For an exception nobody knows, or an answer without a name, as proxies give it.
    fn kind_of_status(&self) -> ErrorKind {
        match self.status {
            Some(429) => ErrorKind::Throttled,
            Some(502..=504) if self.name.is_empty() => ErrorKind::Unavailable,
            Some(400..500) => ErrorKind::UnknownClient,
            Some(_) | None => ErrorKind::UnknownServer,
        }
    }
}

#[cfg(test)]
#[path = "name_tests.rs"]
mod tests;
