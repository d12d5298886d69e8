use prost_types::Struct;
use prost_types::Value;
use prost_types::value::Kind;

use super::*;
use crate::bedrock::test_server::TestServer;
use crate::bedrock::test_server::answer;
use crate::bedrock::test_server::body_of;
use crate::bedrock::test_server::call;
use crate::bedrock::test_server::converse_answer;
use crate::bedrock::test_server::model;
use crate::proto::CachePointBlock;
use crate::proto::ContentBlock;
use crate::proto::GuardrailConfig;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::LatencyMode;
use crate::proto::Message;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningConfig;
use crate::proto::ReasoningText;
use crate::proto::Role;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::SystemContentBlock;
use crate::proto::Tool;
use crate::proto::ToolConfig;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolSpec;
use crate::proto::ToolUseBlock;
use crate::proto::content_block::Block;
use crate::proto::guardrail_config::TraceMode;
use crate::proto::reasoning_block;
use crate::proto::reasoning_config;
use crate::proto::system_content_block;
use crate::proto::tool;
use crate::proto::tool_result_content_block;
use crate::proto::tool_spec::InputSchemaForm;
use crate::provider::Adaptation;
use crate::provider::ReasoningBlocks;
use crate::registry::Model;
use crate::registry::TopK;

const SCHEMA: &str = r#"{"type":"object","properties":{"zulu":{"type":"number","maximum":1.0e2},"alpha":{"const":9007199254740993}}}"#;

async fn body(request: &InvokeRequest) -> String {
    body_of(request, &Adaptation::default(), &model()).await
}

async fn refusal(request: &InvokeRequest, model: &Model) -> ProviderError {
    let server = TestServer::start(Vec::new()).await;
    let adaptation = Adaptation::default();

    let result = server
        .bedrock()
        .await
        .invoke(call(model, request, &adaptation))
        .await;

    result.err().unwrap()
}

fn block(block: Block) -> ContentBlock {
    ContentBlock { block: Some(block) }
}

fn message(role: Role, blocks: Vec<Block>) -> Message {
    Message {
        role: role.into(),
        content: blocks.into_iter().map(block).collect(),
    }
}

fn user(text: &str) -> Message {
    message(Role::User, vec![Block::Text(text.to_owned())])
}

fn number(name: &str, number: f64) -> Struct {
    let value = Value {
        kind: Some(Kind::NumberValue(number)),
    };
    Struct {
        fields: [(name.to_owned(), value)].into(),
    }
}

fn tool(name: &str, schema: InputSchemaForm) -> Tool {
    Tool {
        tool: Some(tool::Tool::ToolSpec(ToolSpec {
            name: name.to_owned(),
            input_schema_form: Some(schema),
            ..Default::default()
        })),
    }
}

