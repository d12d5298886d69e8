//! Goes on with a conversation: repeats what was asked and answered, and adds what comes next.

use serde_json::Value;
use serde_json::json;

use crate::conformance::case::Step;
use crate::conformance::messages;
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
) -> Result<InvokeRequest, String> {
    // Fields given anew replace those of the call before.
    let changes: InvokeRequest = messages::read(&Value::Object(step.request.clone()))?;
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
        (Some(prompt), _) => vec![Block::Text(prompt.clone())],
        (None, Some(result)) => results(answer, result)?,
        (None, None) => Vec::new(),
    };
    request.messages.push(user(blocks));
    Ok(request)
}

/// The same result for every call of a tool in the answer.
fn results(answer: &Message, content: &Value) -> Result<Vec<Block>, String> {
    let calls = answer
        .content
        .iter()
        .filter_map(|block| match &block.block {
            Some(Block::ToolUse(call)) => Some(call.tool_use_id.clone()),
            _ => None,
        });
    let results = calls.map(|id| {
        let result = json!({"tool_use_id": id, "content": content});
        messages::read::<ToolResultBlock>(&result).map(Block::ToolResult)
    });
    let results: Vec<Block> = results.collect::<Result<_, _>>()?;
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
