//! Failures as gRPC statuses with machine-readable details. The only place that builds one.

use std::time::Duration;

use prost::Message;
use prost::Name;
use prost_types::Any;
use tonic::Code;
use tonic::Status;
use tonic::metadata::MetadataMap;
use tonic::metadata::MetadataValue;
use tonic_types::pb;

use crate::grpc::arrival::identify;
use crate::grpc::validate::Violations;
use crate::proto::ErrorReason;
use crate::proto::InvocationFailure;
use crate::proto::InvocationMetadata;
use crate::proto::attempt::State;
use crate::routing::RouteError;

/// `ErrorInfo.domain` of every error; it has no version, because a reason keeps its meaning.
pub const DOMAIN: &str = "bedrock.gateway";

/// Key of `ErrorInfo.metadata` with the place in the documentation, on every error.
///
/// Not a `google.rpc.Help`: its links are URLs to be opened, and this program does not know where
/// its documentation is published. It would also take twice the room, in trailers that are short
/// of it.
const HELP: &str = "help";

/// The page with one section for each reason, from the root of the project.
const ERRORS_PAGE: &str = "docs/errors.md";

/// Trailer that gRPC libraries obey without code: how long to wait before a retry.
///
/// Source: gRFC A6, "Pushback".
const PUSHBACK: &str = "grpc-retry-pushback-ms";

/// Its value for "not at all": also when models were tried in vain. The gateway has retried, and a
/// library that begins all over would multiply what an outage costs. Programs have RetryInfo.
const DO_NOT_RETRY: i32 = -1;

/// Bound on the encoded details. They travel in trailers, which grpc-java limits to 8 KiB after
/// base64 by default.
const MAX_DETAILS_BYTES: usize = 4096;

/// Bound on a status message, the messages of attempts and each fact, in bytes.
const MAX_MESSAGE_BYTES: usize = 256;

/// The status of a call that no model answered.
pub fn of_route_error(error: RouteError, request_id: &str) -> Status {
    let mut details = Details::new(error.reason, &error.facts, request_id);
    if let Some(delay) = error.retry_after {
        details.retry_info(delay);
    }
    if error.code == Code::FailedPrecondition {
        details.precondition(error.reason, &error.message);
    }
    if let Some(field) = error.facts.iter().find(|(key, _)| *key == "field") {
        details.bad_request(vec![field_violation(
            &field.1,
            &error.message,
            reason_name(error.reason),
        )]);
    }
    let was_tried = error.metadata.as_ref().is_some_and(|metadata| {
        let mut attempts = metadata.attempts.iter();
        attempts.any(|attempt| attempt.state() != State::Skipped)
    });
    if let Some(metadata) = error.metadata {
        details.invocation_failure(*metadata, error.output_started);
    }
    let mut status = details.into_status(error.code, error.message, error.retry_after);
    // Some libraries retry whatever has a delay, not only what their policy names.
    if was_tried && (error.retry_after.is_some() || error.code == Code::Unavailable) {
        refuse_retries(&mut status);
    }
    status
}

/// The status of a request that breaks rules of the API.
pub fn of_violations(violations: &Violations, request_id: &str) -> Status {
    let reason = ErrorReason::InvalidRequest;
    let first = violations.kept().iter().next();
    let field = first.map_or(String::new(), |violation| violation.field.clone());
    let mut details = Details::new(reason, &[("field", field)], request_id);
    let fields = violations.kept().iter();
    details.bad_request(
        fields
            .map(|violation| {
                field_violation(
                    &violation.field,
                    &violation.description,
                    violation.reason.as_str(),
                )
            })
            .collect(),
    );
    details.into_status(Code::InvalidArgument, violations.to_string(), None)
}

/// The status of a call that is refused because too many are running. Without `retry_after` the
/// caller's library is told not to try again by itself.
pub fn overloaded(retry_after: Option<Duration>, request_id: &str) -> Status {
    let message = "the gateway is at capacity".to_owned();
    let mut error = RouteError::new(ErrorReason::Overloaded, message);
    error.retry_after = retry_after;
    let mut status = of_route_error(error, request_id);
    if retry_after.is_none() {
        refuse_retries(&mut status);
    }
    status
}

fn refuse_retries(status: &mut Status) {
    let metadata = status.metadata_mut();
    metadata.insert(PUSHBACK, MetadataValue::from(DO_NOT_RETRY));
}

struct Details {
    request_id: String,
    details: Vec<Any>,
}

