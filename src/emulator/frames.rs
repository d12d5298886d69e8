//! Encodes frames of `application/vnd.amazon.eventstream`, checksums included.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::Header;
use aws_smithy_types::event_stream::HeaderValue;
use aws_smithy_types::event_stream::Message;
use bytes::Bytes;

use crate::emulator::seed::Seed;

/// Media type of a stream of frames.
pub(super) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Bytes of lengths, prelude checksum and message checksum around headers and payload.
const FRAME_OVERHEAD: usize = 16;

/// An ordinary event.
pub(super) fn event(kind: &str, payload: impl Into<Bytes>) -> Bytes {
    frame(
        vec![
            header(":event-type", HeaderValue::String(kind.to_owned().into())),
            header(
                ":content-type",
                HeaderValue::String("application/json".into()),
            ),
            header(":message-type", HeaderValue::String("event".into())),
        ],
        payload.into(),
    )
}

/// An exception of the API model, by its name in lower camel case.
pub(super) fn exception(name: &str, payload: impl Into<Bytes>) -> Bytes {
    frame(
        vec![
            header(
                ":exception-type",
                HeaderValue::String(name.to_owned().into()),
            ),
            header(
                ":content-type",
                HeaderValue::String("application/json".into()),
            ),
            header(":message-type", HeaderValue::String("exception".into())),
        ],
        payload.into(),
    )
}

/// An error that the API model does not know.
pub(super) fn error(code: &str, message: &str) -> Bytes {
    frame(
        vec![
            header(":error-code", HeaderValue::String(code.to_owned().into())),
            header(
                ":error-message",
                HeaderValue::String(message.to_owned().into()),
            ),
            header(":message-type", HeaderValue::String("error".into())),
        ],
        Bytes::new(),
    )
}

/// The frame with its last byte turned over, so that its checksum is wrong.
pub(super) fn with_wrong_checksum(frame: &Bytes) -> Bytes {
    let mut bytes = frame.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last = !*last;
    }
    Bytes::from(bytes)
}

/// The value of `p`, which hides the length of tokens from an observer of the network.
pub(super) fn padding(seed: &mut Seed) -> &'static str {
    let length = usize::try_from(seed.below(PADDING.len() as u64)).unwrap_or(0);
    PADDING.get(..=length).unwrap_or(PADDING)
}

fn header(name: &'static str, value: HeaderValue) -> Header {
    Header::new(name, value)
}

fn frame(headers: Vec<Header>, payload: Bytes) -> Bytes {
    let headers_length: usize = headers
        .iter()
        .map(|header| {
            let value = header
                .value()
                .as_string()
                .map_or(0, |text| text.as_str().len());
            header.name().as_str().len() + value + 4
        })
        .sum();
    let mut buffer = Vec::with_capacity(FRAME_OVERHEAD + headers_length + payload.len());
    let message = Message::new_from_parts(headers, payload);
    if let Err(error) = write_message_to(&message, &mut buffer) {
        // Only an error text of a scenario can be too long for a header.
        tracing::warn!(%error, "frame left out");
        buffer.clear();
    }
    Bytes::from(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_laid_out_byte_by_byte_as_the_service_does() {
        let frame = event("messageStart", r#"{"p":"abcdefgh","role":"assistant"}"#);

        assert_eq!(frame.len(), 133);
        assert_eq!(
            &frame[..12],
            b"\x00\x00\x00\x85\x00\x00\x00\x52\x99\x41\xd0\x53"
        );
        assert_eq!(&frame[129..], b"\x3d\x59\x3a\xc6");
    }

    #[test]
    fn padding_is_a_prefix_of_the_alphabet_and_never_empty() {
        let mut seed = Seed::of(b"p");

        let paddings: Vec<&str> = (0..200).map(|_| padding(&mut seed)).collect();

        assert!(
            paddings
                .iter()
                .all(|one| PADDING.starts_with(one) && !one.is_empty())
        );
        assert!(paddings.iter().any(|one| one.len() != paddings[0].len()));
    }
}
