//! What text may look like that leaves the gateway.

use bedrock_gateway::provider::ProviderError;

/// Longest text of an error that a caller sees, in characters. The adapter cuts at 256, and writes
/// `<arn>` for four letters or more.
const MAX_ERROR_TEXT: usize = 320;

/// Longest wait that the gateway believes, in seconds.
const MAX_RETRY_AFTER_SECONDS: u64 = 3600;

/// One line, which shows nothing but itself on a terminal.
pub(crate) fn is_one_line(text: &str) -> bool {
    !text.contains(char::is_control)
}

/// What a caller sees of a failure is short, one line, and names nothing of the account.
pub(crate) fn check_error(error: &ProviderError) {
    let origin = error.origin.iter().flat_map(|origin| origin.facts());
    let texts = [error.message.to_string(), error.upstream_error.to_string()];
    for text in texts.into_iter().chain(origin.map(|(_, fact)| fact)) {
        assert!(is_one_line(&text), "{:?}: control characters", error.kind);
        assert!(
            text.chars().count() <= MAX_ERROR_TEXT,
            "{:?}: too long",
            error.kind
        );
        assert!(!text.contains("arn:"), "{:?}: names an ARN", error.kind);
    }
    assert!(!error.message.is_empty(), "{:?}: no message", error.kind);
    assert!(is_one_line(&error.request_id));
    assert!(
        error
            .retry_after
            .is_none_or(|wait| wait.as_secs() <= MAX_RETRY_AFTER_SECONDS)
    );
}
