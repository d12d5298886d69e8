//! The events of a message that came whole, for callers who stream from a model that does not.
//!
//! Pure. `gather` joins the events into the same message again.

use bytes::Bytes;
use futures_util::stream;

use crate::proto::CitedContentBlock;
use crate::proto::CitedText;
use crate::proto::ContentBlock;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
use crate::proto::ContentBlockStopEvent;
use crate::proto::ImageBlock;
use crate::proto::ImageBlockDelta;
use crate::proto::ImageBlockStart;
use crate::proto::MessageStopEvent;
use crate::proto::ReasoningBlockDelta;
use crate::proto::ReasoningBlockStart;
use crate::proto::TextBlockStart;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultBlockDelta;
use crate::proto::ToolResultBlockStart;
use crate::proto::ToolResultDeltaItem;
use crate::proto::ToolUseBlockDelta;
use crate::proto::ToolUseBlockStart;
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
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::Reply;

/// Most text or data in one event. An event is then far below 1 MiB, whatever else is in it.
const PIECE_BYTES: usize = 512 * 1024;

/// A finished message as the stream that would have carried it.
pub(super) fn event_stream(mut reply: Reply) -> EventStream {
    EventStream {
        request_id: std::mem::take(&mut reply.request_id),
        events: Box::pin(stream::iter(events(reply).into_iter().map(Ok))),
    }
}

/// The events of a finished message, in the order that [`EventStream`] promises.
pub(super) fn events(reply: Reply) -> Vec<Event> {
    let mut events = vec![Event::MessageStart];
    for (content_block_index, content) in (0..).zip(reply.message.content) {
        let (start, deltas) = pieces(content);
        events.push(Event::BlockStart(ContentBlockStartEvent {
            content_block_index,
            start: Some(start),
        }));
        events.extend(deltas.into_iter().map(|delta| {
            Event::BlockDelta(ContentBlockDeltaEvent {
                content_block_index,
                delta: Some(delta),
            })
        }));
        events.push(Event::BlockStop(ContentBlockStopEvent {
            content_block_index,
        }));
    }
    events.push(Event::MessageStop(MessageStopEvent {
        stop_reason: reply.stop_reason.into(),
        raw_stop_reason: reply.raw_stop_reason,
        additional_model_response_fields: reply.additional_model_response_fields,
    }));
    events.push(Event::Completion(Box::new(reply.completion)));
    events
}

/// The start of a block and what follows it; a block that has no pieces is all start.
fn pieces(content: ContentBlock) -> (Start, Vec<Delta>) {
    let Some(block) = content.block else {
        return (Start::Whole(Box::default()), Vec::new());
    };
    match block {
        Block::Text(text) => (
            Start::Text(TextBlockStart {}),
            cut(text).into_iter().map(Delta::Text).collect(),
        ),
        Block::ToolUse(call) => {
            let start = ToolUseBlockStart {
                tool_use_id: call.tool_use_id,
                name: call.name,
                r#type: call.r#type,
            };
            let input = cut(call.input_json).into_iter();
            let deltas = input.map(|input_json| Delta::ToolUse(ToolUseBlockDelta { input_json }));
            (Start::ToolUse(start), deltas.collect())
        }
        Block::Image(image) => image_pieces(image),
        Block::Reasoning(block) => match block.content {
            Some(content) => (
                Start::Reasoning(ReasoningBlockStart { model: block.model }),
                reasoning_deltas(content),
            ),
            None => whole(Block::Reasoning(block)),
        },
        Block::CitedContent(cited) => {
            cited_pieces(&cited).unwrap_or_else(|| whole(Block::CitedContent(cited)))
        }
        Block::ToolResult(result) => {
            tool_result_pieces(&result).unwrap_or_else(|| whole(Block::ToolResult(result)))
        }
        block @ (Block::Document(_)
        | Block::Video(_)
        | Block::Audio(_)
        | Block::SearchResult(_)
        | Block::GuardContent(_)
        | Block::CachePoint(_)
        | Block::ToolAddition(_)
        | Block::ToolRemoval(_)) => whole(block),
    }
}

fn whole(block: Block) -> (Start, Vec<Delta>) {
    let content = ContentBlock { block: Some(block) };
    (Start::Whole(Box::new(content)), Vec::new())
}

