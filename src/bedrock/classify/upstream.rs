//! What the SDK's error types say about the upstream's exception.

use aws_sdk_bedrockruntime::error::ProvideErrorMetadata;
use aws_sdk_bedrockruntime::operation::converse::ConverseError;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamError;
use aws_sdk_bedrockruntime::operation::count_tokens::CountTokensError;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use aws_smithy_types::event_stream::RawMessage;

/// An exception as one of the operations models it.
pub(super) trait UpstreamError: ProvideErrorMetadata + std::error::Error + 'static {
    /// The status the model's own server answered with.
    fn original_status(&self) -> Option<i32>;
}

impl UpstreamError for ConverseError {
    fn original_status(&self) -> Option<i32> {
        match self {
            Self::ModelErrorException(error) => error.original_status_code,
            _ => None,
        }
    }
}

impl UpstreamError for ConverseStreamError {
    fn original_status(&self) -> Option<i32> {
        match self {
            Self::ModelErrorException(error) => error.original_status_code,
            _ => None,
        }
    }
}

impl UpstreamError for CountTokensError {
    fn original_status(&self) -> Option<i32> {
        None
    }
}

impl UpstreamError for ConverseStreamOutputError {
    fn original_status(&self) -> Option<i32> {
        match self {
            Self::ModelStreamErrorException(error) => error.original_status_code,
            _ => None,
        }
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
