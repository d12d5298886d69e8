//! Joins the events of a stream into the answer they tell, as the API's comments tell a client to.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::proto::CitedContentBlock;
use crate::proto::CitedText;
use crate::proto::ContentBlock;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
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

/// An event that the API does not allow where it came.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum OutOfOrder {
    /// A second message, without the first being taken back.
    #[error("a message began twice")]
    MessageTwice,
    /// A block was opened twice.
    #[error("block {0} was opened twice")]
    OpenedTwice(i32),
    /// Something for a block that is not open.
    #[error("an event for block {0}, which is not open")]
    NotOpen(i32),
    /// A delta of another kind than its block.
    #[error("a delta of another kind than block {0}")]
    WrongKind(i32),
    /// The message ended while a block was open.
    #[error("the message ended while block {0} was open")]
    LeftOpen(i32),
}

/// The answer of a stream, as far as its events have told it.
///
/// Holds all content in memory; of an event that the API does not allow it keeps what it can.
#[derive(Default)]
pub struct Collector {
    answer: InvokeResponse,
    role: Option<i32>,
    blocks: BTreeMap<i32, Open>,
}

/// A block; none if it is of a kind that this version does not know.
struct Open {
    block: Option<Block>,
    is_open: bool,
}

impl Collector {
    /// Takes the next event. Kinds of events, blocks and deltas that are not known here are
    /// skipped, as the API asks.
    ///
    /// # Errors
    /// [`OutOfOrder`] if the API does not allow it here: the gateway, or something in between, is
    /// broken.
    pub fn push(&mut self, event: &Event) -> Result<(), OutOfOrder> {
        match event {
            Event::MessageStart(start) => match self.role.replace(start.role) {
                None => Ok(()),
                Some(_) => Err(OutOfOrder::MessageTwice),
            },
            Event::ContentBlockStart(start) => self.start(start),
            Event::ContentBlockDelta(delta) => self.delta(delta),
            Event::ContentBlockStop(stop) => {
                let index = stop.content_block_index;
                let open = self.blocks.get_mut(&index).filter(|open| open.is_open);
                open.ok_or(OutOfOrder::NotOpen(index))?.is_open = false;
                Ok(())
            }
            Event::MessageStop(stop) => {
                self.answer.stop_reason = stop.stop_reason;
                self.answer
                    .raw_stop_reason
                    .clone_from(&stop.raw_stop_reason);
                let fields = &stop.additional_model_response_fields;
                self.answer
                    .additional_model_response_fields
                    .clone_from(fields);
                let left = self.blocks.iter().find(|(_, open)| open.is_open);
                left.map_or(Ok(()), |(index, _)| Err(OutOfOrder::LeftOpen(*index)))
            }
            Event::Metadata(metadata) => {
                self.answer.metadata = Some((**metadata).clone());
                Ok(())
            }
            Event::Attempt(attempt) if attempt.output_discarded => {
                *self = Self::default();
                Ok(())
            }
            Event::Attempt(_) | Event::Heartbeat(_) => Ok(()),
        }
    }

    fn start(&mut self, event: &ContentBlockStartEvent) -> Result<(), OutOfOrder> {
        let index = event.content_block_index;
        let open = Open {
            block: event.start.clone().and_then(opened),
            is_open: true,
        };
        match self.blocks.insert(index, open) {
            None => Ok(()),
            Some(_) => Err(OutOfOrder::OpenedTwice(index)),
        }
    }

    fn delta(&mut self, event: &ContentBlockDeltaEvent) -> Result<(), OutOfOrder> {
        let index = event.content_block_index;
        let open = self.blocks.get_mut(&index).filter(|open| open.is_open);
        let block = &mut open.ok_or(OutOfOrder::NotOpen(index))?.block;
        let suits = match (block, event.delta.clone()) {
            (Some(block), Some(delta)) => extend(block, delta),
            (_, _) => true,
        };
        suits.then_some(()).ok_or(OutOfOrder::WrongKind(index))
    }

    /// The answer, with the text that a whole answer would repeat.
    pub fn finish(self) -> InvokeResponse {
        let mut answer = self.answer;
        let content = self.blocks.into_values();
        let message = Message {
            role: self.role.unwrap_or_default(),
            content: content
                .map(|open| ContentBlock { block: open.block })
                .collect(),
        };
        answer.text = message.text();
        answer.message = Some(message);
        answer
    }
}

/// The answer that these events tell. What the API does not allow is left out, in silence; a
/// [`Collector`] says it.
pub fn join(events: &[Event]) -> InvokeResponse {
    let mut collector = Collector::default();
    for event in events {
        let _left_out = collector.push(event);
    }
    collector.finish()
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

/// Appends a delta, if it suits the block.
fn extend(block: &mut Block, delta: Delta) -> bool {
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
            let Some(CitedText {
                content: Some(cited_text::Content::Text(text)),
            }) = cited.content.last_mut()
            else {
                return false;
            };
            text.push_str(&more);
        }
        (Block::ToolUse(call), Delta::ToolUse(more)) => call.input_json.push_str(&more.input_json),
        (Block::ToolResult(result), Delta::ToolResult(more)) => {
            for item in more.items.into_iter().filter_map(|item| item.item) {
                append(&mut result.content, item);
            }
        }
        (Block::Reasoning(block), Delta::Reasoning(more)) => {
            return more
                .delta
                .is_none_or(|delta| think(&mut block.content, delta));
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
        (_, _) => return false,
    }
    true
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

/// Reasoning is either readable or encrypted.
fn think(content: &mut Option<Content>, delta: reasoning_block_delta::Delta) -> bool {
    use reasoning_block_delta::Delta;

    match (content, delta) {
        (Some(Content::RedactedContent(data)), Delta::RedactedContent(more)) => {
            *data = [&**data, &*more].concat().into();
        }
        (content @ None, Delta::RedactedContent(data)) => {
            *content = Some(Content::RedactedContent(data));
        }
        (Some(Content::ReasoningText(thought)), Delta::Text(more)) => thought.text.push_str(&more),
        (Some(Content::ReasoningText(thought)), Delta::Signature(whole)) => {
            thought.signature = whole;
        }
        (content @ None, Delta::Text(text)) => {
            let signature = String::new();
            *content = Some(Content::ReasoningText(ReasoningText { text, signature }));
        }
        (content @ None, Delta::Signature(signature)) => {
            let text = String::new();
            *content = Some(Content::ReasoningText(ReasoningText { text, signature }));
        }
        (Some(Content::ReasoningText(_)), Delta::RedactedContent(_))
        | (Some(Content::RedactedContent(_)), Delta::Text(_) | Delta::Signature(_)) => {
            return false;
        }
    }
    true
}
