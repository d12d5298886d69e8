//! The bytes of a stream: the same events however they arrive, in the promised order, and an end
//! without an error only after all of them.
//!
//! The input is either a stream as it is, beginning with a zero as every frame does, or text: a
//! line for each frame, with the type of the event and its payload. `!` before the type makes it
//! an exception, `?` an error whose code and message follow.

use std::sync::LazyLock;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::Header;
use aws_smithy_types::event_stream::HeaderValue;
use aws_smithy_types::event_stream::Message;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::provider::Adaptation;
use bedrock_gateway::provider::Event;
use bedrock_gateway::provider::Provider;
use bedrock_gateway::provider::ProviderError;
use bytes::Bytes;
use tokio_stream::StreamExt;

use crate::fixture;
use crate::fixture::Fixture;
use crate::text;
use crate::text::is_one_line;

/// Streams up to this length also arrive byte by byte.
const MAX_BYTE_BY_BYTE: usize = 4096;

static FIXTURE: LazyLock<Fixture> = Fixture::lazy();

/// What was read of a stream: its events, and how it failed, if it did.
struct Read {
    events: Vec<Event>,
    error: Option<ProviderError>,
}

/// Reads the input whole and in pieces.
pub fn check(input: &[u8]) {
    let stream = match input.first() {
        Some(0) => Bytes::copy_from_slice(input),
        _ => frames(input),
    };
    // What is chosen at random depends on the input, so that a failure can be repeated.
    let mut random = Random::of(input);

    let whole = read(vec![stream.clone()]);

    check_order(&whole);
    if stream.len() <= MAX_BYTE_BY_BYTE {
        check_same(&whole, &read(pieces(&stream, || 1)));
    }
    let lengths = || 1 + random.below(96);
    check_same(&whole, &read(pieces(&stream, lengths)));
}

/// Numbers that look random, always the same for the same input.
struct Random(u32);

impl Random {
    /// FNV-1a of the input, made odd: the generator stays at zero.
    fn of(input: &[u8]) -> Self {
        let add = |state: u32, byte: &u8| (state ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        Self(input.iter().fold(0x811c_9dc5, add) | 1)
    }

    /// Xorshift.
    fn below(&mut self, limit: u32) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 % limit) as usize
    }
}

fn read(pieces: Vec<Bytes>) -> Read {
    let fixture = &*FIXTURE;
    fixture.upstream.answer(fixture::answer(pieces));
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..InvokeRequest::default()
    };
    let adaptation = Adaptation::default();
    let call = fixture::call(fixture.model(), &request, &adaptation);
    let read = fixture.runtime.block_on(async {
        let mut events = Vec::new();
        let mut stream = match fixture.bedrock.invoke_stream(call).await {
            Ok(stream) => stream.events,
            Err(error) => panic!("{:?} before the stream", error.kind),
        };
        while let Some(next) = stream.next().await {
            match next {
                Ok(event) => events.push(event),
                Err(error) => {
                    assert!(stream.next().await.is_none(), "events after an error");
                    return Read {
                        events,
                        error: Some(error),
                    };
                }
            }
        }
        Read {
            events,
            error: None,
        }
    });
    fixture.upstream.take_sent();
    read
}

fn pieces(stream: &Bytes, mut next_length: impl FnMut() -> usize) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut rest = stream.clone();
    while !rest.is_empty() {
        let length = next_length().min(rest.len());
        pieces.push(rest.split_to(length));
    }
    pieces
}

fn check_same(whole: &Read, split: &Read) {
    assert_eq!(whole.events.len(), split.events.len(), "number of events");
    for (left, right) in whole.events.iter().zip(&split.events) {
        let is_same = match (left, right) {
            (Event::MessageStart, Event::MessageStart) => true,
            (Event::BlockStart(left), Event::BlockStart(right)) => left == right,
            (Event::BlockDelta(left), Event::BlockDelta(right)) => left == right,
            (Event::BlockStop(left), Event::BlockStop(right)) => left == right,
            (Event::MessageStop(left), Event::MessageStop(right)) => left == right,
            (Event::Completion(left), Event::Completion(right)) => left == right,
            _ => false,
        };
        assert!(is_same, "another event");
    }
    match (&whole.error, &split.error) {
        (None, None) => {}
        (Some(left), Some(right)) => {
            assert_eq!(left.kind, right.kind);
            assert_eq!(left.message, right.message);
            assert_eq!(left.upstream_error, right.upstream_error);
            assert_eq!(left.request_id, right.request_id);
            assert_eq!(left.refused, right.refused);
        }
        _ => panic!("an error only one way"),
    }
}

/// The order that `EventStream` promises.
fn check_order(read: &Read) {
    let mut events = read.events.iter().peekable();
    let mut open: Vec<i32> = Vec::new();
    let mut is_stopped = false;
    let mut is_complete = false;
    if let Some(first) = events.next() {
        assert!(matches!(first, Event::MessageStart));
    }
    for event in events {
        assert!(!is_complete, "events after the last");
        match event {
            Event::MessageStart => panic!("a second start of the message"),
            Event::BlockStart(start) => {
                assert!(!is_stopped, "a block after the end of the message");
                assert!(!open.contains(&start.content_block_index), "started twice");
                open.push(start.content_block_index);
            }
            Event::BlockDelta(delta) => {
                assert!(open.contains(&delta.content_block_index), "not started");
                assert!(delta.delta.is_some(), "an empty delta");
            }
            Event::BlockStop(stop) => {
                let index = stop.content_block_index;
                let place = open.iter().position(|open| *open == index);
                open.swap_remove(place.expect("a stop without a start"));
            }
            Event::MessageStop(_) => {
                assert!(!is_stopped && open.is_empty(), "blocks left open");
                is_stopped = true;
            }
            Event::Completion(completion) => {
                assert!(is_stopped, "complete before the end of the message");
                for name in &completion.omitted_members {
                    assert!(is_one_line(name), "{name:?}");
                }
                is_complete = true;
            }
        }
    }
    match &read.error {
        Some(error) => {
            assert!(!is_complete, "an error after a whole message");
            text::check_error(error);
        }
        None => assert!(is_complete, "an end without an error before the last event"),
    }
}

/// The frames that the lines of a text describe.
pub(crate) fn frames(text: &[u8]) -> Bytes {
    let mut stream = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let (name, rest) = match line.iter().position(|byte| *byte == b' ') {
            Some(end) => (&line[..end], &line[end + 1..]),
            None => (line, &[][..]),
        };
        let Some((first, after)) = name.split_first() else {
            continue;
        };
        let (headers, payload) = match first {
            b'!' => (
                vec![("exception-type", after), ("message-type", b"exception")],
                rest,
            ),
            b'?' => {
                let kind = ("message-type", &b"error"[..]);
                (
                    vec![kind, ("error-code", after), ("error-message", rest)],
                    &[][..],
                )
            }
            _ => (vec![("event-type", name), ("message-type", b"event")], rest),
        };
        push_frame(&mut stream, &headers, Bytes::copy_from_slice(payload));
    }
    stream.into()
}

fn push_frame(stream: &mut Vec<u8>, headers: &[(&str, &[u8])], payload: Bytes) {
    let mut message = Message::new(payload);
    for (name, value) in headers {
        let Ok(value) = String::from_utf8(value.to_vec()) else {
            return;
        };
        let value = HeaderValue::String(value.into());
        message = message.add_header(Header::new(format!(":{name}"), value));
    }
    // Fails where a header is too long for a frame.
    let _ = write_message_to(&message, stream);
}
