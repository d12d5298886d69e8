//! Blocks that steer a conversation, which an answer rarely repeats: guarded content, cache points
//! and the tools that are available.

use aws_sdk_bedrockruntime::types as sdk;
use bytes::Bytes;

use crate::bedrock::media_type;
use crate::bedrock::reading::Place;
use crate::bedrock::reading::spelling;
use crate::proto::CachePointBlock;
use crate::proto::GuardContentBlock;
use crate::proto::GuardImage;
use crate::proto::GuardText;
use crate::proto::ToolAdditionBlock;
use crate::proto::ToolReference;
use crate::proto::ToolRemovalBlock;
use crate::proto::cache_point_block;
use crate::proto::guard_content_block;
use crate::proto::guard_text::Qualifier;

/// `None` for a kind of content this SDK does not know.
pub(super) fn guard_content(
    content: sdk::GuardrailConverseContentBlock,
    at: &Place<'_>,
) -> Option<GuardContentBlock> {
    let content = match content {
        sdk::GuardrailConverseContentBlock::Text(text) => {
            guard_content_block::Content::Text(guard_text(text, &at.member("text")))
        }
        sdk::GuardrailConverseContentBlock::Image(image) => {
            guard_content_block::Content::Image(guard_image(image, &at.member("image")))
        }
        _ => {
            at.leave_out_member();
            return None;
        }
    };
    Some(GuardContentBlock {
        content: Some(content),
    })
}

fn guard_text(text: sdk::GuardrailConverseTextBlock, at: &Place<'_>) -> GuardText {
    let list = at.member("qualifiers");
    let qualifiers = text.qualifiers.into_iter().flatten().enumerate();
    GuardText {
        text: text.text,
        qualifiers: qualifiers
            .map(|(position, qualifier)| {
                let qualifier = match qualifier {
                    sdk::GuardrailConverseContentQualifier::GroundingSource => {
                        Qualifier::GroundingSource
                    }
                    sdk::GuardrailConverseContentQualifier::Query => Qualifier::Query,
                    sdk::GuardrailConverseContentQualifier::GuardContent => Qualifier::GuardContent,
                    other => {
                        list.item(position).leave_out_value(other.as_str());
                        Qualifier::Unspecified
                    }
                };
                qualifier.into()
            })
            .collect(),
    }
}

fn guard_image(image: sdk::GuardrailConverseImageBlock, at: &Place<'_>) -> GuardImage {
    let data = match image.source {
        Some(sdk::GuardrailConverseImageSource::Bytes(data)) => data.into_bytes(),
        Some(_) => {
            at.member("source").leave_out_member();
            Bytes::new()
        }
        None => Bytes::new(),
    };
    GuardImage {
        mime_type: media_type::IMAGE.mime_type(spelling(image.format.as_str())),
        data,
    }
}

/// The end of a prefix worth caching.
pub(super) fn cache_point(point: &sdk::CachePointBlock, at: &Place<'_>) -> CachePointBlock {
    let kind = match &point.r#type {
        sdk::CachePointType::Default => cache_point_block::Type::Default,
        other => {
            at.member("type").leave_out_value(other.as_str());
            cache_point_block::Type::Unspecified
        }
    };
    CachePointBlock {
        r#type: kind.into(),
        ttl: point.ttl.as_ref().and_then(|ttl| time_to_live(ttl, at)),
    }
}

/// How long entries of a prompt cache live. `at` is the object that says so.
pub(super) fn time_to_live(ttl: &sdk::CacheTtl, at: &Place<'_>) -> Option<prost_types::Duration> {
    let seconds = match ttl {
        sdk::CacheTtl::FiveMinutes => Some(300),
        sdk::CacheTtl::OneHour => Some(3600),
        other => seconds(other.as_str()),
    };
    if seconds.is_none() {
        at.member("ttl").leave_out_value(ttl.as_str());
    }
    seconds.map(|seconds| prost_types::Duration { seconds, nanos: 0 })
}

/// Seconds in a token like "30m": times that this SDK does not know are written the same way.
fn seconds(token: &str) -> Option<i64> {
    let (number, unit) = token.split_at_checked(token.len().checked_sub(1)?)?;
    let number: u32 = number.parse().ok()?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    Some(i64::from(number) * seconds)
}

/// Makes a tool available.
pub(super) fn tool_addition(addition: sdk::ToolAdditionBlock) -> ToolAdditionBlock {
    ToolAdditionBlock {
        tool: addition.tool.map(tool_reference),
    }
}

/// Makes a tool unavailable.
pub(super) fn tool_removal(removal: sdk::ToolRemovalBlock) -> ToolRemovalBlock {
    ToolRemovalBlock {
        tool: removal.tool.map(tool_reference),
    }
}

fn tool_reference(tool: sdk::ToolReference) -> ToolReference {
    ToolReference {
        r#type: tool.r#type.unwrap_or_default(),
        name: tool.name.unwrap_or_default(),
        server_name: tool.server_name.unwrap_or_default(),
    }
}
