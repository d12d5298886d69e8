use serde_json::json;

use super::*;
use crate::emulator::catalog::Catalog;
use crate::emulator::signature;

const OPUS: &str = "us.anthropic.claude-opus-4-1-20250805-v1:0";
const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const DEEPSEEK: &str = "us.deepseek.r1-v1:0";

fn catalog() -> Catalog {
    let registry = include_str!("../fixtures/models.json").to_owned();
    Catalog::read(&[registry], "us-east-1", None).unwrap()
}

fn said(content: &Value) -> Value {
    json!({"messages": [{"role": "user", "content": content}]})
}

fn hello(extra: &Value) -> Value {
    let mut request = said(&json!([{"text": "Hi"}]));
    let members = request.as_object_mut().unwrap();
    members.extend(extra.as_object().unwrap().clone());
    request
}

#[test]
fn every_rule_takes_and_refuses_the_models_it_should() {
    let catalog = catalog();
    let rules: Vec<Value> = serde_json::from_str(include_str!("../fixtures/rules.json")).unwrap();

    for rule in &rules {
        let name = rule["rule"].as_str().unwrap();
        let request = hello(&rule["request"]);
        let is_streamed = rule.get("streamed").is_some();
        let checked = |key: &str| {
            let model = catalog.of_key(key).unwrap();
            converse(&request, model, is_streamed)
        };
        for key in rule["taken"].as_array().unwrap() {
            let key = key.as_str().unwrap();
            assert_eq!(checked(key), Ok(()), "{name} with {key}");
        }
        for (key, fragment) in rule["refused"].as_object().unwrap() {
            let refusal = checked(key).expect_err(&format!("{name} with {key}"));
            let fragment = fragment.as_str().unwrap();
            let message = &refusal.message;
            assert!(message.contains(fragment), "{name} with {key}: {message}");
        }
    }
}

#[test]
fn a_plain_request_is_taken_by_every_model() {
    let catalog = catalog();

    for model in catalog.models() {
        assert_eq!(
            converse(&hello(&json!({})), model, true),
            Ok(()),
            "{}",
            model.key
        );
    }
}

#[test]
fn a_cache_point_where_there_is_no_cache_looks_like_a_missing_permission() {
    let catalog = catalog();
    let model = catalog.of_key("claude-3-sonnet").unwrap();
    let cached = said(&json!([{"text": "a"}, {"cachePoint": {"type": "default"}}]));

    let refusal = converse(&cached, model, false).unwrap_err();

    assert_eq!(refusal.name, "AccessDeniedException");
    assert_eq!(refusal.status, 403);
}

#[test]
fn a_model_takes_its_own_thoughts_back_and_no_others() {
    let catalog = catalog();
    let opus = catalog.resolve(OPUS).unwrap();
    let sonnet = catalog.resolve(SONNET).unwrap();
    let thought = |text: &str| {
        let signature = signature::of(&opus.base_id, "a thought");
        json!({"messages": [
            {"role": "user", "content": [{"text": "a"}]},
            {"role": "assistant", "content": [
                {"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}},
                {"text": "b"}
            ]},
            {"role": "user", "content": [{"text": "c"}]}
        ]})
    };
    let is_invalid =
        |checked: Result<(), Refusal>| checked.unwrap_err().message.contains("Invalid `signature`");

    assert_eq!(converse(&thought("a thought"), opus, false), Ok(()));
    assert!(is_invalid(converse(
        &thought("a changed thought"),
        opus,
        false
    )));
    assert!(is_invalid(converse(&thought("a thought"), sonnet, false)));
}

#[test]
fn a_stored_prompt_brings_its_own_messages_and_parameters() {
    let catalog = catalog();
    let stored = catalog.of_key("stored-prompt").unwrap();
    let opus = catalog.resolve(OPUS).unwrap();
    let variables = json!({"promptVariables": {"city": {"text": "Paris"}}});
    let parameters = json!({"inferenceConfig": {"maxTokens": 5}});

    assert_eq!(converse(&variables, stored, false), Ok(()));
    assert_eq!(converse(&hello(&variables), stored, false), Ok(()));
    let own = converse(&hello(&parameters), stored, false).unwrap_err();
    let alone = converse(&hello(&variables), opus, false).unwrap_err();
    assert!(own.message.contains("inferenceConfig"), "{}", own.message);
    assert!(
        alone.message.contains("promptVariables"),
        "{}",
        alone.message
    );
}

#[test]
fn media_larger_or_more_than_the_model_takes_are_refused() {
    let catalog = catalog();
    let model = catalog.of_key("no-tiers").unwrap();
    let bytes = |length: usize| aws_smithy_types::base64::encode(vec![0; length]);
    let document = |length| {
        said(
            &json!([{"text": "a"}, {"document": {"name": "d", "source": {"bytes": bytes(length)}}}]),
        )
    };

    let nine = converse(&document(9), model, false).unwrap_err().message;

    assert_eq!(converse(&document(8), model, false), Ok(()));
    assert_eq!(
        nine,
        "The document at messages.0.content.1 is too large: 9 bytes, at most 8 are supported."
    );
}

#[test]
fn prompts_longer_than_the_window_are_refused_in_the_familys_words() {
    let catalog = catalog();
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
