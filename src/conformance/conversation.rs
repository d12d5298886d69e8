//! Goes on with a conversation: repeats what was asked and answered, and adds what comes next.

use serde_json::Value;
use serde_json::json;

use crate::conformance::case::Step;
use crate::conformance::messages;
use crate::conformance::placeholders::Names;
use crate::proto::ContentBlock;
use crate::proto::InvokeRequest;
use crate::proto::Message;
use crate::proto::Role;
use crate::proto::ToolResultBlock;
use crate::proto::content_block::Block;

/// The request of the next call.
///
/// # Errors
/// Why there is none, for people.
pub(super) fn next(
    before: &InvokeRequest,
    answer: &Message,
    step: &Step,
    names: &Names,
) -> Result<InvokeRequest, String> {
    // Fields given anew replace those of the call before.
    let changes = changes(&names.fill(&step.request))?;
    let mut request = before.clone();
    if changes.inference_config.is_some() {
        request.inference_config = changes.inference_config;
    }
    if changes.tool_config.is_some() {
        request.tool_config = changes.tool_config;
    }
    if changes.reasoning_config.is_some() {
        request.reasoning_config = changes.reasoning_config;
    }
    if changes.output_config.is_some() {
        request.output_config = changes.output_config;
    }
    if !changes.system.is_empty() {
        request.system = changes.system;
    }
    let prompt = std::mem::take(&mut request.prompt);
    if !prompt.is_empty() {
        request.messages.push(user(vec![Block::Text(prompt)]));
    }
    request.messages.push(answer.clone());
    let blocks = match (&step.prompt, &step.tool_result) {
        (Some(prompt), _) => vec![Block::Text(names.fill_text(prompt))],
        (None, Some(result)) => results(answer, &names.fill(result))?,
        (None, None) => Vec::new(),
    };
    request.messages.push(user(blocks));
    Ok(request)
}

/// The fields that a step gives anew.
///
/// # Errors
/// If there are others than those that [`next`] replaces.
pub(super) fn changes(request: &Value) -> Result<InvokeRequest, String> {
    let changes: InvokeRequest = messages::read(request)?;
    let rest = InvokeRequest {
        inference_config: None,
        tool_config: None,
        reasoning_config: None,
        output_config: None,
        system: Vec::new(),
        ..changes.clone()
    };
    if rest == InvokeRequest::default() {
        Ok(changes)
    } else {
        Err(
            "may replace inference_config, tool_config, reasoning_config, output_config and system \
             only; the rest follows from the conversation"
                .to_owned(),
        )
    }
}

/// What a tool has returned, for a call with this id.
///
/// # Errors
/// Why it is no result.
pub(super) fn result(id: &str, content: &Value) -> Result<ToolResultBlock, String> {
    messages::read(&json!({"tool_use_id": id, "content": content}))
}

/// The same result for every call of a tool in the answer.
fn results(answer: &Message, content: &Value) -> Result<Vec<Block>, String> {
    let mut results = Vec::new();
    for block in &answer.content {
        if let Some(Block::ToolUse(call)) = &block.block {
            let result = result(&call.tool_use_id, content)?;
            results.push(Block::ToolResult(result));
        }
    }
    if results.is_empty() {
        return Err("the answer calls no tool, so that nothing can be returned".to_owned());
    }
    Ok(results)
}

fn user(blocks: Vec<Block>) -> Message {
    let content = blocks
        .into_iter()
        .map(|block| ContentBlock { block: Some(block) });
    Message {
        role: Role::User.into(),
        content: content.collect(),
    }
}
