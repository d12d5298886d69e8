//! A stream as its caller receives it: what was sent is final, or is taken back by a restart that
//! the caller asked for, and OK means complete.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio_stream::Stream;

use crate::proto::AttemptEvent;
use crate::proto::HeartbeatEvent;
use crate::proto::InvokeStreamResponse;
use crate::proto::MessageStartEvent;
use crate::proto::Role;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::ProviderError;
use crate::routing::attempt;
use crate::routing::attempt::OpenStream;
use crate::routing::attempt::Opened;
use crate::routing::cancelled;
use crate::routing::error::RouteError;
use crate::routing::failover::Candidate;
use crate::routing::failover::Failover;
use crate::routing::reports;
use crate::routing::silence::Silence;

/// The events of a call as the caller receives them.
///
/// Ends without an error only after the message is complete and its metadata was given. Dropping
/// it ends the upstream call.
pub struct RoutedStream {
    source: Source,
    /// What is ready to be sent.
    ready: VecDeque<Sent>,
    /// Whether that waits for more.
    hold: Hold,
    /// What ends the stream after that.
    failure: Option<RouteError>,
    /// Lines of the ledger that the caller was told of at a commit point or before.
    told: usize,
    /// Only if the caller wants to see that the stream is alive. Boxed: it rarely does.
    /// Dropped after `source`, where a call that is left looks whether somebody still takes reports.
    pulse: Option<Box<Pulse>>,
}

/// Where events come from.
enum Source {
    /// Models are called until one begins to answer.
    Opening(Opening),
    /// The commit point is passed.
    Answer(Box<Answer>),
    /// Nothing more comes.
    Over,
}

type Opening = Pin<Box<dyn Future<Output = (Failover, Result<Begun, RouteError>)> + Send>>;

type Begun = (Candidate, OpenStream);

/// A message that is being answered.
struct Answer {
    failover: Failover,
    candidate: Candidate,
    upstream: EventStream,
    silence: Silence,
    time_to_first_token: Duration,
    /// Whether everything was given; what the upstream still does is of no interest.
    is_complete: bool,
    /// Whether the upstream has ended after that.
    has_closed: bool,
}

/// What shows that a stream is alive.
struct Pulse {
    /// Since the caller was sent anything.
    silence: Silence,
    reports: UnboundedReceiver<AttemptEvent>,
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
    /// A stream that has reached its commit point.
    pub(super) fn begun(failover: Failover, candidate: Candidate, stream: OpenStream) -> Self {
        let attempts = failover.ledger().attempts().len();
        let mut routed = Self::new(stream.begun.len() + attempts);
        routed.commit(failover, candidate, stream);
        routed
    }

    /// A stream that tells of attempts while they run, and sends a heartbeat after each interval of
    /// silence.
    pub(super) fn alive(mut failover: Failover, interval: Duration) -> Self {
        let reports = failover.report();
        let silence = Silence::new(interval, None);
        let mut routed = Self::new(0);
        routed.source = Source::Opening(open(failover));
        routed.pulse = Some(Box::new(Pulse { silence, reports }));
        routed
    }

    fn new(capacity: usize) -> Self {
        Self {
            source: Source::Over,
            ready: VecDeque::with_capacity(capacity),
            hold: Hold::Leaving,
            failure: None,
            told: 0,
            pulse: None,
        }
    }

    /// Registry name of the model that answers, and the upstream calls made so far, if the commit
    /// point is passed.
    pub fn answered_by(&self) -> Option<(&str, usize)> {
        match &self.source {
            Source::Answer(answer) => {
                let calls = answer.failover.ledger().calls();
                let calls = usize::try_from(calls).unwrap_or(usize::MAX);
                Some((&answer.candidate.model.name, calls))
            }
            Source::Opening(_) | Source::Over => None,
        }
    }

    /// Whether the next turn of the runtime will send what is held, so that nobody needs to watch
    /// for anything else meanwhile.
    pub fn is_about_to_send(&self) -> bool {
        self.hold == Hold::Stale
    }

