//! Messages, system instructions and their blocks, as input.

use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_types::Blob;

use super::citations::cited_content;
use super::media;
use super::refused::Refused;
use super::refused::known;
use super::refused::non_empty;
use super::refused::required;
use super::sending::Sending;
use super::tools;
use crate::proto::CachePointBlock;
use crate::proto::ContentBlock;
use crate::proto::GuardContentBlock;
use crate::proto::Message;
use crate::proto::ReasoningBlock;
use crate::proto::Role;
use crate::proto::SystemContentBlock;
use crate::proto::ToolReference;
use crate::proto::cache_point_block;
use crate::proto::content_block::Block;
use crate::proto::guard_content_block;
use crate::proto::guard_text::Qualifier;
use crate::proto::reasoning_block;
use crate::proto::system_content_block;
use crate::provider::is_blank_answer;

/// The conversation, with `prompt` as its last user text.
pub(super) fn messages(
    messages: &[Message],
    prompt: &str,
    sending: &mut Sending<'_>,
) -> Result<Vec<sdk::Message>, Refused> {
    let mut converted = Vec::with_capacity(messages.len() + 1);
    for (position, message) in messages.iter().enumerate() {
        let last = position + 1 == messages.len();
        let appended = if last && message.role() == Role::User {
            prompt
        } else {
            ""
        };
        let message = one_message(message, appended, sending)
            .map_err(|refused| refused.within(format!("messages[{position}]")))?;
        converted.extend(message);
    }
    let is_appended = messages
        .last()
        .is_some_and(|message| message.role() == Role::User);
    if !prompt.is_empty() && !is_appended {
        converted.push(
            sdk::Message::builder()
                .role(sdk::ConversationRole::User)
                .content(sdk::ContentBlock::Text(prompt.to_owned()))
                .build()?,
        );
    }
    Ok(converted)
}

/// `None` if nothing is left of the message: Bedrock refuses empty ones.
fn one_message(
    message: &Message,
    appended: &str,
    sending: &mut Sending<'_>,
) -> Result<Option<sdk::Message>, Refused> {
    let role = match known::<Role>(message.role, "role")? {
        Role::User => sdk::ConversationRole::User,
        Role::Assistant => sdk::ConversationRole::Assistant,
        Role::System => sdk::ConversationRole::System,
        Role::Unspecified => return Err(Refused::invalid("role", "is required")),
    };
    if message.content.is_empty() && appended.is_empty() {
        return Err(Refused::invalid("content", "is empty"));
    }
    let mut content = Vec::with_capacity(message.content.len() + 1);
    for (position, block) in message.content.iter().enumerate() {
        if is_blank_answer(message.role(), block) {
            continue;
        }
        let block = content_block(block, sending)
            .map_err(|refused| refused.within(format!("content[{position}]")))?;
        content.extend(block);
    }
    if !appended.is_empty() {
        content.push(sdk::ContentBlock::Text(appended.to_owned()));
    }
    if content.is_empty() {
        return Ok(None);
    }
    let message = sdk::Message::builder()
        .role(role)
        .set_content(Some(content))
        .build()?;
    Ok(Some(message))
}

/// `None` if the block is one of those to leave out.
fn content_block(
    block: &ContentBlock,
    sending: &mut Sending<'_>,
) -> Result<Option<sdk::ContentBlock>, Refused> {
    use sdk::ContentBlock as Converted;
    let converted = match required(block.block.as_ref(), "")? {
        Block::Text(text) => Converted::Text(text.clone()),
        Block::Image(image) => Converted::Image(media::image(image).map_err(within("image"))?),
        Block::Document(document) => {
            Converted::Document(media::document(document).map_err(within("document"))?)
        }
        Block::Video(video) => Converted::Video(media::video(video).map_err(within("video"))?),
        Block::Audio(audio) => Converted::Audio(media::audio(audio).map_err(within("audio"))?),
        Block::ToolUse(call) => {
            Converted::ToolUse(tools::tool_use(call, sending).map_err(within("tool_use"))?)
        }
        Block::ToolResult(result) => Converted::ToolResult(
            tools::tool_result(result, sending).map_err(within("tool_result"))?,
        ),
        Block::Reasoning(block) if sending.omits_reasoning(block) => return Ok(None),
        Block::Reasoning(block) => {
            Converted::ReasoningContent(reasoning(block).map_err(within("reasoning"))?)
        }
        Block::CitedContent(cited) => {
            Converted::CitationsContent(cited_content(cited).map_err(within("cited_content"))?)
        }
        Block::SearchResult(result) => {
            Converted::SearchResult(media::search_result(result).map_err(within("search_result"))?)
        }
        Block::GuardContent(guarded) => {
            Converted::GuardContent(guard_content(guarded).map_err(within("guard_content"))?)
        }
        Block::CachePoint(_) if sending.adaptation.omit_cache_points => return Ok(None),
        Block::CachePoint(point) => {
            Converted::CachePoint(cache_point(point, sending).map_err(within("cache_point"))?)
        }
        Block::ToolAddition(addition) => Converted::ToolAddition(
            sdk::ToolAdditionBlock::builder()
                .set_tool(addition.tool.as_ref().map(tool_reference))
                .build(),
        ),
        Block::ToolRemoval(removal) => Converted::ToolRemoval(
            sdk::ToolRemovalBlock::builder()
                .set_tool(removal.tool.as_ref().map(tool_reference))
                .build(),
        ),
    };
    Ok(Some(converted))
}

