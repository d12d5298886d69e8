//! Invoke, answered by the first model.

use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::ImageBlock;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::ReasoningConfig;
use bedrock_gateway::proto::Role;
use bedrock_gateway::proto::StopReason;
use bedrock_gateway::proto::Tool;
use bedrock_gateway::proto::ToolChoice;
use bedrock_gateway::proto::ToolConfig;
use bedrock_gateway::proto::ToolResultBlock;
use bedrock_gateway::proto::ToolResultContentBlock;
use bedrock_gateway::proto::ToolSpec;
use bedrock_gateway::proto::attempt::State;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::image_block;
use bedrock_gateway::proto::reasoning_config::Mode;
use bedrock_gateway::proto::tool;
use bedrock_gateway::proto::tool_choice;
use bedrock_gateway::proto::tool_result_content_block;
use bedrock_gateway::proto::tool_spec::InputSchemaForm;
use tonic::Request;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::SECOND;
use crate::support::prompt;
use crate::support::states;

/// The leading bytes of a PNG file.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

const SCHEMA: &str = r#"{"type":"object","properties":{"zip":{"type":"integer","enum":[9007199254740993]},"a":{"type":"number","default":1.50}},"required":["zip"]}"#;

fn weather_tool() -> ToolConfig {
    ToolConfig {
        tools: vec![Tool {
            tool: Some(tool::Tool::ToolSpec(ToolSpec {
                name: "weather".to_owned(),
                description: "Current weather".to_owned(),
                strict: false,
                input_schema_form: Some(InputSchemaForm::InputSchemaJson(SCHEMA.to_owned())),
            })),
        }],
        tool_choice: Some(ToolChoice {
            choice: Some(tool_choice::Choice::Any(Default::default())),
        }),
    }
}

#[tokio::test]
async fn prompt_is_answered_with_text_usage_cost_and_the_ledger() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::reply("hello"));

    let answer = gateway.inference().invoke(prompt("Hi")).await.unwrap();

    let headers = answer.metadata().clone();
    let answer = answer.into_inner();
    let metadata = answer.metadata.unwrap();
    assert_eq!(answer.text, "hello");
    assert_eq!(answer.stop_reason, i32::from(StopReason::EndTurn));
    assert_eq!(answer.raw_stop_reason, "end_turn");
    assert_eq!(metadata.model, FIRST);
    assert_eq!(states(&metadata.attempts), [(FIRST, State::Succeeded)]);
    let usage = metadata.usage.unwrap();
    let cost = metadata.cost.unwrap();
    assert!(usage.input_tokens > 0 && usage.output_tokens > 0);
    assert_eq!(cost.input_nanos, i64::from(usage.input_tokens) * 15_000);
    assert_eq!(cost.output_nanos, i64::from(usage.output_tokens) * 75_000);
    assert_eq!(cost.total_nanos, cost.input_nanos + cost.output_nanos);
    assert!(!metadata.attempts[0].upstream_request_id.is_empty());
    assert_eq!(headers.get("x-served-model").unwrap(), FIRST);
    assert_eq!(headers.get("x-attempt-count").unwrap(), "1");
    assert_eq!(
        headers.get("x-request-id").unwrap(),
        metadata.request_id.as_str()
    );
}

#[tokio::test]
async fn callers_request_id_comes_back() {
    let gateway = Gateway::start().await;
    let mut request = Request::new(prompt("Hi"));
    request
        .metadata_mut()
        .insert("x-request-id", "order-7".parse().unwrap());

    let answer = gateway.inference().invoke(request).await.unwrap();

    assert_eq!(answer.metadata().get("x-request-id").unwrap(), "order-7");
    assert_eq!(answer.into_inner().metadata.unwrap().request_id, "order-7");
}

#[tokio::test]
async fn model_is_called_by_its_inference_profile_arn() {
    let gateway = Gateway::start().await;

    gateway.inference().invoke(prompt("Hi")).await.unwrap();

    assert_eq!(
        gateway.emulator().journal()[0].model_id,
        "arn:aws:bedrock:us-east-1:394686422207:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0"
    );
}

#[tokio::test]
async fn answer_longer_than_max_tokens_ends_with_that_reason() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::reply(&"word ".repeat(100)));
    let mut request = prompt("Hi");
    request.inference_config.as_mut().unwrap().max_tokens = Some(10);

    let answer = gateway
        .inference()
        .invoke(request)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(answer.stop_reason(), StopReason::MaxTokens);
    assert_eq!(answer.metadata.unwrap().usage.unwrap().output_tokens, 10);
}

