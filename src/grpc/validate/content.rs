//! Rules for the blocks of messages and of system instructions, wherever they stand.

use std::collections::HashSet;

use crate::grpc::validate::json;
use crate::grpc::validate::media;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::scalar::{TOOL_NAME, TOOL_USE_ID};
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::CachePointBlock;
use crate::proto::Citation;
use crate::proto::CitationLocation;
use crate::proto::CitedContentBlock;
use crate::proto::ContentBlock;
use crate::proto::DocumentRange;
use crate::proto::GuardContentBlock;
use crate::proto::ReasoningBlock;
use crate::proto::SearchResultBlock;
use crate::proto::SystemContentBlock;
use crate::proto::ToolReference;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultStatus;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseType;
use crate::proto::cache_point_block;
use crate::proto::citation_location::Location;
use crate::proto::content_block::Block;
use crate::proto::guard_content_block;
use crate::proto::guard_text;
use crate::proto::system_content_block;
use crate::proto::tool_result_content_block;

/// Most entries of a list within a message. No rule of Bedrock's: the transport limits a request
/// to megabytes, and this keeps those from being millions of empty entries.
pub(super) const MAX_ITEMS: usize = 10_000;

const MAX_CACHE_POINTS: usize = 4;

/// How long a cache entry may live, in seconds: five minutes or one hour.
const CACHE_SECONDS: [i64; 2] = [300, 3600];

const MAX_REFERENCE_TYPE: usize = 64;
const MAX_REFERENCE_NAME: usize = 128;