    /// Ends an answer for a reason that has nothing to do with the upstream, and gives the error
    /// with what was tried. `None` where no answer has begun: the search for one ends by itself.
    pub fn stop(&mut self, error: RouteError) -> Option<RouteError> {
        match &mut self.source {
            Source::Answer(answer) => {
                let error = answer.failover.stop(error);
                self.end();
                Some(error)
            }
            Source::Opening(_) | Source::Over => None,
        }
    }

    /// Somebody else notes that the caller went away.
    pub fn leave_unnoted(&mut self) {
        self.ready.clear();
        match &mut self.source {
            Source::Answer(answer) => answer.failover.leave_unnoted(),
            // The call is inside, and looks there.
            Source::Opening(_) => self.pulse = None,
            Source::Over => {}
        }
    }

    /// The first content of an attempt is there: it and all before it leave now.
    fn commit(&mut self, mut failover: Failover, candidate: Candidate, stream: OpenStream) {
        failover.note(&stream.rest.request_id, stream.completion.as_deref());
        failover.commit();
        if self.pulse.is_none() {
            let attempts = failover.ledger().attempts();
            let new = attempts.iter().skip(self.told);
            let events = new.map(|attempt| reports::event(attempt, None));
            self.ready.extend(events.map(told));
            self.told = attempts.len();
        }
        let idle = failover.limits(&candidate.model).idle;
        let mut answer = Box::new(Answer {
            silence: Silence::new(idle, Some(stream.end)),
            time_to_first_token: failover.turn().arrived.elapsed(),
            is_complete: false,
            has_closed: false,
            failover,
            candidate,
            upstream: stream.rest,
        });
        let begun = stream.begun.into_iter();
        self.ready.extend(begun.map(|event| answer.tell(event)));
        self.source = Source::Answer(answer);
        self.hold = Hold::Leaving;
    }

    /// The answer broke: begins anew if the caller asked for that, else ends with the failure, in
    /// both cases after what was received.
    fn interrupt(&mut self, error: &ProviderError) {
        if let Source::Answer(answer) = std::mem::replace(&mut self.source, Source::Over) {
            let Answer {
                mut failover,
                candidate,
                ..
            } = *answer;
            match failover.restart(candidate, error) {
                Ok(discarded) => {
                    self.told = failover.ledger().attempts().len();
                    self.ready.push_back(told(discarded));
                    self.source = Source::Opening(open(failover));
                }
                Err(failure) => self.failure = Some(failure),
            }
        }
        self.hold = Hold::Leaving;
    }

    fn end(&mut self) {
        self.source = Source::Over;
        self.hold = Hold::Leaving;
    }

    /// Goes on with the search for a model that answers.
    fn poll_opening(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Source::Opening(opening) = &mut self.source else {
            return Poll::Ready(());
        };
        let opened = opening.as_mut().poll(cx);
        if let Some(pulse) = &mut self.pulse {
            while let Ok(report) = pulse.reports.try_recv() {
                self.ready.push_back(told(report));
            }
        }
        match opened {
            Poll::Ready((failover, Ok((candidate, stream)))) => {
                self.commit(failover, candidate, stream);
            }
            Poll::Ready((_, Err(failure))) => {
                self.failure = Some(failure);
                self.end();
            }
            Poll::Pending if self.ready.is_empty() => ready!(self.poll_pulse(cx)),
            Poll::Pending => self.hold = Hold::Leaving,
        }
        Poll::Ready(())
    }

