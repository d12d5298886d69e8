//! The rule of both ways of a call: a stream, joined, is the whole answer.

use serde_json::Value;

use crate::conformance::expectation::Same;
use crate::conformance::result::Finding;
use crate::proto::ContentBlock;
use crate::proto::InvokeResponse;
use crate::proto::content_block::Block;

pub(super) const NAME: &str = "unary-equals-stream";
pub(super) const PROMISE: &str = "the events of a stream, joined, are what a whole answer says";

/// What differs between a whole answer and one that was joined.
pub(in crate::conformance) fn compare_ways(
    whole: &InvokeResponse,
    joined: &InvokeResponse,
    same: Same,
) -> Option<Finding> {
    let problem = difference(whole, joined, same)?;
    Some(Finding::new(NAME, format!("{problem} differs")))
}

fn difference(whole: &InvokeResponse, joined: &InvokeResponse, same: Same) -> Option<&'static str> {
    let usage = |answer: &InvokeResponse| {
        answer
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.usage.clone())
    };
    if whole.stop_reason != joined.stop_reason {
        return Some("the stop reason");
    }
    let blocks = [whole, joined].map(|answer| match &answer.message {
        Some(message) => message.content.as_slice(),
        None => &[],
    });
    let [mine, theirs] = blocks.map(|blocks| blocks.iter().map(shape).collect::<Vec<_>>());
    if mine != theirs {
        return Some("the sequence of blocks");
    }
    match same {
        Same::Shape => {
            let [mine, theirs] =
                [whole, joined].map(|answer| usage(answer).map(|usage| usage.input_tokens));
            (mine != theirs).then_some("the number of input tokens")
        }
        Same::Content => {
            let [mine, theirs] =
                blocks.map(|blocks| blocks.iter().map(content).collect::<Vec<_>>());
            if mine != theirs {
                return Some("the content of the blocks");
            }
            (usage(whole) != usage(joined)).then_some("the usage")
        }
    }
}

/// The kind of a block, and of a call the tool.
fn shape(block: &ContentBlock) -> (Option<std::mem::Discriminant<Block>>, Option<&str>) {
    let name = if let Some(Block::ToolUse(call)) = &block.block {
        Some(call.name.as_str())
    } else {
        None
    };
    (block.block.as_ref().map(std::mem::discriminant), name)
}

/// The block with what is drawn anew each time left out: ids, and the spelling of JSON.
fn content(block: &ContentBlock) -> (ContentBlock, Option<Value>) {
    let mut block = block.clone();
    let mut input = None;
    if let Some(Block::ToolUse(call)) = &mut block.block {
        call.tool_use_id.clear();
        input = serde_json::from_str(&call.input_json).ok();
        call.input_json.clear();
    }
    (block, input)
}
