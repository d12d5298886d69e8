//! Joins the events of a stream into the answer they tell, as the API's comments tell a client to.
//!
//! Whether the events are in order is not checked here; `rules/stream` does that before.

use std::collections::BTreeMap;

use crate::proto::CitedContentBlock;
use crate::proto::CitedText;
use crate::proto::ContentBlock;
use crate::proto::ImageBlock;
use crate::proto::InvokeResponse;
use crate::proto::Message;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningText;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolUseBlock;
use crate::proto::cited_text;
use crate::proto::content_block::Block;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::image_block::Source;
use crate::proto::image_block_delta;
use crate::proto::invoke_stream_response::Event;
use crate::proto::reasoning_block::Content;
use crate::proto::reasoning_block_delta;
use crate::proto::tool_result_content_block::Block as Piece;
use crate::proto::tool_result_delta_item::Item;

/// The answer, with the text that a whole answer would repeat.
pub(super) fn join(events: &[Event]) -> InvokeResponse {
    let mut answer = InvokeResponse::default();
    let mut role = 0;
    let mut blocks: BTreeMap<i32, Option<Block>> = BTreeMap::new();
    for event in events {
        match event {
            Event::MessageStart(start) => role = start.role,
            Event::ContentBlockStart(start) => {
                blocks.insert(
                    start.content_block_index,
                    start.start.clone().and_then(opened),
                );
            }
            Event::ContentBlockDelta(delta) => {
                if let Some(Some(block)) = blocks.get_mut(&delta.content_block_index)
                    && let Some(delta) = delta.delta.clone()
                {
                    extend(block, delta);
                }
            }
            Event::MessageStop(stop) => {
                answer.stop_reason = stop.stop_reason;
                answer.raw_stop_reason.clone_from(&stop.raw_stop_reason);
            }
            Event::Metadata(metadata) => answer.metadata = Some((**metadata).clone()),
            Event::Attempt(attempt) if attempt.output_discarded => blocks.clear(),
            Event::Attempt(_) | Event::ContentBlockStop(_) | Event::Heartbeat(_) => {}
        }
    }
    let content = blocks.into_values();
    let message = Message {
        role,
        content: content.map(|block| ContentBlock { block }).collect(),
    };
    answer.text = message.text();
    answer.message = Some(message);
    answer
}

fn opened(start: Start) -> Option<Block> {
    Some(match start {
        Start::Text(_) => Block::Text(String::new()),
        Start::ToolUse(start) => Block::ToolUse(ToolUseBlock {
            tool_use_id: start.tool_use_id,
            name: start.name,
            r#type: start.r#type,
            input_json: String::new(),
        }),
        Start::ToolResult(start) => Block::ToolResult(ToolResultBlock {
            tool_use_id: start.tool_use_id,
            r#type: start.r#type,
            status: start.status,
            content: Vec::new(),
        }),
        Start::Reasoning(start) => Block::Reasoning(ReasoningBlock {
            model: start.model,
            content: None,
        }),
        Start::Image(start) => Block::Image(ImageBlock {
            mime_type: start.mime_type,
            ..ImageBlock::default()
        }),
        Start::Whole(whole) => return whole.block,
    })
}

/// Appends a delta. One that does not suit the block is left out.
fn extend(block: &mut Block, delta: Delta) {
    match (block, delta) {
        (Block::Text(text), Delta::Text(more)) => text.push_str(&more),
        (block @ Block::Text(_), Delta::Citation(citation)) => {
            if let Block::Text(text) = block {
                let content = Some(cited_text::Content::Text(std::mem::take(text)));
                *block = Block::CitedContent(CitedContentBlock {
                    content: vec![CitedText { content }],
                    citations: vec![*citation],
                });
            }
        }
        (Block::CitedContent(cited), Delta::Citation(citation)) => cited.citations.push(*citation),
        (Block::CitedContent(cited), Delta::Text(more)) => {
            if let Some(CitedText {
                content: Some(cited_text::Content::Text(text)),
            }) = cited.content.last_mut()
            {
                text.push_str(&more);
            }
        }
        (Block::ToolUse(call), Delta::ToolUse(more)) => call.input_json.push_str(&more.input_json),
        (Block::ToolResult(result), Delta::ToolResult(more)) => {
            for item in more.items.into_iter().filter_map(|item| item.item) {
                append(&mut result.content, item);
            }
        }
        (Block::Reasoning(block), Delta::Reasoning(more)) => {
            if let Some(delta) = more.delta {
                think(&mut block.content, delta);
            }
        }
        (Block::Image(image), Delta::Image(more)) => {
            match (&mut image.source, more.source) {
                (Some(Source::Data(data)), Some(image_block_delta::Source::Data(more))) => {
                    *data = [&**data, &*more].concat().into();
                }
                (source, Some(image_block_delta::Source::Data(data))) => {
                    *source = Some(Source::Data(data));
                }
                (source, Some(image_block_delta::Source::S3Location(location))) => {
                    *source = Some(Source::S3Location(location));
                }
                (_, None) => {}
            }
            image.error = more.error.or_else(|| image.error.take());
        }
        (_, _) => {}
    }
}

/// Texts in a row are one.
fn append(content: &mut Vec<ToolResultContentBlock>, item: Item) {
    let last = content.last_mut().and_then(|last| last.block.as_mut());
    let piece = match (last, item) {
        (Some(Piece::Text(text)), Item::Text(more)) => {
            text.push_str(&more);
            return;
        }
        (_, Item::Text(text)) => Piece::Text(text),
        (_, Item::Json(json)) => Piece::Json(json),
    };
    content.push(ToolResultContentBlock { block: Some(piece) });
}

fn think(content: &mut Option<Content>, delta: reasoning_block_delta::Delta) {
    use reasoning_block_delta::Delta;

    if let Delta::RedactedContent(more) = delta {
        let redacted = match content {
            Some(Content::RedactedContent(redacted)) => [&**redacted, &*more].concat().into(),
            _ => more,
        };
        *content = Some(Content::RedactedContent(redacted));
        return;
    }
    let thought = content.get_or_insert_with(|| Content::ReasoningText(ReasoningText::default()));
    if let Content::ReasoningText(thought) = thought {
        match delta {
            Delta::Text(more) => thought.text.push_str(&more),
            Delta::Signature(signature) => thought.signature = signature,
            Delta::RedactedContent(_) => {}
        }
    }
}
