//! One call of one model, within its time limits. Four ways: whole, gathered from a stream, opened
//! as a stream up to its first content, or whole and then told as a stream.

use std::time::Duration;

use tokio::time::Instant;
use tokio::time::timeout_at;
use tokio_stream::StreamExt;

use crate::proto::content_block_delta_event::Delta;
use crate::provider::Call;
use crate::provider::Completion;
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::Provider;
use crate::provider::ProviderError;
use crate::provider::Reply;
use crate::routing::gather::Gathering;
use crate::routing::synthesize;
use crate::routing::turn::AttemptLimits;

/// A way of calling a model once.
#[tonic::async_trait]
pub(super) trait Attempt: Send + Sync {
    /// What a successful attempt gives.
    type Output: Send;

    /// Calls the model once. `deadline` ends every limit.
    async fn run(
        &self,
        provider: &dyn Provider,
        call: Call<'_>,
        limits: AttemptLimits,
        deadline: Instant,
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

/// A stream up to its first content, and the rest of it.
pub(super) struct OpenStream {
    /// Everything up to and including the first content.
    pub(super) begun: Vec<Event>,
    /// The rest.
    pub(super) rest: EventStream,
    /// When the attempt must end, if the caller limits it.
    pub(super) until: Option<Instant>,
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
        limits: AttemptLimits,
        deadline: Instant,
    ) -> Result<Reply, ProviderError> {
        if self.streams(&call) {
            return gather(provider, call, limits, deadline).await;
        }
        invoke(provider, call, limits, deadline).await
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
        limits: AttemptLimits,
        deadline: Instant,
    ) -> Result<OpenStream, ProviderError> {
        if call.adaptation.whole_answer {
            let reply = invoke(provider, call, limits, deadline).await?;
            return Ok(OpenStream {
                begun: Vec::new(),
                until: None,
                completion: Some(Box::new(reply.completion.clone())),
                rest: synthesize::event_stream(reply),
            });
        }
        open(provider, call, limits, deadline).await
    }
}

async fn invoke(
    provider: &dyn Provider,
    call: Call<'_>,
    limits: AttemptLimits,
    deadline: Instant,
) -> Result<Reply, ProviderError> {
    let until = deadline.min(Instant::now() + limits.unary);
    within(until, "the model did not answer", provider.invoke(call)).await?
}

async fn gather(
    provider: &dyn Provider,
    call: Call<'_>,
    limits: AttemptLimits,
    deadline: Instant,
) -> Result<Reply, ProviderError> {
    let OpenStream {
        begun, rest, until, ..
    } = open(provider, call, limits, deadline).await?;
    let EventStream {
        request_id,
        mut events,
    } = rest;
    let identify = |error| identified(error, &request_id);
    let end = until.map_or(deadline, |until| until.min(deadline));
    let mut gathering = Gathering::default();
    for event in begun {
        gathering.add(event).map_err(identify)?;
    }
    while !gathering.is_complete() {
        let silence_ends = end.min(Instant::now() + limits.idle);
        let next = within(silence_ends, "the model fell silent", events.next()).await;
        let event = match next.map_err(identify)? {
            Some(event) => event.map_err(identify)?,
            None => return Err(identify(truncated())),
        };
        gathering.add(event).map_err(identify)?;
    }
    // Whatever comes now changes nothing.
    let _ = timeout_at(end.min(Instant::now() + END_OF_BODY), events.next()).await;
    Ok(gathering.finish(request_id))
}

async fn open(
    provider: &dyn Provider,
    call: Call<'_>,
    limits: AttemptLimits,
    deadline: Instant,
) -> Result<OpenStream, ProviderError> {
    let started = Instant::now();
    let until = limits.streamed.map(|limit| started + limit);
    let end = until.map_or(deadline, |until| until.min(deadline));
    let first_by = end.min(started + limits.first_event);
    let silent = "the model did not begin to answer";

    let mut rest = within(first_by, silent, provider.invoke_stream(call)).await??;
    let mut begun = Vec::new();
    loop {
        let next = within(first_by, silent, rest.events.next()).await;
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
                until,
                completion: None,
            });
        }
    }
}

fn truncated() -> ProviderError {
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

async fn within<T>(
    until: Instant,
    what: &'static str,
    work: impl Future<Output = T>,
) -> Result<T, ProviderError> {
    timeout_at(until, work)
        .await
        .map_err(|_elapsed| ProviderError::new(ErrorKind::AttemptTimeout, timeout_message(what)))
}

fn timeout_message(what: &'static str) -> String {
    format!("{what} within the time limit of the attempt")
}

fn identified(mut error: ProviderError, request_id: &str) -> ProviderError {
    if error.request_id.is_empty() {
        request_id.clone_into(&mut error.request_id);
    }
    error
}

/// The failure of an attempt whose stream fell silent.
pub(super) fn idle_error(idle: Duration) -> ProviderError {
    let message = format!("the model sent nothing for {} ms", idle.as_millis());
    ProviderError::new(ErrorKind::AttemptTimeout, message)
}

/// The failure of an attempt that took longer than the caller allows one attempt to take.
pub(super) fn too_long_error() -> ProviderError {
    let message = timeout_message("the model did not finish");
    ProviderError::new(ErrorKind::AttemptTimeout, message)
}
