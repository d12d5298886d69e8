//! Signatures of thoughts, so that a changed or foreign thought in the history is recognised.

use aws_sigv4::sign::v4;
use aws_smithy_types::base64;

/// Any key will do: nothing is protected, the emulator only wants its own thoughts back.
const KEY: &[u8] = b"emulated reasoning";

/// The signature of a thought; the same for the same text (HMAC-SHA256, base64 of its hex).
pub(super) fn of(text: &str) -> String {
    base64::encode(v4::calculate_signature(KEY, text.as_bytes()))
}
