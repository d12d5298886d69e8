//! The events of ConverseStream as events of the API, in order and complete.
//!
//! Bedrock opens blocks of text and reasoning with their first delta; here every block has a
//! start. A stream is whole only with `messageStop` and `metadata`: the SDK reports an early end
//! like a proper one. Nothing is spawned and nothing is queued beyond the events of one frame.

use std::collections::VecDeque;
use std::sync::Arc;

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
use super::omissions::Omissions;
use super::raw_frames::RawFrame;
use super::raw_frames::RawFrames;
use super::reading::MAX_OMITTED;
use super::reading::Place;
use super::reading::Reading;
use super::reply;
use crate::proto::ContentBlockStartEvent;
use crate::proto::MessageStopEvent;
use crate::provider::Completion;
use crate::provider::ErrorKind;
use crate::provider::Event;
use crate::provider::EventStream;
use crate::provider::ProviderError;

/// A stream under way.
struct Reader {
    receiver: EventReceiver<sdk::ConverseStreamOutput, ConverseStreamOutputError>,
    frames: RawFrames,
    request_id: String,
    model: String,
    omissions: Arc<Omissions>,
    assembly: Assembly,
    is_over: bool,
}

/// Converts the answer of ConverseStream, whose own bytes are in `frames`. `model` is the
/// registry's name.
pub(super) fn event_stream(
    output: ConverseStreamOutput,
    frames: RawFrames,
    model: &str,
    omissions: Arc<Omissions>,
) -> EventStream {
    let request_id = output.request_id().unwrap_or_default().to_owned();
    // Boxed, so that a step of the stream moves a pointer.
    let reader = Box::new(Reader {
        receiver: output.stream,
        frames,
        request_id: request_id.clone(),
        model: model.to_owned(),
        omissions,
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
                self.frames.next();
                self.is_over = !matches!(received, Ok(Some(_)));
                continue;
            }
            let error = match received {
                Ok(Some(event)) => match self.take(event) {
                    Ok(()) => continue,
                    Err(Disorder(what)) => ProviderError {
                        source: Some(what.into()),
                        completion: self.assembly.early.take(),
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
            // What the frame that cannot be read gave before that is not told.
            self.assembly.ready.clear();
            return Some(Err(ProviderError {
                request_id: self.request_id.clone(),
                ..error
            }));
        }
    }

    fn take(&mut self, event: sdk::ConverseStreamOutput) -> Result<(), Disorder> {
        let frame = self.frames.next();
        let payload = frame.as_ref().map(RawFrame::payload).unwrap_or_default();
        let reading = Reading::new(payload, &self.model, &self.omissions);
        if event.is_unknown() {
            let name = frame.as_ref().and_then(RawFrame::event_type);
            reading.leave_out_event(name.as_deref());
        } else {
            self.assembly.take(event, &reading)?;
        }
        self.assembly.note(&reading)
    }
}

/// Where a message stands, and the events of the last frame.
struct Assembly {
    ready: VecDeque<Event>,
    stage: Stage,
    blocks: Blocks,
    /// What was left out so far.
    omitted: Vec<String>,
    /// What came at the wrong stage; the rest of the message is lost, and this is still true.
    early: Option<Box<Completion>>,
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
            omitted: Vec::new(),
            early: None,
        }
    }

    fn is_complete(&self) -> bool {
        self.stage == Stage::Complete
    }

    /// Takes the upstream's next event.
    fn take(
        &mut self,
        event: sdk::ConverseStreamOutput,
        reading: &Reading<'_>,
    ) -> Result<(), Disorder> {
        match (event, self.stage) {
            (sdk::ConverseStreamOutput::ContentBlockDelta(event), Stage::InMessage) => {
                let index = event.content_block_index;
                let at = reading.event_of(index);
                if self.blocks.is_left_out(index) {
                    return Ok(());
                }
                let delta = event.delta;
                match delta.and_then(|delta| deltas::delta(delta, &at.member("delta"))) {
                    Some(delta) => self.blocks.delta(index, delta, &mut self.ready),
                    None => Ok(()),
                }
            }
            (sdk::ConverseStreamOutput::ContentBlockStart(event), Stage::InMessage) => {
                let content_block_index = event.content_block_index;
                let at = reading.event_of(content_block_index);
                let at = at.hidden("start");
                let start = event.start.and_then(|start| deltas::start(start, &at));
                if start.is_some() {
                    let start = ContentBlockStartEvent {
                        content_block_index,
                        start,
                    };
                    self.blocks.start(start, &mut self.ready)
                } else if at.is_absent() {
                    // The first delta says what kind of block it is.
                    Ok(())
                } else {
                    at.leave_out_member();
                    self.blocks.leave_out(content_block_index)
                }
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
                let stop = message_stop(event, &reading.top());
                self.ready.push_back(Event::MessageStop(stop));
                Ok(())
            }
            (sdk::ConverseStreamOutput::Metadata(event), Stage::AfterMessage) => {
                self.stage = Stage::Complete;
                let mut completion = completion(event, &reading.top());
                self.note(reading)?;
                completion.omitted_members = std::mem::take(&mut self.omitted);
                self.ready
                    .push_back(Event::Completion(Box::new(completion)));
                Ok(())
            }
            (sdk::ConverseStreamOutput::Metadata(event), _) => {
                self.early = Some(Box::new(completion(event, &reading.top())));
                Err(Disorder(
                    "the last event came before the end of the message",
                ))
            }
            _ => Err(Disorder("an event came at the wrong stage of the message")),
        }
    }

    /// Notes what was left out of the last event.
    fn note(&mut self, reading: &Reading<'_>) -> Result<(), Disorder> {
        for name in reading.take_omitted() {
            if self.omitted.len() < MAX_OMITTED && !self.omitted.contains(&name) {
                self.omitted.push(name);
            }
        }
        if reading.has_lost_json() {
            return Err(Disorder("the JSON of a tool's result cannot be found"));
        }
        Ok(())
    }
}

fn message_stop(event: sdk::MessageStopEvent, at: &Place<'_>) -> MessageStopEvent {
    let (stop_reason, raw_stop_reason) = reply::stop_reason(&event.stop_reason, at);
    MessageStopEvent {
        stop_reason: stop_reason.into(),
        raw_stop_reason,
        additional_model_response_fields: event
            .additional_model_response_fields
            .map(document_to_struct),
    }
}

fn completion(event: sdk::ConverseStreamMetadataEvent, at: &Place<'_>) -> Completion {
    let (guardrail, prompt_router) = match event.trace {
        Some(trace) => (trace.guardrail, trace.prompt_router),
        None => (None, None),
    };
    reply::completion(
        event.usage,
        event.metrics.map(|metrics| metrics.latency_ms),
        event.performance_config.as_ref(),
        event.service_tier.as_ref(),
        guardrail,
        prompt_router,
        at,
    )
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
