use prost::Message as _;
use prost::Name as _;
use prost_types::Any;
use tonic::Code;
use tonic_types::pb;

use super::*;
use crate::proto::Attempt;
use crate::proto::AttemptError;
use crate::proto::InvocationMetadata;
use crate::proto::attempt::State;

fn any(type_name: &str, message: &impl prost::Message) -> Any {
    Any {
        type_url: format!("type.googleapis.com/{type_name}"),
        value: message.encode_to_vec(),
    }
}

fn status(code: Code, message: &str, details: Vec<Any>) -> Status {
    let details = tonic_types::pb::Status {
        code: code.into(),
        message: message.to_owned(),
        details,
    };
    Status::with_details(code, message, details.encode_to_vec().into())
}

fn info(reason: &str) -> Any {
    let info = pb::ErrorInfo {
        reason: reason.to_owned(),
        domain: "bedrock.gateway".to_owned(),
        metadata: [("help".to_owned(), format!("page#{reason}"))].into(),
    };
    any("google.rpc.ErrorInfo", &info)
}

fn printed(status: &Status) -> String {
    let mut notes = Vec::new();
    print(status, &mut notes).unwrap();
    String::from_utf8(notes).unwrap()
}

fn throttled() -> Status {
    let attempt =
        |number, model: &str, state: State, reason: ErrorReason, upstream: &str| Attempt {
            number,
            model: model.to_owned(),
            state: state.into(),
            error: Some(AttemptError {
                reason: reason.into(),
                message: "a message".to_owned(),
                upstream_error: upstream.to_owned(),
                ..AttemptError::default()
            }),
            latency: (state == State::Failed).then_some(prost_types::Duration {
                seconds: 0,
                nanos: 12_000_000,
            }),
            ..Attempt::default()
        };
    let failure = InvocationFailure {
        metadata: Some(InvocationMetadata {
            attempts: vec![
                attempt(
                    1,
                    "claude-opus-4-1",
                    State::Failed,
                    ErrorReason::UpstreamThrottled,
                    "ThrottlingException",
                ),
                attempt(
                    2,
                    "claude-3-opus",
                    State::Skipped,
                    ErrorReason::ModelRetired,
                    "",
                ),
            ],
            ..InvocationMetadata::default()
        }),
        output_started: true,
    };
    let retry = pb::RetryInfo {
        retry_delay: Some(prost_types::Duration {
            seconds: 1,
            nanos: 500_000_000,
        }),
    };
    let request = pb::RequestInfo {
        request_id: "request-1".to_owned(),
        ..pb::RequestInfo::default()
    };
    let details = vec![
        info("UPSTREAM_THROTTLED"),
        any("google.rpc.RetryInfo", &retry),
        any("google.rpc.RequestInfo", &request),
        any(&InvocationFailure::full_name(), &failure),
    ];
    status(
        Code::ResourceExhausted,
        "every model was throttled",
        details,
    )
}

#[test]
fn a_failed_call_tells_what_was_tried_and_what_to_do() {
    let text = printed(&throttled());

    assert_eq!(
        text,
        "\
error: UPSTREAM_THROTTLED (RESOURCE_EXHAUSTED): every model was throttled
  output   incomplete: the answer broke off after it had begun
  tried    1 claude-opus-4-1  UPSTREAM_THROTTLED (ThrottlingException) after 12 ms: a message
           2 claude-3-opus    skipped: MODEL_RETIRED: a message
  retry    after 1500 ms
  request  request-1
  advice   wait as long as RetryInfo says, allow fallback to other models, and set max_tokens: Bedrock counts all of it against the quota when a call begins
  help     page#UPSTREAM_THROTTLED
"
    );
}

#[test]
fn every_violation_is_named_with_its_field() {
    let violation = |field: &str, description: &str| pb::bad_request::FieldViolation {
        field: field.to_owned(),
        description: description.to_owned(),
        ..Default::default()
    };
    let bad_request = pb::BadRequest {
        field_violations: vec![
            violation("prompt", "set prompt or messages"),
            violation("inference_config.top_p", "must be at most 1"),
        ],
    };
    let details = vec![
        info("INVALID_REQUEST"),
        any("google.rpc.BadRequest", &bad_request),
    ];

    let text = printed(&status(
        Code::InvalidArgument,
        "2 fields are invalid",
        details,
    ));

    assert_eq!(
        text,
        "\
error: INVALID_REQUEST (INVALID_ARGUMENT): 2 fields are invalid
  field    prompt: set prompt or messages
  field    inference_config.top_p: must be at most 1
  advice   correct every field that is named and call again
  help     page#INVALID_REQUEST
"
    );
}

#[test]
fn a_status_without_details_still_gets_advice() {
    let text = printed(&Status::unimplemented("unknown service"));

    assert_eq!(
        text,
        "\
error: UNIMPLEMENTED: unknown service
  advice   what answers there is no bedrock-gateway, or another version of it
"
    );
}

#[test]
fn a_reason_of_a_newer_gateway_is_shown_as_it_is() {
    let text = printed(&status(
        Code::Unavailable,
        "new",
        vec![info("SOMETHING_NEW")],
    ));

    assert!(
        text.starts_with("error: SOMETHING_NEW (UNAVAILABLE): new\n"),
        "{text}"
    );
}

#[test]
fn json_carries_the_same() {
    let value = json(&throttled());

    assert_eq!(value["error"]["code"], "RESOURCE_EXHAUSTED");
    assert_eq!(value["error"]["reason"], "UPSTREAM_THROTTLED");
    assert_eq!(value["error"]["retryDelayMs"], 1500);
    assert_eq!(value["error"]["help"], "page#UPSTREAM_THROTTLED");
    assert_eq!(value["outputStarted"], true);
    assert_eq!(
        value["metadata"]["attempts"][0]["error"]["reason"],
        "ERROR_REASON_UPSTREAM_THROTTLED"
    );
}

#[test]
fn the_detail_is_found_by_the_name_the_api_gives_it() {
    assert!(format!("/{}", InvocationFailure::full_name()) == FAILURE_TYPE);
}