/// What is known of a request while its blocks are read in order.
#[derive(Default)]
pub(super) struct Check<'r> {
    pub(super) found: Violations,
    pub(super) images: usize,
    pub(super) documents: usize,
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
        Block::Image(image) => media::image(check, path, image),
        Block::Document(document) => media::document(check, path, document),
        Block::Video(video) => media::video(&mut check.found, path, video),
        Block::Audio(audio) => media::audio(&mut check.found, path, audio),
        Block::ToolUse(call) => tool_use(&mut check.found, path, call),
        Block::ToolResult(result) => tool_result(check, path, result),
        Block::Reasoning(reasoning) => reasoning_block(&mut check.found, path, reasoning),
        Block::CitedContent(cited) => cited_content(&mut check.found, path, cited),
        Block::SearchResult(result) => search_result(&mut check.found, path, result),
        Block::GuardContent(guarded) => guard_content(&mut check.found, path, guarded),
        Block::CachePoint(point) => cache_point(check, path, point),
        Block::ToolAddition(addition) => {
            tool_reference(&mut check.found, path, addition.tool.as_ref());
        }
        Block::ToolRemoval(removal) => {
            tool_reference(&mut check.found, path, removal.tool.as_ref());
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
    media::nth(
        &mut check.found,
        path,
        check.cache_points,
        MAX_CACHE_POINTS,
        "cache point",
    );
    let found = &mut check.found;
    scalar::known::<cache_point_block::Type>(found, &path.field("type"), point.r#type);
    scalar::one_of_seconds(found, &path.field("ttl"), point.ttl.as_ref(), CACHE_SECONDS);
}

fn no_kind(found: &mut Violations, path: &Path<'_>) {
    let text = format_args!("is required: exactly one kind that this version of the API defines");
    found.add(path, Reason::Required, text);
}

fn tool_use(found: &mut Violations, path: &Path<'_>, call: &ToolUseBlock) {
    scalar::name(
        found,
        &path.field("tool_use_id"),
        &call.tool_use_id,
        &TOOL_USE_ID,
    );
    scalar::name(found, &path.field("name"), &call.name, &TOOL_NAME);
    json::value(
        found,
        &path.field("input_json"),
        &call.input_json,
        "\"{}\" if there are no arguments",
    );
    scalar::known::<ToolUseType>(found, &path.field("type"), call.r#type);
}

fn tool_result<'r>(check: &mut Check<'r>, path: &Path<'_>, result: &'r ToolResultBlock) {
    let found = &mut check.found;
    let id = path.field("tool_use_id");
    scalar::name(found, &id, &result.tool_use_id, &TOOL_USE_ID);
    scalar::known::<ToolResultStatus>(found, &path.field("status"), result.status);
    let path = path.field("content");
    if result.content.is_empty() {
        let text = format_args!("is required: at least one block");
        found.add(&path, Reason::Required, text);
    }
    scalar::max_count(found, &path, result.content.len(), MAX_ITEMS, "blocks");
    for (index, block) in result.content.iter().take(MAX_ITEMS).enumerate() {
        tool_result_content(check, &path.index(index), block);
    }
}

fn tool_result_content<'r>(
    check: &mut Check<'r>,
    path: &Path<'_>,
    block: &'r ToolResultContentBlock,
) {
    use tool_result_content_block::Block;

    match &block.block {
        None => no_kind(&mut check.found, path),
        Some(Block::Json(text)) => {
            json::value(
                &mut check.found,
                &path.field("json"),
                text,
                "or use a text block",
            );
        }
        // A tool may have nothing to say.
        Some(Block::Text(_)) => {}
        Some(Block::Image(image)) => media::image(check, &path.field("image"), image),
        Some(Block::Document(document)) => {
            media::document(check, &path.field("document"), document);
        }
        Some(Block::Video(video)) => {
            media::video(&mut check.found, &path.field("video"), video);
        }
        Some(Block::SearchResult(result)) => {
            search_result(&mut check.found, &path.field("search_result"), result);
        }
    }
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

fn cited_content(found: &mut Violations, path: &Path<'_>, block: &CitedContentBlock) {
    let content = path.field("content");
    scalar::max_count(found, &content, block.content.len(), MAX_ITEMS, "texts");
    for (index, text) in block.content.iter().take(MAX_ITEMS).enumerate() {
        if text.content.is_none() {
            let text = format_args!("is empty; set text");
            found.add(&content.index(index), Reason::Required, text);
        }
    }
    let citations = path.field("citations");
    let count = block.citations.len();
    scalar::max_count(found, &citations, count, MAX_ITEMS, "citations");
    for (index, source) in block.citations.iter().take(MAX_ITEMS).enumerate() {
        citation(found, &citations.index(index), source);
    }
}

fn citation(found: &mut Violations, path: &Path<'_>, citation: &Citation) {
    let content = path.field("source_content");
    let count = citation.source_content.len();
    scalar::max_count(found, &content, count, MAX_ITEMS, "texts");
    for (index, text) in citation.source_content.iter().take(MAX_ITEMS).enumerate() {
        if text.content.is_none() {
            let text = format_args!("is empty; set text");
            found.add(&content.index(index), Reason::Required, text);
        }
    }
    if let Some(location) = &citation.location {
        citation_location(found, &path.field("location"), location);
    }
}

fn citation_location(found: &mut Violations, path: &Path<'_>, location: &CitationLocation) {
    match &location.location {
        None => no_kind(found, path),
        Some(Location::Web(_)) => {}
        Some(Location::DocumentCharacters(range)) => {
            document_range(found, &path.field("document_characters"), range);
        }
        Some(Location::DocumentPages(range)) => {
            document_range(found, &path.field("document_pages"), range);
        }
        Some(Location::DocumentChunks(range)) => {
            document_range(found, &path.field("document_chunks"), range);
        }
        Some(Location::SearchResult(range)) => {
            let path = path.field("search_result");
            let index = path.field("search_result_index");
            scalar::not_negative(found, &index, range.search_result_index);
            scalar::not_negative(found, &path.field("start"), range.start);
            scalar::not_negative(found, &path.field("end"), range.end);
        }
    }
}

fn document_range(found: &mut Violations, path: &Path<'_>, range: &DocumentRange) {
    scalar::not_negative(found, &path.field("document_index"), range.document_index);
    scalar::not_negative(found, &path.field("start"), range.start);
    scalar::not_negative(found, &path.field("end"), range.end);
}

fn search_result(found: &mut Violations, path: &Path<'_>, result: &SearchResultBlock) {
    scalar::not_blank(found, &path.field("source"), &result.source);
    scalar::not_blank(found, &path.field("title"), &result.title);
    let path = path.field("content");
    if result.content.is_empty() {
        let text = format_args!("is required: at least one block");
        found.add(&path, Reason::Required, text);
    }
    scalar::max_count(found, &path, result.content.len(), MAX_ITEMS, "blocks");
    for (index, block) in result.content.iter().take(MAX_ITEMS).enumerate() {
        scalar::not_blank(found, &path.index(index).field("text"), &block.text);
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

fn tool_reference(found: &mut Violations, path: &Path<'_>, tool: Option<&ToolReference>) {
    let path = path.field("tool");
    let Some(tool) = tool else {
        let text = format_args!("is required: the tool that is meant");
        found.add(&path, Reason::Required, text);
        return;
    };
    if tool.name.is_empty() && tool.server_name.is_empty() {
        let text = format_args!("is required, unless server_name is set");
        found.add(&path.field("name"), Reason::Required, text);
    }
    for (field, text, max) in [
        ("type", &tool.r#type, MAX_REFERENCE_TYPE),
        ("name", &tool.name, MAX_REFERENCE_NAME),
        ("server_name", &tool.server_name, MAX_REFERENCE_NAME),
    ] {
        scalar::max_characters_of(found, &path.field(field), text, max);
    }
}
