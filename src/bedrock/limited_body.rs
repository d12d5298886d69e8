//! Bodies that are read only so far.
//!
//! The SDK takes a whole body into memory, however long it is.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::Body;
use http_body::Frame;

/// Most bytes of an answer that is a single document. Bedrock's longest hold images in base64.
const MAX_ANSWER_BYTES: u64 = 32 * 1024 * 1024;
/// Most bytes of a failure's body. Those of Bedrock have a few hundred.
const MAX_FAILURE_BYTES: u64 = 64 * 1024;

/// An answer is longer than any of Bedrock's.
#[derive(Debug, thiserror::Error)]
#[error("body of more than {MAX_ANSWER_BYTES} bytes")]
struct TooLong;

/// The body of an answer, which fails where it gets too long.
pub(super) fn answer(body: SdkBody) -> SdkBody {
    limited(body, MAX_ANSWER_BYTES, Excess::Fails)
}

/// The body of a failure, whose beginning is enough: what it means stands in its headers, too.
pub(super) fn failure(body: SdkBody) -> SdkBody {
    limited(body, MAX_FAILURE_BYTES, Excess::IsCut)
}

fn limited(body: SdkBody, limit: u64, excess: Excess) -> SdkBody {
    if body.content_length().is_some_and(|length| length <= limit) {
        return body;
    }
    SdkBody::from_body_1_x(LimitedBody {
        body: Box::pin(body),
        left: limit,
        excess,
        is_over: false,
    })
}

#[derive(Clone, Copy)]
enum Excess {
    Fails,
    IsCut,
}

struct LimitedBody {
    body: Pin<Box<SdkBody>>,
    left: u64,
    excess: Excess,
    is_over: bool,
}

impl Body for LimitedBody {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let frame = ready!(self.body.as_mut().poll_frame(cx));
        let Some(Ok(frame)) = frame else {
            return Poll::Ready(frame);
        };
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        Poll::Ready(match (self.left.checked_sub(length), self.excess) {
            (Some(left), _) => {
                self.left = left;
                Some(Ok(frame))
            }
            (None, Excess::Fails) => Some(Err(TooLong.into())),
            (None, Excess::IsCut) => {
                self.is_over = true;
                None
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    use std::sync::atomic::Ordering;

    use super::*;

    const CHUNK: &[u8] = &[b'x'; 16 * 1024];
    const LENGTH: u64 = CHUNK.len() as u64;

    /// A body of 100 MiB, of unknown length, that counts what is read of it.
    struct Endless(Arc<AtomicU64>);

    impl Body for Endless {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            let read = self.0.fetch_add(LENGTH, Ordering::Relaxed);
            let chunk = Frame::data(Bytes::from_static(CHUNK));
            Poll::Ready((read < 100 * 1024 * 1024).then_some(Ok(chunk)))
        }
    }

    /// What was read of an endless body, what came through, and whether that ended well.
    async fn read(limited: fn(SdkBody) -> SdkBody) -> (u64, u64, bool) {
        let counter = Arc::<AtomicU64>::default();
        let mut body = limited(SdkBody::from_body_1_x(Endless(Arc::clone(&counter))));
        let mut came = 0;
        loop {
            let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
            let is_ok = !matches!(frame, Some(Err(_)));
            let Some(Ok(frame)) = frame else {
                return (counter.load(Ordering::Relaxed), came, is_ok);
            };
            came += frame.data_ref().unwrap().len() as u64;
        }
    }

    #[tokio::test]
    async fn of_a_failure_no_more_than_its_beginning_is_read() {
        let (read, came, is_ok) = read(failure).await;

        assert_eq!(read, MAX_FAILURE_BYTES + LENGTH);
        assert_eq!(came, MAX_FAILURE_BYTES);
        assert!(is_ok);
    }

    #[tokio::test]
    async fn an_answer_that_never_ends_is_a_failure() {
        let (read, came, is_ok) = read(answer).await;

        assert_eq!(read, MAX_ANSWER_BYTES + LENGTH);
        assert_eq!(came, MAX_ANSWER_BYTES);
        assert!(!is_ok);
    }

    #[test]
    fn a_body_that_is_known_to_be_short_stays_as_it_is() {
        let body = answer(SdkBody::from("short"));

        assert_eq!(body.bytes(), Some("short".as_bytes()));
    }
}
