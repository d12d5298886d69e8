//! The body of a request, which must come before the call's deadline.
//!
//! A handler runs when its request is complete. Until then nothing else bounds a call: a body that
//! never comes would hold a permit for ever.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use hyper::body::Incoming;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep_until;
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::grpc::arrival;
use crate::grpc::services::Common;
use crate::grpc::status;
use crate::routing::RouteError;
use crate::settings::RoutingSettings;

/// The body of a request.
pub(super) struct RequestBody {
    incoming: Incoming,
    /// `None` for a stream of requests, which may take its time.
    bounds: Option<Bounds>,
    /// From the moment it is waited for: most bodies come together with their heads.
    waiting: Option<Pin<Box<Waiting>>>,
}

/// What bounds the wait for a body.
pub(super) struct Bounds {
    pub(super) received: Instant,
    pub(super) request_id: Option<HeaderValue>,
    /// The caller's `grpc-timeout`, if it sent a good one.
    pub(super) timeout: Option<Duration>,
    /// The time of a call whose caller sets none.
    pub(super) default: fn(&RoutingSettings) -> Duration,
    pub(super) common: Arc<Common>,
}

struct Waiting {
    deadline: Pin<Box<Sleep>>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl RequestBody {
    /// A body that must come within these bounds.
    pub(super) fn new(incoming: Incoming, bounds: Option<Bounds>) -> Self {
        Self {
            incoming,
            bounds,
            waiting: None,
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.incoming).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let Some(bounds) = &this.bounds else {
            return Poll::Pending;
        };
        let waiting = this.waiting.get_or_insert_with(|| Box::pin(bounds.wait()));
        let error = if waiting.deadline.as_mut().poll(cx).is_ready() {
            RouteError::request_incomplete()
        } else if waiting.cut.as_mut().poll(cx).is_ready() {
            RouteError::not_serving()
        } else {
            return Poll::Pending;
        };
        let given = bounds.request_id.as_ref();
        let request_id = arrival::request_id(given.and_then(|id| id.to_str().ok()));
        let status = status::of_route_error(error, &request_id);
        Poll::Ready(Some(Err(status.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Bounds {
    fn wait(&self) -> Waiting {
        let settings = &self.common.router.policy().settings;
        let time = self.timeout.unwrap_or_else(|| (self.default)(settings));
        let deadline = arrival::deadline(self.received, time, settings);
        Waiting {
            deadline: Box::pin(sleep_until(deadline.instant())),
            cut: Box::pin(self.common.cutting.clone().cancelled_owned()),
        }
    }
}
