use serde_json::json;

use super::*;
use crate::emulator::catalog::Catalog;

const OPUS: &str = "us.anthropic.claude-opus-4-1-20250805-v1:0";
const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const OLD_SONNET: &str = "us.anthropic.claude-3-sonnet-20240229-v1:0";
const DEEPSEEK: &str = "us.deepseek.r1-v1:0";

fn checked(model: &str, request: &Value) -> Result<(), Refusal> {
    let registry = include_str!("../fixtures/models.json").to_owned();
    let catalog = Catalog::read(&[registry], "us-east-1", None).unwrap();
    converse(request, catalog.resolve(model).unwrap(), false)
}

fn message(model: &str, request: &Value) -> String {
    checked(model, request).unwrap_err().message
}

fn user(content: &Value) -> Value {
    json!({"messages": [{"role": "user", "content": content}]})
}

fn with(extra: &Value) -> Value {
    let mut request = user(&json!([{"text": "Hi"}]));
    let members = request.as_object_mut().unwrap();
    members.extend(extra.as_object().unwrap().clone());
    request
}

fn tools() -> Value {
    json!({"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}}]})
}

fn call(id: &str) -> Value {
    json!({"toolUse": {"toolUseId": id, "name": "f", "input": {}}})
}

fn result(id: &str) -> Value {
    json!({"toolResult": {"toolUseId": id, "content": [{"text": "done"}]}})
}

#[test]
fn a_plain_request_is_taken_by_every_model() {
    for model in [OPUS, SONNET, OLD_SONNET, DEEPSEEK] {
        assert_eq!(checked(model, &with(&json!({}))), Ok(()));
    }
}

#[test]
fn conversations_start_with_the_user() {
    let empty = message(OPUS, &json!({"messages": []}));
    let wrong = message(
        OPUS,
        &json!({"messages": [{"role": "assistant", "content": [{"text": "Hi"}]}]}),
    );

    assert!(empty.starts_with("A conversation must start with a user message."));
    assert_eq!(empty, wrong);
}

#[test]
fn blank_and_missing_content_is_named_by_its_place() {
    assert!(
        message(OPUS, &user(&json!([{"text": "a"}, {"text": " \n"}])))
            .contains("messages.0.content.1 is blank")
    );
    assert!(message(OPUS, &user(&json!([]))).contains("messages.0 is empty"));
}

#[test]
fn unknown_roles_are_refused_with_the_set_of_known_ones() {
    let request = json!({"messages": [
        {"role": "user", "content": [{"text": "a"}]},
        {"role": "system", "content": [{"text": "b"}]}
    ]});

    assert!(message(OPUS, &request).contains("Value 'system' at 'messages.2.member.role'"));
}

#[test]
fn tool_calls_in_the_history_need_a_tool_config_and_results() {
    let conversation = json!([
        {"role": "user", "content": [{"text": "a"}]},
        {"role": "assistant", "content": [call("tooluse_1"), call("tooluse_2")]},
        {"role": "user", "content": [result("tooluse_1")]}
    ]);

    let without_config = message(OPUS, &json!({"messages": conversation}));
    let unanswered = message(
        OPUS,
        &json!({"messages": conversation, "toolConfig": tools()}),
    );

    assert!(without_config.starts_with("The toolConfig field must be defined"));
    assert_eq!(
        unanswered,
        "Expected toolResult blocks at messages.2.content for the following Ids: tooluse_2"
    );
}

#[test]
fn results_nobody_asked_for_are_refused() {
    let request = json!({
        "messages": [{"role": "user", "content": [result("tooluse_1")]}],
        "toolConfig": tools()
    });

    assert!(message(OPUS, &request).contains("exceeds the number of toolUse blocks"));
}

#[test]
fn models_without_tools_images_or_caching_say_so() {
    let image = user(&json!([{"image": {"format": "png", "source": {"bytes": "AA=="}}}]));
    let cached = user(&json!([{"text": "a"}, {"cachePoint": {"type": "default"}}]));

    let denied = checked(OLD_SONNET, &cached).unwrap_err();

    assert_eq!(
        message(DEEPSEEK, &with(&json!({"toolConfig": tools()}))),
        "This model doesn't support tool use."
    );
    assert!(message(DEEPSEEK, &image).contains("doesn't support the image content block"));
    assert_eq!(denied.name, "AccessDeniedException");
    assert_eq!(denied.status, 403);
}

#[test]
fn documents_need_a_text_beside_them_and_a_plain_name() {
    let document = |name: &str| json!({"document": {"name": name, "format": "pdf", "source": {"bytes": "AA=="}}});

    let alone = message(OPUS, &user(&json!([document("a")])));
    let named = message(OPUS, &user(&json!([{"text": "b"}, document("a.pdf")])));
    let fine = checked(
        OPUS,
        &user(&json!([{"text": "b"}, document("Annual report (2)")])),
    );

    assert!(alone.starts_with("A text block must be included"));
    assert!(named.starts_with("The document file name can only contain"));
    assert_eq!(fine, Ok(()));
}

#[test]
fn limits_on_inference_parameters_differ_by_model() {
    let config = |config: Value| with(&json!({"inferenceConfig": config}));
    let both = config(json!({"temperature": 0.5, "topP": 0.5}));

    assert_eq!(
        message(OLD_SONNET, &config(json!({"maxTokens": 4097}))),
        "The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum \
         tokens value that is lower than 4096."
    );
    assert!(message(OPUS, &both).contains("`temperature` and `top_p` cannot both"));
    assert_eq!(checked(OLD_SONNET, &both), Ok(()));
    assert!(message(OPUS, &config(json!({"stopSequences": ["\n"]}))).contains("non-whitespace"));
}

#[test]
fn additional_fields_a_model_does_not_know_are_extraneous() {
    let fields = |fields: Value| with(&json!({"additionalModelRequestFields": fields}));
    let thinking = fields(json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}));

    assert_eq!(
        message(DEEPSEEK, &fields(json!({"top_k": 5}))),
        "Malformed input request: #: extraneous key [top_k] is not permitted, please reformat your \
         input and try again."
    );
    assert!(message(OLD_SONNET, &thinking).contains("extraneous key [thinking]"));
    assert_eq!(checked(OPUS, &fields(json!({"top_k": 5}))), Ok(()));
}

