//! What is converted: requests that differ in length, answers that differ in kind.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::Header;
use aws_smithy_types::event_stream::HeaderValue;
use aws_smithy_types::event_stream::Message;
use bedrock_gateway::bedrock::Answer;
use bytes::Bytes;
use serde_json::Value;
use serde_json::json;

/// Events of a stream that are counted; few others come with them.
const EVENTS: u32 = 1000;

/// A call and its answer.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// What costs are divided by, and how many of it there are.
    pub(crate) unit: &'static str,
    pub(crate) units: u32,
    /// The conversation: of the user, of the assistant, and so on.
    pub(crate) turns: Vec<String>,
    /// Whether the model is given a tool.
    pub(crate) has_tool: bool,
    pub(crate) is_stream: bool,
    pub(crate) answer: Answer,
}

pub(crate) fn all() -> Vec<Case> {
    vec![
        Case {
            name: "request of one message",
            turns: vec![words(512)],
            ..call()
        },
        Case {
            name: "request of 200 messages",
            turns: vec![words(200); 199],
            ..call()
        },
        Case {
            name: "request with a tool",
            has_tool: true,
            ..call()
        },
        Case {
            name: "answer of 1 KiB",
            answer: whole(&json!([{"text": words(1024)}])),
            ..call()
        },
        Case {
            name: "answer that calls a tool",
            has_tool: true,
            answer: whole(&json!([{"text": words(64)}, {"toolUse": {
                "toolUseId": "tooluse_1",
                "name": "get_weather",
                "input": {"city": "Paris", "days": 3, "units": ["c", "mm"]},
            }}])),
            ..call()
        },
        Case {
            name: "stream of 1,000 texts",
            answer: stream(&json!({"text": " word"})),
            ..events()
        },
        Case {
            name: "stream of 1,000 pieces of JSON",
            has_tool: true,
            answer: stream(&json!({"toolUse": {"input": "\"city\":"}})),
            ..events()
        },
        Case {
            name: "stream of 1,000 pieces of reasoning",
            answer: stream(&json!({"reasoningContent": {"text": " thus"}})),
            ..events()
        },
    ]
}

fn call() -> Case {
    Case {
        name: "",
        unit: "call",
        units: 1,
        turns: vec!["Hi".to_owned()],
        has_tool: false,
        is_stream: false,
        answer: whole(&json!([{"text": "ok"}])),
    }
}

fn events() -> Case {
    Case {
        unit: "event",
        units: EVENTS,
        is_stream: true,
        ..call()
    }
}

fn words(length: usize) -> String {
    "lorem ipsum ".chars().cycle().take(length).collect()
}

fn whole(content: &Value) -> Answer {
    let body = json!({
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 10, "outputTokens": 20, "totalTokens": 30},
        "metrics": {"latencyMs": 500},
    });
    answer(vec![body.to_string().into()])
}

/// A stream of one block, each frame in a piece of its own.
fn stream(delta: &Value) -> Answer {
    let mut pieces = vec![frame("messageStart", &json!({"role": "assistant"}))];
    if delta.get("toolUse").is_some() {
        let start = json!({"toolUse": {"toolUseId": "tooluse_1", "name": "get_weather"}});
        let start = json!({"contentBlockIndex": 0, "start": start});
        pieces.push(frame("contentBlockStart", &start));
    }
    let delta = frame(
        "contentBlockDelta",
        &json!({"contentBlockIndex": 0, "delta": delta, "p": "abcdefgh"}),
    );
    pieces.extend((0..EVENTS).map(|_| delta.clone()));
    pieces.push(frame("contentBlockStop", &json!({"contentBlockIndex": 0})));
    pieces.push(frame("messageStop", &json!({"stopReason": "end_turn"})));
    let usage = json!({"inputTokens": 10, "outputTokens": 1000, "totalTokens": 1010});
    let metadata = json!({"usage": usage, "metrics": {"latencyMs": 500}});
    pieces.push(frame("metadata", &metadata));
    answer(pieces)
}

fn frame(name: &'static str, payload: &Value) -> Bytes {
    let mut message = Message::new(payload.to_string());
    for (name, value) in [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ] {
        message = message.add_header(Header::new(name, HeaderValue::String(value.into())));
    }
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).expect("the frame is short");
    bytes.into()
}

fn answer(body: Vec<Bytes>) -> Answer {
    Answer {
        status: 200,
        headers: vec![("x-amzn-requestid".to_owned(), "r-1".to_owned())],
        body,
    }
}
