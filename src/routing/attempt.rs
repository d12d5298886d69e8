//! One call of one model, within its time limits. Four ways to an answer: whole, gathered from a
//! stream, opened as a stream up to its first content, or whole and then told as a stream. And one
//! that only counts tokens.

use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout_at;
use tokio_stream::StreamExt;
use tracing::warn;

use crate::proto::content_block_delta_event::Delta;
use crate::provider::Call;
use crate::provider::Completion;
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Reply;
use crate::registry::Model;
use crate::routing::bound::Bound;
use crate::routing::bound::Limit;
use crate::routing::gather::Gathering;
use crate::routing::synthesize;
use crate::routing::turn::AttemptLimits;

/// The time that one attempt has.
#[derive(Clone, Copy)]
pub(super) struct AttemptTime {
    /// What was configured.
    pub(super) limits: AttemptLimits,
    /// The caller's deadline.
    pub(super) end: Bound,
    /// When nothing may be missing any more of a whole answer, or of the beginning of a stream, so
    /// that time for another model is left. A stream that has begun may go on to the end.
    pub(super) share: Option<Bound>,
}

/// A way of calling a model once.
#[tonic::async_trait]
pub(super) trait Attempt: Send + Sync {
    /// What a successful attempt gives.
    type Output: Send;

    /// Calls the model once.
    async fn run(
        &self,
        provider: &dyn Provider,
        call: Call<'_>,
        time: AttemptTime,
    ) -> Result<Self::Output, ProviderError>;
}

/// An attempt that gives the whole message.
pub(super) struct Whole {
    /// Above this many tokens the message is gathered from a stream, so that a hang shows early
    /// and a long answer is not cut by the limit on unary attempts.
    pub(super) stream_above_tokens: u32,
}

/// An attempt that gives a stream which has begun to deliver content, or whose content is there.
pub(super) struct Opened;

/// An attempt that gives the number of input tokens.
pub(super) struct Counted;

/// A stream up to its first content, and the rest of it.
pub(super) struct OpenStream {
    /// Everything up to and including the first content.
    pub(super) begun: Vec<Event>,
    /// The rest.
    pub(super) rest: EventStream,
    /// When the attempt must end.
    pub(super) end: Bound,
    /// What is known already of what the call used; it is what the last event will say.
    pub(super) completion: Option<Box<Completion>>,
}

/// How long to wait, once a message is complete, for the end of the body that carried it: only a
/// connection whose body was read to its end can carry the next call.
pub(super) const END_OF_BODY: Duration = Duration::from_millis(100);

/// Events before the first content that are kept; a message opens with two or three.
const MAX_EVENTS_BEFORE_CONTENT: usize = 64;

#[tonic::async_trait]
impl Attempt for Whole {
    type Output = Reply;

    async fn run(
        &self,
        provider: &dyn Provider,
        call: Call<'_>,
        time: AttemptTime,
    ) -> Result<Reply, ProviderError> {
        if self.streams(&call) {
            return gather(provider, call, time).await;
        }
        invoke(provider, call, time).await
    }
}

impl Whole {
    fn streams(&self, call: &Call<'_>) -> bool {
        let long = u32::try_from(call.adaptation.max_tokens)
            .is_ok_and(|tokens| tokens > self.stream_above_tokens);
        long && !call.adaptation.whole_answer
    }
}

#[tonic::async_trait]
impl Attempt for Opened {
    type Output = OpenStream;

    async fn run(
        &self,
        provider: &dyn Provider,
        call: Call<'_>,
        time: AttemptTime,
    ) -> Result<OpenStream, ProviderError> {
        if call.adaptation.whole_answer {
            let reply = invoke(provider, call, time).await?;
            return Ok(OpenStream {
                begun: Vec::new(),
                end: time.end,
                completion: Some(Box::new(reply.completion.clone())),
                rest: synthesize::event_stream(reply),
            });
        }
        open(provider, call, time).await
    }
}

#[tonic::async_trait]
impl Attempt for Counted {
    type Output = i32;

    async fn run(
        &self,
        provider: &dyn Provider,
        call: Call<'_>,
        time: AttemptTime,
    ) -> Result<i32, ProviderError> {
        let counted = provider.count_tokens(call);
        time.whole().wait("did not answer", counted).await?
    }
}