#[test]
fn a_thinking_budget_has_rules() {
    let thinking = |budget: Value, config: Value| {
        with(&json!({
            "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": budget}},
            "inferenceConfig": config
        }))
    };

    assert!(
        message(OPUS, &thinking(json!(1023), json!({}))).contains("greater than or equal to 1024")
    );
    assert!(
        message(OPUS, &thinking(json!(1024.5), json!({})))
            .contains("greater than or equal to 1024")
    );
    assert!(
        message(OPUS, &thinking(json!(2048), json!({"maxTokens": 2048})))
            .contains("`max_tokens` must be greater than `thinking.budget_tokens`")
    );
    assert!(
        message(OPUS, &thinking(json!(1024), json!({"temperature": 0.2})))
            .contains("`temperature` may only be set to 1")
    );
    assert_eq!(
        checked(OPUS, &thinking(json!(1024), json!({"temperature": 1}))),
        Ok(())
    );
}

#[test]
fn thoughts_in_the_history_must_be_the_emulators_own() {
    let thought = |signature: Option<&str>| {
        let mut text = json!({"text": "a thought"});
        if let Some(signature) = signature {
            text["signature"] = json!(signature);
        }
        json!({"messages": [
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": text}}, {"text": "b"}]},
            {"role": "user", "content": [{"text": "c"}]}
        ]})
    };
    let own = crate::emulator::signature::of("a thought");

    assert_eq!(checked(OPUS, &thought(Some(&own))), Ok(()));
    assert!(
        message(OPUS, &thought(Some("forged"))).contains("Invalid `signature` in `thinking` block")
    );
    assert!(message(OPUS, &thought(None)).contains("thinking.signature: Field required"));
    assert!(
        message(DEEPSEEK, &thought(Some(&own)))
            .contains("reasoningContent.reasoningText.signature field")
    );
}

#[test]
fn a_json_schema_is_refused_by_models_without_structured_output() {
    let request = with(&json!({"outputConfig": {"textFormat": {
        "type": "json_schema", "structure": {"jsonSchema": {"schema": "{}"}}}}}));

    assert!(message(OPUS, &request).contains("outputConfig"));
    assert_eq!(checked(SONNET, &request), Ok(()));
}

#[test]
fn prompts_longer_than_the_window_are_refused_in_the_familys_words() {
    let registry = include_str!("../fixtures/models.json").to_owned();
    let catalog = Catalog::read(&[registry], "us-east-1", None).unwrap();
    let claude = catalog.resolve(OPUS).unwrap();
    let deepseek = catalog.resolve(DEEPSEEK).unwrap();

    let long = tokens_fit(200_001, None, claude).unwrap_err().message;
    let sum = tokens_fit(190_000, Some(20_000), claude)
        .unwrap_err()
        .message;
    let other = tokens_fit(128_001, None, deepseek).unwrap_err().message;

    assert!(long.contains("prompt is too long: 200001 tokens > 200000 maximum"));
    assert!(sum.contains("190000 + 20000 > 200000"));
    assert_eq!(other, "Input is too long for requested model.");
}
