use prost::Name as _;
use prost_types::Any;
use tonic::metadata::MetadataValue;

use super::*;
use crate::proto::AttemptError;
use crate::proto::InvocationMetadata;

fn any(name: &str, message: &impl Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/{name}"),
        value: message.encode_to_vec(),
    }
}

fn failed(code: Code, details: Vec<Any>) -> Error {
    let status = pb::Status {
        code: code.into(),
        message: "too many requests".to_owned(),
        details,
    };
    let details = status.encode_to_vec().into();
    Error::of_status(Status::with_details(code, "too many requests", details))
}

fn info(reason: &str) -> Any {
    let info = pb::ErrorInfo {
        reason: reason.to_owned(),
        domain: "bedrock.gateway".to_owned(),
        metadata: [("model", "claude"), ("help", "docs/errors.md#x")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
    };
    any("google.rpc.ErrorInfo", &info)
}

#[test]
fn every_detail_is_decoded() {
    let failure = InvocationFailure {
        output_started: true,
        metadata: Some(InvocationMetadata {
            attempts: vec![Attempt {
                model: "claude".to_owned(),
                error: Some(AttemptError {
                    reason: ErrorReason::UpstreamThrottled.into(),
                    ..AttemptError::default()
                }),
                ..Attempt::default()
            }],
            ..InvocationMetadata::default()
        }),
    };
    let request = pb::RequestInfo {
        request_id: "call-1".to_owned(),
        ..Default::default()
    };
    let retry = pb::RetryInfo {
        retry_delay: Duration::from_millis(1500).try_into().ok(),
    };
    let quota = pb::QuotaFailure {
        violations: vec![quota_failure::Violation {
            subject: "caller".to_owned(),
            ..Default::default()
        }],
    };
    let bad = pb::BadRequest {
        field_violations: vec![FieldViolation {
            field: "prompt".to_owned(),
            description: "too long".to_owned(),
            ..Default::default()
        }],
    };

    let error = failed(
        Code::ResourceExhausted,
        vec![
            info("UPSTREAM_THROTTLED"),
            any("google.rpc.RequestInfo", &request),
            any("google.rpc.RetryInfo", &retry),
            any("google.rpc.QuotaFailure", &quota),
            any("google.rpc.BadRequest", &bad),
            any(&InvocationFailure::full_name(), &failure),
        ],
    );

    assert_eq!(error.cause(), Cause::Gateway);
    assert_eq!(error.reason(), ErrorReason::UpstreamThrottled);
    assert_eq!(error.request_id(), "call-1");
    assert_eq!(error.retry_delay(), Some(Duration::from_millis(1500)));
    assert_eq!(error.quota_violations()[0].subject, "caller");
    assert_eq!(error.field_violations()[0].field, "prompt");
    assert_eq!(error.fact("model"), Some("claude"));
    assert_eq!(error.help(), Some("docs/errors.md#x"));
    assert_eq!(error.attempts()[0].model, "claude");
    assert!(error.output_started());
    assert!(error.is_throttled() && error.may_pass());
    assert_eq!(
        error.to_string(),
        "UPSTREAM_THROTTLED (RESOURCE_EXHAUSTED): too many requests; prompt: too long; tried: \
         claude UPSTREAM_THROTTLED; retry after 1.5s; request call-1"
    );
}

#[test]
fn reason_of_a_newer_gateway_keeps_its_name() {
    let error = failed(Code::Unavailable, vec![info("SOMETHING_NEW")]);

    assert_eq!(error.reason(), ErrorReason::Unspecified);
    assert_eq!(error.reason_name(), "SOMETHING_NEW");
    assert!(error.is_unavailable());
}

#[test]
fn status_without_details_is_an_error_too() {
    let error = Error::of_status(Status::not_found("no such thing"));

    assert_eq!(error.to_string(), "NOT_FOUND: no such thing");
    assert_eq!(error.reason(), ErrorReason::Unspecified);
    assert!(error.is_unknown_model() && !error.may_pass());
    assert!(error.attempts().is_empty() && error.field_violations().is_empty());
}

#[test]
fn details_that_are_no_details_are_left_out() {
    let garbage = Status::with_details(Code::Internal, "broken", vec![0xff; 9].into());

    let error = Error::of_status(garbage);

    assert_eq!(error.to_string(), "INTERNAL: broken");
}

#[test]
fn broken_connection_is_unavailable_and_says_why() {
    let reset = std::io::Error::other("connection reset");

    let error = Error::of_status(Status::from_error(Box::new(reset)));

    assert_eq!(error.cause(), Cause::Connection);
    assert_eq!(error.code(), Code::Unavailable);
    assert_eq!(error.message(), "the connection broke: connection reset");
}

#[test]
fn pushback_is_read_from_the_trailers() {
    let mut status = Status::unavailable("busy");
    let value = MetadataValue::from_static("250");
    status.metadata_mut().insert(PUSHBACK, value);

    let error = Error::of_status(status);

    assert_eq!(
        error.pushback(),
        Pushback::After(Duration::from_millis(250))
    );
}
