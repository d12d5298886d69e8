use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::Header;
use aws_smithy_types::event_stream::HeaderValue;
use aws_smithy_types::event_stream::Message;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio_stream::StreamExt;

use super::*;
use crate::bedrock::Bedrock;
use crate::bedrock::test_server::TestServer;
use crate::bedrock::test_server::call;
use crate::bedrock::test_server::config;
use crate::bedrock::test_server::model;
use crate::bedrock::test_server::read_request;
use crate::proto::InvokeRequest;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::image_block_delta;
use crate::proto::reasoning_block_delta;
use crate::proto::tool_result_delta_item::Item;
use crate::provider::Adaptation;
use crate::provider::Provider;
use crate::provider::Refusable;

#[path = "events_failures_tests.rs"]
mod failures;
#[path = "events_results_tests.rs"]
mod results;

const START: &str = r#"{"p":"abc","role":"assistant"}"#;
const STOP: &str = r#"{"stopReason":"end_turn","p":"ab"}"#;
const METADATA: &str =
    r#"{"metrics":{"latencyMs":512},"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}}"#;

fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let mut message = Message::new(payload.as_bytes().to_vec());
    for (name, value) in headers {
        message = message.add_header(Header::new(
            (*name).to_owned(),
            HeaderValue::String((*value).to_owned().into()),
        ));
    }
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn event(kind: &str, payload: &str) -> Vec<u8> {
    let headers = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, payload)
}

fn exception(name: &str, payload: &str) -> Vec<u8> {
    let headers = [
        (":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", "exception"),
    ];
    frame(&headers, payload)
}

fn delta(index: i32, delta: &str) -> Vec<u8> {
    let payload = format!(r#"{{"contentBlockIndex":{index},"delta":{delta},"p":"a"}}"#);
    event("contentBlockDelta", &payload)
}

fn block_start(index: i32, start: &str) -> Vec<u8> {
    let payload = format!(r#"{{"contentBlockIndex":{index},"start":{start}}}"#);
    event("contentBlockStart", &payload)
}

fn block_stop(index: i32) -> Vec<u8> {
    event(
        "contentBlockStop",
        &format!(r#"{{"contentBlockIndex":{index}}}"#),
    )
}

/// A message around these frames.
fn message(frames: &[Vec<u8>]) -> Vec<u8> {
    [
        event("messageStart", START),
        frames.concat(),
        event("messageStop", STOP),
        event("metadata", METADATA),
    ]
    .concat()
}

/// An answer whose body is these bytes, in chunks of this many.
fn answer(body: &[u8], chunk_length: usize) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/vnd.amazon.eventstream\r\n\
        transfer-encoding: chunked\r\nconnection: close\r\nx-amzn-requestid: r-1\r\n\r\n"
        .to_vec();
    for chunk in body.chunks(chunk_length) {
        answer.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        answer.extend_from_slice(chunk);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"0\r\n\r\n");
    answer
}

/// The events of a stream whose body is these bytes.
async fn events(body: Vec<u8>) -> Vec<Event> {
    let server = TestServer::start(vec![answer(&body, 1000)]).await;
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());
    let bedrock = server.bedrock().await;
    let stream = bedrock.invoke_stream(call(&model, &request, &adaptation));
    let events = stream.await.ok().unwrap().events;
    events.map(|event| event.ok().unwrap()).collect().await
}

/// The events of a stream whose body is these bytes, in a word each, and its error.
async fn read(body: Vec<u8>) -> (Vec<String>, Option<ProviderError>) {
    read_answer(answer(&body, 1000)).await
}

async fn read_answer(answer: Vec<u8>) -> (Vec<String>, Option<ProviderError>) {
    let server = TestServer::start(vec![answer]).await;
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());
    let stream = server
        .bedrock()
        .await
        .invoke_stream(call(&model, &request, &adaptation))
        .await;
    let mut stream = stream.map_err(|error| error.to_string()).unwrap();
    assert_eq!(stream.request_id, "r-1");
    let mut words = Vec::new();
    let mut error = None;
    while let Some(event) = stream.events.next().await {
        assert!(error.is_none(), "the stream ends after an error");
        match event {
            Ok(event) => words.push(word(event)),
            Err(failed) => {
                assert_eq!(failed.request_id, "r-1");
                error = Some(failed);
            }
        }
    }
    (words, error)
}

