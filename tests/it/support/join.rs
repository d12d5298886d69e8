//! Joins the events of InvokeStream into a message, as the comments of the API tell a client to.
//!
//! It knows nothing of how the gateway joins them.

use std::collections::BTreeMap;

use bedrock_gateway::proto::CitedContentBlock;
use bedrock_gateway::proto::CitedText;
use bedrock_gateway::proto::ContentBlock;
use bedrock_gateway::proto::ImageBlock;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::ReasoningBlock;
use bedrock_gateway::proto::ReasoningText;
use bedrock_gateway::proto::ToolResultBlock;
use bedrock_gateway::proto::ToolResultContentBlock;
use bedrock_gateway::proto::ToolUseBlock;
use bedrock_gateway::proto::cited_text;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::content_block_delta_event::Delta;
use bedrock_gateway::proto::content_block_start_event::Start;
use bedrock_gateway::proto::image_block::Source;
use bedrock_gateway::proto::image_block_delta;
use bedrock_gateway::proto::invoke_stream_response::Event;
use bedrock_gateway::proto::reasoning_block::Content;
use bedrock_gateway::proto::reasoning_block_delta;
use bedrock_gateway::proto::tool_result_content_block::Block as Piece;
use bedrock_gateway::proto::tool_result_delta_item::Item;

/// The message that the events tell. Fails on events that the API does not allow.
pub(crate) fn join(events: &[Event]) -> Message {
    let mut role = None;
    let mut blocks: BTreeMap<i32, Block> = BTreeMap::new();
    let mut open = Vec::new();
    for event in events {
        match event {
            Event::MessageStart(start) => assert_eq!(role.replace(start.role), None),
            Event::ContentBlockStart(start) => {
                let index = start.content_block_index;
                let block = opened(start.start.clone().unwrap());
                assert!(blocks.insert(index, block).is_none(), "opened twice");
                open.push(index);
            }
            Event::ContentBlockDelta(delta) => {
                let index = delta.content_block_index;
                assert!(
                    open.contains(&index),
                    "a delta for a block that is not open"
                );
                extend(
                    blocks.get_mut(&index).unwrap(),
                    delta.delta.clone().unwrap(),
                );
            }
            Event::ContentBlockStop(stop) => {
                let index = stop.content_block_index;
                assert!(open.contains(&index), "closed without being open");
                open.retain(|other| *other != index);
            }
            Event::MessageStop(_) => assert!(open.is_empty(), "left open: {open:?}"),
            Event::Attempt(_) | Event::Metadata(_) | Event::Heartbeat(_) => {}
        }
    }
    let blocks = blocks.into_values();
    Message {
        role: role.unwrap(),
        content: blocks
            .map(|block| ContentBlock { block: Some(block) })
            .collect(),
    }
}

fn opened(start: Start) -> Block {
    match start {
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
        Start::Whole(whole) => whole.block.unwrap(),
    }
}

fn extend(block: &mut Block, delta: Delta) {
    match (block, delta) {
        (Block::Text(text), Delta::Text(more)) => text.push_str(&more),
        (block @ Block::Text(_), Delta::Citation(citation)) => {
            let Block::Text(text) = block else { return };
            let content = Some(cited_text::Content::Text(std::mem::take(text)));
            *block = Block::CitedContent(CitedContentBlock {
                content: vec![CitedText { content }],
                citations: vec![*citation],
            });
        }
        (Block::CitedContent(cited), Delta::Citation(citation)) => cited.citations.push(*citation),
        (Block::CitedContent(cited), Delta::Text(more)) => match &mut cited.content[0].content {
            Some(cited_text::Content::Text(text)) => text.push_str(&more),
            None => panic!("cited text without text"),
        },
        (Block::ToolUse(call), Delta::ToolUse(more)) => call.input_json.push_str(&more.input_json),
        (Block::ToolResult(result), Delta::ToolResult(more)) => {
            for item in more.items {
                let last = result
                    .content
                    .last_mut()
                    .and_then(|last| last.block.as_mut());
                let piece = match (last, item.item.unwrap()) {
                    (Some(Piece::Text(text)), Item::Text(more)) => {
                        text.push_str(&more);
                        continue;
                    }
                    (_, Item::Text(text)) => Piece::Text(text),
                    (_, Item::Json(json)) => Piece::Json(json),
                };
                let block = Some(piece);
                result.content.push(ToolResultContentBlock { block });
            }
        }
        (Block::Reasoning(block), Delta::Reasoning(more)) => {
            think(&mut block.content, more.delta.unwrap());
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
        (block, delta) => panic!("a delta of another kind than its block: {block:?}, {delta:?}"),
    }
}

fn think(content: &mut Option<Content>, delta: reasoning_block_delta::Delta) {
    use reasoning_block_delta::Delta;
    match (content, delta) {
        (Some(Content::RedactedContent(data)), Delta::RedactedContent(more)) => {
            *data = [&**data, &*more].concat().into();
        }
        (content @ None, Delta::RedactedContent(data)) => {
            *content = Some(Content::RedactedContent(data));
        }
        (content @ (None | Some(Content::ReasoningText(_))), delta) => {
            let text =
                content.get_or_insert_with(|| Content::ReasoningText(ReasoningText::default()));
            match (text, delta) {
                (Content::ReasoningText(block), Delta::Text(more)) => block.text.push_str(&more),
                (Content::ReasoningText(block), Delta::Signature(whole)) => block.signature = whole,
                _ => panic!("reasoning that is both readable and encrypted"),
            }
        }
        _ => panic!("reasoning that is both readable and encrypted"),
    }
}
