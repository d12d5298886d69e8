//! Joins the events of a stream into the message that the unary call would have given. The only
//! place that says what joining is.

use std::collections::BTreeMap;

use bytes::Bytes;
use prost::Message as _;

use crate::proto::Citation;
use crate::proto::CitedContentBlock;
use crate::proto::CitedText;
use crate::proto::ContentBlock;
use crate::proto::ContentBlockError;
use crate::proto::ContentBlockStartEvent;
use crate::proto::ImageBlock;
use crate::proto::Message;
use crate::proto::MessageStopEvent;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningText;
use crate::proto::Role;
use crate::proto::S3Location;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultDeltaItem;
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
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::ProviderError;
use crate::provider::Reply;

/// Largest message that is joined: what a stream may make this process hold.
const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// Counted for every event, whatever it carries, so that their number is bounded, too.
const EVENT_BYTES: usize = 64;

/// A message that is being joined.
#[derive(Default)]
pub(super) struct Gathering {
    /// In the order of the message, which is that of their indexes.
    blocks: BTreeMap<i32, Growing>,
    stop: MessageStopEvent,
    completion: Option<Completion>,
    bytes: usize,
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
        redacted: Vec<Bytes>,
    },
    ToolUse(ToolUseBlock),
    ToolResult(ToolResultBlock),
    Image {
        mime_type: String,
        data: Vec<Bytes>,
        s3_location: Option<S3Location>,
        error: Option<ContentBlockError>,
    },
    Whole(ContentBlock),
    /// Of a kind this version does not know: left out.
    Unknown,
}

/// A delta that is not of its block's kind.
struct Misfit;

impl Gathering {
    /// Adds one event.
    ///
    /// # Errors
    /// [`ErrorKind::BadAnswer`] if the message grows beyond its limit, or the event fits no block.
    pub(super) fn add(&mut self, event: Event) -> Result<(), ProviderError> {
        let bytes = match &event {
            Event::BlockStart(start) => start.encoded_len(),
            Event::BlockDelta(delta) => delta.encoded_len(),
            Event::MessageStart
            | Event::BlockStop(_)
            | Event::MessageStop(_)
            | Event::Completion(_) => 0,
        };
        self.bytes = self.bytes.saturating_add(bytes + EVENT_BYTES);
        if self.bytes > MAX_MESSAGE_BYTES {
            return Err(bad_answer("the answer is too large to be joined"));
        }
        match event {
            Event::MessageStart | Event::BlockStop(_) => {}
            Event::BlockStart(start) => self.start(start),
            Event::BlockDelta(delta) => {
                let block = self.blocks.get_mut(&delta.content_block_index);
                let grown = match (block, delta.delta) {
                    (Some(block), Some(delta)) => block.grow(delta),
                    (None, Some(_)) => Err(Misfit),
                    (_, None) => Ok(()),
                };
                grown.map_err(|Misfit| bad_answer("the events of the stream do not fit"))?;
            }
            Event::MessageStop(stop) => self.stop = stop,
            Event::Completion(completion) => self.completion = Some(*completion),
        }
        Ok(())
    }

    /// Whether the last event was added.
    pub(super) fn is_complete(&self) -> bool {
        self.completion.is_some()
    }

    /// The message, once the stream is complete.
    pub(super) fn finish(self, request_id: String) -> Reply {
        let blocks = self.blocks.into_values();
        Reply {
            message: Message {
                role: Role::Assistant.into(),
                content: blocks.filter_map(Growing::finish).collect(),
            },
            stop_reason: self.stop.stop_reason(),
            raw_stop_reason: self.stop.raw_stop_reason,
            additional_model_response_fields: self.stop.additional_model_response_fields,
            request_id,
            completion: self.completion.unwrap_or_default(),
        }
    }

    fn start(&mut self, event: ContentBlockStartEvent) {
        let block = event.start.map_or(Growing::Unknown, Growing::new);
        self.blocks.insert(event.content_block_index, block);
    }
}

fn bad_answer(message: &'static str) -> ProviderError {
    ProviderError::new(ErrorKind::BadAnswer, message)
}

