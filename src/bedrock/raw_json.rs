//! JSON that must reach Bedrock byte for byte.
//!
//! The SDK's `Document` is a hash map of floats and integers: it forgets member order and number
//! spelling, which changes prompt cache keys and corrupts large integers. So the SDK is given a
//! placeholder string for each JSON text, and the text is put in its place after the body is written
//! and before it is signed, see `exchange`. The placeholders hold 128 random bits per call, so that
//! no text of a caller can be taken for one.

use std::fmt::Write;

use aws_smithy_types::Document;
use memchr::memmem;
use serde_json::value::RawValue;

/// Deepest nesting of a JSON text. Models' own limits are lower; parsers of theirs may recurse.
const MAX_DEPTH: usize = 100;

/// The JSON texts of one request, and what stands for them in the SDK's input.
#[derive(Default)]
pub(super) struct RawJson {
    nonce: String,
    texts: Vec<String>,
    leading_members: String,
}

impl RawJson {
    /// Keeps a checked JSON text and returns what to give to the SDK.
    pub(super) fn placeholder(&mut self, text: String) -> Document {
        if self.nonce.is_empty() {
            self.nonce = format!("{:032x}", fastrand::u128(..));
        }
        let placeholder = format!("{}.{}", self.nonce, self.texts.len());
        self.texts.push(text);
        Document::String(placeholder)
    }

    /// Adds a member of the body itself. `json` is already valid.
    pub(super) fn leading_member(&mut self, name: &str, json: &str) {
        let _ = write!(self.leading_members, "\"{name}\":{json},");
    }

    /// The body to send instead of the one the SDK wrote; `None` if that one is right.
    ///
    /// # Errors
    /// The SDK's body is not the one that was prepared.
    pub(super) fn spliced(&self, body: Option<&[u8]>) -> Result<Option<Vec<u8>>, SpliceError> {
        if self.texts.is_empty() && self.leading_members.is_empty() {
            return Ok(None);
        }
        self.splice(body.ok_or(SpliceError)?).map(Some)
    }

    /// The body with every placeholder, quotes included, replaced by its text.
    fn splice(&self, body: &[u8]) -> Result<Vec<u8>, SpliceError> {
        let added: usize = self.texts.iter().map(String::len).sum();
        let mut spliced = Vec::with_capacity(body.len() + added + self.leading_members.len());
        let mut rest = body;
        if !self.leading_members.is_empty() {
            rest = rest.strip_prefix(b"{").ok_or(SpliceError)?;
            let members = match rest.first() {
                Some(b'}') => self.leading_members.trim_end_matches(','),
                _ => &self.leading_members,
            };
            spliced.push(b'{');
            spliced.extend_from_slice(members.as_bytes());
        }
        let mut replaced = 0;
        if !self.texts.is_empty() {
            let quoted = format!("\"{}.", self.nonce);
            let finder = memmem::Finder::new(quoted.as_bytes());
            while let Some(start) = finder.find(rest) {
                let (before, from) = rest.split_at_checked(start).ok_or(SpliceError)?;
                let index = from.get(quoted.len()..).ok_or(SpliceError)?;
                let end = memchr::memchr(b'"', index).ok_or(SpliceError)?;
                let (digits, after) = index.split_at_checked(end).ok_or(SpliceError)?;
                let text = str::from_utf8(digits)
                    .ok()
                    .and_then(|digits| digits.parse::<usize>().ok())
                    .and_then(|index| self.texts.get(index))
                    .ok_or(SpliceError)?;
                spliced.extend_from_slice(before);
                spliced.extend_from_slice(text.as_bytes());
                rest = after.get(1..).ok_or(SpliceError)?;
                replaced += 1;
            }
        }
        spliced.extend_from_slice(rest);
        if replaced == self.texts.len() {
            Ok(spliced)
        } else {
            Err(SpliceError)
        }
    }
}

/// The body the SDK wrote is not the one we prepared.
#[derive(Debug, thiserror::Error)]
#[error("failed to put JSON into the request body")]
pub(super) struct SpliceError;

/// Checks a caller's JSON text and returns it without surrounding blanks.
///
/// # Errors
/// What is wrong, in words that hold nothing of the text.
pub(super) fn checked(text: &str) -> Result<&str, String> {
    let value: &RawValue = serde_json::from_str(text).map_err(|error| {
        format!(
            "is not JSON at line {} column {}",
            error.line(),
            error.column()
        )
    })?;
    let json = value.get();
    if depth(json) > MAX_DEPTH {
        return Err(format!("is nested deeper than {MAX_DEPTH} levels"));
    }
    Ok(json)
}

/// Deepest nesting of valid JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
#[path = "raw_json_tests.rs"]
mod tests;