impl AttemptTime {
    /// The end of an attempt that begins now and gives all at once.
    fn whole(&self) -> Bound {
        let limit = Bound::after(Instant::now(), Limit::Attempt(self.limits.unary));
        self.end.or_before(self.share).or_before(Some(limit))
    }
}

async fn invoke(
    provider: &dyn Provider,
    call: Call<'_>,
    time: AttemptTime,
) -> Result<Reply, ProviderError> {
    let answered = provider.invoke(call);
    time.whole().wait("did not answer", answered).await?
}

async fn gather(
    provider: &dyn Provider,
    call: Call<'_>,
    time: AttemptTime,
) -> Result<Reply, ProviderError> {
    let OpenStream {
        begun, rest, end, ..
    } = open(provider, call, time).await?;
    let EventStream {
        request_id,
        mut events,
    } = rest;
    let identify = |error| identified(error, &request_id);
    let mut gathering = Gathering::default();
    for event in begun {
        gathering.add(event).map_err(identify)?;
    }
    while !gathering.is_complete() {
        let silence = Bound::after(Instant::now(), Limit::Idle(time.limits.idle));
        let until = end.or_before(Some(silence));
        let next = until.wait("did not finish", events.next()).await;
        let event = match next.map_err(identify)? {
            Some(event) => event.map_err(identify)?,
            None => return Err(identify(truncated())),
        };
        gathering.add(event).map_err(identify)?;
    }
    // Whatever comes now changes nothing.
    let _ = timeout_at(end.at.min(Instant::now() + END_OF_BODY), events.next()).await;
    Ok(gathering.finish(request_id))
}

async fn open(
    provider: &dyn Provider,
    call: Call<'_>,
    time: AttemptTime,
) -> Result<OpenStream, ProviderError> {
    let started = Instant::now();
    let AttemptTime { limits, end, share } = time;
    let whole = limits.streamed.map(Limit::Attempt);
    let end = end.or_before(whole.map(|limit| Bound::after(started, limit)));
    let first = Bound::after(started, Limit::FirstEvent(limits.first_event));
    let first_by = end.or_before(share).or_before(Some(first));
    let silent = "did not begin to answer";

    let mut rest = first_by
        .wait(silent, provider.invoke_stream(call))
        .await??;
    let mut begun = Vec::new();
    loop {
        let next = first_by.wait(silent, rest.events.next()).await;
        let event = match next.map_err(|error| identified(error, &rest.request_id))? {
            Some(Ok(event)) => event,
            Some(Err(error)) => return Err(identified(error, &rest.request_id)),
            None => return Err(identified(truncated(), &rest.request_id)),
        };
        let committed = is_content(&event) || begun.len() >= MAX_EVENTS_BEFORE_CONTENT;
        begun.push(event);
        if committed {
            return Ok(OpenStream {
                begun,
                rest,
                end,
                completion: None,
            });
        }
    }
}

/// The failure of an attempt whose stream ended too early.
pub(super) fn truncated() -> ProviderError {
    let message = "the stream ended before the message was complete";
    ProviderError::new(ErrorKind::Truncated, message)
}

/// Whether an event ends the hold-back: it shows the caller something that a failed attempt could
/// not take back, or completes a message without content.
fn is_content(event: &Event) -> bool {
    match event {
        Event::BlockDelta(delta) => match &delta.delta {
            Some(Delta::Text(text)) => !text.is_empty(),
            Some(Delta::ToolUse(input)) => !input.input_json.is_empty(),
            Some(_) => true,
            None => false,
        },
        Event::Completion(_) => true,
        Event::MessageStart
        | Event::BlockStart(_)
        | Event::BlockStop(_)
        | Event::MessageStop(_) => false,
    }
}

fn identified(mut error: ProviderError, request_id: &str) -> ProviderError {
    if error.request_id.is_empty() {
        request_id.clone_into(&mut error.request_id);
    }
    error
}

/// Logs a failed attempt once, where it stops.
pub(super) fn log_failure(model: &Model, request_id: &str, error: &ProviderError) {
    let cause = error.source.as_ref().map(ToString::to_string);
    warn!(
        request_id,
        model = %model.name,
        region = %model.target.region,
        reason = error.kind.consequence().reason.as_str_name(),
        upstream_error = %error.upstream_error,
        upstream_request_id = %error.request_id,
        cause = cause.as_deref(),
        "attempt failed"
    );
}
