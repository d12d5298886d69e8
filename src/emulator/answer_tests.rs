use serde_json::json;

use super::*;
use crate::emulator::catalog::Catalog;

fn answer_to(model: &str, request: &Value, reply: &Reply) -> Answer {
    let registry = include_str!("fixtures/models.json").to_owned();
    let catalog = Catalog::read(&[registry], "us-east-1", None).unwrap();
    let model = catalog.resolve(model).unwrap();
    compose(&Asked::of_converse(request, model), model, reply, None)
}

fn sonnet(request: &Value) -> Answer {
    let id = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    answer_to(id, request, &Reply::default())
}

fn request(extra: &Value) -> Value {
    let mut request = json!({"messages": [{"role": "user", "content": [{"text": "Hi there"}]}]});
    let members = request.as_object_mut().unwrap();
    members.extend(extra.as_object().unwrap().clone());
    request
}

fn said(words: &str, config: &Value) -> Answer {
    let id = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    let reply = Reply {
        text: Some(words.to_owned()),
        ..Reply::default()
    };
    answer_to(id, &request(&json!({"inferenceConfig": config})), &reply)
}

#[test]
fn the_same_request_gets_the_same_plainly_synthetic_answer() {
    let first = sonnet(&request(&json!({})));
    let second = sonnet(&request(&json!({})));

    assert_eq!(first.blocks, second.blocks);
    assert!(matches!(&first.blocks[..], [Block::Text(text)] if text.starts_with("[emulator]")));
    assert_eq!(first.stop_reason, "end_turn");
}

#[test]
fn max_tokens_is_kept_to_the_token() {
    for limit in 1..12 {
        let answer = said("one two three four five six", &json!({"maxTokens": limit}));

        let full = limit >= 7;
        assert_eq!(answer.output_tokens, if full { 7 } else { limit });
        assert_eq!(
            answer.stop_reason,
            if full { "end_turn" } else { "max_tokens" }
        );
    }
}

#[test]
fn a_stop_sequence_ends_the_text_before_it() {
    let answer = said(
        "alpha STOP beta END",
        &json!({"stopSequences": ["END", "STOP"]}),
    );

    assert_eq!(answer.blocks, [Block::Text("alpha ".to_owned())]);
    assert_eq!(answer.stop_reason, "stop_sequence");
    assert_eq!(answer.stop_sequence.as_deref(), Some("STOP"));
    assert_eq!(answer.output_tokens, 3);
}

#[test]
fn a_forced_tool_is_called_with_arguments_of_its_schema() {
    let answer = sonnet(&request(&json!({"toolConfig": {
        "toolChoice": {"tool": {"name": "second"}},
        "tools": [
            {"toolSpec": {"name": "first", "inputSchema": {"json": {"type": "object"}}}},
            {"toolSpec": {"name": "second", "inputSchema": {"json": {
                "type": "object",
                "required": ["n"],
                "properties": {"n": {"type": "integer"}}
            }}}}
        ]
    }})));

    let [Block::ToolUse { id, name, input }] = &answer.blocks[..] else {
        panic!("one tool call expected, not {:?}", answer.blocks);
    };
    assert!(id.starts_with("tooluse_"));
    assert_eq!(name, "second");
    assert!(serde_json::from_str::<Value>(input).unwrap()["n"].is_i64());
    assert_eq!(answer.stop_reason, "tool_use");
}

#[test]
fn an_answer_in_a_json_schema_is_json_of_that_schema() {
    let answer = sonnet(&request(&json!({"outputConfig": {"textFormat": {
        "type": "json_schema",
        "structure": {"jsonSchema": {
            "schema": r#"{"type":"object","required":["ok"],"properties":{"ok":{"type":"boolean"}}}"#
        }}
    }}})));

    let [Block::Text(text)] = &answer.blocks[..] else {
        panic!("one text expected, not {:?}", answer.blocks);
    };
    assert!(serde_json::from_str::<Value>(text).unwrap()["ok"].is_boolean());
}

#[test]
fn claude_thinks_with_a_signature_when_asked_and_deepseek_always_without() {
    let thinking = json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    let claude = sonnet(&request(&json!({"additionalModelRequestFields": thinking})));
    let deepseek = answer_to(
        "us.deepseek.r1-v1:0",
        &request(&json!({})),
        &Reply::default(),
    );

    assert!(matches!(
        &claude.blocks[..],
        [Block::Reasoning { text, signature: Some(signature) }, Block::Text(_)]
            if *signature == crate::emulator::signature::of("anthropic.claude-sonnet-4-5-20250929-v1:0", text)
    ));
    assert!(matches!(
        &deepseek.blocks[..],
        [
            Block::Reasoning {
                signature: None,
                ..
            },
            Block::Text(_)
        ]
    ));
}

#[test]
fn cached_tokens_are_not_counted_as_input_a_second_time() {
    let mut answer = sonnet(&request(&json!({})));
    answer.input_tokens = 2_000;
    answer.output_tokens = 10;
    answer.cached = Some(CachedTokens {
        read: 1_500,
        written: Vec::new(),
    });

    let usage = answer.usage();

    assert_eq!(usage["inputTokens"], 500);
    assert_eq!(usage["cacheReadInputTokens"], 1_500);
    assert_eq!(usage["totalTokens"], 2_010);
}
