//! The least number of tokens that the input of a request can have, whatever the tokenizer.
//!
//! A model is passed over only if the request surely does not fit, so the estimate never exceeds
//! what a model counts. It is far below that for most requests; Bedrock has the last word.
//!
//! - Text: one token for eight characters. The tokenizers of the models on Bedrock average three to
//!   five characters per token in prose, and fewer in code, numbers and scripts other than Latin.
//!   Blanks and repetitions of one character do not count: of these a token can hold hundreds.
//! - JSON of tools: a sixth of that, because an escape such as `\u00e9` spells one character with
//!   six. Names of members and punctuation count, since the model writes and reads them.
//! - Tool schemas, reasoning, images, files and sound: nothing. Their form or size as the model
//!   sees them is not known here. Descriptions of tools count as text.

use crate::proto::CitedContentBlock;
use crate::proto::ContentBlock;
use crate::proto::DocumentBlock;
use crate::proto::GuardContentBlock;
use crate::proto::InvokeRequest;
use crate::proto::SearchResultBlock;
use crate::proto::ToolResultBlock;
use crate::proto::cited_text;
use crate::proto::content_block::Block;
use crate::proto::document_block;
use crate::proto::document_chunk;
use crate::proto::guard_content_block;
use crate::proto::system_content_block;
use crate::proto::tool;
use crate::proto::tool_result_content_block;

/// Most characters of prose that one token stands for, on the average of a whole request.
const CHARACTERS_PER_TOKEN: u64 = 8;

/// Most characters of JSON that spell one character of text.
const LONGEST_ESCAPE: u64 = 6;

/// The least number of tokens of a request's input.
pub(super) fn least_input_tokens(request: &InvokeRequest) -> u64 {
    let mut counted = Counted::default();
    counted.text(&request.prompt);
    for block in &request.system {
        match &block.block {
            Some(system_content_block::Block::Text(text)) => counted.text(text),
            Some(system_content_block::Block::GuardContent(guarded)) => counted.guarded(guarded),
            Some(system_content_block::Block::CachePoint(_)) | None => {}
        }
    }
    for message in &request.messages {
        for content in &message.content {
            counted.block(content);
        }
    }
    for tool in request.tool_config.iter().flat_map(|config| &config.tools) {
        if let Some(tool::Tool::ToolSpec(spec)) = &tool.tool {
            counted.text(&spec.description);
        }
    }
    counted.text / CHARACTERS_PER_TOKEN + counted.json / (CHARACTERS_PER_TOKEN * LONGEST_ESCAPE)
}

/// What the estimate is at most for so many bytes of text and JSON, without a look at them.
pub(super) fn most_least_tokens(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX) / CHARACTERS_PER_TOKEN
}

/// Bytes of the text of a cited block.
pub(super) fn cited_bytes(cited: &CitedContentBlock) -> usize {
    cited_texts(cited).map(str::len).sum()
}

/// Bytes of the text of a search result.
pub(super) fn search_result_bytes(result: &SearchResultBlock) -> usize {
    result.content.iter().map(|piece| piece.text.len()).sum()
}

/// Bytes of the text of a document that is given as text.
pub(super) fn document_bytes(document: &DocumentBlock) -> usize {
    document_texts(document).map(str::len).sum()
}

/// Characters that count.
#[derive(Default)]
struct Counted {
    text: u64,
    json: u64,
}

impl Counted {
    fn text(&mut self, text: &str) {
        self.text += characters(text);
    }

    fn json(&mut self, json: &str) {
        self.json += characters(json);
    }

    fn block(&mut self, content: &ContentBlock) {
        match &content.block {
            Some(Block::Text(text)) => self.text(text),
            Some(Block::Document(document)) => document_texts(document).for_each(|text| {
                self.text(text);
            }),
            Some(Block::ToolUse(call)) => self.json(&call.input_json),
            Some(Block::ToolResult(result)) => self.tool_result(result),
            Some(Block::CitedContent(cited)) => {
                cited_texts(cited).for_each(|text| self.text(text));
            }
            Some(Block::SearchResult(result)) => self.search_result(result),
            Some(Block::GuardContent(guarded)) => self.guarded(guarded),
            Some(
                Block::Image(_)
                | Block::Video(_)
                | Block::Audio(_)
                | Block::Reasoning(_)
                | Block::CachePoint(_)
                | Block::ToolAddition(_)
                | Block::ToolRemoval(_),
            )
            | None => {}
        }
    }

    fn tool_result(&mut self, result: &ToolResultBlock) {
        use tool_result_content_block::Block as Item;
        for item in &result.content {
            match &item.block {
                Some(Item::Text(text)) => self.text(text),
                Some(Item::Json(json)) => self.json(json),
                Some(Item::Document(document)) => document_texts(document).for_each(|text| {
                    self.text(text);
                }),
                Some(Item::SearchResult(result)) => self.search_result(result),
                Some(Item::Image(_) | Item::Video(_)) | None => {}
            }
        }
    }

    fn search_result(&mut self, result: &SearchResultBlock) {
        for piece in &result.content {
            self.text(&piece.text);
        }
    }

    fn guarded(&mut self, guarded: &GuardContentBlock) {
        if let Some(guard_content_block::Content::Text(text)) = &guarded.content {
            self.text(&text.text);
        }
    }
}

fn cited_texts(cited: &CitedContentBlock) -> impl Iterator<Item = &str> {
    let pieces = cited
        .content
        .iter()
        .filter_map(|piece| piece.content.as_ref());
    pieces.map(|cited_text::Content::Text(text)| text.as_str())
}

fn document_texts(document: &DocumentBlock) -> impl Iterator<Item = &str> {
    let (whole, chunks) = match &document.source {
        Some(document_block::Source::Text(text)) => (Some(text.as_str()), None),
        Some(document_block::Source::Chunks(chunks)) => (None, Some(&chunks.chunks)),
        Some(document_block::Source::Data(_) | document_block::Source::S3Location(_)) | None => {
            (None, None)
        }
    };
    let chunks = chunks.into_iter().flatten();
    let chunks = chunks.filter_map(|chunk| chunk.content.as_ref());
    let chunks = chunks.map(|document_chunk::Content::Text(text)| text.as_str());
    whole.into_iter().chain(chunks)
}

/// Characters that are neither blank nor the same as the one before.
fn characters(text: &str) -> u64 {
    let mut count = 0;
    let mut last = None;
    for character in text.chars() {
        if !character.is_whitespace() && last != Some(character) {
            count += 1;
        }
        last = Some(character);
    }
    count
}

#[cfg(test)]
#[path = "estimate_tests.rs"]
mod tests;
