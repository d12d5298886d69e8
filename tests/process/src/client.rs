//! Calls, and what became of them.

use std::error::Error as _;
use std::io;
use std::net::SocketAddr;

use tonic::Code;
use tonic::Status;
use tonic::Streaming;
use tonic::transport::Channel;
use tonic::transport::Endpoint;

use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::InvokeStreamRequest;
use crate::proto::InvokeStreamResponse;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::proto::invoke_stream_response::Event;

/// A client of the gateway's main service.
pub type Client = InferenceServiceClient<Channel>;

/// Few enough that `Invoke` runs over Converse.
const MAX_TOKENS: i32 = 256;

/// Opens one HTTP/2 connection.
///
/// # Errors
/// Nobody listens there.
pub async fn connect(address: SocketAddr) -> Result<Channel, tonic::transport::Error> {
    endpoint(address)?.connect().await
}

/// One HTTP/2 connection to be opened.
///
/// # Errors
/// The address makes no URL, which cannot be.
pub fn endpoint(address: SocketAddr) -> Result<Endpoint, tonic::transport::Error> {
    Ok(Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true))
}

/// The smallest request. With an empty name, the gateway chooses the model.
#[must_use]
pub fn prompt(model: &str, text: &str) -> InvokeRequest {
    InvokeRequest {
        model: model.to_owned(),
        prompt: text.to_owned(),
        inference_config: Some(InferenceConfig {
            max_tokens: Some(MAX_TOKENS),
            ..InferenceConfig::default()
        }),
        ..InvokeRequest::default()
    }
}

/// The smallest request for a stream.
#[must_use]
pub fn stream_prompt(model: &str, text: &str) -> InvokeStreamRequest {
    let request = prompt(model, text);
    InvokeStreamRequest {
        model: request.model,
        prompt: request.prompt,
        inference_config: request.inference_config,
        ..InvokeStreamRequest::default()
    }
}

/// Makes a call; the answer must be complete.
///
/// # Errors
/// The status of the call; `DATA_LOSS` if OK was said of half an answer.
pub async fn invoke(mut client: Client, request: InvokeRequest) -> Result<InvokeResponse, Status> {
    let response = client.invoke(request).await?.into_inner();
    if response.text.is_empty() || response.metadata.is_none() {
        return Err(Status::data_loss("an empty answer was OK"));
    }
    Ok(response)
}

/// Reads a stream to its end, which must be complete, and returns its text.
///
/// # Errors
/// The status of the call; `DATA_LOSS` if it ended with OK and was not complete.
pub async fn read(mut stream: Streaming<InvokeStreamResponse>) -> Result<String, Status> {
    let mut text = String::new();
    let mut is_complete = false;
    while let Some(response) = stream.message().await? {
        if let Some(more) = response.event.as_ref().and_then(delta) {
            text.push_str(more);
        }
        is_complete |= matches!(response.event, Some(Event::Metadata(_)));
    }
    if text.is_empty() || !is_complete {
        return Err(Status::data_loss("half a stream was OK"));
    }
    Ok(text)
}

/// Reads a stream until its first text.
///
/// # Errors
/// The status of the call; `DATA_LOSS` if it ended before.
pub async fn first_text(stream: &mut Streaming<InvokeStreamResponse>) -> Result<(), Status> {
    while let Some(response) = stream.message().await? {
        if response.event.as_ref().and_then(delta).is_some() {
            return Ok(());
        }
    }
    Err(Status::data_loss("a stream without text was OK"))
}

/// The text of an event, if it is a piece of text.
fn delta(event: &Event) -> Option<&str> {
    match event {
        Event::ContentBlockDelta(event) => match &event.delta {
            Some(Delta::Text(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the server cannot have begun this call: nobody listened, the connection ended before the
/// call was sent, or the server said of its stream that it was not processed (GOAWAY, REFUSED_STREAM).
/// gRPC clients repeat such calls whatever the policy (gRFC A6, transparent retries).
#[must_use]
pub fn was_never_begun(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && error.is_canceled()
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<h2::Error>()
            && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::ConnectionRefused
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The code and the reason of a status: `UNAVAILABLE OVERLOADED`.
#[must_use]
pub fn outcome(result: &Result<(), Status>) -> String {
    use tonic_types::StatusExt as _;

    match result {
        Ok(()) => format!("{:?}", Code::Ok),
        Err(status) => match status.get_details_error_info() {
            Some(info) => format!("{:?} {}", status.code(), info.reason),
            None => format!("{:?} \"{}\"", status.code(), status.message()),
        },
    }
}
