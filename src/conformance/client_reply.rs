//! What a client program says of a call, and whether its library made the right thing of it.

use std::collections::BTreeMap;
use std::str::FromStr as _;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use prost::Message;
use prost::bytes::Bytes;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error as _;
use tonic::Code;
use tonic::Status;
use tonic::metadata::AsciiMetadataKey;
use tonic::metadata::MetadataMap;
use tonic_types::FieldViolation;
use tonic_types::StatusExt as _;

use crate::client::join;
use crate::conformance::observation::Ended;
use crate::conformance::observation::invocation_failure;
use crate::conformance::result::Finding;
use crate::proto::InvokeResponse;
use crate::proto::InvokeStreamResponse;
use crate::proto::invoke_stream_response::Event;

/// The rule about replies that are none.
pub(super) const REPLIES: (&str, &str) = (
    "client-replies",
    "a client program says what came of each call",
);

/// The rule about the message that a library joins.
pub(super) const COLLECTS: (&str, &str) = (
    "client-collects-the-message",
    "the message that a client library makes of a stream is the one that the events tell",
);

/// The rule about the error that a library throws.
pub(super) const TELLS: (&str, &str) = (
    "client-tells-the-error",
    "the error of a client library has what the status has",
);

/// The trailer with which a server tells a client when to try again; negative, not to.
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// One line of the program.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Reply {
    pub(super) id: u64,
    #[serde(default)]
    headers: BTreeMap<String, Vec<String>>,
    response: Option<Binary>,
    first_content_ms: Option<f64>,
    #[serde(default)]
    events: Vec<Binary>,
    collected: Option<Binary>,
    error: Option<Failure>,
}

/// The status of a call that failed, and behind its trailers what the library's error says.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Failure {
    code: i32,
    message: String,
    details: Binary,
    trailers: BTreeMap<String, Vec<String>>,
    reason: String,
    request_id: String,
    retry_delay_ms: Option<f64>,
    violations: Vec<Violation>,
    help: String,
    attempts: usize,
    output_started: bool,
    retryable: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Violation {
    field: String,
    #[serde(default)]
    reason: String,
    description: String,
}

/// Base64 of a message.
#[derive(Default)]
struct Binary(Bytes);

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let decoded = BASE64_STANDARD.decode(text);
        decoded
            .map(|bytes| Self(bytes.into()))
            .map_err(D::Error::custom)
    }
}

impl Binary {
    fn message<T: Message + Default>(&self) -> Result<T, String> {
        T::decode(self.0.clone()).map_err(|error| error.to_string())
    }
}

/// A reply, read.
pub(super) struct Replied {
    pub(super) headers: MetadataMap,
    pub(super) ended: Ended,
    pub(super) first_content: Option<Duration>,
    pub(super) findings: Vec<Finding>,
}

impl Reply {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|error| error.to_string())
    }

    /// Reads what the call ended with, if it was answered, by `answer`.
    ///
    /// # Errors
    /// What is wrong with the reply.
    pub(super) fn whole<T: Message + Default>(
        self,
        answer: impl FnOnce(T) -> Ended,
    ) -> Result<Replied, String> {
        let ended = match (&self.error, &self.response) {
            (Some(failure), _) => Ended::Failed(Box::new(failure.status()), Vec::new()),
            (None, Some(response)) => answer(response.message()?),
            (None, None) => return Err("it has neither a response nor an error".to_owned()),
        };
        Ok(self.replied(ended, Vec::new()))
    }

    /// Reads what came of a stream.
    ///
    /// # Errors
    /// What is wrong with the reply.
    pub(super) fn stream(self) -> Result<Replied, String> {
        let mut events: Vec<Event> = Vec::with_capacity(self.events.len());
        for event in &self.events {
            events.extend(event.message::<InvokeStreamResponse>()?.event);
        }
        if let Some(failure) = &self.error {
            let ended = Ended::Failed(Box::new(failure.status()), events);
            return Ok(self.replied(ended, Vec::new()));
        }
        let collected = self
            .collected
            .as_ref()
            .ok_or("it has no collected message")?;
        let collected: InvokeResponse = collected.message()?;
        let mut findings = Vec::new();
        if collected != join(&events) {
            findings.push(Finding::new(COLLECTS.0, "it is another one".to_owned()));
        }
        Ok(self.replied(Ended::Stream(events), findings))
    }

    fn replied(self, ended: Ended, mut findings: Vec<Finding>) -> Replied {
        let mut headers = metadata(&self.headers);
        if let (Some(failure), Ended::Failed(status, _)) = (&self.error, &ended) {
            headers = with(headers, &failure.trailers);
            findings.extend(failure.differences(status));
        }
        let first_content = self
            .first_content_ms
            .and_then(|milliseconds| Duration::try_from_secs_f64(milliseconds / 1_000.0).ok());
        Replied {
            headers,
            ended,
            first_content,
            findings,
        }
    }
}

