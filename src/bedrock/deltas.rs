//! Starts and deltas of streamed blocks, one by one. Their order is not looked at here.

use aws_sdk_bedrockruntime::types as sdk;

use super::document::document_to_json;
use super::media_type;
use super::raw_frames::tool_result_json;
use super::reply;
use crate::proto::ImageBlockDelta;
use crate::proto::ImageBlockStart;
use crate::proto::ReasoningBlockDelta;
use crate::proto::ToolResultBlockDelta;
use crate::proto::ToolResultBlockStart;
use crate::proto::ToolResultDeltaItem;
use crate::proto::ToolUseBlockDelta;
use crate::proto::ToolUseBlockStart;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::image_block_delta;
use crate::proto::reasoning_block_delta;
use crate::proto::tool_result_delta_item::Item;

/// `None` for a kind of block this SDK does not know.
pub(super) fn start(start: sdk::ContentBlockStart) -> Option<Start> {
    Some(match start {
        sdk::ContentBlockStart::ToolUse(call) => Start::ToolUse(ToolUseBlockStart {
            tool_use_id: call.tool_use_id,
            name: call.name,
            r#type: reply::tool_use_type(call.r#type.as_ref()).into(),
        }),
        sdk::ContentBlockStart::ToolResult(result) => Start::ToolResult(ToolResultBlockStart {
            tool_use_id: result.tool_use_id,
            r#type: result.r#type.unwrap_or_default(),
            status: reply::tool_result_status(result.status.as_ref()).into(),
        }),
        sdk::ContentBlockStart::Image(image) => Start::Image(ImageBlockStart {
            mime_type: media_type::IMAGE.mime_type(image.format.as_str()),
        }),
        _ => {
            tracing::warn!("left out a streamed block of an unknown kind");
            return None;
        }
    })
}

/// `None` for a kind of delta this SDK does not know. `payload` is the event's own bytes, if kept.
pub(super) fn delta(delta: sdk::ContentBlockDelta, payload: Option<&[u8]>) -> Option<Delta> {
    Some(match delta {
        sdk::ContentBlockDelta::Text(text) => Delta::Text(text),
        sdk::ContentBlockDelta::ToolUse(call) => Delta::ToolUse(ToolUseBlockDelta {
            input_json: call.input,
        }),
        sdk::ContentBlockDelta::ToolResult(items) => Delta::ToolResult(ToolResultBlockDelta {
            items: tool_result_items(items, payload),
        }),
        sdk::ContentBlockDelta::ReasoningContent(part) => Delta::Reasoning(reasoning(part)?),
        sdk::ContentBlockDelta::Citation(citation) => {
            Delta::Citation(Box::new(reply::citation_delta(citation)))
        }
        sdk::ContentBlockDelta::Image(image) => Delta::Image(image_delta(image)),
        _ => return None,
    })
}

fn tool_result_items(
    items: Vec<sdk::ToolResultBlockDelta>,
    payload: Option<&[u8]>,
) -> Vec<ToolResultDeltaItem> {
    let mut json = payload.map(tool_result_json).unwrap_or_default();
    let mut converted = Vec::with_capacity(items.len());
    for (position, item) in items.into_iter().enumerate() {
        let item = match item {
            sdk::ToolResultBlockDelta::Text(text) => Item::Text(text),
            sdk::ToolResultBlockDelta::Json(value) => Item::Json(
                json.get_mut(position)
                    .and_then(Option::take)
                    .unwrap_or_else(|| document_to_json(&value)),
            ),
            _ => {
                tracing::warn!("left out a piece of a streamed tool result of an unknown kind");
                continue;
            }
        };
        converted.push(ToolResultDeltaItem { item: Some(item) });
    }
    converted
}

fn reasoning(part: sdk::ReasoningContentBlockDelta) -> Option<ReasoningBlockDelta> {
    use reasoning_block_delta::Delta as Part;
    let part = match part {
        sdk::ReasoningContentBlockDelta::Text(text) => Part::Text(text),
        sdk::ReasoningContentBlockDelta::Signature(signature) => Part::Signature(signature),
        sdk::ReasoningContentBlockDelta::RedactedContent(data) => {
            Part::RedactedContent(data.into_bytes())
        }
        _ => return None,
    };
    Some(ReasoningBlockDelta { delta: Some(part) })
}

fn image_delta(image: sdk::ImageBlockDelta) -> ImageBlockDelta {
    ImageBlockDelta {
        source: image.source.and_then(|source| match source {
            sdk::ImageSource::Bytes(data) => {
                Some(image_block_delta::Source::Data(data.into_bytes()))
            }
            sdk::ImageSource::S3Location(location) => Some(image_block_delta::Source::S3Location(
                reply::s3_location(location),
            )),
            _ => None,
        }),
        error: image.error.map(reply::error_block),
    }
}
