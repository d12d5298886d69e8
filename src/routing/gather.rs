//! Joins the events of a stream into the message that the unary call would have given.

use std::collections::BTreeMap;

use crate::proto::Citation;
use crate::proto::CitedContentBlock;
use crate::proto::CitedText;
use crate::proto::ContentBlock;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
use crate::proto::ImageBlock;
use crate::proto::Message;
use crate::proto::MessageStopEvent;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningText;
use crate::proto::Role;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolUseBlock;
use crate::proto::cited_text;
use crate::proto::content_block::Block;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::image_block;
use crate::proto::image_block_delta;
use crate::proto::reasoning_block;
use crate::proto::reasoning_block_delta;
use crate::proto::tool_result_content_block;
use crate::proto::tool_result_delta_item;
use crate::provider::Completion;
use crate::provider::Event;
use crate::provider::Reply;

/// A message that is being joined.
#[derive(Default)]
pub(super) struct Gathering {
    blocks: BTreeMap<i32, Growing>,
    stop: MessageStopEvent,
    completion: Option<Completion>,
}

/// A block that is being joined.
enum Growing {
    Text {
        text: String,
        citations: Vec<Citation>,
    },
    Reasoning {
        model: String,
        text: String,
        signature: String,
        redacted: Vec<u8>,
    },
    Whole(Block),
}

impl Gathering {
    /// Adds one event.
    pub(super) fn add(&mut self, event: Event) {
        match event {
            Event::MessageStart | Event::BlockStop(_) => {}
            Event::BlockStart(start) => self.start(start),
            Event::BlockDelta(delta) => self.grow(delta),
            Event::MessageStop(stop) => self.stop = stop,
            Event::Completion(completion) => self.completion = Some(*completion),
        }
    }

    /// Whether the last event was added.
    pub(super) fn is_complete(&self) -> bool {
        self.completion.is_some()
    }

    /// The message, once the stream is complete.
    pub(super) fn finish(self, request_id: String) -> Reply {
        let content = self
            .blocks
            .into_values()
            .map(|block| ContentBlock {
                block: Some(block.finish()),
            })
            .collect();
        Reply {
            message: Message {
                role: Role::Assistant.into(),
                content,
            },
            stop_reason: self.stop.stop_reason(),
            raw_stop_reason: self.stop.raw_stop_reason,
            additional_model_response_fields: self.stop.additional_model_response_fields,
            request_id,
            completion: self.completion.unwrap_or_default(),
        }
    }

    fn start(&mut self, event: ContentBlockStartEvent) {
        let block = match event.start {
            Some(Start::Text(_)) | None => Growing::text(),
            Some(Start::Reasoning(start)) => Growing::Reasoning {
                model: start.model,
                text: String::new(),
                signature: String::new(),
                redacted: Vec::new(),
            },
            Some(Start::ToolUse(start)) => Growing::Whole(Block::ToolUse(ToolUseBlock {
                tool_use_id: start.tool_use_id,
                name: start.name,
                input_json: String::new(),
                r#type: start.r#type,
            })),
            Some(Start::ToolResult(start)) => Growing::Whole(Block::ToolResult(ToolResultBlock {
                tool_use_id: start.tool_use_id,
                content: Vec::new(),
                status: start.status,
                r#type: start.r#type,
            })),
            Some(Start::Whole(whole)) => match whole.block {
                Some(block) => Growing::Whole(block),
                None => return,
            },
            Some(Start::Image(start)) => Growing::Whole(Block::Image(ImageBlock {
                mime_type: start.mime_type,
                source: None,
                error: None,
            })),
        };
        self.blocks.insert(event.content_block_index, block);
    }

    fn grow(&mut self, event: ContentBlockDeltaEvent) {
        let block = self
            .blocks
            .entry(event.content_block_index)
            .or_insert_with(Growing::text);
        if let Some(delta) = event.delta {
            block.grow(delta);
        }
    }
}

impl Growing {
    fn text() -> Self {
        Self::Text {
            text: String::new(),
            citations: Vec::new(),
        }
    }

    /// Adds a delta. The provider checked that it is of the block's kind; one that is not is
    /// ignored here.
    fn grow(&mut self, delta: Delta) {
        match (self, delta) {
            (Self::Text { text, .. }, Delta::Text(more)) => text.push_str(&more),
            (Self::Text { citations, .. }, Delta::Citation(citation)) => citations.push(*citation),
            (
                Self::Reasoning {
                    text,
                    signature,
                    redacted,
                    ..
                },
                Delta::Reasoning(more),
            ) => match more.delta {
                Some(reasoning_block_delta::Delta::Text(more)) => text.push_str(&more),
                Some(reasoning_block_delta::Delta::Signature(whole)) => *signature = whole,
                Some(reasoning_block_delta::Delta::RedactedContent(more)) => {
                    redacted.extend_from_slice(&more);
                }
                None => {}
            },
            (Self::Whole(Block::ToolUse(tool_use)), Delta::ToolUse(more)) => {
                tool_use.input_json.push_str(&more.input_json);
            }
            (Self::Whole(Block::ToolResult(result)), Delta::ToolResult(more)) => {
                for item in more.items {
                    grow_tool_result(result, item.item);
                }
            }
            (Self::Whole(Block::Image(image)), Delta::Image(more)) => {
                image.error = more.error.or_else(|| image.error.take());
                grow_image(image, more.source);
            }
            _ => {}
        }
    }

    fn finish(self) -> Block {
        match self {
            Self::Text { text, citations } if citations.is_empty() => Block::Text(text),
            Self::Text { text, citations } => Block::CitedContent(CitedContentBlock {
                content: vec![CitedText {
                    content: Some(cited_text::Content::Text(text)),
                }],
                citations,
            }),
            Self::Reasoning {
                model,
                text,
                signature,
                redacted,
            } => {
                let content = if redacted.is_empty() {
                    reasoning_block::Content::ReasoningText(ReasoningText { text, signature })
                } else {
                    reasoning_block::Content::RedactedContent(redacted.into())
                };
                Block::Reasoning(ReasoningBlock {
                    content: Some(content),
                    model,
                })
            }
            Self::Whole(block) => block,
        }
    }
}

fn grow_tool_result(result: &mut ToolResultBlock, item: Option<tool_result_delta_item::Item>) {
    use tool_result_content_block::Block as Item;
    let last = result
        .content
        .last_mut()
        .and_then(|last| last.block.as_mut());
    let block = match (last, item) {
        (Some(Item::Text(text)), Some(tool_result_delta_item::Item::Text(more))) => {
            text.push_str(&more);
            return;
        }
        (_, Some(tool_result_delta_item::Item::Text(text))) => Item::Text(text),
        (_, Some(tool_result_delta_item::Item::Json(json))) => Item::Json(json),
        (_, None) => return,
    };
    result
        .content
        .push(ToolResultContentBlock { block: Some(block) });
}

fn grow_image(image: &mut ImageBlock, source: Option<image_block_delta::Source>) {
    image.source = match (image.source.take(), source) {
        (Some(image_block::Source::Data(data)), Some(image_block_delta::Source::Data(more))) => {
            Some(image_block::Source::Data([data, more].concat().into()))
        }
        (_, Some(image_block_delta::Source::Data(data))) => Some(image_block::Source::Data(data)),
        (_, Some(image_block_delta::Source::S3Location(location))) => {
            Some(image_block::Source::S3Location(location))
        }
        (source, None) => source,
    };
}
