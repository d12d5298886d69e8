//! Tools the model may call, calls it made and results they had, as input.

use std::borrow::Cow;

use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_types::Document;

use super::media;
use super::messages::cache_point;
use super::refused::Refused;
use super::refused::known;
use super::refused::non_empty;
use super::refused::required;
use super::sending::Sending;
use crate::bedrock::document;
use crate::bedrock::raw_json;
use crate::proto::Tool;
use crate::proto::ToolChoice;
use crate::proto::ToolConfig;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultStatus;
use crate::proto::ToolSpec;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseType;
use crate::proto::tool;
use crate::proto::tool_choice::Choice;
use crate::proto::tool_result_content_block::Block;
use crate::proto::tool_spec::InputSchemaForm;

/// What a call without arguments carries. The API lets callers leave it empty.
const NO_INPUT: &str = "{}";

pub(super) fn tool_config(
    config: &ToolConfig,
    sending: &mut Sending<'_>,
) -> Result<sdk::ToolConfiguration, Refused> {
    let mut tools = Vec::with_capacity(config.tools.len());
    for (position, tool) in config.tools.iter().enumerate() {
        let tool = one_tool(tool, sending)
            .map_err(|refused| refused.within(format!("tools[{position}]")))?;
        tools.extend(tool);
    }
    let choice = config
        .tool_choice
        .as_ref()
        .filter(|_| !sending.adaptation.omit_tool_choice)
        .map(tool_choice)
        .transpose()?;
    Ok(sdk::ToolConfiguration::builder()
        .set_tools(Some(tools))
        .set_tool_choice(choice)
        .build()?)
}

/// `None` for a cache point that is to be left out.
fn one_tool(tool: &Tool, sending: &mut Sending<'_>) -> Result<Option<sdk::Tool>, Refused> {
    Ok(Some(match required(tool.tool.as_ref(), "")? {
        tool::Tool::ToolSpec(spec) => sdk::Tool::ToolSpec(
            tool_spec(spec, sending).map_err(|refused| refused.within("tool_spec"))?,
        ),
        tool::Tool::SystemTool(system) => sdk::Tool::SystemTool(
            sdk::SystemTool::builder()
                .name(system.name.clone())
                .build()?,
        ),
        tool::Tool::CachePoint(_) if sending.omits_tool_cache_points() => return Ok(None),
        tool::Tool::CachePoint(point) => sdk::Tool::CachePoint(
            cache_point(point, sending).map_err(|refused| refused.within("cache_point"))?,
        ),
    }))
}

fn tool_spec(
    spec: &ToolSpec,
    sending: &mut Sending<'_>,
) -> Result<sdk::ToolSpecification, Refused> {
    let (path, schema) = match required(spec.input_schema_form.as_ref(), "input_schema_form")? {
        InputSchemaForm::InputSchema(schema) => (
            "input_schema",
            document::struct_to_json(schema).map(Cow::Owned),
        ),
        InputSchemaForm::InputSchemaJson(text) => (
            "input_schema_json",
            raw_json::checked(text)
                .map(Cow::Borrowed)
                .map_err(|problem| Refused::invalid("", problem)),
        ),
    };
    let schema = schema.map_err(|refused| refused.within(path))?;
    if !schema.starts_with('{') {
        return Err(Refused::invalid(path, "is not a JSON object"));
    }
    Ok(sdk::ToolSpecification::builder()
        .name(spec.name.clone())
        .set_description(non_empty(&spec.description))
        .input_schema(sdk::ToolInputSchema::Json(
            sending.json.placeholder(schema.into_owned()),
        ))
        // False is the default; models without strict mode refuse the member.
        .set_strict(spec.strict.then_some(true))
        .build()?)
}

fn tool_choice(choice: &ToolChoice) -> Result<sdk::ToolChoice, Refused> {
    Ok(match required(choice.choice.as_ref(), "tool_choice")? {
        Choice::Auto(_) => sdk::ToolChoice::Auto(sdk::AutoToolChoice::builder().build()),
        Choice::Any(_) => sdk::ToolChoice::Any(sdk::AnyToolChoice::builder().build()),
        Choice::Tool(tool) => sdk::ToolChoice::Tool(
            sdk::SpecificToolChoice::builder()
                .name(tool.name.clone())
                .build()?,
        ),
    })
}

pub(super) fn tool_use(
    call: &ToolUseBlock,
    sending: &mut Sending<'_>,
) -> Result<sdk::ToolUseBlock, Refused> {
    let tool_type = match known::<ToolUseType>(call.r#type, "type")? {
        ToolUseType::Unspecified => None,
        ToolUseType::ServerToolUse => Some(sdk::ToolUseType::ServerToolUse),
    };
    let input = if call.input_json.is_empty() {
        NO_INPUT
    } else {
        &call.input_json
    };
    Ok(sdk::ToolUseBlock::builder()
        .tool_use_id(call.tool_use_id.clone())
        .name(call.name.clone())
        .input(exact(input, "input_json", sending)?)
        .set_type(tool_type)
        .build()?)
}

pub(super) fn tool_result(
    result: &ToolResultBlock,
    sending: &mut Sending<'_>,
) -> Result<sdk::ToolResultBlock, Refused> {
    let status = match known::<ToolResultStatus>(result.status, "status")? {
        _ if sending.adaptation.omit_tool_result_status => None,
        ToolResultStatus::Unspecified => None,
        ToolResultStatus::Success => Some(sdk::ToolResultStatus::Success),
        ToolResultStatus::Error => Some(sdk::ToolResultStatus::Error),
    };
    let mut content = Vec::with_capacity(result.content.len());
    for (position, piece) in result.content.iter().enumerate() {
        let piece = result_content(piece, sending)
            .map_err(|refused| refused.within(format!("content[{position}]")))?;
        content.push(piece);
    }
    Ok(sdk::ToolResultBlock::builder()
        .tool_use_id(result.tool_use_id.clone())
        .set_content(Some(content))
        .set_status(status)
        .set_type(non_empty(&result.r#type))
        .build()?)
}

fn result_content(
    piece: &ToolResultContentBlock,
    sending: &mut Sending<'_>,
) -> Result<sdk::ToolResultContentBlock, Refused> {
    use sdk::ToolResultContentBlock as Converted;
    match required(piece.block.as_ref(), "")? {
        Block::Json(text) => exact(text, "json", sending).map(Converted::Json),
        Block::Text(text) => Ok(Converted::Text(text.clone())),
        Block::Image(image) => media::image(image)
            .map(Converted::Image)
            .map_err(|refused| refused.within("image")),
        Block::Document(document) => media::document(document)
            .map(Converted::Document)
            .map_err(|refused| refused.within("document")),
        Block::Video(video) => media::video(video)
            .map(Converted::Video)
            .map_err(|refused| refused.within("video")),
        Block::SearchResult(result) => media::search_result(result)
            .map(Converted::SearchResult)
            .map_err(|refused| refused.within("search_result")),
    }
}

/// A JSON text that is sent as it is.
fn exact(text: &str, path: &'static str, sending: &mut Sending<'_>) -> Result<Document, Refused> {
    let json = raw_json::checked(text).map_err(|problem| Refused::invalid(path, problem))?;
    Ok(sending.json.placeholder(json.to_owned()))
}
