//! Lets a model call a tool of ours, until it needs no more.

#![cfg_attr(not(test), expect(clippy::print_stdout, reason = "a sample prints"))]

use bedrock_gateway::client::Client;
use bedrock_gateway::client::Error;
use bedrock_gateway::client::Options;
use bedrock_gateway::proto::AnyToolChoice;
use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::Role;
use bedrock_gateway::proto::StopReason;
use bedrock_gateway::proto::Tool;
use bedrock_gateway::proto::ToolChoice;
use bedrock_gateway::proto::ToolConfig;
use bedrock_gateway::proto::ToolResultBlock;
use bedrock_gateway::proto::ToolResultContentBlock;
use bedrock_gateway::proto::ToolResultStatus;
use bedrock_gateway::proto::ToolSpec;
use bedrock_gateway::proto::ToolUseBlock;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::tool;
use bedrock_gateway::proto::tool_choice::Choice;
use bedrock_gateway::proto::tool_result_content_block;
use bedrock_gateway::proto::tool_spec::InputSchemaForm;

/// After this many rounds something is wrong.
const MAX_ROUNDS: usize = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let address =
        std::env::var_os("GATEWAY_ADDRESS").unwrap_or_else(|| "http://127.0.0.1:50051".into());
    let client = Client::connect(&address.to_string_lossy(), Options::new()).await?;
    run(&client).await
}

/// The sample itself.
pub(crate) async fn run(client: &Client) -> Result<(), Error> {
    let question = Block::Text("What is the weather in Oslo?".to_owned());
    let mut messages = vec![message(Role::User, vec![question])];
    // The first answer has to be a call; then the model decides.
    let mut choice = Some(Choice::Any(AnyToolChoice {}));
    for _ in 0..MAX_ROUNDS {
        let request = InvokeRequest {
            messages: messages.clone(),
            tool_config: Some(ToolConfig {
                tools: vec![weather_tool()],
                tool_choice: choice.take().map(|choice| ToolChoice {
                    choice: Some(choice),
                }),
            }),
            ..InvokeRequest::default()
        };
        let answer = client.invoke(request).await?;
        let stop_reason = answer.stop_reason();
        let said = answer.message.unwrap_or_default();
        let results = said
            .content
            .iter()
            .filter_map(|content| match &content.block {
                Some(Block::ToolUse(call)) => Some(Block::ToolResult(weather(call))),
                _ => None,
            });
        let results: Vec<_> = results.collect();
        // The model's words go back as they came, reasoning included.
        messages.push(said);
        if stop_reason != StopReason::ToolUse {
            println!("{}", answer.text);
            return Ok(());
        }
        messages.push(message(Role::User, results));
    }
    println!("the model wants more and more tools");
    Ok(())
}

fn weather_tool() -> Tool {
    let schema = r#"{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#;
    let spec = ToolSpec {
        name: "get_weather".to_owned(),
        description: "The weather in a city now".to_owned(),
        input_schema_form: Some(InputSchemaForm::InputSchemaJson(schema.to_owned())),
        ..ToolSpec::default()
    };
    Tool {
        tool: Some(tool::Tool::ToolSpec(spec)),
    }
}

/// Runs the tool.
fn weather(call: &ToolUseBlock) -> ToolResultBlock {
    println!("{} was called with {}", call.name, call.input_json);
    let output = tool_result_content_block::Block::Json(r#"{"celsius":-3}"#.to_owned());
    ToolResultBlock {
        tool_use_id: call.tool_use_id.clone(),
        status: ToolResultStatus::Success.into(),
        content: vec![ToolResultContentBlock {
            block: Some(output),
        }],
        ..ToolResultBlock::default()
    }
}

fn message(role: Role, blocks: Vec<Block>) -> Message {
    let content = blocks
        .into_iter()
        .map(|block| ContentBlock { block: Some(block) });
    Message {
        role: role.into(),
        content: content.collect(),
    }
}
