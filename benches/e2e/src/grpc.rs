//! Calls over gRPC, to the hop and to the gateway alike.

use std::net::SocketAddr;

use anyhow::ensure;
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};

use crate::call::{Call, StreamProgress, Tally};
use crate::content::{MAX_TOKENS, Mode, answer, prompt, stream_bytes};
use crate::load::{Plan, measure};
use crate::proto::content_block_delta_event::Delta;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::proto::invoke_stream_response::Event;
use crate::proto::{InferenceConfig, InvokeRequest, InvokeStreamRequest};

/// Measures the server at `address`.
///
/// # Errors
/// The first call that fails.
pub(crate) async fn run(address: SocketAddr, connections: usize, plan: Plan) -> anyhow::Result<()> {
    let connections = connections.clamp(1, plan.concurrency);
    let mut channels = Vec::new();
    for _ in 0..connections {
        channels.push(connect(address).await?);
    }
    let callers = channels
        .iter()
        .cycle()
        .take(plan.concurrency)
        .map(|channel| GrpcCall {
            client: InferenceServiceClient::new(channel.clone()),
            mode: plan.mode,
            prompt: prompt(),
            expected_bytes: match plan.mode {
                Mode::Unary => answer().len(),
                Mode::Burst | Mode::Paced | Mode::Idle => stream_bytes(),
            },
        })
        .collect();
    measure(plan, callers).await
}

/// Opens one HTTP/2 connection.
pub(crate) async fn connect(address: SocketAddr) -> Result<Channel, tonic::transport::Error> {
    Endpoint::from_shared(format!("http://{address}"))?
        .tcp_nodelay(true)
        .connect()
        .await
}

/// The request for a stream.
pub(crate) fn stream_request(mode: Mode, prompt: &str) -> InvokeStreamRequest {
    InvokeStreamRequest {
        model: mode.model().to_owned(),
        prompt: prompt.to_owned(),
        inference_config: Some(limits()),
        ..InvokeStreamRequest::default()
    }
}

/// The text of an event, if it is a text delta.
pub(crate) fn delta_text(event: &Event) -> Option<&str> {
    match event {
        Event::ContentBlockDelta(event) => match &event.delta {
            Some(Delta::Text(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

struct GrpcCall {
    client: InferenceServiceClient<Channel>,
    mode: Mode,
    prompt: String,
    expected_bytes: usize,
}

impl Call for GrpcCall {
    async fn call(&mut self, tally: &Tally) -> anyhow::Result<()> {
        match self.mode {
            Mode::Unary => self.invoke(tally).await,
            Mode::Burst | Mode::Paced | Mode::Idle => self.invoke_stream(tally).await,
        }
    }
}

impl GrpcCall {
    async fn invoke(&mut self, tally: &Tally) -> anyhow::Result<()> {
        let started = Instant::now();
        let request = InvokeRequest {
            model: self.mode.model().to_owned(),
            prompt: self.prompt.clone(),
            inference_config: Some(limits()),
            ..InvokeRequest::default()
        };
        let response = self.client.invoke(request).await?.into_inner();
        ensure!(
            response.text.len() == self.expected_bytes,
            "another answer came"
        );
        tally.call_ended(started);
        Ok(())
    }

    async fn invoke_stream(&mut self, tally: &Tally) -> anyhow::Result<()> {
        let started = Instant::now();
        let request = stream_request(self.mode, &self.prompt);
        let mut stream = self.client.invoke_stream(request).await?.into_inner();
        let mut progress = StreamProgress::new(tally, started, self.expected_bytes);
        let mut has_usage = false;
        while let Some(response) = stream.message().await? {
            match response.event {
                Some(Event::Metadata(metadata)) => has_usage = metadata.usage.is_some(),
                Some(event) => {
                    if let Some(text) = delta_text(&event) {
                        progress.delta(text);
                    }
                }
                None => {}
            }
        }
        progress.end(has_usage)
    }
}

fn limits() -> InferenceConfig {
    InferenceConfig {
        max_tokens: Some(MAX_TOKENS),
        ..InferenceConfig::default()
    }
}
