//! Rules for the blocks of messages and of system instructions, wherever they stand.

use std::collections::HashSet;

use crate::grpc::validate::document;
use crate::grpc::validate::media;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::sources;
use crate::grpc::validate::tool_blocks;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::CachePointBlock;
use crate::proto::ContentBlock;
use crate::proto::GuardContentBlock;
use crate::proto::ReasoningBlock;
use crate::proto::SystemContentBlock;
use crate::proto::cache_point_block;
use crate::proto::content_block::Block;
use crate::proto::guard_content_block;
use crate::proto::guard_text;
use crate::proto::system_content_block;

/// Most entries of a list within a message. No rule of Bedrock's: the transport limits a request
/// to megabytes, and this keeps those from being millions of empty entries.
pub(super) const MAX_ITEMS: usize = 10_000;

const MAX_CACHE_POINTS: usize = 4;

/// How long a cache entry may live, in seconds: five minutes or one hour.
pub(super) const CACHE_SECONDS: [i64; 2] = [300, 3600];

/// What is known of a request while its blocks are read in order.
#[derive(Default)]
pub(super) struct Check<'r> {
    pub(super) found: Violations,
    pub(super) cache_points: usize,
    pub(super) document_names: HashSet<&'r str>,
}

/// One block of a message. Whether it may stand there is the conversation's question.
pub(super) fn block<'r>(check: &mut Check<'r>, path: &Path<'_>, block: &'r ContentBlock) {
    let Some(block) = &block.block else {
        no_kind(&mut check.found, path);
        return;
    };
    let path = path.field(kind(block));
    let path = &path;
    match block {
        Block::Text(text) => scalar::not_blank(&mut check.found, path, text),
        Block::Image(image) => media::image(&mut check.found, path, image),
        Block::Document(file) => document::document(check, path, file),
        Block::Video(video) => media::video(&mut check.found, path, video),
        Block::Audio(audio) => media::audio(&mut check.found, path, audio),
        Block::ToolUse(call) => tool_blocks::tool_use(&mut check.found, path, call),
        Block::ToolResult(result) => tool_blocks::tool_result(check, path, result),
        Block::Reasoning(reasoning) => reasoning_block(&mut check.found, path, reasoning),
        Block::CitedContent(cited) => sources::cited_content(&mut check.found, path, cited),
        Block::SearchResult(result) => sources::search_result(&mut check.found, path, result),
        Block::GuardContent(guarded) => guard_content(&mut check.found, path, guarded),
        Block::CachePoint(point) => cache_point(check, path, point),
        Block::ToolAddition(addition) => {
            tool_blocks::tool_reference(&mut check.found, path, addition.tool.as_ref());
        }
        Block::ToolRemoval(removal) => {
            tool_blocks::tool_reference(&mut check.found, path, removal.tool.as_ref());
        }
    }
}

/// One block of the system instructions.
pub(super) fn system_block(check: &mut Check<'_>, path: &Path<'_>, block: &SystemContentBlock) {
    match &block.block {
        None => no_kind(&mut check.found, path),
        Some(system_content_block::Block::Text(text)) => {
            scalar::not_blank(&mut check.found, &path.field("text"), text);
        }
        Some(system_content_block::Block::GuardContent(guarded)) => {
            guard_content(&mut check.found, &path.field("guard_content"), guarded);
        }
        Some(system_content_block::Block::CachePoint(point)) => {
            cache_point(check, &path.field("cache_point"), point);
        }
    }
}

/// Name of the field that holds a block of this kind.
pub(super) const fn kind(block: &Block) -> &'static str {
    match block {
        Block::Text(_) => "text",
        Block::Image(_) => "image",
        Block::Document(_) => "document",
        Block::Video(_) => "video",
        Block::Audio(_) => "audio",
        Block::ToolUse(_) => "tool_use",
        Block::ToolResult(_) => "tool_result",
        Block::Reasoning(_) => "reasoning",
        Block::CitedContent(_) => "cited_content",
        Block::SearchResult(_) => "search_result",
        Block::GuardContent(_) => "guard_content",
        Block::CachePoint(_) => "cache_point",
        Block::ToolAddition(_) => "tool_addition",
        Block::ToolRemoval(_) => "tool_removal",
    }
}

pub(super) fn cache_point(check: &mut Check<'_>, path: &Path<'_>, point: &CachePointBlock) {
    check.cache_points += 1;
    let found = &mut check.found;
    // Later ones are not reported again.
    if check.cache_points == MAX_CACHE_POINTS + 1 {
        let text = format_args!(
            "is cache point number {} of the request; at most {MAX_CACHE_POINTS} allowed",
            check.cache_points
        );
        found.add(path, Reason::TooMany, text);
    }
    scalar::known::<cache_point_block::Type>(found, &path.field("type"), point.r#type);
    scalar::one_of_seconds(found, &path.field("ttl"), point.ttl.as_ref(), CACHE_SECONDS);
}

pub(super) fn no_kind(found: &mut Violations, path: &Path<'_>) {
    let text = format_args!("is empty; set exactly one kind that this version of the API defines");
    found.add(path, Reason::Required, text);
}

fn reasoning_block(found: &mut Violations, path: &Path<'_>, block: &ReasoningBlock) {
    if block.content.is_none() {
        let text = format_args!("is empty; set reasoning_text or redacted_content");
        found.add(path, Reason::Required, text);
    }
    if !block.model.is_empty() {
        let path = path.field("model");
        scalar::name(found, &path, &block.model, &scalar::MODEL_NAME);
    }
}

fn guard_content(found: &mut Violations, path: &Path<'_>, block: &GuardContentBlock) {
    match &block.content {
        None => no_kind(found, path),
        Some(guard_content_block::Content::Text(text)) => {
            let path = path.field("text");
            scalar::not_blank(found, &path.field("text"), &text.text);
            let path = path.field("qualifiers");
            for (index, qualifier) in text.qualifiers.iter().enumerate() {
                scalar::known::<guard_text::Qualifier>(found, &path.index(index), *qualifier);
            }
        }
        Some(guard_content_block::Content::Image(image)) => {
            media::guard_image(found, &path.field("image"), image);
        }
    }
}