fn word(event: Event) -> String {
    match event {
        Event::MessageStart => "message".to_owned(),
        Event::BlockStart(event) => {
            let kind = match event.start.unwrap() {
                Start::Text(_) => "text".to_owned(),
                Start::ToolUse(start) => format!("tool {}", start.name),
                Start::ToolResult(start) => format!("result {}", start.tool_use_id),
                Start::Reasoning(start) => format!("reasoning {}", start.model),
                Start::Image(start) => start.mime_type,
                Start::Whole(_) => "whole".to_owned(),
            };
            format!("{}: start {kind}", event.content_block_index)
        }
        Event::BlockDelta(event) => {
            let what = match event.delta.unwrap() {
                Delta::Text(text) => text,
                Delta::ToolUse(delta) => delta.input_json,
                Delta::ToolResult(delta) => match delta.items.into_iter().next().unwrap().item {
                    Some(Item::Json(json)) => json,
                    Some(Item::Text(text)) => text,
                    None => "nothing".to_owned(),
                },
                Delta::Reasoning(delta) => match delta.delta.unwrap() {
                    reasoning_block_delta::Delta::Text(text) => text,
                    reasoning_block_delta::Delta::Signature(signature) => signature,
                    reasoning_block_delta::Delta::RedactedContent(data) => format!("{data:?}"),
                },
                Delta::Citation(citation) => citation.title,
                Delta::Image(_) => "bytes".to_owned(),
            };
            format!("{}: {what}", event.content_block_index)
        }
        Event::BlockStop(event) => format!("{}: stop", event.content_block_index),
        Event::MessageStop(event) => {
            assert_eq!(event.stop_reason(), StopReason::EndTurn);
            event.raw_stop_reason
        }
        Event::Completion(completion) if completion.omitted_members.is_empty() => {
            format!("{} tokens", completion.usage.unwrap().total_tokens)
        }
        Event::Completion(completion) => completion.omitted_members.join(" "),
    }
}

