use serde_json::Value;
use serde_json::json;
use tonic_types::ErrorDetails;

use super::*;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
use crate::proto::MessageStartEvent;
use crate::proto::Role;
use crate::proto::TextBlockStart;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;

fn base64(message: &impl Message) -> String {
    BASE64_STANDARD.encode(message.encode_to_vec())
}

fn read(line: &Value) -> Reply {
    Reply::read(&line.to_string()).unwrap()
}

fn rules(replied: &Replied) -> Vec<&str> {
    let findings = replied.findings.iter();
    findings.map(|finding| finding.rule.as_str()).collect()
}

fn hello() -> Vec<Event> {
    vec![
        Event::MessageStart(MessageStartEvent {
            role: Role::Assistant.into(),
            ..MessageStartEvent::default()
        }),
        Event::ContentBlockStart(ContentBlockStartEvent {
            content_block_index: 0,
            start: Some(Start::Text(TextBlockStart {})),
        }),
        Event::ContentBlockDelta(ContentBlockDeltaEvent {
            content_block_index: 0,
            delta: Some(Delta::Text("Hello".to_owned())),
        }),
    ]
}

fn streamed(collected: &InvokeResponse) -> Value {
    let events = hello()
        .into_iter()
        .map(|event| base64(&InvokeStreamResponse { event: Some(event) }));
    json!({
        "id": 1, "headers": {"x-request-id": ["r"]}, "firstContentMs": 2.5,
        "events": events.collect::<Vec<_>>(), "collected": base64(collected),
    })
}

fn throttled() -> Value {
    let mut details = ErrorDetails::with_error_info(
        "UPSTREAM_THROTTLED",
        "bedrock.gateway",
        [(
            "help".to_owned(),
            "docs/errors.md#upstream_throttled".to_owned(),
        )],
    );
    details
        .set_request_info("r", "")
        .set_retry_info(Some(Duration::from_millis(1_500)))
        .add_bad_request_violation("prompt", "is blank");
    let status = Status::with_error_details(Code::ResourceExhausted, "wait", details);
    json!({"id": 1, "headers": {}, "error": {
        "code": 8, "message": "wait", "details": BASE64_STANDARD.encode(status.details()),
        "trailers": {"x-request-id": ["r"]},
        "reason": "UPSTREAM_THROTTLED", "requestId": "r", "retryDelayMs": 1500.4,
        "violations": [{"field": "prompt", "description": "is blank"}],
        "help": "docs/errors.md#upstream_throttled", "attempts": 0, "outputStarted": false,
        "retryable": true,
    }})
}

#[test]
fn stream_has_its_events_and_the_message_they_tell() {
    let replied = read(&streamed(&join(&hello()))).stream().unwrap();

    assert!(matches!(replied.ended, Ended::Stream(events) if events == hello()));
    assert_eq!(replied.first_content, Some(Duration::from_micros(2_500)));
    assert_eq!(replied.headers.get("x-request-id").unwrap(), "r");
    assert_eq!(replied.findings, []);
}

#[test]
fn library_that_joins_another_message_is_found_out() {
    let mut answer = join(&hello());
    answer.text.push('!');

    let replied = read(&streamed(&answer)).stream().unwrap();

    assert_eq!(rules(&replied), [COLLECTS.0]);
}

#[test]
fn status_is_what_it_was() {
    let replied = read(&throttled()).whole(Ended::Count).unwrap();

    let Ended::Failed(status, _) = &replied.ended else {
        panic!("it failed");
    };
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(
        status.get_error_details().error_info().unwrap().domain,
        "bedrock.gateway"
    );
    assert_eq!(replied.headers.get("x-request-id").unwrap(), "r");
    assert_eq!(replied.findings, []);
}

#[test]
fn library_that_tells_another_error_is_found_out_member_by_member() {
    let wrong = [
        ("reason", json!("OVERLOADED"), "reason"),
        ("requestId", json!(""), "request id"),
        ("retryDelayMs", json!(100), "retry delay"),
        ("violations", json!([]), "violations"),
        ("help", json!("?"), "help"),
        ("attempts", json!(2), "attempts"),
        ("outputStarted", json!(true), "output started"),
        ("retryable", json!(false), "retryable"),
    ];
    for (member, value, name) in wrong {
        let mut line = throttled();
        line["error"][member] = value;

        let replied = read(&line).whole(Ended::Count).unwrap();

        assert_eq!(rules(&replied), [TELLS.0], "{member}");
        assert!(
            replied.findings[0]
                .problem
                .ends_with(&format!("another {name}"))
        );
    }
}

#[test]
fn replies_that_are_none_are_told() {
    let wrong = [
        json!({"id": 1}),
        json!({"id": 1, "response": "AAAA"}),
        json!({"id": 1, "events": []}),
    ];
    for line in wrong {
        let whole = read(&line).whole(Ended::Count);
        let streamed = read(&line).stream();
        assert!(whole.is_err() && streamed.is_err(), "{line}");
    }
    for line in [
        "",
        "{}",
        "[]",
        r#"{"id": 1, "response": "?"}"#,
        r#"{"id": 1, "else": 2}"#,
    ] {
        assert!(Reply::read(line).is_err(), "{line}");
    }
}
