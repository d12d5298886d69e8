//! What the tests of the rules share: requests, models and what is read off a fit.

use crate::proto::Capability;
use crate::proto::ContentBlock;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::Message;
use crate::proto::Role;
use crate::proto::RoutingConfig;
use crate::proto::Tool;
use crate::proto::ToolChoice;
use crate::proto::ToolConfig;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolSpec;
use crate::proto::ToolUseBlock;
use crate::proto::content_block::Block;
use crate::proto::routing_config::UnsupportedFieldPolicy;
use crate::proto::tool;
use crate::proto::tool_choice::Choice;
use crate::proto::tool_result_content_block;
use crate::registry::Capabilities;
use crate::registry::Model;
use crate::routing::adapt::Fit;
use crate::routing::adapt::Skip;
use crate::routing::adapt::adapt;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::learned::Refusals;
use crate::routing::needs::Needs;

/// The fit of a unary request to a model that refused nothing yet.
pub(super) fn fit(request: &InvokeRequest, model: &Model) -> Result<Fit, Skip> {
    let needs = Needs::of(request, false);
    adapt(request, &needs, model, Refusals::default(), "anthropic")
}

/// Why the model is passed over.
pub(super) fn skip(request: &InvokeRequest, model: &Model) -> String {
    fit(request, model).unwrap_err().message
}

/// The fields that were changed.
pub(super) fn fields(fit: &Fit) -> Vec<&str> {
    let adjustments = fit.adjustments.iter();
    adjustments
        .map(|adjustment| adjustment.field.as_str())
        .collect()
}

/// A prompt with these parameters.
pub(super) fn with_config(config: InferenceConfig) -> InvokeRequest {
    InvokeRequest {
        inference_config: Some(config),
        ..prompt()
    }
}

/// The same, and the caller allows to leave fields out.
pub(super) fn dropping(request: InvokeRequest) -> InvokeRequest {
    InvokeRequest {
        routing_config: Some(RoutingConfig {
            unsupported_field_policy: UnsupportedFieldPolicy::DropField.into(),
            ..RoutingConfig::default()
        }),
        ..request
    }
}

/// A model that can do everything but for this.
pub(super) fn limited(limit: impl FnOnce(&mut Capabilities)) -> Model {
    let mut model = model("plain", 1);
    limit(&mut model.capabilities);
    model
}

/// A model that can do everything but this.
pub(super) fn without(capability: Capability) -> Model {
    limited(|capabilities| capabilities.flags.retain(|flag| *flag != capability))
}

/// A message with these blocks.
pub(super) fn message(role: Role, blocks: impl IntoIterator<Item = Block>) -> Message {
    let blocks = blocks.into_iter();
    Message {
        role: role.into(),
        content: blocks
            .map(|block| ContentBlock { block: Some(block) })
            .collect(),
    }
}

/// A request with these messages and nothing else.
pub(super) fn conversation(messages: impl IntoIterator<Item = Message>) -> InvokeRequest {
    InvokeRequest {
        messages: messages.into_iter().collect(),
        ..InvokeRequest::default()
    }
}

/// Text of anybody.
pub(super) fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

/// A call of a tool.
pub(super) fn tool_use() -> Block {
    Block::ToolUse(ToolUseBlock {
        tool_use_id: "t1".to_owned(),
        name: "clock".to_owned(),
        input_json: "{}".to_owned(),
        ..ToolUseBlock::default()
    })
}

/// The result of a tool.
pub(super) fn tool_result(item: tool_result_content_block::Block) -> ToolResultBlock {
    ToolResultBlock {
        tool_use_id: "t1".to_owned(),
        content: vec![ToolResultContentBlock { block: Some(item) }],
        ..ToolResultBlock::default()
    }
}

/// The result of a tool, as text.
pub(super) fn text_result() -> Block {
    let item = tool_result_content_block::Block::Text("noon".to_owned());
    Block::ToolResult(tool_result(item))
}

/// One tool, and how it may be chosen.
pub(super) fn tools(choice: Option<Choice>) -> ToolConfig {
    ToolConfig {
        tools: vec![Tool {
            tool: Some(tool::Tool::ToolSpec(ToolSpec {
                name: "clock".to_owned(),
                ..ToolSpec::default()
            })),
        }],
        tool_choice: choice.map(|choice| ToolChoice {
            choice: Some(choice),
        }),
    }
}
