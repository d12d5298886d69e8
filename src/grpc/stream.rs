//! A routed stream as the response of InvokeStream.

use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;

use crate::grpc::access_log;
use crate::grpc::status;
use crate::grpc::streams;
use crate::proto::InvokeStreamResponse;
use crate::proto::invoke_stream_response::Event;
use crate::routing::RouteError;
use crate::routing::RoutedStream;

/// The events of one call, then OK or the status of its failure.
///
/// Dropping it, which the transport does when the caller goes away, ends the upstream call.
pub struct ResponseStream {
    /// `None` once the stream has ended.
    events: Option<RoutedStream>,
    request_id: String,
    /// Whether the last event was given.
    is_answered: bool,
    log_every_call: bool,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl ResponseStream {
    pub(super) fn new(
        events: RoutedStream,
        request_id: String,
        cutting: CancellationToken,
        log_every_call: bool,
    ) -> Self {
        Self {
            events: Some(events),
            request_id,
            is_answered: false,
            log_every_call,
            cut: Box::pin(cutting.cancelled_owned()),
        }
    }

    fn fail(&mut self, error: RouteError) -> Status {
        self.events = None;
        access_log::failed("InvokeStream", &self.request_id, &error);
        status::of_route_error(error, &self.request_id)
    }
}

impl Stream for ResponseStream {
    type Item = Result<InvokeStreamResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(events) = &mut this.events else {
            return Poll::Ready(None);
        };
        match Pin::new(&mut *events).poll_next(cx) {
            Poll::Ready(Some(Ok(response))) => {
                if let Some(Event::Metadata(metadata)) = &response.event {
                    let every = this.log_every_call;
                    access_log::answered("InvokeStream", &this.request_id, Some(metadata), every);
                    this.is_answered = true;
                }
                Poll::Ready(Some(Ok(response)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(this.fail(error)))),
            Poll::Ready(None) => {
                this.events = None;
                Poll::Ready(None)
            }
            Poll::Pending if events.is_about_to_send() => Poll::Pending,
            Poll::Pending => {
                ready!(this.cut.as_mut().poll(cx));
                if this.is_answered {
                    this.events = None;
                    return Poll::Ready(None);
                }
                // While no answer has begun, the search for one ends by itself.
                let error = ready!(
                    events
                        .stop(RouteError::not_serving())
                        .map_or(Poll::Pending, Poll::Ready)
                );
                Poll::Ready(Some(Err(this.fail(error))))
            }
        }
    }
}

impl Drop for ResponseStream {
    /// What becomes of a stream whose caller took nothing is logged by who ended it.
    fn drop(&mut self) {
        if let Some(events) = &mut self.events
            && streams::is_given_up()
        {
            events.leave_unnoted();
        }
    }
}