    /// Takes what the model sent, or what follows from its silence.
    ///
    /// Lets events that arrive together leave together. The transport writes what it has whenever
    /// a stream has nothing more at hand, and the connection to Bedrock hands over one event each
    /// time it runs. Waiting after an event for one turn of the runtime, and for no time at all,
    /// lets that connection deliver the next one before anything is written; otherwise each event
    /// of a burst would cost a frame and a system call.
    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Source::Answer(answer) = &mut self.source else {
            return Poll::Ready(());
        };
        if answer.has_closed {
            self.end();
            return Poll::Ready(());
        }
        match answer.upstream.events.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(event))) => {
                self.ready.push_back(answer.tell(event));
                self.hold = if self.ready.len() < MAX_TOGETHER {
                    Hold::Fresh
                } else {
                    Hold::Leaving
                };
            }
            Poll::Ready(Some(Err(error))) if !answer.is_complete => self.interrupt(&error),
            // Before completion the provider never ends without an error; OK must mean complete
            // even so.
            Poll::Ready(None) if !answer.is_complete => self.interrupt(&attempt::truncated()),
            Poll::Ready(Some(Err(_)) | None) => {
                answer.has_closed = true;
                self.hold = Hold::Leaving;
            }
            Poll::Pending => match self.hold {
                Hold::Fresh => {
                    self.hold = Hold::Stale;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Hold::Stale => self.hold = Hold::Leaving,
                Hold::Nothing | Hold::Leaving => match answer.silence.poll_end(cx) {
                    Poll::Ready(()) if answer.is_complete => self.end(),
                    Poll::Ready(()) => {
                        let error = answer.silence.bound().error("did not finish");
                        self.interrupt(&error);
                    }
                    Poll::Pending if answer.is_complete => return Poll::Pending,
                    Poll::Pending => ready!(self.poll_pulse(cx)),
                },
            },
        }
        Poll::Ready(())
    }

    /// Nothing happened: shows that the stream is alive, if the caller wants to see that.
    fn poll_pulse(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(pulse) = &mut self.pulse else {
            return Poll::Pending;
        };
        ready!(pulse.silence.poll_end(cx));
        self.ready.push_back(Sent::Heartbeat(HeartbeatEvent {}));
        self.hold = Hold::Leaving;
        Poll::Ready(())
    }
}

impl Answer {
    /// What the caller receives of an upstream event.
    fn tell(&mut self, event: Event) -> Sent {
        self.silence.reset();
        match event {
            Event::MessageStart => Sent::MessageStart(MessageStartEvent {
                role: Role::Assistant.into(),
                model: self.candidate.model.name.clone(),
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
                let model = &self.candidate.model;
                let metadata = self.failover.succeed(model, *completion, first);
                Sent::Metadata(Box::new(metadata))
            }
        }
    }
}

impl Stream for RoutedStream {
    type Item = Result<InvokeStreamResponse, RouteError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.hold == Hold::Leaving {
                if let Some(event) = this.ready.pop_front() {
                    if let Some(pulse) = &mut this.pulse {
                        pulse.silence.reset();
                    }
                    if let Source::Answer(answer) = &mut this.source {
                        answer.failover.delivered.add(&event);
                    }
                    return Poll::Ready(Some(Ok(InvokeStreamResponse { event: Some(event) })));
                }
                if let Some(error) = this.failure.take() {
                    return Poll::Ready(Some(Err(error)));
                }
                this.hold = Hold::Nothing;
            }
            match this.source {
                Source::Opening(_) => ready!(this.poll_opening(cx)),
                Source::Answer(_) => ready!(this.poll_answer(cx)),
                Source::Over => return Poll::Ready(None),
            }
        }
    }
}

impl Drop for RoutedStream {
    /// A message that was complete and not handed over: the loop had ended, and noted nothing.
    fn drop(&mut self) {
        if let Source::Answer(answer) = &self.source
            && let Some(metadata) = cancelled::unsent_metadata(self.ready.iter())
        {
            answer.failover.note_cancelled(metadata);
        }
    }
}

/// Calls models until one begins to answer.
fn open(mut failover: Failover) -> Opening {
    Box::pin(async move {
        let begun = failover.answer(&Opened).await;
        (failover, begun)
    })
}

fn told(event: AttemptEvent) -> Sent {
    Sent::Attempt(Box::new(event))
}

#[cfg(test)]
#[path = "stream_tests.rs"]
mod tests;