/// The instructions that stand outside the conversation.
pub(super) fn system(
    blocks: &[SystemContentBlock],
    sending: &Sending<'_>,
) -> Result<Vec<sdk::SystemContentBlock>, Refused> {
    use system_content_block::Block as System;
    let mut converted = Vec::with_capacity(blocks.len());
    for (position, block) in blocks.iter().enumerate() {
        let block = match required(block.block.as_ref(), "") {
            Ok(System::Text(text)) => Ok(sdk::SystemContentBlock::Text(text.clone())),
            Ok(System::GuardContent(guarded)) => guard_content(guarded)
                .map(sdk::SystemContentBlock::GuardContent)
                .map_err(within("guard_content")),
            Ok(System::CachePoint(_)) if sending.adaptation.omit_cache_points => continue,
            Ok(System::CachePoint(point)) => cache_point(point, sending)
                .map(sdk::SystemContentBlock::CachePoint)
                .map_err(within("cache_point")),
            Err(refused) => Err(refused),
        };
        converted.push(block.map_err(|refused| refused.within(format!("system[{position}]")))?);
    }
    Ok(converted)
}

/// Marks the end of a prefix worth caching.
pub(super) fn cache_point(
    point: &CachePointBlock,
    sending: &Sending<'_>,
) -> Result<sdk::CachePointBlock, Refused> {
    use cache_point_block::Type;
    match known::<Type>(point.r#type, "type")? {
        Type::Unspecified | Type::Default => {}
    }
    let ttl = match point.ttl.as_ref().map(|ttl| (ttl.seconds, ttl.nanos)) {
        None => None,
        Some((300 | 3600, 0)) if sending.adaptation.omit_cache_ttl => None,
        Some((300, 0)) => Some(sdk::CacheTtl::FiveMinutes),
        Some((3600, 0)) => Some(sdk::CacheTtl::OneHour),
        Some(_) => return Err(Refused::invalid("ttl", "is neither 300s nor 3600s")),
    };
    Ok(sdk::CachePointBlock::builder()
        .r#type(sdk::CachePointType::Default)
        .set_ttl(ttl)
        .build()?)
}

fn reasoning(block: &ReasoningBlock) -> Result<sdk::ReasoningContentBlock, Refused> {
    use reasoning_block::Content;
    Ok(match required(block.content.as_ref(), "content")? {
        Content::ReasoningText(reasoning) => sdk::ReasoningContentBlock::ReasoningText(
            sdk::ReasoningTextBlock::builder()
                .text(reasoning.text.clone())
                .set_signature(non_empty(&reasoning.signature))
                .build()?,
        ),
        Content::RedactedContent(data) => {
            sdk::ReasoningContentBlock::RedactedContent(Blob::from_maybe_shared(data.clone()))
        }
    })
}

fn guard_content(block: &GuardContentBlock) -> Result<sdk::GuardrailConverseContentBlock, Refused> {
    use guard_content_block::Content;
    use sdk::GuardrailConverseContentQualifier as Converted;
    match required(block.content.as_ref(), "content")? {
        Content::Text(text) => {
            let mut qualifiers = Vec::with_capacity(text.qualifiers.len());
            for qualifier in &text.qualifiers {
                qualifiers.push(match known(*qualifier, "text.qualifiers")? {
                    Qualifier::GroundingSource => Converted::GroundingSource,
                    Qualifier::Query => Converted::Query,
                    Qualifier::GuardContent => Converted::GuardContent,
                    Qualifier::Unspecified => continue,
                });
            }
            Ok(sdk::GuardrailConverseContentBlock::Text(
                sdk::GuardrailConverseTextBlock::builder()
                    .text(text.text.clone())
                    .set_qualifiers((!qualifiers.is_empty()).then_some(qualifiers))
                    .build()?,
            ))
        }
        Content::Image(image) => media::guard_image(image)
            .map(sdk::GuardrailConverseContentBlock::Image)
            .map_err(within("image")),
    }
}

fn tool_reference(reference: &ToolReference) -> sdk::ToolReference {
    sdk::ToolReference::builder()
        .set_type(non_empty(&reference.r#type))
        .set_name(non_empty(&reference.name))
        .set_server_name(non_empty(&reference.server_name))
        .build()
}

fn within(parent: &'static str) -> impl Fn(Refused) -> Refused {
    move |refused| refused.within(parent)
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
