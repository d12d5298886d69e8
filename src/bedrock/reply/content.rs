//! The blocks of an answer.

use aws_sdk_bedrockruntime::types as sdk;

use super::citations::cited_content;
use super::media;
use super::raw_answer::RawAnswer;
use crate::bedrock::document::document_to_json;
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

/// What the blocks of one answer need beside themselves.
pub(super) struct Answer<'a> {
    /// The JSON of the answer as it came.
    pub(super) raw: &'a RawAnswer<'a>,
    /// The registry's name of the model.
    pub(super) model: &'a str,
}

/// Converts the blocks of a message.
pub(super) fn content(blocks: Vec<sdk::ContentBlock>, answer: &Answer<'_>) -> Vec<ContentBlock> {
    let mut converted = Vec::with_capacity(blocks.len());
    for (position, block) in blocks.into_iter().enumerate() {
        if let Some(block) = content_block(block, position, answer) {
            converted.push(ContentBlock { block: Some(block) });
        } else {
            tracing::warn!(
                kind = answer.raw.members(position),
                "left out a content block of a kind this version cannot carry"
            );
        }
    }
    converted
}

fn content_block(block: sdk::ContentBlock, position: usize, answer: &Answer<'_>) -> Option<Block> {
    Some(match block {
        sdk::ContentBlock::Text(text) => Block::Text(text),
        sdk::ContentBlock::Image(image) => Block::Image(media::image(image)),
        sdk::ContentBlock::Audio(audio) => Block::Audio(media::audio(audio)),
        sdk::ContentBlock::Document(document) => Block::Document(media::document(document)),
        sdk::ContentBlock::Video(video) => Block::Video(media::video(video)),
        sdk::ContentBlock::SearchResult(result) => {
            Block::SearchResult(media::search_result(result))
        }
        sdk::ContentBlock::ToolUse(call) => Block::ToolUse(ToolUseBlock {
            input_json: answer
                .raw
                .tool_input(position)
                .unwrap_or_else(|| document_to_json(&call.input)),
            tool_use_id: call.tool_use_id,
            name: call.name,
            r#type: tool_use_type(call.r#type.as_ref()).into(),
        }),
        sdk::ContentBlock::ToolResult(result) => {
            Block::ToolResult(tool_result(result, position, answer))
        }
        sdk::ContentBlock::ReasoningContent(block) => {
            Block::Reasoning(reasoning(block, answer.model)?)
        }
        sdk::ContentBlock::CitationsContent(cited) => Block::CitedContent(cited_content(cited)),
        // The rest are input only, or not known to this SDK.
        _ => return None,
    })
}

fn tool_result(
    result: sdk::ToolResultBlock,
    position: usize,
    answer: &Answer<'_>,
) -> ToolResultBlock {
    let mut json = answer.raw.tool_result_json(position).unwrap_or_default();
    let mut content = Vec::with_capacity(result.content.len());
    for (piece, block) in result.content.into_iter().enumerate() {
        use tool_result_content_block::Block as Converted;
        let block = match block {
            sdk::ToolResultContentBlock::Text(text) => Converted::Text(text),
            sdk::ToolResultContentBlock::Json(value) => Converted::Json(
                json.get_mut(piece)
                    .and_then(Option::take)
                    .unwrap_or_else(|| document_to_json(&value)),
            ),
            sdk::ToolResultContentBlock::Image(image) => Converted::Image(media::image(image)),
            sdk::ToolResultContentBlock::Document(document) => {
                Converted::Document(media::document(document))
            }
            sdk::ToolResultContentBlock::Video(video) => Converted::Video(media::video(video)),
            sdk::ToolResultContentBlock::SearchResult(result) => {
                Converted::SearchResult(media::search_result(result))
            }
            _ => {
                tracing::warn!("left out a piece of a tool result of an unknown kind");
                continue;
            }
        };
        content.push(ToolResultContentBlock { block: Some(block) });
    }
    ToolResultBlock {
        tool_use_id: result.tool_use_id,
        content,
        status: tool_result_status(result.status.as_ref()).into(),
        r#type: result.r#type.unwrap_or_default(),
    }
}

fn reasoning(block: sdk::ReasoningContentBlock, model: &str) -> Option<ReasoningBlock> {
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
        _ => return None,
    };
    Some(ReasoningBlock {
        content: Some(content),
        model: model.to_owned(),
    })
}

/// Who runs a tool.
pub(in crate::bedrock) fn tool_use_type(kind: Option<&sdk::ToolUseType>) -> ToolUseType {
    match kind {
        None => ToolUseType::Unspecified,
        Some(sdk::ToolUseType::ServerToolUse) => ToolUseType::ServerToolUse,
        Some(other) => {
            tracing::warn!(
                kind = other.as_str(),
                "left out an unknown type of tool use"
            );
            ToolUseType::Unspecified
        }
    }
}

/// Whether a tool succeeded.
pub(in crate::bedrock) fn tool_result_status(
    status: Option<&sdk::ToolResultStatus>,
) -> ToolResultStatus {
    match status {
        None => ToolResultStatus::Unspecified,
        Some(sdk::ToolResultStatus::Success) => ToolResultStatus::Success,
        Some(sdk::ToolResultStatus::Error) => ToolResultStatus::Error,
        Some(other) => {
            tracing::warn!(
                status = other.as_str(),
                "left out an unknown status of a tool"
            );
            ToolResultStatus::Unspecified
        }
    }
}