impl Details {
    fn new(reason: ErrorReason, facts: &[(&'static str, String)], request_id: &str) -> Self {
        let facts = facts.iter().map(|(key, value)| {
            let mut value = value.clone();
            shorten(&mut value);
            ((*key).to_owned(), value)
        });
        let info = pb::ErrorInfo {
            reason: reason_name(reason).to_owned(),
            domain: DOMAIN.to_owned(),
            metadata: facts.chain([(HELP.to_owned(), help(reason))]).collect(),
        };
        let request = pb::RequestInfo {
            request_id: request_id.to_owned(),
            serving_data: String::new(),
        };
        Self {
            request_id: request_id.to_owned(),
            details: vec![google("ErrorInfo", &info), google("RequestInfo", &request)],
        }
    }

    fn retry_info(&mut self, delay: Duration) {
        let info = pb::RetryInfo {
            retry_delay: delay.try_into().ok(),
        };
        self.details.push(google("RetryInfo", &info));
    }

    fn bad_request(&mut self, field_violations: Vec<pb::bad_request::FieldViolation>) {
        let request = pb::BadRequest { field_violations };
        self.details.push(google("BadRequest", &request));
    }

    fn precondition(&mut self, reason: ErrorReason, message: &str) {
        let failure = pb::PreconditionFailure {
            violations: vec![pb::precondition_failure::Violation {
                r#type: reason_name(reason).to_owned(),
                subject: DOMAIN.to_owned(),
                description: message.to_owned(),
            }],
        };
        self.details.push(google("PreconditionFailure", &failure));
    }

    /// Adds what was tried, shortened until everything fits: long messages first, then what was
    /// changed, then the oldest attempts.
    fn invocation_failure(&mut self, metadata: InvocationMetadata, output_started: bool) {
        let used: usize = self.details.iter().map(Message::encoded_len).sum();
        let mut failure = InvocationFailure {
            metadata: Some(metadata),
            output_started,
        };
        if let Some(metadata) = &mut failure.metadata {
            for attempt in &mut metadata.attempts {
                if let Some(error) = &mut attempt.error {
                    shorten(&mut error.message);
                }
            }
        }
        // An `Any` adds its type URL and two lengths.
        let room =
            MAX_DETAILS_BYTES.saturating_sub(used + InvocationFailure::type_url().len() + 16);
        if failure.encoded_len() > room
            && let Some(metadata) = &mut failure.metadata
        {
            for attempt in &mut metadata.attempts {
                attempt.adjustments.clear();
            }
        }
        while failure.encoded_len() > room
            && let Some(metadata) = &mut failure.metadata
            && !metadata.attempts.is_empty()
        {
            metadata.attempts.remove(0);
        }
        self.details.push(Any {
            type_url: InvocationFailure::type_url(),
            value: failure.encode_to_vec(),
        });
    }

    fn into_status(self, code: Code, mut message: String, retry_after: Option<Duration>) -> Status {
        shorten(&mut message);
        let mut metadata = MetadataMap::new();
        identify(&mut metadata, &self.request_id);
        if let Some(delay) = retry_after {
            let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
            metadata.insert(PUSHBACK, MetadataValue::from(delay_ms));
        }
        let status = pb::Status {
            code: code.into(),
            message: message.clone(),
            details: self.details,
        };
        let details = status.encode_to_vec().into();
        Status::with_details_and_metadata(code, message, details, metadata)
    }
}

fn field_violation(
    field: &str,
    description: &str,
    reason: &str,
) -> pb::bad_request::FieldViolation {
    pb::bad_request::FieldViolation {
        field: field.to_owned(),
        description: description.to_owned(),
        reason: reason.to_owned(),
        ..Default::default()
    }
}

fn google(name: &str, detail: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/google.rpc.{name}"),
        value: detail.encode_to_vec(),
    }
}

/// A reason as `ErrorInfo` carries it: without the prefix of the enum.
pub fn reason_name(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_").unwrap_or(name)
}

/// The section of the documentation about a reason, from the root of the project.
pub fn help(reason: ErrorReason) -> String {
    let section = reason_name(reason).to_ascii_lowercase();
    format!("{ERRORS_PAGE}#{section}")
}

fn shorten(message: &mut String) {
    if message.len() > MAX_MESSAGE_BYTES {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES - 3));
        message.push_str("...");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::Adjustment;
    use crate::proto::Attempt;
    use crate::proto::AttemptError;
    use crate::proto::Cost;
    use crate::proto::Usage;

    /// What trailers count as, by HTTP/2: each line 32 more than its name and value.
    fn trailer_bytes(status: &Status) -> usize {
        let mut trailers = http::HeaderMap::new();
        status.add_header(&mut trailers).unwrap();
        let lines = trailers.iter();
        lines
            .map(|(name, value)| name.as_str().len() + value.len() + 32)
            .sum()
    }

    #[test]
    fn details_stay_small_whatever_was_tried_and_changed() {
        let adjustment = Adjustment {
            field: "messages[10].content[10].reasoning".to_owned(),
            description: "left out: another model produced it".to_owned(),
        };
        let usage = Usage {
            input_tokens: i32::MAX,
            output_tokens: i32::MAX,
            total_tokens: i32::MAX,
            ..Usage::default()
        };
        let cost = Cost {
            currency_code: "USD".to_owned(),
            total_nanos: i64::MAX,
            input_nanos: i64::MAX,
            output_nanos: i64::MAX,
            cache_read_nanos: i64::MAX,
            cache_write_nanos: i64::MAX,
        };
        let attempt = Attempt {
            model: "claude-opus-4-1".to_owned(),
            adjustments: vec![adjustment; 500],
            error: Some(AttemptError {
                message: "x".repeat(5_000),
                ..AttemptError::default()
            }),
            usage: Some(usage),
            cost: Some(cost.clone()),
            ..Attempt::default()
        };
        // Each of its bytes takes three in a header.
        let mut error = RouteError::new(ErrorReason::UpstreamThrottled, "\u{10348}".repeat(5_000));
        for key in ["upstreamRequestId", "resourceName", "originalMessage"] {
            error.facts.push((key, "\u{10348}".repeat(5_000)));
        }
        error.metadata = Some(Box::new(InvocationMetadata {
            attempts: vec![attempt; 16],
            total_cost: Some(cost.clone()),
            ..InvocationMetadata::default()
        }));

        let status = of_route_error(error, "call-1");

        // The status message stands in the details once more.
        assert!(status.details().len() <= MAX_DETAILS_BYTES + MAX_MESSAGE_BYTES + 64);
        assert!(trailer_bytes(&status) <= 8 * 1024);
        assert!(status.message().len() <= MAX_MESSAGE_BYTES);
        let details = pb::Status::decode(status.details()).unwrap().details;
        let failure = InvocationFailure::decode(&*details.last().unwrap().value).unwrap();
        let metadata = failure.metadata.unwrap();
        assert_eq!(metadata.total_cost, Some(cost));
        assert!(!metadata.attempts.is_empty());
    }
}
