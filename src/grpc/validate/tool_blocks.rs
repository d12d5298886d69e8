//! Rules for tool calls, their results, and references to tools, each by itself.

use crate::grpc::validate::content;
use crate::grpc::validate::content::{Check, MAX_ITEMS};
use crate::grpc::validate::document;
use crate::grpc::validate::json;
use crate::grpc::validate::media;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::scalar;
use crate::grpc::validate::scalar::{TOOL_NAME, TOOL_USE_ID};
use crate::grpc::validate::sources;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::ToolReference;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultStatus;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseType;
use crate::proto::tool_result_content_block::Block;

const MAX_REFERENCE_TYPE: usize = 64;
const MAX_REFERENCE_NAME: usize = 128;

pub(super) fn tool_use(found: &mut Violations, path: &Path<'_>, call: &ToolUseBlock) {
    scalar::name(
        found,
        &path.field("tool_use_id"),
        &call.tool_use_id,
        &TOOL_USE_ID,
    );
    scalar::name(found, &path.field("name"), &call.name, &TOOL_NAME);
    // A call without arguments may have none, as its fragments are none.
    if !call.input_json.is_empty() {
        let path = path.field("input_json");
        json::object(found, &path, &call.input_json, json::AN_OBJECT);
    }
    scalar::known::<ToolUseType>(found, &path.field("type"), call.r#type);
}

pub(super) fn tool_result<'r>(check: &mut Check<'r>, path: &Path<'_>, result: &'r ToolResultBlock) {
    let found = &mut check.found;
    let id = path.field("tool_use_id");
    scalar::name(found, &id, &result.tool_use_id, &TOOL_USE_ID);
    scalar::known::<ToolResultStatus>(found, &path.field("status"), result.status);
    let path = path.field("content");
    if result.content.is_empty() && result.status() == ToolResultStatus::Error {
        let text = format_args!("is required: at least one block that says what went wrong");
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
    match &block.block {
        None => content::no_kind(&mut check.found, path),
        Some(Block::Json(text)) => {
            let hint = "an object, or use a text block";
            json::object(&mut check.found, &path.field("json"), text, hint);
        }
        Some(Block::Text(text)) => {
            scalar::not_blank(&mut check.found, &path.field("text"), text);
        }
        Some(Block::Image(image)) => {
            media::image(&mut check.found, &path.field("image"), image);
        }
        Some(Block::Document(file)) => {
            document::document(check, &path.field("document"), file);
        }
        Some(Block::Video(video)) => {
            media::video(&mut check.found, &path.field("video"), video);
        }
        Some(Block::SearchResult(result)) => {
            sources::search_result(&mut check.found, &path.field("search_result"), result);
        }
    }
}

pub(super) fn tool_reference(
    found: &mut Violations,
    path: &Path<'_>,
    tool: Option<&ToolReference>,
) {
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
