//! The line of the log about a call that its client left, or took nothing of.

use std::time::Duration;

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::StreamOptions;
use serde_json::Value;
use serde_json::json;
use tokio_stream::StreamExt as _;
use tonic::Request;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::logs;
use crate::support::raw_http2::*;
use crate::support::soon;
use crate::support::stream_prompt;
use crate::support::until;

/// The identifier of a setting.
///
/// Source: RFC 9113, 6.5.2.
const INITIAL_WINDOW_SIZE: u16 = 4;

/// What was logged of a call when it was over.
fn lines(request_id: &str) -> Vec<Value> {
    let mut lines = logs::lines_where("request_id", request_id);
    lines.retain(|line| line["message"] == "call");
    lines
}

/// Makes a call of which no more than the beginning of the first event fits into the window, and
/// gives its lines. The model falls silent after so many frames.
async fn stall(request_id: &str, request: &InvokeStreamRequest, frames: usize) -> Vec<Value> {
    logs::keep();
    let gateway = Gateway::with(&[("server.stalled_stream_timeout", "1s")]).await;
    let hang = Fault::Hang {
        after_events: Some(frames),
    };
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::fault(hang));
    let mut client = RawHttp2::begin(gateway.address(), &[(INITIAL_WINDOW_SIZE, 16)]).await;
    let headers = [("x-request-id", request_id)];
    client
        .send(&call_with(1, "InvokeStream", request, &headers))
        .await;
    soon(client.next_of(RST_STREAM)).await.unwrap();
    // What the gateway had to say of it is said when all of it is gone.
    until(|| gateway.metrics().calls_in_flight.value() == 0).await;
    lines(request_id)
}

#[track_caller]
fn assert_stalled(lines: &[Value]) {
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["reason"], "CLIENT_STALLED");
    assert_eq!(lines[0]["code"], "Cancelled");
    assert_eq!(lines[0]["level"], "INFO");
}

#[tokio::test]
async fn stream_that_nobody_takes_is_one_line() {
    let lines = stall("stalled-answer", &stream_prompt("Hi"), 3).await;

    assert_stalled(&lines);
}

#[tokio::test]
async fn heartbeats_that_nobody_takes_before_there_is_an_answer_are_one_line() {
    let alive = InvokeStreamRequest {
        stream_options: Some(StreamOptions {
            heartbeat_interval: Duration::from_secs(1).try_into().ok(),
            ..StreamOptions::default()
        }),
        ..stream_prompt("Hi")
    };

    let lines = stall("stalled-opening", &alive, 0).await;

    assert_stalled(&lines);
}

#[tokio::test]
async fn stream_that_is_left_is_one_line_with_what_was_delivered() {
    logs::keep();
    let gateway = Gateway::start().await;
    drop(gateway.silent_stream().await);
    let mut request = Request::new(stream_prompt("Hi"));
    let id = "left-answer".parse().unwrap();
    request.metadata_mut().insert("x-request-id", id);
    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let mut stream = stream.into_inner();
    let first = soon(stream.next()).await.unwrap();

    first.unwrap();
    drop(stream);

    until(|| !lines("left-answer").is_empty()).await;
    let lines = lines("left-answer");
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    let expected = json!({
        "level": "INFO", "message": "call", "method": "InvokeStream", "code": "Cancelled",
        "request_id": "left-answer", "model": FIRST, "attempts": 1, "usage_is_partial": true,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&line[name], value, "{name}: {line}");
    }
    for name in ["events", "output_bytes", "total_ms"] {
        assert!(line[name].is_u64(), "{name}: {line}");
    }
    assert!(line["events"].as_u64() >= Some(1), "{line}");
    assert!(line.get("input_tokens").is_none(), "{line}");
}
