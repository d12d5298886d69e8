//! The frames of a stream as they came, beside the SDK's reading of them.
//!
//! What is received is kept by reference until the SDK has handed out its event: one event per
//! frame, so the two stay in step.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::body::SdkBody;
use bytes::Buf;
use bytes::Bytes;
use bytes::BytesMut;
use http_body::Body;
use http_body::Frame;

/// Length of a frame's prelude: total length, length of the headers, checksum.
const PRELUDE: usize = 12;
/// Length of the checksum at a frame's end.
const CHECKSUM: usize = 4;

/// What was received and not yet taken.
#[derive(Clone, Default)]
pub(super) struct RawFrames(Arc<Mutex<VecDeque<Bytes>>>);

impl RawFrames {
    /// A body that leaves what passes through it here, too.
    pub(super) fn watch(&self, body: SdkBody) -> SdkBody {
        SdkBody::from_body_1_x(WatchedBody {
            body: Box::pin(body),
            frames: self.clone(),
        })
    }

    /// Takes the next frame. The SDK has checked it before.
    pub(super) fn next(&self) -> Option<RawFrame> {
        let mut received = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total = first(&mut received, size_of::<u32>())?.as_ref().get_u32();
        let total = usize::try_from(total).ok()?;
        let chunk = first(&mut received, total)?;
        let frame = chunk.split_to(total);
        if chunk.is_empty() {
            received.pop_front();
        }
        Some(RawFrame(frame))
    }
}

/// The first chunk, joined with the following ones if it is shorter than this.
fn first(received: &mut VecDeque<Bytes>, length: usize) -> Option<&mut Bytes> {
    if received.front()?.len() < length {
        let all: usize = received.iter().map(Bytes::len).sum();
        if all < length {
            return None;
        }
        let mut joined = BytesMut::with_capacity(all);
        while joined.len() < length {
            joined.extend_from_slice(&received.pop_front()?);
        }
        received.push_front(joined.freeze());
    }
    received.front_mut()
}

/// One frame.
pub(super) struct RawFrame(Bytes);

impl RawFrame {
    /// The event itself.
    pub(super) fn payload(&self) -> &[u8] {
        let payload = || {
            let headers = self.0.get(size_of::<u32>()..)?.first_chunk()?;
            let start = PRELUDE.checked_add(usize::try_from(u32::from_be_bytes(*headers)).ok()?)?;
            self.0.get(start..self.0.len().checked_sub(CHECKSUM)?)
        };
        payload().unwrap_or_default()
    }

    /// The event's name.
    pub(super) fn event_type(&self) -> Option<String> {
        let message = read_message_from(self.0.as_ref()).ok()?;
        let mut headers = message.headers().iter();
        let header = headers.find(|header| header.name().as_str() == ":event-type")?;
        Some(header.value().as_string().ok()?.as_str().to_owned())
    }
}

struct WatchedBody {
    body: Pin<Box<SdkBody>>,
    frames: RawFrames,
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(self.body.as_mut().poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && !data.is_empty()
        {
            let mut received = self.frames.0.lock().unwrap_or_else(PoisonError::into_inner);
            received.push_back(data.clone());
        }
        Poll::Ready(frame)
    }
}
