//! The events of ConverseStream as events of the API, in order and complete.
//!
//! Bedrock opens blocks of text and reasoning with their first delta; here every block has a
//! start. A stream is whole only with `messageStop` and `metadata`: the SDK reports an early end
//! like a proper one. Nothing is spawned and nothing is queued beyond the events of one frame.

use std::collections::VecDeque;

use aws_sdk_bedrockruntime::operation::RequestId;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput;
use aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver;
use aws_sdk_bedrockruntime::types as sdk;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use futures_util::stream;

use super::blocks::Blocks;
use super::blocks::Disorder;
use super::classify;
use super::deltas;
use super::document::document_to_struct;
use super::raw_frames::RawFrames;
use super::reply;
use crate::proto::ContentBlockStartEvent;
use crate::proto::MessageStopEvent;
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::ProviderError;

/// A stream under way.
struct Reader {
    receiver: EventReceiver<sdk::ConverseStreamOutput, ConverseStreamOutputError>,
    frames: Option<RawFrames>,
    request_id: String,
    assembly: Assembly,
    is_over: bool,
}

/// Converts the answer of ConverseStream. `model` is the registry's name; `frames` are kept where
/// a tool's JSON may come.
pub(super) fn event_stream(
    output: ConverseStreamOutput,
    model: &str,
    frames: Option<RawFrames>,
) -> EventStream {
    let request_id = output.request_id().unwrap_or_default().to_owned();
    // Boxed, so that a step of the stream moves a pointer.
    let reader = Box::new(Reader {
        receiver: output.stream,
        frames,
        request_id: request_id.clone(),
        assembly: Assembly::new(model),
        is_over: false,
    });
    let events = stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((event, reader))
    });
    EventStream {
        request_id,
        events: Box::pin(events),
    }
}

impl Reader {
    async fn next(&mut self) -> Option<Result<Event, ProviderError>> {
        loop {
            if let Some(event) = self.assembly.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.is_over {
                return None;
            }
            let received = self.receiver.recv().await;
            if self.assembly.is_complete() {
                // Nothing is missing. Read on to the end, so that the connection is used again.
                self.is_over = !matches!(received, Ok(Some(_)));
                continue;
            }
            let error = match received {
                Ok(Some(event)) => match self.take(event) {
                    Ok(()) => continue,
                    Err(Disorder(what)) => ProviderError {
                        source: Some(what.into()),
                        ..ProviderError::new(
                            ErrorKind::BadAnswer,
                            "Bedrock's stream is out of order",
                        )
                    },
                },
                Ok(None) => ProviderError::new(
                    ErrorKind::Truncated,
                    "Bedrock's stream ended before the message was complete",
                ),
                Err(error) => classify::stream_error(error, &self.request_id),
            };
            self.is_over = true;
            return Some(Err(ProviderError {
                request_id: self.request_id.clone(),
                ..error
            }));
        }
    }

    fn take(&mut self, event: sdk::ConverseStreamOutput) -> Result<(), Disorder> {
        let payload = self.frames.as_ref().and_then(RawFrames::next_payload);
        self.assembly.take(event, payload.as_deref())
    }
}

/// Where a message stands, and the events of the last frame.
struct Assembly {
    ready: VecDeque<Event>,
    stage: Stage,
    blocks: Blocks,
    /// Whether it was logged that something was left out: once is enough for a stream.
    has_warned: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    BeforeMessage,
    InMessage,
    AfterMessage,
    Complete,
}

impl Assembly {
    fn new(model: &str) -> Self {
        Self {
            ready: VecDeque::with_capacity(4),
            stage: Stage::BeforeMessage,
            blocks: Blocks::new(model),
            has_warned: false,
        }
    }

    fn is_complete(&self) -> bool {
        self.stage == Stage::Complete
    }

    /// Takes the upstream's next event, and its payload if that was kept.
    fn take(
        &mut self,
        event: sdk::ConverseStreamOutput,
        payload: Option<&[u8]>,
    ) -> Result<(), Disorder> {
        match (event, self.stage) {
            (sdk::ConverseStreamOutput::ContentBlockDelta(event), Stage::InMessage) => {
                let index = event.content_block_index;
                let delta = event.delta.and_then(|delta| deltas::delta(delta, payload));
                if let Some(delta) = delta {
                    return self.blocks.delta(index, delta, &mut self.ready);
                }
                self.warn_once("delta");
                Ok(())
            }
            (sdk::ConverseStreamOutput::ContentBlockStart(event), Stage::InMessage) => {
                let start = event.start.and_then(deltas::start);
                self.blocks.start(
                    ContentBlockStartEvent {
                        content_block_index: event.content_block_index,
                        start,
                    },
                    &mut self.ready,
                )
            }
            (sdk::ConverseStreamOutput::ContentBlockStop(event), Stage::InMessage) => {
                self.blocks.stop(event.content_block_index, &mut self.ready);
                Ok(())
            }
            (sdk::ConverseStreamOutput::MessageStart(_), Stage::BeforeMessage) => {
                self.stage = Stage::InMessage;
                self.ready.push_back(Event::MessageStart);
                Ok(())
            }
            (sdk::ConverseStreamOutput::MessageStop(event), Stage::InMessage) => {
                self.blocks.stop_all(&mut self.ready);
                self.stage = Stage::AfterMessage;
                self.ready.push_back(message_stop(event));
                Ok(())
            }
            (sdk::ConverseStreamOutput::Metadata(event), Stage::AfterMessage) => {
                self.stage = Stage::Complete;
                self.ready.push_back(completion(event));
                Ok(())
            }
            (event, _) if event.is_unknown() => {
                self.warn_once("event");
                Ok(())
            }
            _ => Err(Disorder("an event came at the wrong stage of the message")),
        }
    }

    fn warn_once(&mut self, what: &'static str) {
        if !self.has_warned {
            self.has_warned = true;
            tracing::warn!(
                what,
                "left out a part of a stream of a kind this version cannot carry"
            );
        }
    }
}

fn message_stop(event: sdk::MessageStopEvent) -> Event {
    let (stop_reason, raw_stop_reason) = reply::stop_reason(&event.stop_reason);
    Event::MessageStop(MessageStopEvent {
        stop_reason: stop_reason.into(),
        raw_stop_reason,
        additional_model_response_fields: event
            .additional_model_response_fields
            .map(document_to_struct),
    })
}

fn completion(event: sdk::ConverseStreamMetadataEvent) -> Event {
    let (guardrail, prompt_router) = match event.trace {
        Some(trace) => (trace.guardrail, trace.prompt_router),
        None => (None, None),
    };
    Event::Completion(Box::new(reply::completion(
        event.usage,
        event.metrics.map(|metrics| metrics.latency_ms),
        event.performance_config.as_ref(),
        event.service_tier.as_ref(),
        guardrail,
        prompt_router,
    )))
}

#[cfg(test)]
#[cfg(feature = "emulator")]
#[path = "events_tests.rs"]
mod tests;
