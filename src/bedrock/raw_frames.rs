//! The frames of a stream as they came, beside the SDK's reading of them.
//!
//! Only for streams in which the provider runs tools: their JSON results must keep order and
//! spelling, which the SDK's `Document` forgets. The SDK hands out one event per frame, so the
//! two stay in step.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use aws_smithy_types::body::SdkBody;
use bytes::Buf;
use bytes::Bytes;
use bytes::BytesMut;
use http_body::Body;
use http_body::Frame;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Length of a frame's prelude: total length, length of the headers, checksum.
const PRELUDE: usize = 12;
/// Length of the checksum at a frame's end.
const CHECKSUM: usize = 4;

/// What was received and not yet taken.
#[derive(Clone, Default)]
pub(super) struct RawFrames(Arc<Mutex<BytesMut>>);

impl RawFrames {
    /// A body that leaves a copy of what passes through it here.
    pub(super) fn copied_from(&self, body: SdkBody) -> SdkBody {
        SdkBody::from_body_1_x(CopiedBody {
            body: Box::pin(body),
            copy: self.clone(),
        })
    }

    /// The payload of the next frame. The SDK has checked the frame before.
    pub(super) fn next_payload(&self) -> Option<Bytes> {
        let mut received = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut prelude = received.get(..PRELUDE)?;
        let total = usize::try_from(prelude.get_u32()).ok()?;
        let headers = usize::try_from(prelude.get_u32()).ok()?;
        let payload = PRELUDE.checked_add(headers)?..total.checked_sub(CHECKSUM)?;
        if total > received.len() || payload.start > payload.end {
            return None;
        }
        Some(received.split_to(total).freeze().slice(payload))
    }
}

struct CopiedBody {
    body: Pin<Box<SdkBody>>,
    copy: RawFrames,
}

impl Body for CopiedBody {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(self.body.as_mut().poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let mut received = self.copy.0.lock().unwrap_or_else(PoisonError::into_inner);
            received.extend_from_slice(data);
        }
        Poll::Ready(frame)
    }
}

#[derive(Deserialize)]
struct DeltaEvent<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, rename = "toolResult")]
    tool_result: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    json: Option<&'a RawValue>,
}

/// The JSON results in the payload of a delta, by position; `None` for items of other kinds.
pub(super) fn tool_result_json(payload: &[u8]) -> Vec<Option<String>> {
    let event: Option<DeltaEvent<'_>> = serde_json::from_slice(payload).ok();
    event
        .into_iter()
        .flat_map(|event| event.delta.tool_result)
        .map(|item| item.json.map(|json| json.get().to_owned()))
        .collect()
}
