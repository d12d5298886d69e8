//! A bare tonic server that answers from memory with the gateway's messages: what gRPC alone costs.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, interval_at};
use tokio_stream::wrappers::IntervalStream;
use tokio_stream::{Stream, StreamExt, iter, pending};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use crate::content::{Mode, answer, deltas};
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::inference_service_server::{InferenceService, InferenceServiceServer};
use crate::proto::invoke_stream_response::Event;
use crate::proto::{
    Attempt, ContentBlock, ContentBlockDeltaEvent, ContentBlockStartEvent, ContentBlockStopEvent,
    CountTokensRequest, CountTokensResponse, InvocationMetadata, InvokeRequest, InvokeResponse,
    InvokeStreamRequest, InvokeStreamResponse, Message, MessageStartEvent, MessageStopEvent, Role,
    StopReason, TextBlockStart, Usage, attempt, content_block,
};

const REQUEST_ID: &str = "019ac0de-0000-7000-8000-000000000000";
/// The message's start, the block's start and the first text.
const OPENING_EVENTS: usize = 3;

type EventStream = Pin<Box<dyn Stream<Item = Result<InvokeStreamResponse, Status>> + Send>>;

struct Hop {
    unary: InvokeResponse,
    events: Arc<[InvokeStreamResponse]>,
    pace: Duration,
}

/// Serves until killed; prints the address first.
///
/// # Errors
/// The listener cannot be opened.
pub(crate) async fn serve(pace: Duration) -> anyhow::Result<()> {
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into())?.with_nodelay(Some(true));
    println!("hop listening on {}", incoming.local_addr()?);
    let hop = Hop {
        unary: unary(),
        events: events().into(),
        pace,
    };
    // Serving from the start: the least time a start can take.
    let (_reporter, health) = tonic_health::server::health_reporter();
    Server::builder()
        .add_service(health)
        .add_service(InferenceServiceServer::new(hop))
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}

#[tonic::async_trait]
impl InferenceService for Hop {
    type InvokeStreamStream = EventStream;

    async fn invoke(
        &self,
        _request: Request<InvokeRequest>,
    ) -> Result<Response<InvokeResponse>, Status> {
        Ok(Response::new(self.unary.clone()))
    }

    async fn invoke_stream(
        &self,
        request: Request<InvokeStreamRequest>,
    ) -> Result<Response<EventStream>, Status> {
        let events = Arc::clone(&self.events);
        let count = events.len();
        let mut numbers = 0..count;
        let mut replies = std::iter::from_fn(move || events.get(numbers.next()?).cloned().map(Ok));
        let stream: EventStream = match Mode::named_in(&request.get_ref().model) {
            Some(Mode::Burst) => Box::pin(iter(replies)),
            Some(Mode::Paced) => {
                let opening: Vec<_> = replies.by_ref().take(OPENING_EVENTS).collect();
                let ticks = interval_at(Instant::now() + self.pace, self.pace);
                let rest = IntervalStream::new(ticks).map_while(move |_| replies.next());
                Box::pin(iter(opening).chain(rest))
            }
            Some(Mode::Idle) => Box::pin(iter(replies.take(OPENING_EVENTS)).chain(pending())),
            Some(Mode::Unary) | None => return Err(Status::not_found("no such model")),
        };
        Ok(Response::new(stream))
    }

    async fn count_tokens(
        &self,
        _request: Request<CountTokensRequest>,
    ) -> Result<Response<CountTokensResponse>, Status> {
        Err(Status::unimplemented("not measured"))
    }
}

fn unary() -> InvokeResponse {
    InvokeResponse {
        text: answer(),
        message: Some(Message {
            role: Role::Assistant.into(),
            content: vec![ContentBlock {
                block: Some(content_block::Block::Text(answer())),
            }],
        }),
        stop_reason: StopReason::EndTurn.into(),
        raw_stop_reason: "end_turn".to_owned(),
        additional_model_response_fields: None,
        metadata: Some(metadata(Mode::Unary)),
    }
}

fn events() -> Vec<InvokeStreamResponse> {
    let mut events = vec![Event::MessageStart(MessageStartEvent {
        role: Role::Assistant.into(),
        model: Mode::Burst.model().to_owned(),
        request_id: REQUEST_ID.to_owned(),
    })];
    events.push(Event::ContentBlockStart(ContentBlockStartEvent {
        content_block_index: 0,
        start: Some(Start::Text(TextBlockStart {})),
    }));
    events.extend(deltas().map(|text| {
        Event::ContentBlockDelta(ContentBlockDeltaEvent {
            content_block_index: 0,
            delta: Some(Delta::Text(text.to_owned())),
        })
    }));
    events.push(Event::ContentBlockStop(ContentBlockStopEvent {
        content_block_index: 0,
    }));
    events.push(Event::MessageStop(MessageStopEvent {
        stop_reason: StopReason::EndTurn.into(),
        raw_stop_reason: "end_turn".to_owned(),
        additional_model_response_fields: None,
    }));
    events.push(Event::Metadata(metadata(Mode::Burst)));
    events
        .into_iter()
        .map(|event| InvokeStreamResponse { event: Some(event) })
        .collect()
}

fn metadata(mode: Mode) -> InvocationMetadata {
    let usage = Usage {
        input_tokens: 96,
        output_tokens: 201,
        total_tokens: 297,
        ..Usage::default()
    };
    InvocationMetadata {
        request_id: REQUEST_ID.to_owned(),
        model: mode.model().to_owned(),
        requested_model: mode.model().to_owned(),
        usage: Some(usage.clone()),
        attempts: vec![Attempt {
            number: 1,
            model: mode.model().to_owned(),
            state: attempt::State::Succeeded.into(),
            start_time: Some(prost_types::Timestamp::default()),
            latency: Some(prost_types::Duration::default()),
            usage: Some(usage),
            upstream_request_id: REQUEST_ID.to_owned(),
            region: "us-east-1".to_owned(),
            ..Attempt::default()
        }],
        total_latency: Some(prost_types::Duration::default()),
        upstream_latency: Some(prost_types::Duration::default()),
        ..InvocationMetadata::default()
    }
}
