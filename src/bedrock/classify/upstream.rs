//! What the upstream said about a failure, from the SDK's errors and from their own bytes.

use aws_sdk_bedrockruntime::error::ProvideErrorMetadata;
use aws_smithy_types::event_stream::RawMessage;
use serde_json::Map;
use serde_json::Value;

use crate::provider::Origin;

/// An exception as one of the operations models it.
pub(in crate::bedrock) trait UpstreamError:
    ProvideErrorMetadata + std::error::Error + 'static
{
}

impl<E: ProvideErrorMetadata + std::error::Error + 'static> UpstreamError for E {}

/// What the model's own server said, from the body of an exception; as it came. What is missing or
/// malformed is empty.
///
/// The SDK reads these members from some exceptions in some of their spellings; their bytes say
/// the same for all.
pub(super) fn origin(body: &[u8]) -> Origin {
    let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let text = |name| {
        members
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let status = members.get("originalStatusCode").and_then(Value::as_i64);
    Origin {
        status: status.and_then(|status| i32::try_from(status).ok()),
        resource: text("resourceName").to_owned(),
        message: text("originalMessage").to_owned(),
    }
}

/// The payload of an event.
pub(super) fn payload(message: &RawMessage) -> &[u8] {
    match message {
        RawMessage::Decoded(message) => message.payload(),
        _ => &[],
    }
}

/// A header of an event.
pub(super) fn header<'a>(message: &'a RawMessage, name: &str) -> Option<&'a str> {
    let RawMessage::Decoded(message) = message else {
        return None;
    };
    let header = message
        .headers()
        .iter()
        .find(|header| header.name().as_str() == name)?;
    Some(header.value().as_string().ok()?.as_str())
}

/// The exception's name from an event's header, in upper camel case: Bedrock writes both.
pub(super) fn exception_name(message: &RawMessage, header_name: &str) -> Option<String> {
    let name = header(message, header_name)?;
    let mut letters = name.chars();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}
