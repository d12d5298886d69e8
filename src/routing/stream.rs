//! A stream past its commit point: what reaches the caller is final, and OK means complete.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use futures_util::Stream;
use tokio::time::Instant;
use tokio::time::Sleep;
use tokio::time::sleep_until;

use crate::proto::Attempt;
use crate::proto::AttemptEvent;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamResponse;
use crate::proto::MessageStartEvent;
use crate::proto::Role;
use crate::proto::attempt::State;
use crate::proto::invoke_stream_response;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::ProviderError;
use crate::registry::Model;
use crate::routing::attempt;
use crate::routing::attempt::OpenStream;
use crate::routing::error::RouteError;
use crate::routing::ledger::Ledger;
use crate::routing::router;
use crate::routing::turn::AttemptLimits;
use crate::routing::turn::Turn;

/// The events of a call as the caller receives them.
///
/// Ends without an error only after the message is complete and its metadata was given. Dropping
/// it ends the upstream call.
pub struct RoutedStream {
    /// What is ready to be sent.
    ready: VecDeque<invoke_stream_response::Event>,
    /// What is still to come; `None` once the stream is over.
    upstream: Option<EventStream>,
    turn: Turn,
    model: Arc<Model>,
    ledger: Ledger,
    time_to_first_token: Duration,
    silence: Silence,
}

/// The limit on waiting for the next event.
struct Silence {
    idle: Duration,
    end: Instant,
    /// Set while we wait, so that a busy stream never reads the clock.
    since: Option<Instant>,
    /// Made at the first wait; re-armed only when it fires, not with each event.
    timer: Option<Pin<Box<Sleep>>>,
}

impl RoutedStream {
    pub(super) fn new(
        mut turn: Turn,
        limits: AttemptLimits,
        model: Arc<Model>,
        ledger: Ledger,
        stream: OpenStream,
    ) -> Self {
        let deadline = turn.deadline.instant();
        // The prompt is not needed any more, and a stream may live for minutes.
        turn.request = InvokeRequest {
            model: std::mem::take(&mut turn.request.model),
            ..InvokeRequest::default()
        };
        let time_to_first_token = turn.arrived.elapsed();
        let mut routed = Self {
            ready: VecDeque::with_capacity(stream.begun.len() + ledger.attempts().len()),
            upstream: Some(stream.rest),
            silence: Silence {
                idle: limits.idle,
                end: stream.until.map_or(deadline, |until| until.min(deadline)),
                since: None,
                timer: None,
            },
            turn,
            model,
            ledger,
            time_to_first_token,
        };
        for attempt in routed.ledger.attempts() {
            routed.ready.push_back(attempt_event(attempt));
        }
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
        self.ledger.calls()
    }

    /// Turns an upstream event into what the caller receives.
    fn accept(&mut self, event: Event) {
        use invoke_stream_response::Event as Sent;
        let sent = match event {
            Event::MessageStart => Sent::MessageStart(MessageStartEvent {
                role: Role::Assistant.into(),
                model: self.model.name.clone(),
                request_id: self.turn.request_id.clone(),
            }),
            Event::BlockStart(start) => Sent::ContentBlockStart(start),
            Event::BlockDelta(delta) => Sent::ContentBlockDelta(delta),
            Event::BlockStop(stop) => Sent::ContentBlockStop(stop),
            Event::MessageStop(stop) => Sent::MessageStop(stop),
            Event::Completion(completion) => {
                let mut ledger = std::mem::take(&mut self.ledger);
                ledger.succeed(&completion.usage);
                let first = Some(self.time_to_first_token);
                Sent::Metadata(self.turn.answered(&self.model, ledger, completion, first))
            }
        };
        self.ready.push_back(sent);
    }

    /// Ends the stream with a failure.
    fn interrupt(&mut self, error: &ProviderError) -> RouteError {
        self.upstream = None;
        router::log_failure(&self.model, &self.turn.request_id, error);
        let mut ledger = std::mem::take(&mut self.ledger);
        if self.turn.deadline.has_passed() {
            ledger.cancel();
            let mut error = RouteError::deadline();
            error.output_started = true;
            return self.turn.failed(error, ledger);
        }
        ledger.fail(error);
        let interrupted = RouteError::interrupted(&ledger);
        self.turn.failed(interrupted, ledger)
    }
}

impl Stream for RoutedStream {
    type Item = Result<InvokeStreamResponse, RouteError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(event) = this.ready.pop_front() {
                return Poll::Ready(Some(Ok(InvokeStreamResponse { event: Some(event) })));
            }
            let Some(upstream) = &mut this.upstream else {
                return Poll::Ready(None);
            };
            match upstream.events.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => {
                    this.silence.since = None;
                    this.accept(event);
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(this.interrupt(&error))));
                }
                Poll::Ready(None) => this.upstream = None,
                Poll::Pending => {
                    ready!(this.silence.poll_end(cx));
                    let error = attempt::idle_error(this.silence.idle);
                    return Poll::Ready(Some(Err(this.interrupt(&error))));
                }
            }
        }
    }
}

impl Silence {
    /// Ready when the upstream has been silent for too long, or the time is up.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        let until = self.end.min(since + self.idle);
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        loop {
            ready!(timer.as_mut().poll(cx));
            if until <= Instant::now() {
                return Poll::Ready(());
            }
            timer.as_mut().reset(until);
        }
    }
}

fn attempt_event(attempt: &Attempt) -> invoke_stream_response::Event {
    debug_assert_ne!(attempt.state(), State::Unspecified);
    invoke_stream_response::Event::Attempt(AttemptEvent {
        attempt: Some(attempt.clone()),
        output_discarded: false,
        backoff: None,
    })
}