impl Growing {
    fn new(start: Start) -> Self {
        match start {
            Start::Text(_) => Self::Text {
                text: String::new(),
                citations: Vec::new(),
            },
            Start::Reasoning(start) => Self::Reasoning {
                model: start.model,
                text: String::new(),
                signature: String::new(),
                redacted: Vec::new(),
            },
            Start::ToolUse(start) => Self::ToolUse(ToolUseBlock {
                tool_use_id: start.tool_use_id,
                name: start.name,
                input_json: String::new(),
                r#type: start.r#type,
            }),
            Start::ToolResult(start) => Self::ToolResult(ToolResultBlock {
                tool_use_id: start.tool_use_id,
                content: Vec::new(),
                status: start.status,
                r#type: start.r#type,
            }),
            Start::Image(start) => Self::Image {
                mime_type: start.mime_type,
                data: Vec::new(),
                s3_location: None,
                error: None,
            },
            Start::Whole(block) => Self::Whole(*block),
        }
    }

    fn grow(&mut self, delta: Delta) -> Result<(), Misfit> {
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
                Some(reasoning_block_delta::Delta::RedactedContent(more)) => redacted.push(more),
                None => {}
            },
            (Self::ToolUse(call), Delta::ToolUse(more)) => {
                call.input_json.push_str(&more.input_json);
            }
            (Self::ToolResult(result), Delta::ToolResult(more)) => {
                for item in more.items {
                    grow_tool_result(result, item);
                }
            }
            (
                Self::Image {
                    data,
                    s3_location,
                    error,
                    ..
                },
                Delta::Image(more),
            ) => {
                match more.source {
                    Some(image_block_delta::Source::Data(more)) => data.push(more),
                    Some(image_block_delta::Source::S3Location(whole)) => {
                        *s3_location = Some(whole);
                    }
                    None => {}
                }
                *error = more.error.or_else(|| error.take());
            }
            (Self::Unknown, _) => {}
            _ => return Err(Misfit),
        }
        Ok(())
    }

    fn finish(self) -> Option<ContentBlock> {
        let block = match self {
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
                let readable = ReasoningText { text, signature };
                let content = joined(redacted).map_or(
                    reasoning_block::Content::ReasoningText(readable),
                    reasoning_block::Content::RedactedContent,
                );
                Block::Reasoning(ReasoningBlock {
                    content: Some(content),
                    model,
                })
            }
            Self::ToolUse(call) => Block::ToolUse(call),
            Self::ToolResult(result) => Block::ToolResult(result),
            Self::Image {
                mime_type,
                data,
                s3_location,
                error,
            } => Block::Image(ImageBlock {
                mime_type,
                source: joined(data)
                    .map(image_block::Source::Data)
                    .or_else(|| s3_location.map(image_block::Source::S3Location)),
                error,
            }),
            Self::Whole(content) => return Some(content),
            Self::Unknown => return None,
        };
        Some(ContentBlock { block: Some(block) })
    }
}

fn grow_tool_result(result: &mut ToolResultBlock, item: ToolResultDeltaItem) {
    use tool_result_content_block::Block as Item;
    use tool_result_delta_item::Item as Part;
    let last = result.content.last_mut();
    let last = last.and_then(|last| last.block.as_mut());
    let block = match (last, item.item) {
        (Some(Item::Text(text)), Some(Part::Text(more))) => return text.push_str(&more),
        (_, Some(Part::Text(text))) => Item::Text(text),
        (_, Some(Part::Json(json))) => Item::Json(json),
        (_, None) => return,
    };
    let block = Some(block);
    result.content.push(ToolResultContentBlock { block });
}

/// `None` if there are no pieces: an empty piece is more than none.
fn joined(mut pieces: Vec<Bytes>) -> Option<Bytes> {
    match pieces.len() {
        0 | 1 => pieces.pop(),
        _ => Some(pieces.concat().into()),
    }
}

#[cfg(test)]
#[path = "gather_tests.rs"]
mod tests;
