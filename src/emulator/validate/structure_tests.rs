use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::emulator::catalog::Catalog;

static SHAPES: LazyLock<Shapes> = LazyLock::new(Shapes::read);
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let registry = include_str!("../fixtures/models.json").to_owned();
    Catalog::read(&[registry], "us-east-1", None).unwrap()
});

fn refusal(body: &Value) -> Option<Refusal> {
    structure(&SHAPES, Operation::Converse, body).err()
}

fn message(body: &Value) -> String {
    refusal(body).unwrap().message
}

fn said(content: &Value) -> Value {
    json!({"messages": [{"role": "user", "content": content}]})
}

#[test]
fn members_that_are_null_are_not_there() {
    let body = json!({"messages": [{"role": "user", "content": [{"text": "a", "image": null}]}], "system": null});

    assert_eq!(refusal(&body), None);
}

#[test]
fn values_of_the_wrong_json_type_cannot_be_read() {
    let cases = [
        (
            json!({"messages": {}}),
            "Start of structure or map found where not expected: 'messages'",
        ),
        (
            json!({"system": "be brief"}),
            "STRING_VALUE can not be converted to a list: 'system'",
        ),
        (
            said(&json!([{"text": 5}])),
            "NUMBER_VALUE can not be converted to a String: 'messages.1.member.content.1.member.text'",
        ),
        (
            json!({"inferenceConfig": {"maxTokens": 1.5}}),
            "NUMBER_VALUE can not be converted to an Integer: 'inferenceConfig.maxTokens'",
        ),
        (
            json!({"inferenceConfig": {"topP": true}}),
            "TRUE_VALUE can not be converted to a Float: 'inferenceConfig.topP'",
        ),
        (
            said(&json!([{"image": {"format": "png", "source": {"bytes": "no base64!"}}}])),
            "Invalid base64: 'messages.1.member.content.1.member.image.source.bytes'",
        ),
    ];

    for (body, problem) in cases {
        let refusal = refusal(&body).unwrap();
        assert_eq!(
            (refusal.name.as_str(), refusal.message.as_str()),
            ("SerializationException", problem)
        );
    }
}

#[test]
fn constraints_are_told_in_the_services_words() {
    let tool = |name: &str| json!({"toolConfig": {"tools": [{"systemTool": {"name": name}}]}});
    let cases = [
        (
            json!({"messages": [{"content": []}]}),
            "Value null at 'messages.1.member.role' failed to satisfy constraint: Member must not be null",
        ),
        (
            json!({"messages": [{"role": "tool", "content": []}]}),
            "Value 'tool' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy \
             enum value set: [user, assistant, system]",
        ),
        (
            json!({"inferenceConfig": {"temperature": 1.5}}),
            "Value '1.5' at 'inferenceConfig.temperature' failed to satisfy constraint: Member must have \
             value less than or equal to 1",
        ),
        (
            json!({"inferenceConfig": {"maxTokens": 0}}),
            "Value '0' at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have \
             value greater than or equal to 1",
        ),
        (
            json!({"toolConfig": {"tools": []}}),
            "Value at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater \
             than or equal to 1",
        ),
        (
            tool("no spaces"),
            "Value 'no spaces' at 'toolConfig.tools.1.member.systemTool.name' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
        ),
        (
            tool(&"x".repeat(65)),
            "Value at 'toolConfig.tools.1.member.systemTool.name' failed to satisfy constraint: Member \
             must have length less than or equal to 64",
        ),
        (
            json!({"messages": [null]}),
            "Value null at 'messages.1.member' failed to satisfy constraint: Member must not be null",
        ),
    ];

    for (body, violation) in cases {
        let told = format!("1 validation error detected: {violation}");
        assert_eq!(message(&body), told);
    }
}

#[test]
fn unions_have_exactly_one_member() {
    for content in [
        json!([{}]),
        json!([{"text": "a", "cachePoint": {"type": "default"}}]),
    ] {
        assert!(message(&said(&content)).contains("exactly one member"));
    }
}

#[test]
fn members_the_api_does_not_know_are_named() {
    let body = json!({"messages": [], "maxTokens": 5, "toolConfig": {"tools": [
        {"toolSpec": {"name": "f", "inputSchema": {"json": {"anything": [1]}}, "cache": true}}
    ]}});

    let message = message(&body);

    assert!(message.starts_with("2 validation errors detected: "));
    assert!(message.contains("'maxTokens'"), "{message}");
    assert!(message.contains("'toolConfig.tools.1.member.toolSpec.cache'"));
}

#[test]
fn what_callers_keep_in_maps_is_not_repeated() {
    let metadata = message(&json!({"requestMetadata": {"secret!": "also secret!"}}));
    let variables = message(&json!({"promptVariables": {"name": {"texts": "private"}}}));

    assert!(
        metadata.starts_with("2 validation errors detected: Value at 'requestMetadata' failed")
    );
    assert!(!metadata.contains("secret!"), "{metadata}");
    assert!(!variables.contains("private"), "{variables}");
}

#[test]
fn violations_have_an_end() {
    let message = message(&said(&json!(vec![json!({}); 1_000])));

    assert!(message.starts_with("20 validation errors detected: "));
}

#[test]
fn the_two_operations_differ_in_their_guardrail() {
    let body = json!({"guardrailConfig": {"streamProcessingMode": "async"}});

    assert!(structure(&SHAPES, Operation::Converse, &body).is_err());
    assert!(structure(&SHAPES, Operation::ConverseStream, &body).is_ok());
}

#[test]
fn a_request_to_count_is_checked_too() {
    let check = |body: Value| structure(&SHAPES, Operation::CountTokens, &body);

    assert!(check(json!({"input": {"converse": {"messages": []}}})).is_ok());
    assert!(check(json!({"input": {"converse": {"inferenceConfig": {}}}})).is_err());
    assert!(check(json!({})).is_err());
}

/// JSON made of words of the API, so that it often gets far.
fn json_like_a_request() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![
            Just("user"),
            Just("assistant"),
            Just("default"),
            Just("AA=="),
            Just(" ")
        ]
        .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "messages",
        "role",
        "content",
        "text",
        "image",
        "format",
        "source",
        "bytes",
        "document",
        "name",
        "toolConfig",
        "tools",
        "toolSpec",
        "inputSchema",
        "json",
        "toolUse",
        "toolUseId",
        "input",
        "toolResult",
        "reasoningContent",
        "reasoningText",
        "signature",
        "system",
        "inferenceConfig",
        "stopSequences",
        "additionalModelRequestFields",
        "thinking",
        "type",
        "outputConfig",
        "textFormat",
        "cachePoint",
        "promptVariables",
        "requestMetadata",
    ]);
    leaf.prop_recursive(8, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_makes_the_rules_panic(messages in json_like_a_request(), rest in json_like_a_request()) {
        let mut body = if rest.is_object() { rest } else { json!({}) };
        body["messages"] = messages;

        let _ = structure(&SHAPES, Operation::Converse, &body);
        for id in ["us.anthropic.claude-opus-4-1-20250805-v1:0", "us.deepseek.r1-v1:0"] {
            let _ = crate::emulator::validate::converse(&body, CATALOG.resolve(id).unwrap(), true);
        }
    }
}
