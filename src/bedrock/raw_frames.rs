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

/// Longest frame. Bedrock's have a few kilobytes at most; the SDK would collect up to 4 GiB.
const MAX_FRAME: u32 = 1024 * 1024;

/// A frame says that it is longer than any of Bedrock's.
#[derive(Debug, thiserror::Error)]
#[error("frame of {0} bytes")]
pub(super) struct FrameTooLarge(u32);

/// What was received and not yet taken.
#[derive(Clone, Default)]
pub(super) struct RawFrames(Arc<Mutex<VecDeque<Bytes>>>);

impl RawFrames {
    /// A body that leaves what passes through it here, too.
    pub(super) fn watch(&self, body: SdkBody) -> SdkBody {
        SdkBody::from_body_1_x(WatchedBody {
            body: Box::pin(body),
            frames: self.clone(),
            left: 0,
            length: 0,
            known: 0,
            too_large: None,
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
    /// Bytes of the current frame that are still to come.
    left: u32,
    /// The beginning of the next frame's length, and how many bytes of it are known.
    length: u32,
    known: usize,
    /// What follows on the frames that were given.
    too_large: Option<FrameTooLarge>,
}

impl WatchedBody {
    /// Reads the lengths of frames as they pass by. Fails with the number of bytes before the frame
    /// that is too large.
    fn check(&mut self, mut data: &[u8]) -> Result<(), (usize, FrameTooLarge)> {
        let total = data.len();
        loop {
            let left = usize::try_from(self.left).unwrap_or(usize::MAX);
            let (passed, rest) = data.split_at(left.min(data.len()));
            self.left -= u32::try_from(passed.len()).unwrap_or(self.left);
            let Some((byte, rest)) = rest.split_first() else {
                return Ok(());
            };
            self.length = self.length << 8 | u32::from(*byte);
            self.known += 1;
            if self.known == size_of::<u32>() {
                if self.length > MAX_FRAME {
                    let before = (total - rest.len()).saturating_sub(size_of::<u32>());
                    return Err((before, FrameTooLarge(self.length)));
                }
                self.left = self.length.saturating_sub(4);
                self.length = 0;
                self.known = 0;
            }
            data = rest;
        }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(too_large) = self.too_large.take() {
            return Poll::Ready(Some(Err(too_large.into())));
        }
        let mut frame = ready!(self.body.as_mut().poll_frame(cx));
        if let Some(Ok(received)) = &frame
            && let Some(data) = received.data_ref()
            && !data.is_empty()
        {
            let mut data = data.clone();
            if let Err((before, too_large)) = self.check(&data) {
                if before == 0 {
                    return Poll::Ready(Some(Err(too_large.into())));
                }
                // However the bytes were cut, the frames before it are told.
                data.truncate(before);
                frame = Some(Ok(Frame::data(data.clone())));
                self.too_large = Some(too_large);
            }
            let mut received = self.frames.0.lock().unwrap_or_else(PoisonError::into_inner);
            received.push_back(data);
        }
        Poll::Ready(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched() -> WatchedBody {
        WatchedBody {
            body: Box::pin(SdkBody::empty()),
            frames: RawFrames::default(),
            left: 0,
            length: 0,
            known: 0,
            too_large: None,
        }
    }

    #[test]
    fn long_frame_is_found_however_the_bytes_are_cut() {
        let frame = |length: u32| {
            let mut frame = length.to_be_bytes().to_vec();
            frame.resize(length as usize, 0xff);
            frame
        };
        let mut bytes = [frame(16), frame(MAX_FRAME)].concat();
        bytes.extend((MAX_FRAME + 1).to_be_bytes());

        for size in [1, 3, 4, 1_000, bytes.len()] {
            let mut body = watched();
            let mut chunks = bytes.chunks(size);

            let found = chunks.find_map(|chunk| body.check(chunk).err());

            assert_eq!(found.unwrap().1.0, MAX_FRAME + 1, "{size}");
            assert!(chunks.next().is_none(), "{size}");
        }
    }
}