fn image_pieces(image: ImageBlock) -> (Start, Vec<Delta>) {
    let delta = |source, error| Delta::Image(ImageBlockDelta { source, error });
    let mut deltas: Vec<Delta> = match image.source {
        Some(image_block::Source::Data(data)) => cut_bytes(data)
            .into_iter()
            .map(|data| delta(Some(image_block_delta::Source::Data(data)), None))
            .collect(),
        Some(image_block::Source::S3Location(location)) => {
            let source = image_block_delta::Source::S3Location(location);
            vec![delta(Some(source), None)]
        }
        None => Vec::new(),
    };
    if image.error.is_some() {
        deltas.push(delta(None, image.error));
    }
    let start = ImageBlockStart {
        mime_type: image.mime_type,
    };
    (Start::Image(start), deltas)
}

fn reasoning_deltas(content: reasoning_block::Content) -> Vec<Delta> {
    use reasoning_block_delta::Delta as Part;
    let parts: Vec<Part> = match content {
        reasoning_block::Content::ReasoningText(reasoning) => {
            let signature = Some(reasoning.signature).filter(|signature| !signature.is_empty());
            let text = cut(reasoning.text).into_iter().map(Part::Text);
            text.chain(signature.map(Part::Signature)).collect()
        }
        reasoning_block::Content::RedactedContent(data) => cut_bytes(data)
            .into_iter()
            .map(Part::RedactedContent)
            .collect(),
    };
    parts
        .into_iter()
        .map(|part| Delta::Reasoning(ReasoningBlockDelta { delta: Some(part) }))
        .collect()
}

/// `None` unless it is one text with sources: that is all a stream can say.
fn cited_pieces(cited: &CitedContentBlock) -> Option<(Start, Vec<Delta>)> {
    let [
        CitedText {
            content: Some(cited_text::Content::Text(text)),
        },
    ] = cited.content.as_slice()
    else {
        return None;
    };
    if cited.citations.is_empty() {
        return None;
    }
    let citations = cited.citations.iter().cloned().map(Box::new);
    let deltas = cut(text.clone())
        .into_iter()
        .map(Delta::Text)
        .chain(citations.map(Delta::Citation));
    Some((Start::Text(TextBlockStart {}), deltas.collect()))
}

/// `None` if it holds media, or texts side by side, which a stream would join.
fn tool_result_pieces(result: &ToolResultBlock) -> Option<(Start, Vec<Delta>)> {
    use tool_result_content_block::Block as Item;
    use tool_result_delta_item::Item as Part;
    let mut parts = Vec::with_capacity(result.content.len());
    let mut was_text = false;
    for item in &result.content {
        match item.block.as_ref()? {
            Item::Text(_) if was_text => return None,
            Item::Text(text) if text.is_empty() => parts.push(Part::Text(String::new())),
            Item::Text(text) => parts.extend(cut(text.clone()).into_iter().map(Part::Text)),
            Item::Json(json) => parts.push(Part::Json(json.clone())),
            Item::Image(_) | Item::Document(_) | Item::Video(_) | Item::SearchResult(_) => {
                return None;
            }
        }
        was_text = matches!(item.block, Some(Item::Text(_)));
    }
    let start = ToolResultBlockStart {
        tool_use_id: result.tool_use_id.clone(),
        r#type: result.r#type.clone(),
        status: result.status,
    };
    let deltas = parts.into_iter().map(|part| {
        let items = vec![ToolResultDeltaItem { item: Some(part) }];
        Delta::ToolResult(ToolResultBlockDelta { items })
    });
    Some((Start::ToolResult(start), deltas.collect()))
}

/// Text in pieces; none if it is empty.
fn cut(text: String) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    if text.len() <= PIECE_BYTES {
        return vec![text];
    }
    let mut pieces = Vec::with_capacity(text.len() / PIECE_BYTES + 1);
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
        pieces.push(piece.to_owned());
        rest = more;
    }
    pieces
}

/// Data in pieces that share its memory; one if it is empty, because no data is a source, too.
fn cut_bytes(mut data: Bytes) -> Vec<Bytes> {
    let mut pieces = Vec::with_capacity(data.len() / PIECE_BYTES + 1);
    while data.len() > PIECE_BYTES {
        pieces.push(data.split_to(PIECE_BYTES));
    }
    pieces.push(data);
    pieces
}

#[cfg(test)]
#[path = "synthesize_tests.rs"]
mod tests;
