//! One call as the connection sees it: the handler's work, then the body of the answer.
//!
//! Holds the call's permit to the last byte, and turns a panic into a status: without that the
//! caller would read CANCELLED, and take it for its own doing.

use std::convert::Infallible;
use std::future;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Response;
use http_body::Body as HttpBody;
use http_body::Frame;
use http_body::SizeHint;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::Status;
use tonic::body::Body;
use tracing::error;

use crate::grpc::access_log;
use crate::grpc::admission::Permit;
use crate::grpc::admission::Refused;
use crate::grpc::arrival;
use crate::grpc::arrival::REQUEST_ID;
use crate::grpc::services::Common;
use crate::grpc::status;
use crate::grpc::streams::Progress;
use crate::proto::ErrorReason;
use crate::routing::RouteError;

/// Largest piece of an answer that is handed over at one time. What was handed over is out of
/// reach: without a bound, all of a long answer would wait in memory for a slow reader, its call
/// long over.
const MAX_PIECE_BYTES: usize = 16 * 1024;

/// The work of a handler. Never fails: failures are statuses.
type Work = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// A call until its answer begins.
pub struct Call {
    work: Work,
    guard: Option<Guard>,
}

/// What a call keeps to its end.
pub(super) struct Guard {
    /// Its identifier, as far as it is known: the caller's, then that of the answer.
    pub(super) request_id: Option<HeaderValue>,
    /// `None` if calls of its service are not limited.
    pub(super) permit: Option<Permit>,
    /// Whether it ends when no more calls are taken.
    pub(super) ends_with_the_listener: bool,
    pub(super) common: Arc<Common>,
}

impl Call {
    /// A call that a handler works on.
    pub(super) fn new(work: Work, guard: Guard) -> Self {
        Self {
            work,
            guard: Some(guard),
        }
    }

    /// A call that is refused before any work.
    pub(super) fn refused(guard: &Guard, refused: &Refused) -> Self {
        let status = status::overloaded(refused.retry_after, &guard.request_id());
        Self {
            work: Box::pin(future::ready(Ok(status.into_http()))),
            guard: None,
        }
    }
}

impl Future for Call {
    type Output = Result<Response<CallBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // A panic ends the call, and nothing of it is looked at again.
        let polled = catch_unwind(AssertUnwindSafe(|| this.work.as_mut().poll(cx)));
        let response = match polled {
            Ok(polled) => {
                let Ok(response) = ready!(polled);
                response
            }
            Err(_said) => match this.guard.take() {
                Some(guard) => guard.panicked().into_http(),
                None => Response::default(),
            },
        };
        let mut guard = this.guard.take();
        if let Some(guard) = &mut guard
            && let Some(id) = response.headers().get(REQUEST_ID)
        {
            guard.request_id = Some(id.clone());
        }
        Poll::Ready(Ok(response.map(|body| CallBody {
            body,
            rest: Bytes::new(),
            guard,
            progress: Progress::of_this_stream(),
            closing: None,
        })))
    }
}

impl Guard {
    fn request_id(&self) -> String {
        let given = self.request_id.as_ref();
        arrival::request_id(given.and_then(|id| id.to_str().ok()))
    }

    /// Counts a panic, and gives the status that the caller gets. The log has its place already.
    fn panicked(&self) -> Status {
        self.common.metrics.panics.add_one();
        let request_id = self.request_id();
        error!(request_id, "a call ended in a panic");
        let message = "a defect of the gateway ended the call".to_owned();
        let error = RouteError::new(ErrorReason::Internal, message);
        status::of_route_error(error, &request_id)
    }

    fn not_serving(&self) -> Status {
        status::of_route_error(RouteError::not_serving(), &self.request_id())
    }
}

/// The body of an answer.
pub struct CallBody {
    body: Body,
    /// What is left of a piece that was too large.
    rest: Bytes,
    /// `None` once the answer has ended.
    guard: Option<Guard>,
    progress: Arc<Progress>,
    /// For an answer without an end of its own: the moment when no more calls are taken.
    closing: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl HttpBody for CallBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.progress.asked();
        let frame = ready!(self.poll_body(cx));
        self.progress.answered();
        match frame.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => {
                self.rest = data;
                Poll::Ready(Some(Ok(self.next_piece())))
            }
            Some(Ok(Err(trailers))) => {
                self.guard = None;
                Poll::Ready(Some(Ok(trailers)))
            }
            Some(Err(status)) => {
                self.guard = None;
                Poll::Ready(Some(Err(status)))
            }
            None => {
                self.guard = None;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.is_end_stream() {
            SizeHint::with_exact(0)
        } else {
            SizeHint::default()
        }
    }
}

impl CallBody {
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.rest)))));
        }
        let body = Pin::new(&mut self.body);
        match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
            Ok(Poll::Ready(frame)) => Poll::Ready(frame),
            Ok(Poll::Pending) => {
                ready!(self.poll_closing(cx));
                Poll::Ready(self.end(Guard::not_serving))
            }
            Err(_said) => Poll::Ready(self.end(Guard::panicked)),
        }
    }

    fn poll_closing(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.guard {
            Some(guard) if guard.ends_with_the_listener => {
                let closing = &guard.common.closing;
                self.closing
                    .get_or_insert_with(|| Box::pin(closing.clone().cancelled_owned()))
                    .as_mut()
                    .poll(cx)
            }
            _ => Poll::Pending,
        }
    }

    /// Ends the answer before its time, with a status.
    fn end(
        &mut self,
        status: impl FnOnce(&Guard) -> Status,
    ) -> Option<Result<Frame<Bytes>, Status>> {
        self.body = Body::empty();
        let guard = self.guard.take()?;
        let mut trailers = HeaderMap::new();
        // Only a message that is no header value could fail here, and ours are fixed texts.
        let _ = status(&guard).add_header(&mut trailers);
        Some(Ok(Frame::trailers(trailers)))
    }

    fn next_piece(&mut self) -> Frame<Bytes> {
        let length = self.rest.len().min(MAX_PIECE_BYTES);
        Frame::data(self.rest.split_to(length))
    }
}

impl Drop for CallBody {
    fn drop(&mut self) {
        if let Some(guard) = &self.guard
            && self.progress.is_given_up()
        {
            guard.common.metrics.clients_stalled.add_one();
            access_log::stalled(&guard.request_id());
        }
    }
}
