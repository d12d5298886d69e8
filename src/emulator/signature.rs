//! Signatures of thoughts, so that a changed or foreign thought in the history is recognised.

use aws_sigv4::sign::v4;
use aws_smithy_types::base64;

/// The signature of a thought of a model (HMAC-SHA256, base64 of its hex). Any key will do: nothing
/// is protected, each model only wants its own thoughts back.
pub(super) fn of(model: &str, text: &str) -> String {
    base64::encode(v4::calculate_signature(model, text.as_bytes()))
}
