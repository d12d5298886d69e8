//! JSON that must reach Bedrock, and come back, byte for byte.
//!
//! The SDK's `Document` is a hash map of floats and integers: it forgets member order and number
//! spelling, which changes prompt cache keys and corrupts large integers. So the SDK is given a
//! placeholder string for each JSON text, and an interceptor puts the text in its place after the
//! body is written and before it is signed. The placeholders hold 128 random bits per call, so
//! that no text of a caller can be taken for one. The same interceptor keeps the answer's own
//! bytes, by reference, for what the SDK does not tell.

use std::fmt;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::OnceLock;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::Document;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use memchr::memmem;
use serde_json::value::RawValue;

use super::raw_frames::RawFrames;

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

    /// Whether the SDK sends the same body without help.
    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.leading_members.is_empty()
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
struct SpliceError;

/// The body of an answer, once there is one.
#[derive(Clone, Default)]
pub(super) struct AnswerBody(Arc<OnceLock<SdkBody>>);

impl AnswerBody {
    /// The bytes as they came.
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.get().and_then(SdkBody::bytes).unwrap_or_default()
    }
}

/// Splices the request's body and keeps the answer's.
pub(super) struct BodyInterceptor {
    raw_json: RawJson,
    answer: Option<AnswerBody>,
    frames: Option<RawFrames>,
}

impl BodyInterceptor {
    /// Splices a request.
    pub(super) fn new(raw_json: RawJson) -> Self {
        Self {
            raw_json,
            answer: None,
            frames: None,
        }
    }

    /// Also keeps the answer, if it is a single document.
    pub(super) fn keep_answer(mut self, answer: AnswerBody) -> Self {
        self.answer = Some(answer);
        self
    }

    /// Also keeps the frames of the answer, if it is a stream.
    pub(super) fn keep_frames(mut self, frames: RawFrames) -> Self {
        self.frames = Some(frames);
        self
    }
}

impl fmt::Debug for BodyInterceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyInterceptor").finish_non_exhaustive()
    }
}

#[dyn_dispatch_hint]
impl Intercept for BodyInterceptor {
    fn name(&self) -> &'static str {
        "BodyInterceptor"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.raw_json.is_empty() {
            return Ok(());
        }
        let request = context.request_mut();
        let body = request.body().bytes().ok_or(SpliceError)?;
        let spliced = self.raw_json.splice(body)?;
        request
            .headers_mut()
            .insert("content-length", spliced.len().to_string());
        *request.body_mut() = SdkBody::from(spliced);
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(frames) = &self.frames {
            let response = context.response_mut();
            let body = response.take_body();
            *response.body_mut() = frames.watch(body);
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(answer) = &self.answer
            && let Some(body) = context.response().body().try_clone()
        {
            // Set once: there are no retries inside the SDK.
            let _ = answer.0.set(body);
        }
        Ok(())
    }
}

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
