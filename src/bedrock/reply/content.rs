//! The blocks of an answer.

use aws_sdk_bedrockruntime::types as sdk;

use super::citations::cited_content;
use super::marks;
use super::media;
use crate::bedrock::reading::Place;
use crate::bedrock::reading::Reading;
use crate::proto::ContentBlock;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningText;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultStatus;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseType;
use crate::proto::content_block::Block;
use crate::proto::reasoning_block;
use crate::proto::tool_result_content_block;

/// Converts the blocks of a message.
pub(super) fn content(blocks: Vec<sdk::ContentBlock>, reading: &Reading<'_>) -> Vec<ContentBlock> {
    let mut converted = Vec::with_capacity(blocks.len());
    for (position, block) in blocks.into_iter().enumerate() {
        if let Some(block) = content_block(block, &reading.block(position)) {
            converted.push(ContentBlock { block: Some(block) });
        }
    }
    converted
}

fn content_block(block: sdk::ContentBlock, at: &Place<'_>) -> Option<Block> {
    Some(match block {
        sdk::ContentBlock::Text(text) => Block::Text(text),
        sdk::ContentBlock::Image(image) => Block::Image(media::image(image, &at.member("image"))),
        sdk::ContentBlock::Audio(audio) => Block::Audio(media::audio(audio, &at.member("audio"))),
        sdk::ContentBlock::Document(document) => {
            Block::Document(media::document(document, &at.member("document")))
        }
        sdk::ContentBlock::Video(video) => Block::Video(media::video(video, &at.member("video"))),
        sdk::ContentBlock::SearchResult(result) => {
            Block::SearchResult(media::search_result(result))
        }
        sdk::ContentBlock::ToolUse(call) => Block::ToolUse(tool_use(call, &at.member("toolUse"))),
        sdk::ContentBlock::ToolResult(result) => {
            Block::ToolResult(tool_result(result, &at.member("toolResult")))
        }
        sdk::ContentBlock::ReasoningContent(block) => {
            Block::Reasoning(reasoning(block, &at.member("reasoningContent"))?)
        }
        sdk::ContentBlock::CitationsContent(cited) => {
            Block::CitedContent(cited_content(cited, &at.member("citationsContent")))
        }
        sdk::ContentBlock::GuardContent(content) => {
            Block::GuardContent(marks::guard_content(content, &at.member("guardContent"))?)
        }
        sdk::ContentBlock::CachePoint(point) => {
            Block::CachePoint(marks::cache_point(&point, &at.member("cachePoint")))
        }
        sdk::ContentBlock::ToolAddition(addition) => {
            Block::ToolAddition(marks::tool_addition(addition))
        }
        sdk::ContentBlock::ToolRemoval(removal) => Block::ToolRemoval(marks::tool_removal(removal)),
        _ => {
            at.leave_out_member();
            return None;
        }
    })
}

fn tool_use(call: sdk::ToolUseBlock, at: &Place<'_>) -> ToolUseBlock {
    let input = at.member("input");
    ToolUseBlock {
        // As in a stream, a call without arguments has none.
        input_json: if input.is_absent() {
            "{}".to_owned()
        } else {
            input.json()
        },
        tool_use_id: call.tool_use_id,
        name: call.name,
        r#type: tool_use_type(call.r#type.as_ref(), at).into(),
    }
}

fn tool_result(result: sdk::ToolResultBlock, at: &Place<'_>) -> ToolResultBlock {
    let list = at.member("content");
    let mut content = Vec::with_capacity(result.content.len());
    for (position, block) in result.content.into_iter().enumerate() {
        if let Some(block) = tool_result_content(block, &list.item(position)) {
            content.push(ToolResultContentBlock { block: Some(block) });
        }
    }
    ToolResultBlock {
        tool_use_id: result.tool_use_id,
        content,
        status: tool_result_status(result.status.as_ref(), at).into(),
        r#type: result.r#type.unwrap_or_default(),
    }
}

fn tool_result_content(
    block: sdk::ToolResultContentBlock,
    at: &Place<'_>,
) -> Option<tool_result_content_block::Block> {
    use tool_result_content_block::Block as Converted;
    Some(match block {
        sdk::ToolResultContentBlock::Text(text) => Converted::Text(text),
        sdk::ToolResultContentBlock::Json(_) => Converted::Json(at.member("json").json()),
        sdk::ToolResultContentBlock::Image(image) => {
            Converted::Image(media::image(image, &at.member("image")))
        }
        sdk::ToolResultContentBlock::Document(document) => {
            Converted::Document(media::document(document, &at.member("document")))
        }
        sdk::ToolResultContentBlock::Video(video) => {
            Converted::Video(media::video(video, &at.member("video")))
        }
        sdk::ToolResultContentBlock::SearchResult(result) => {
            Converted::SearchResult(media::search_result(result))
        }
        _ => {
            at.leave_out_member();
            return None;
        }
    })
}

fn reasoning(block: sdk::ReasoningContentBlock, at: &Place<'_>) -> Option<ReasoningBlock> {
    let content = match block {
        sdk::ReasoningContentBlock::ReasoningText(reasoning) => {
            reasoning_block::Content::ReasoningText(ReasoningText {
                text: reasoning.text,
                signature: reasoning.signature.unwrap_or_default(),
            })
        }
        sdk::ReasoningContentBlock::RedactedContent(data) => {
            reasoning_block::Content::RedactedContent(data.into_bytes())
        }
        _ => {
            at.leave_out_member();
            return None;
        }
    };
    Some(ReasoningBlock {
        content: Some(content),
        model: at.model().to_owned(),
    })
}

/// Who runs a tool. `at` is the block.
pub(in crate::bedrock) fn tool_use_type(
    kind: Option<&sdk::ToolUseType>,
    at: &Place<'_>,
) -> ToolUseType {
    match kind {
        None => ToolUseType::Unspecified,
        Some(sdk::ToolUseType::ServerToolUse) => ToolUseType::ServerToolUse,
        Some(other) => {
            at.member("type").leave_out_value(other.as_str());
            ToolUseType::Unspecified
        }
    }
}

/// Whether a tool succeeded. `at` is the block.
pub(in crate::bedrock) fn tool_result_status(
    status: Option<&sdk::ToolResultStatus>,
    at: &Place<'_>,
) -> ToolResultStatus {
    match status {
        None => ToolResultStatus::Unspecified,
        Some(sdk::ToolResultStatus::Success) => ToolResultStatus::Success,
        Some(sdk::ToolResultStatus::Error) => ToolResultStatus::Error,
        Some(other) => {
            at.member("status").leave_out_value(other.as_str());
            ToolResultStatus::Unspecified
        }
    }
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