#[tokio::test]
async fn blocks_that_bedrock_does_not_open_are_opened() {
    let (words, error) = read(message(&[
        delta(0, r#"{"reasoningContent":{"text":"hm"}}"#),
        delta(0, r#"{"reasoningContent":{"signature":"sig"}}"#),
        block_stop(0),
        delta(1, r#"{"text":"He"}"#),
        delta(1, r#"{"citation":{"title":"source"}}"#),
        delta(1, r#"{"text":"y"}"#),
        block_stop(1),
    ]))
    .await;

    assert!(error.is_none());
    assert_eq!(
        words,
        [
            "message",
            "0: start reasoning claude",
            "0: hm",
            "0: sig",
            "0: stop",
            "1: start text",
            "1: He",
            "1: source",
            "1: y",
            "1: stop",
            "end_turn",
            "3 tokens"
        ]
    );
}

#[tokio::test]
async fn a_tool_call_is_json_even_if_it_streams_nothing() {
    let (words, error) = read(message(&[
        block_start(0, r#"{"toolUse":{"toolUseId":"a","name":"with"}}"#),
        delta(0, r#"{"toolUse":{"input":""}}"#),
        delta(0, r#"{"toolUse":{"input":"{\"x\":"}}"#),
        delta(0, r#"{"toolUse":{"input":"1}"}}"#),
        block_stop(0),
        block_start(1, r#"{"toolUse":{"toolUseId":"b","name":"empty"}}"#),
        delta(1, r#"{"toolUse":{"input":""}}"#),
        block_stop(1),
        block_start(2, r#"{"toolUse":{"toolUseId":"c","name":"none"}}"#),
        block_stop(2),
    ]))
    .await;

    assert!(error.is_none());
    assert_eq!(
        words[1..11],
        [
            "0: start tool with",
            "0: {\"x\":",
            "0: 1}",
            "0: stop",
            "1: start tool empty",
            "1: {}",
            "1: stop",
            "2: start tool none",
            "2: {}",
            "2: stop"
        ]
    );
}

#[tokio::test]
async fn what_the_sdk_does_not_know_is_left_out_by_name() {
    let body = message(&[
        event("surprise", r#"{"words":"of the model"}"#),
        block_start(0, r#"{"hologram":{"x":1}}"#),
        delta(0, r#"{"hologram":{"x":1}}"#),
        delta(0, r#"{"text":"of a block that is left out"}"#),
        block_stop(0),
        delta(2, r#"{"text":"a"}"#),
        delta(2, r#"{"smell":{}}"#),
        delta(2, r#"{"smell":{}}"#),
        delta(2, r#"{"citation":{"title":"t","location":{"planet":{}}}}"#),
        block_stop(2),
        delta(3, r#"{"reasoningContent":{"feeling":"x"}}"#),
        block_stop(3),
        block_start(4, r#"{"toolResult":{"toolUseId":"a","status":"so-so"}}"#),
        delta(4, r#"{"toolResult":[{"text":"x"},{"smell":{}}]}"#),
        block_stop(4),
        block_start(5, r#"{"image":{"format":"png"}}"#),
        delta(5, r#"{"image":{"source":{"cloud":{}}}}"#),
        block_stop(5),
    ]);

    for chunk_length in [1, 7, 100, 10_000] {
        let (words, error) = read_answer(answer(&body, chunk_length)).await;

        assert!(error.is_none());
        assert_eq!(
            words,
            [
                "message",
                "2: start text",
                "2: a",
                "2: t",
                "2: stop",
                "4: start result a",
                "4: x",
                "4: stop",
                "5: start image/png",
                "5: stop",
                "end_turn",
                "event.surprise content[0].hologram content[2].delta.smell \
                 content[2].delta.citation.location.planet \
                 content[3].delta.reasoningContent.feeling content[4].toolResult.status.so-so \
                 content[4].delta.toolResult[1].smell content[5].delta.image.source.cloud"
            ]
        );
    }
}

#[tokio::test]
async fn open_blocks_are_closed_and_empty_ones_left_out() {
    let (words, error) = read(message(&[
        block_stop(0),
        event("contentBlockStart", r#"{"contentBlockIndex":1}"#),
        event(
            "contentBlockStart",
            r#"{"contentBlockIndex":1,"start":null}"#,
        ),
        delta(1, r#"{"text":"a"}"#),
        event("contentBlockDelta", r#"{"contentBlockIndex":1}"#),
        block_start(2, r#"{"toolResult":{"toolUseId":"b"}}"#),
        block_start(3, r#"{"image":{"format":"gif"}}"#),
    ]))
    .await;

    assert!(error.is_none());
    assert_eq!(
        words,
        [
            "message",
            "1: start text",
            "1: a",
            "2: start result b",
            "3: start image/gif",
            "1: stop",
            "2: stop",
            "3: stop",
            "end_turn",
            "3 tokens"
        ]
    );
}

#[tokio::test]
async fn blocks_may_grow_side_by_side() {
    let (words, error) = read(message(&[
        block_start(1, r#"{"toolUse":{"toolUseId":"a","name":"f"}}"#),
        delta(0, r#"{"text":"He"}"#),
        delta(1, r#"{"toolUse":{"input":"{\"x\":"}}"#),
        delta(0, r#"{"text":"y"}"#),
        delta(1, r#"{"toolUse":{"input":"1}"}}"#),
        block_stop(0),
        block_stop(1),
    ]))
    .await;

    assert!(error.is_none());
    assert_eq!(
        words[1..9],
        [
            "1: start tool f",
            "0: start text",
            "0: He",
            "1: {\"x\":",
            "0: y",
            "1: 1}",
            "0: stop",
            "1: stop"
        ]
    );
}

#[tokio::test]
async fn everything_beside_the_message_is_carried() {
    let stop = r#"{"stopReason":"pondering","additionalModelResponseFields":{"n":3}}"#;
    let metadata = r#"{"usage":{"inputTokens":1,"outputTokens":2,"totalTokens":10,"cacheReadInputTokens":3,"cacheWriteInputTokens":4,"cacheDetails":[{"ttl":"5m","inputTokens":1},{"ttl":"1h","inputTokens":3}]},"metrics":{"latencyMs":7},"trace":{"guardrail":{"actionReason":"why"},"promptRouter":{"invokedModelId":"m"}},"performanceConfig":{"latency":"optimized"},"serviceTier":{"type":"turbo"}}"#;

    let events = events(
        [
            event("messageStart", START),
            event("messageStop", stop),
            event("metadata", metadata),
        ]
        .concat(),
    )
    .await;

    let [
        Event::MessageStart,
        Event::MessageStop(stop),
        Event::Completion(completion),
    ] = &events[..]
    else {
        panic!("other events");
    };
    assert_eq!(stop.stop_reason(), StopReason::Other);
    assert_eq!(stop.raw_stop_reason, "pondering");
    let fields = stop.additional_model_response_fields.as_ref().unwrap();
    assert!(fields.fields.contains_key("n"));
    let usage = completion.usage.as_ref().unwrap();
    assert_eq!(usage.cache_read_input_tokens, 3);
    assert_eq!(usage.cache_write_input_tokens, 4);
    assert_eq!(usage.cache_writes.len(), 2);
    assert_eq!(completion.latency, Some(Duration::from_millis(7)));
    assert_eq!(completion.latency_mode, LatencyMode::Optimized);
    assert_eq!(completion.service_tier, ServiceTier::Unspecified);
    assert_eq!(completion.prompt_router_model_id, "m");
    let trace = completion.guardrail_trace.as_ref().unwrap();
    assert_eq!(trace.action_reason, "why");
    assert_eq!(
        completion.omitted_members,
        ["stopReason.pondering", "serviceTier.type.turbo"]
    );
}
