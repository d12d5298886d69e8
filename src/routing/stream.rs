//! A stream past its commit point: what reaches the caller is final, and OK means complete.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use tokio_stream::Stream;

use crate::proto::Attempt;
use crate::proto::AttemptEvent;
use crate::proto::InvokeStreamResponse;
use crate::proto::MessageStartEvent;
use crate::proto::Role;
use crate::proto::invoke_stream_response;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::ProviderError;
use crate::registry::Model;
use crate::routing::attempt;
use crate::routing::attempt::OpenStream;
use crate::routing::error::RouteError;
use crate::routing::failover::Candidate;
use crate::routing::failover::Failover;
use crate::routing::silence::Silence;

/// The events of a call as the caller receives them.
///
/// Ends without an error only after the message is complete and its metadata was given. Dropping
/// it ends the upstream call.
pub struct RoutedStream {
    /// What is ready to be sent.
    ready: VecDeque<invoke_stream_response::Event>,
    /// Whether that waits for more.
    hold: Hold,
    /// What ends the stream after that.
    failure: Option<RouteError>,
    /// What is still to come; `None` once the stream is over.
    upstream: Option<EventStream>,
    failover: Failover,
    /// The model that answers; `None` once it failed.
    candidate: Option<Candidate>,
    model: Arc<Model>,
    time_to_first_token: Duration,
    silence: Silence,
    /// Whether everything was given; what the upstream still does is of no interest.
    is_complete: bool,
}

/// Whether the events in `ready` wait for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    /// There are none.
    Nothing,
    /// Some came in this turn of the runtime.
    Fresh,
    /// None came since the last turn.
    Stale,
    /// They leave now.
    Leaving,
}

/// Events that leave together at most: a bound on what one stream holds.
const MAX_TOGETHER: usize = 32;

impl RoutedStream {
    pub(super) fn new(mut failover: Failover, candidate: Candidate, stream: OpenStream) -> Self {
        failover.note(&stream.rest.request_id, stream.completion.as_deref());
        failover.commit();
        let limits = failover.limits(&candidate.model);
        let attempts = failover.ledger().attempts();
        let mut ready = VecDeque::with_capacity(stream.begun.len() + attempts.len());
        ready.extend(attempts.iter().map(attempt_event));
        let mut routed = Self {
            ready,
            upstream: Some(stream.rest),
            hold: Hold::Leaving,
            failure: None,
            silence: Silence::new(limits.idle, stream.end),
            time_to_first_token: failover.turn().arrived.elapsed(),
            failover,
            model: Arc::clone(&candidate.model),
            candidate: Some(candidate),
            is_complete: false,
        };
        for event in stream.begun {
            routed.accept(event);
        }
        routed
    }

    /// Registry name of the model that answers.
    pub fn model(&self) -> &str {
        &self.model.name
    }

    /// Upstream calls made so far.
    pub fn calls(&self) -> u32 {
        self.failover.ledger().calls()
    }

    /// Whether the next turn of the runtime will send what is held, so that nobody needs to watch
    /// for anything else meanwhile.
    pub fn is_about_to_send(&self) -> bool {
        self.hold == Hold::Stale
    }

    /// Ends the call for a reason that has nothing to do with the upstream, and gives the error
    /// with what was tried.
    pub fn stop(&mut self, error: RouteError) -> RouteError {
        self.end();
        self.failover.stop(error)
    }

    /// Turns an upstream event into what the caller receives.
    fn accept(&mut self, event: Event) {
        self.silence.reset();
        use invoke_stream_response::Event as Sent;
        let sent = match event {
            Event::MessageStart => Sent::MessageStart(MessageStartEvent {
                role: Role::Assistant.into(),
                model: self.model.name.clone(),
                request_id: self.failover.turn().request_id.clone(),
            }),
            Event::BlockStart(start) => Sent::ContentBlockStart(start),
            Event::BlockDelta(delta) => Sent::ContentBlockDelta(delta),
            Event::BlockStop(stop) => Sent::ContentBlockStop(stop),
            Event::MessageStop(stop) => Sent::MessageStop(stop),
            Event::Completion(completion) => {
                self.is_complete = true;
                self.silence.shorten(attempt::END_OF_BODY);
                let first = Some(self.time_to_first_token);
                let metadata = self.failover.succeed(&self.model, *completion, first);
                Sent::Metadata(Box::new(metadata))
            }
        };
        self.ready.push_back(sent);
    }

    /// Ends the stream with a failure, after what was received.
    fn interrupt(&mut self, error: &ProviderError) {
        if let Some(candidate) = self.candidate.take() {
            self.failure = self.failover.fail(candidate, error).err();
        }
        self.end();
    }

    fn end(&mut self) {
        self.upstream = None;
        self.hold = Hold::Leaving;
    }
}

impl Stream for RoutedStream {
    type Item = Result<InvokeStreamResponse, RouteError>;

    /// Lets events that arrive together leave together.
    ///
    /// The transport writes what it has whenever a stream has nothing more at hand, and the
    /// connection to Bedrock hands over one event each time it runs. Waiting after an event for
    /// one turn of the runtime, and for no time at all, lets that connection deliver the next one
    /// before anything is written; otherwise each event of a burst would cost a frame and a system
    /// call.
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.hold == Hold::Leaving {
                if let Some(event) = this.ready.pop_front() {
                    return Poll::Ready(Some(Ok(InvokeStreamResponse { event: Some(event) })));
                }
                if let Some(error) = this.failure.take() {
                    return Poll::Ready(Some(Err(error)));
                }
                this.hold = Hold::Nothing;
            }
            let Some(upstream) = &mut this.upstream else {
                return Poll::Ready(None);
            };
            match upstream.events.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => {
                    this.accept(event);
                    this.hold = if this.ready.len() < MAX_TOGETHER {
                        Hold::Fresh
                    } else {
                        Hold::Leaving
                    };
                }
                Poll::Ready(Some(Err(error))) if !this.is_complete => this.interrupt(&error),
                Poll::Ready(Some(Err(_)) | None) => this.end(),
                Poll::Pending => match this.hold {
                    Hold::Fresh => {
                        this.hold = Hold::Stale;
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                    Hold::Stale => this.hold = Hold::Leaving,
                    Hold::Nothing | Hold::Leaving => {
                        ready!(this.silence.poll_end(cx));
                        if this.is_complete {
                            this.end();
                        } else {
                            let error = this.silence.bound().error("did not finish");
                            this.interrupt(&error);
                        }
                    }
                },
            }
        }
    }
}

fn attempt_event(attempt: &Attempt) -> invoke_stream_response::Event {
    invoke_stream_response::Event::Attempt(Box::new(AttemptEvent {
        attempt: Some(attempt.clone()),
        output_discarded: false,
        backoff: None,
    }))
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
