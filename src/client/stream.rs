//! The events of a stream as they come, and the answer they tell.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use futures_util::Stream;
use futures_util::future::FutureExt as _;
use futures_util::future::poll_fn;
use tokio::time::Sleep;
use tokio::time::sleep_until;
use tonic::Response;
use tonic::Streaming;

use super::call::Time;
use super::error::Error;
use super::join::Collector;
use crate::proto::InvokeResponse;
use crate::proto::InvokeStreamResponse;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::invoke_stream_response::Event;

/// The events of a stream.
///
/// Ends after the last event of a complete answer, or with one error. Dropping it ends the call, and
/// the gateway's call of the model; tokens under way may be billed.
pub struct EventStream {
    responses: Streaming<InvokeStreamResponse>,
    request_id: String,
    time: Time,
    end: Pin<Box<Sleep>>,
    has_metadata: bool,
    is_over: bool,
}

impl EventStream {
    pub(super) fn new(response: Response<Streaming<InvokeStreamResponse>>, time: Time) -> Self {
        let request_id = response.metadata().get("x-request-id");
        let request_id = request_id.and_then(|id| id.to_str().ok());
        Self {
            request_id: request_id.unwrap_or_default().to_owned(),
            responses: response.into_inner(),
            time,
            end: Box::pin(sleep_until(time.end)),
            has_metadata: false,
            is_over: false,
        }
    }

    /// By which the gateway's log knows the call.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The next event; `None` after the last. Kinds of events that are not known here are skipped.
    ///
    /// # Errors
    /// [`Error`]. [`Error::is_interrupted`] if the answer broke off, which makes what came of it
    /// useless; [`Cause::BrokenPromise`](super::Cause::BrokenPromise) if it ended too early without
    /// saying so, as behind a proxy that cuts streams.
    pub async fn event(&mut self) -> Result<Option<Event>, Error> {
        poll_fn(|context| self.poll_event(context))
            .await
            .transpose()
    }

    /// Waits for the end, and joins the events that are left into the answer. Holds all of it in
    /// memory.
    ///
    /// # Errors
    /// As [`EventStream::event`], and if the events do not suit each other.
    pub async fn into_answer(mut self) -> Result<InvokeResponse, Error> {
        let mut collector = Collector::default();
        while let Some(event) = self.event().await? {
            collector
                .push(&event)
                .map_err(|wrong| Error::broken_promise(wrong.to_string()))?;
        }
        Ok(collector.finish())
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Event, Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        loop {
            let Poll::Ready(next) = Pin::new(&mut self.responses).poll_next(context) else {
                ready!(self.end.poll_unpin(context));
                self.is_over = true;
                return Poll::Ready(Some(Err(Error::silence(self.time.timeout))));
            };
            match next {
                Some(Ok(InvokeStreamResponse { event: None })) => {}
                Some(Ok(InvokeStreamResponse { event: Some(event) })) => {
                    self.has_metadata |= matches!(event, Event::Metadata(_));
                    return Poll::Ready(Some(Ok(event)));
                }
                Some(Err(status)) => {
                    self.is_over = true;
                    return Poll::Ready(Some(Err(Error::of_status(status))));
                }
                None => {
                    self.is_over = true;
                    let promise = "the stream ended without its last event";
                    let ending = (!self.has_metadata).then(|| Error::broken_promise(promise));
                    return Poll::Ready(ending.map(Err));
                }
            }
        }
    }
}

impl Stream for EventStream {
    type Item = Result<Event, Error>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Event, Error>>> {
        self.poll_event(context)
    }
}

/// The text that an event adds to the answer, in order: that of a delta, or of a block that comes
/// whole.
pub fn texts(event: &Event) -> impl Iterator<Item = &str> {
    let (piece, whole) = match event {
        Event::ContentBlockDelta(event) => match &event.delta {
            Some(Delta::Text(text)) => (Some(text.as_str()), None),
            _ => (None, None),
        },
        Event::ContentBlockStart(event) => match &event.start {
            Some(Start::Whole(block)) => (None, Some(block)),
            _ => (None, None),
        },
        _ => (None, None),
    };
    let whole = whole.into_iter().flat_map(|block| block.texts());
    piece.into_iter().chain(whole)
}