impl Failure {
    fn status(&self) -> Status {
        Status::with_details_and_metadata(
            Code::from_i32(self.code),
            &self.message,
            self.details.0.clone(),
            metadata(&self.trailers),
        )
    }

    /// What the library's error says otherwise than the status.
    fn differences(&self, status: &Status) -> Option<Finding> {
        let details = status.get_error_details();
        let info = details.error_info();
        let reason = info.map_or("", |info| &info.reason);
        let request = details.request_info();
        let retry_delay = details.retry_info().and_then(|info| info.retry_delay);
        let retry_delay_ms = retry_delay.map(|delay| delay.as_secs_f64() * 1_000.0);
        let bad_request = details.bad_request().into_iter();
        let violations = bad_request.flat_map(|bad| &bad.field_violations);
        let failure = invocation_failure(status).unwrap_or_default();
        let attempts = failure
            .metadata
            .map_or(0, |metadata| metadata.attempts.len());
        let is_refused = status
            .metadata()
            .get(PUSHBACK)
            .is_some_and(|pushback| pushback.as_bytes().starts_with(b"-"));
        let is_retryable =
            retry_delay.is_some() || (status.code() == Code::Unavailable && !is_refused);
        let help = info.and_then(|info| info.metadata.get("help"));
        let same = [
            ("reason", self.reason == reason),
            (
                "request id",
                self.request_id == request.map_or("", |info| &info.request_id),
            ),
            ("retry delay", is_near(self.retry_delay_ms, retry_delay_ms)),
            ("violations", self.violations.iter().eq(violations)),
            ("help", self.help == help.map_or("", String::as_str)),
            ("attempts", self.attempts == attempts),
            (
                "output started",
                self.output_started == failure.output_started,
            ),
            ("retryable", self.retryable == is_retryable),
        ];
        let other: Vec<&str> = same
            .iter()
            .filter_map(|(name, is_same)| (!is_same).then_some(*name))
            .collect();
        let problem = || format!("of {reason} it has another {}", other.join(", "));
        (!other.is_empty()).then(|| Finding::new(TELLS.0, problem()))
    }
}

impl PartialEq<&FieldViolation> for &Violation {
    fn eq(&self, due: &&FieldViolation) -> bool {
        (&self.field, &self.reason, &self.description)
            == (&due.field, &due.reason, &due.description)
    }
}

/// Whether both are the same but for rounding to milliseconds.
fn is_near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1.0,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn metadata(entries: &BTreeMap<String, Vec<String>>) -> MetadataMap {
    with(MetadataMap::new(), entries)
}

/// With more entries. Those that gRPC does not allow are left out.
fn with(mut metadata: MetadataMap, entries: &BTreeMap<String, Vec<String>>) -> MetadataMap {
    for (name, values) in entries {
        for value in values {
            if let (Ok(name), Ok(value)) = (AsciiMetadataKey::from_str(name), value.parse()) {
                metadata.append(name, value);
            }
        }
    }
    metadata
}

#[cfg(test)]
#[path = "client_reply_tests.rs"]
mod tests;
