//! The call of a case of the fault matrix, and what the caller saw of it.

use bedrock_gateway::proto::Attempt;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::invoke_stream_response::Event;
use serde_json::Value;
use serde_json::json;
use tonic::Status;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::failure;
use crate::support::fault_rows::Way;
use crate::support::proto_json;
use crate::support::text;

/// Stands in every prompt, and may stand in no status.
pub(crate) const PROMPT: &str = "zebra-in-the-prompt";

/// What a caller saw.
pub(crate) struct Seen {
    /// All text that came.
    pub(crate) text: String,
    /// The ledger.
    pub(crate) attempts: Vec<Attempt>,
    /// How it ended.
    pub(crate) end: Result<(), Status>,
    /// What no call may do.
    pub(crate) problems: Vec<String>,
}

/// Calls these models in this way.
pub(crate) async fn call(gateway: &Gateway, way: Way, models: &[String], members: &Value) -> Seen {
    match way {
        Way::Unary => invoke(gateway, request(models, 200, members)).await,
        Way::Gathered => invoke(gateway, request(models, 2_000, members)).await,
        Way::Stream => invoke_stream(gateway, request(models, 200, members)).await,
        Way::Restarted => {
            let mut request = request(models, 200, members);
            request["streamOptions"] = json!({"recovery": "RECOVERY_RESTART"});
            invoke_stream(gateway, request).await
        }
    }
}

fn request(models: &[String], max_tokens: u32, members: &Value) -> Value {
    let (first, others) = models.split_first().unwrap();
    let mode = match others {
        [] => "FALLBACK_MODE_DISABLED",
        [..] => "FALLBACK_MODE_ENABLED",
    };
    let mut request = json!({
        "model": first,
        "messages": [{"role": "ROLE_USER", "content": [{"text": PROMPT}]}],
        "inferenceConfig": {"maxTokens": max_tokens},
        "routingConfig": {"fallbackMode": mode, "fallbackModels": others},
    });
    merge(&mut request, members);
    request
}

async fn invoke(gateway: &Gateway, request: Value) -> Seen {
    let request: InvokeRequest = proto_json::read(&request).unwrap();
    match gateway.inference().invoke(request).await {
        Ok(response) => {
            let response = response.into_inner();
            Seen {
                text: response.text,
                attempts: response.metadata.unwrap_or_default().attempts,
                end: Ok(()),
                problems: Vec::new(),
            }
        }
        Err(status) => Seen::failed(status, String::new()),
    }
}

async fn invoke_stream(gateway: &Gateway, request: Value) -> Seen {
    let request: InvokeStreamRequest = proto_json::read(&request).unwrap();
    let mut stream = match gateway.inference().invoke_stream(request).await {
        Ok(response) => response.into_inner(),
        Err(status) => return Seen::failed(status, String::new()),
    };
    let (events, end) = collect(&mut stream).await;
    let after_the_end = stream.message().await;
    let mut seen = match end {
        Ok(()) => Seen::completed(&events),
        Err(status) => Seen::failed(status, kept(&events)),
    };
    if !matches!(after_the_end, Ok(None)) {
        seen.problems
            .push("something came after the end".to_owned());
    }
    seen
}

/// The text that a caller keeps.
fn kept(events: &[Event]) -> String {
    let discards = |event: &Event| matches!(event, Event::Attempt(told) if told.output_discarded);
    let last = events.rsplit(discards).next();
    text(last.unwrap_or_default())
}

impl Seen {
    fn failed(status: Status, text: String) -> Self {
        let attempts = failure(&status).metadata.unwrap_or_default().attempts;
        Self {
            text,
            attempts,
            end: Err(status),
            problems: Vec::new(),
        }
    }

    fn completed(events: &[Event]) -> Self {
        let (attempts, problem) = match events {
            [.., Event::MessageStop(_), Event::Metadata(metadata)] => {
                (metadata.attempts.clone(), None)
            }
            _ => (Vec::new(), Some("OK, and the message is not complete")),
        };
        Self {
            text: kept(events),
            attempts,
            end: Ok(()),
            problems: problem.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// Puts members into others, deep down.
fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (_, Value::Null) => {}
        (into, from) => *into = from.clone(),
    }
}