#[tokio::test]
async fn a_prompt_becomes_a_user_message_and_the_call_is_signed() {
    let server = TestServer::start(vec![converse_answer(r#"[{"text":"Hello"}]"#)]).await;
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());

    let reply = server
        .bedrock()
        .await
        .invoke(call(&model, &request, &adaptation))
        .await
        .unwrap();

    let recorded = server.only_request();
    assert_eq!(
        recorded.body,
        r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#
    );
    assert!(
        recorded
            .head
            .starts_with("POST /model/eu.anthropic.claude-v1%3A0/converse HTTP/1.1")
    );
    assert!(recorded.head.contains("/eu-central-1/bedrock/aws4_request"));
    assert!(reply.message.content == vec![block(Block::Text("Hello".to_owned()))]);
    assert_eq!(reply.message.role(), Role::Assistant);
    assert_eq!(reply.stop_reason, StopReason::EndTurn);
    assert_eq!(reply.request_id, "11111111-2222-3333-4444-555555555555");
    assert_eq!(reply.completion.usage.unwrap().total_tokens, 8);
    assert_eq!(
        reply.completion.latency,
        Some(std::time::Duration::from_millis(12))
    );
}

#[tokio::test]
async fn a_prompt_is_appended_to_a_trailing_user_message_only() {
    let mut request = InvokeRequest {
        prompt: "two".to_owned(),
        messages: vec![user("one")],
        ..Default::default()
    };
    let appended = body(&request).await;
    request
        .messages
        .push(message(Role::Assistant, vec![Block::Text("a".to_owned())]));

    let added = body(&request).await;

    assert_eq!(
        appended,
        r#"{"messages":[{"role":"user","content":[{"text":"one"},{"text":"two"}]}]}"#
    );
    assert_eq!(
        added,
        r#"{"messages":[{"role":"user","content":[{"text":"one"}]},{"role":"assistant","content":[{"text":"a"}]},{"role":"user","content":[{"text":"two"}]}]}"#
    );
}

#[tokio::test]
async fn json_reaches_the_wire_with_its_order_and_spelling() {
    let request = InvokeRequest {
        messages: vec![
            user("weather?"),
            message(
                Role::Assistant,
                vec![Block::ToolUse(ToolUseBlock {
                    tool_use_id: "t1".to_owned(),
                    name: "weather".to_owned(),
                    input_json: r#" {"z": 1.50, "a": 18446744073709551616} "#.to_owned(),
                    ..Default::default()
                })],
            ),
            message(
                Role::User,
                vec![Block::ToolResult(ToolResultBlock {
                    tool_use_id: "t1".to_owned(),
                    content: vec![ToolResultContentBlock {
                        block: Some(tool_result_content_block::Block::Json(
                            r#"[1e400,{"b":-0.0,"a":null}]"#.to_owned(),
                        )),
                    }],
                    ..Default::default()
                })],
            ),
        ],
        tool_config: Some(ToolConfig {
            tools: vec![
                tool(
                    "weather",
                    InputSchemaForm::InputSchemaJson(SCHEMA.to_owned()),
                ),
                tool("other", InputSchemaForm::InputSchema(number("n", 7.0))),
            ],
            tool_choice: None,
        }),
        ..Default::default()
    };

    let body = body(&request).await;

    assert_eq!(
        body,
        format!(
            r#"{{"messages":[{{"role":"user","content":[{{"text":"weather?"}}]}},{{"role":"assistant","content":[{{"toolUse":{{"toolUseId":"t1","name":"weather","input":{{"z": 1.50, "a": 18446744073709551616}}}}}}]}},{{"role":"user","content":[{{"toolResult":{{"toolUseId":"t1","content":[{{"json":[1e400,{{"b":-0.0,"a":null}}]}}]}}}}]}}],"toolConfig":{{"tools":[{{"toolSpec":{{"name":"weather","inputSchema":{{"json":{SCHEMA}}}}}}},{{"toolSpec":{{"name":"other","inputSchema":{{"json":{{"n":7}}}}}}}}]}}}}"#
        )
    );
}

#[tokio::test]
async fn floats_are_sent_as_the_caller_wrote_them() {
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        inference_config: Some(InferenceConfig {
            max_tokens: Some(100),
            temperature: Some(0.7),
            top_p: Some(0.5),
            stop_sequences: vec!["\"".to_owned()],
            ..Default::default()
        }),
        ..Default::default()
    };
    let adaptation = Adaptation {
        max_tokens: 50,
        ..Default::default()
    };

    let body = body_of(&request, &adaptation, &model()).await;

    assert_eq!(
        body,
        r#"{"inferenceConfig":{"maxTokens":50,"temperature":0.7,"topP":0.5,"stopSequences":["\""]},"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#
    );
}

#[tokio::test]
async fn what_routing_leaves_out_is_left_out() {
    let reasoning = |model: &str| {
        Block::Reasoning(ReasoningBlock {
            content: Some(reasoning_block::Content::ReasoningText(ReasoningText {
                text: "hm".to_owned(),
                signature: "sig".to_owned(),
            })),
            model: model.to_owned(),
        })
    };
    let request = InvokeRequest {
        messages: vec![
            user("one"),
            message(
                Role::Assistant,
                vec![reasoning("nova"), reasoning("claude")],
            ),
            message(
                Role::User,
                vec![
                    Block::Text("two".to_owned()),
                    Block::CachePoint(CachePointBlock::default()),
                ],
            ),
        ],
        inference_config: Some(InferenceConfig {
            temperature: Some(0.7),
            top_p: Some(0.7),
            top_k: Some(1),
            ..Default::default()
        }),
        reasoning_config: Some(ReasoningConfig {
            mode: reasoning_config::Mode::Enabled.into(),
            ..Default::default()
        }),
        additional_model_request_fields: Some(number("n", 1.0)),
        latency_mode: LatencyMode::Optimized.into(),
        ..Default::default()
    };
    let adaptation = Adaptation {
        max_tokens: 9,
        omit_temperature: true,
        omit_top_p: true,
        omit_top_k: true,
        reasoning_blocks: ReasoningBlocks::Own,
        omit_cache_points: true,
        omit_latency_mode: true,
        omit_additional_fields: true,
        ..Adaptation::default()
    };

    let body = body_of(&request, &adaptation, &model()).await;

    assert_eq!(
        body,
        r#"{"inferenceConfig":{"maxTokens":9},"messages":[{"role":"user","content":[{"text":"one"}]},{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"hm","signature":"sig"}}}]},{"role":"user","content":[{"text":"two"}]}]}"#
    );
}

#[tokio::test]
async fn system_guardrail_and_the_rest_are_carried() {
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        system: vec![SystemContentBlock {
            block: Some(system_content_block::Block::Text("Be brief".to_owned())),
        }],
        guardrail_config: Some(GuardrailConfig {
            guardrail_identifier: "gr".to_owned(),
            guardrail_version: "DRAFT".to_owned(),
            trace_mode: TraceMode::EnabledFull.into(),
        }),
        additional_model_response_field_paths: vec!["/stop_sequence".to_owned()],
        request_metadata: [("team".to_owned(), "a".to_owned())].into(),
        latency_mode: LatencyMode::Optimized.into(),
        service_tier: ServiceTier::Priority.into(),
        ..Default::default()
    };

    let body = body(&request).await;

    assert_eq!(
        body,
        r#"{"additionalModelResponseFieldPaths":["/stop_sequence"],"guardrailConfig":{"guardrailIdentifier":"gr","guardrailVersion":"DRAFT","trace":"enabled_full"},"messages":[{"role":"user","content":[{"text":"Hi"}]}],"performanceConfig":{"latency":"optimized"},"requestMetadata":{"team":"a"},"serviceTier":{"type":"priority"},"system":[{"text":"Be brief"}]}"#
    );
}

