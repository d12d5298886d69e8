//! Starts and deltas of streamed blocks, one by one. Their order is not looked at here.

use aws_sdk_bedrockruntime::types as sdk;

use super::media_type;
use super::reading::Place;
use super::reading::spelling;
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

/// `None` for a kind of block this SDK does not know, or none at all. `at` is the member `start` of the event.
pub(super) fn start(start: sdk::ContentBlockStart, at: &Place<'_>) -> Option<Start> {
    Some(match start {
        sdk::ContentBlockStart::ToolUse(call) => Start::ToolUse(ToolUseBlockStart {
            tool_use_id: call.tool_use_id,
            name: call.name,
            r#type: reply::tool_use_type(call.r#type.as_ref(), &at.member("toolUse")).into(),
        }),
        sdk::ContentBlockStart::ToolResult(result) => Start::ToolResult(ToolResultBlockStart {
            tool_use_id: result.tool_use_id,
            r#type: result.r#type.unwrap_or_default(),
            status: reply::tool_result_status(result.status.as_ref(), &at.member("toolResult"))
                .into(),
        }),
        sdk::ContentBlockStart::Image(image) => Start::Image(ImageBlockStart {
            mime_type: media_type::IMAGE.mime_type(spelling(image.format.as_str())),
        }),
        _ => return None,
    })
}

/// `None` for a kind of delta this SDK does not know. `at` is the member `delta` of the event.
pub(super) fn delta(delta: sdk::ContentBlockDelta, at: &Place<'_>) -> Option<Delta> {
    Some(match delta {
        sdk::ContentBlockDelta::Text(text) => Delta::Text(text),
        sdk::ContentBlockDelta::ToolUse(call) => Delta::ToolUse(ToolUseBlockDelta {
            input_json: call.input,
        }),
        sdk::ContentBlockDelta::ToolResult(items) => {
            let at = at.member("toolResult");
            let items = items.into_iter().enumerate();
            Delta::ToolResult(ToolResultBlockDelta {
                items: items
                    .filter_map(|(position, item)| tool_result_item(item, &at.item(position)))
                    .map(|item| ToolResultDeltaItem { item: Some(item) })
                    .collect(),
            })
        }
        sdk::ContentBlockDelta::ReasoningContent(part) => {
            Delta::Reasoning(reasoning(part, &at.member("reasoningContent"))?)
        }
        sdk::ContentBlockDelta::Citation(citation) => Delta::Citation(Box::new(
            reply::citation_delta(citation, &at.member("citation")),
        )),
        sdk::ContentBlockDelta::Image(image) => {
            Delta::Image(image_delta(image, &at.member("image"))?)
        }
        _ => {
            at.leave_out_member();
            return None;
        }
    })
}

fn tool_result_item(item: sdk::ToolResultBlockDelta, at: &Place<'_>) -> Option<Item> {
    match item {
        sdk::ToolResultBlockDelta::Text(text) => Some(Item::Text(text)),
        sdk::ToolResultBlockDelta::Json(_) => Some(Item::Json(at.member("json").json())),
        _ => {
            at.leave_out_member();
            None
        }
    }
}

fn reasoning(part: sdk::ReasoningContentBlockDelta, at: &Place<'_>) -> Option<ReasoningBlockDelta> {
    use reasoning_block_delta::Delta as Part;
    let part = match part {
        sdk::ReasoningContentBlockDelta::Text(text) => Part::Text(text),
        sdk::ReasoningContentBlockDelta::Signature(signature) => Part::Signature(signature),
        sdk::ReasoningContentBlockDelta::RedactedContent(data) => {
            Part::RedactedContent(data.into_bytes())
        }
        _ => {
            at.leave_out_member();
            return None;
        }
    };
    Some(ReasoningBlockDelta { delta: Some(part) })
}

/// `None` if nothing is left to tell.
fn image_delta(image: sdk::ImageBlockDelta, at: &Place<'_>) -> Option<ImageBlockDelta> {
    let source = image.source.and_then(|source| match source {
        sdk::ImageSource::Bytes(data) => Some(image_block_delta::Source::Data(data.into_bytes())),
        sdk::ImageSource::S3Location(location) => Some(image_block_delta::Source::S3Location(
            reply::s3_location(location),
        )),
        _ => {
            at.member("source").leave_out_member();
            None
        }
    });
    let error = image.error.map(reply::error_block);
    (source.is_some() || error.is_some()).then_some(ImageBlockDelta { source, error })
}