#[tokio::test]
async fn tool_schema_reaches_bedrock_with_its_order_and_spelling() {
    let gateway = Gateway::start().await;
    let mut request = prompt("Weather?");
    request.tool_config = Some(weather_tool());

    gateway.inference().invoke(request).await.unwrap();

    let body = gateway.body_text(0);
    assert!(
        body.contains(&format!(r#""inputSchema":{{"json":{SCHEMA}}}"#)),
        "{body}"
    );
}

#[tokio::test]
async fn tool_loop_goes_round() {
    let gateway = Gateway::start().await;
    let mut first = prompt("Weather?");
    first.tool_config = Some(weather_tool());

    let answer = gateway
        .inference()
        .invoke(first.clone())
        .await
        .unwrap()
        .into_inner();

    assert_eq!(answer.stop_reason(), StopReason::ToolUse);
    let message = answer.message.unwrap();
    let call = message
        .content
        .iter()
        .find_map(|content| match &content.block {
            Some(Block::ToolUse(call)) => Some(call.clone()),
            _ => None,
        })
        .unwrap();
    assert_eq!(call.name, "weather");
    // An integer above 2^53 that a double would have rounded.
    assert!(
        call.input_json.contains("9007199254740993"),
        "{}",
        call.input_json
    );

    let result = ToolResultBlock {
        tool_use_id: call.tool_use_id,
        content: vec![ToolResultContentBlock {
            block: Some(tool_result_content_block::Block::Json(
                r#"{"z":1.0,"a":12345678901234567890}"#.to_owned(),
            )),
        }],
        ..ToolResultBlock::default()
    };
    let mut second = first;
    second.messages = vec![
        user(vec![Block::Text(std::mem::take(&mut second.prompt))]),
        message,
        user(vec![Block::ToolResult(result)]),
    ];
    second.tool_config.as_mut().unwrap().tool_choice = None;

    let answer = gateway
        .inference()
        .invoke(second)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(answer.stop_reason(), StopReason::EndTurn);
    assert!(!answer.text.is_empty());
    let body = gateway.body_text(1);
    assert!(
        body.contains(r#"{"json":{"z":1.0,"a":12345678901234567890}}"#),
        "{body}"
    );
}

#[tokio::test]
async fn image_is_sent_with_the_format_of_its_leading_bytes() {
    let gateway = Gateway::start().await;
    let mut request = prompt("What is this?");
    request.messages = vec![user(vec![Block::Image(ImageBlock {
        source: Some(image_block::Source::Data(PNG.into())),
        ..ImageBlock::default()
    })])];

    gateway.inference().invoke(request).await.unwrap();

    let body = &gateway.bodies()[0];
    let content = body["messages"][0]["content"].as_array().unwrap();
    assert_eq!(content[0]["image"]["format"], "png");
    assert_eq!(content[1]["text"], "What is this?");
}

#[tokio::test]
async fn reasoning_comes_back_signed_and_may_be_sent_again() {
    let gateway = Gateway::start().await;
    let mut request = prompt("Think.");
    request.model = SECOND.to_owned();
    request.inference_config.as_mut().unwrap().max_tokens = Some(4_000);
    request.reasoning_config = Some(ReasoningConfig {
        mode: Mode::Enabled.into(),
        budget_tokens: Some(1_024),
        ..ReasoningConfig::default()
    });

    let answer = gateway
        .inference()
        .invoke(request.clone())
        .await
        .unwrap()
        .into_inner();

    let message = answer.message.unwrap();
    let Some(Block::Reasoning(reasoning)) = &message.content[0].block else {
        panic!("the first block is not reasoning");
    };
    assert_eq!(reasoning.model, SECOND);

    request.messages = vec![user(vec![Block::Text("Think.".to_owned())]), message];
    request.prompt = "And now?".to_owned();
    let again = gateway
        .inference()
        .invoke(request)
        .await
        .unwrap()
        .into_inner();

    assert_eq!(again.metadata.unwrap().model, SECOND);
    let sent = &gateway.bodies()[1]["messages"][1]["content"][0];
    assert!(
        sent["reasoningContent"]["reasoningText"]["signature"].is_string(),
        "{sent}"
    );
}

fn user(blocks: Vec<Block>) -> Message {
    Message {
        role: Role::User.into(),
        content: blocks
            .into_iter()
            .map(|block| ContentBlock { block: Some(block) })
            .collect(),
    }
}