#[tokio::test]
async fn tool_input_of_an_answer_keeps_its_spelling() {
    let content = r#"[{"text":"a"},{"toolUse":{"toolUseId":"t","name":"f","input":{"z":1.50, "a":18446744073709551616}}},{"hologram":{"x":1}}]"#;
    let server = TestServer::start(vec![converse_answer(content)]).await;
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        tool_config: Some(ToolConfig {
            tools: vec![tool("f", InputSchemaForm::InputSchemaJson("{}".to_owned()))],
            tool_choice: None,
        }),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());

    let reply = server
        .bedrock()
        .await
        .invoke(call(&model, &request, &adaptation))
        .await
        .unwrap();

    assert_eq!(
        reply.message.content.len(),
        2,
        "the unknown kind is left out"
    );
    let Some(Block::ToolUse(call)) = &reply.message.content[1].block else {
        panic!("no tool call");
    };
    assert_eq!(call.input_json, r#"{"z":1.50, "a":18446744073709551616}"#);
}

#[tokio::test]
async fn a_field_that_cannot_be_carried_is_named() {
    let mut request = InvokeRequest {
        messages: vec![message(
            Role::User,
            vec![Block::ToolUse(ToolUseBlock {
                input_json: "{oops".to_owned(),
                ..Default::default()
            })],
        )],
        ..Default::default()
    };
    let bad_json = refusal(&request, &model()).await;
    request = InvokeRequest {
        prompt: "Hi".to_owned(),
        inference_config: Some(InferenceConfig {
            top_k: Some(3),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut without_top_k = model();
    without_top_k.capabilities.top_k = TopK::None;

    let no_place = refusal(&request, &without_top_k).await;

    assert_eq!(bad_json.kind, ErrorKind::InvalidRequest);
    assert_eq!(
        bad_json.message,
        "messages[0].content[0].tool_use.input_json: is not JSON at line 1 column 2"
    );
    assert_eq!(no_place.kind, ErrorKind::FieldRefused);
    assert_eq!(
        no_place.message,
        "inference_config.top_k: this model takes no top_k"
    );
}

#[tokio::test]
async fn tokens_are_counted_with_the_base_model() {
    let server = TestServer::start(vec![answer("200 OK", &[], r#"{"inputTokens":17}"#)]).await;
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };

    let tokens = server
        .bedrock()
        .await
        .count_tokens(call(&model(), &request, &Adaptation::default()))
        .await
        .unwrap();

    let recorded = server.only_request();
    assert_eq!(tokens, 17);
    assert!(
        recorded
            .head
            .starts_with("POST /model/anthropic.claude-v1%3A0/count-tokens ")
    );
    assert_eq!(
        recorded.body,
        r#"{"input":{"converse":{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}}}"#
    );
}

#[tokio::test]
async fn answer_without_a_count_is_no_count_of_zero() {
    let server = TestServer::start(vec![answer("200 OK", &[], "{}")]).await;
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };

    let error = server
        .bedrock()
        .await
        .count_tokens(call(&model(), &request, &Adaptation::default()))
        .await
        .unwrap_err();

    assert_eq!(error.kind, ErrorKind::BadAnswer);
}
