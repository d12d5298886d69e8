//! InvokeStream of models that cannot stream: the events are made from a whole answer.

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::emulator::ToolUse;
use bedrock_gateway::proto::InvocationMetadata;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::StopReason;
use bedrock_gateway::proto::Tool;
use bedrock_gateway::proto::ToolConfig;
use bedrock_gateway::proto::ToolSpec;
use bedrock_gateway::proto::attempt::State;
use bedrock_gateway::proto::content_block_delta_event::Delta;
use bedrock_gateway::proto::content_block_start_event::Start;
use bedrock_gateway::proto::invoke_stream_response::Event;
use bedrock_gateway::proto::tool;
use bedrock_gateway::proto::tool_spec::InputSchemaForm;
use serde_json::Value;
use serde_json::json;
use tonic::Code;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::exception_saying;
use crate::support::failure;
use crate::support::prompt;
use crate::support::reason;
use crate::support::states;
use crate::support::stream_prompt;
use crate::support::text;

/// One that streams, but not with tools, as Llama does; one that never streams; and one of which
/// the registry believes that it streams everything.
async fn gateway() -> Gateway {
    let model = |id: &str, priority: u32, features: Value| {
        json!({
            "modelId": id,
            "displayName": id,
            "provider": "meta",
            "capabilities": [],
            "contextWindow": 128_000,
            "maxOutputTokens": 8_192,
            "requiresInferenceProfile": false,
            "priority": priority,
            "features": features,
        })
    };
    Gateway::with_models(json!({
        "llama": model("meta.llama-v1:0", 1, json!({"tools": true, "streamingTools": false})),
        "mute": model("meta.mute-v1:0", 2, json!({"tools": true, "streaming": false})),
        "coy": model("meta.coy-v1:0", 3, json!({"tools": true, "streamingTools": true})),
    }))
    .await
}

fn with_tools(model: &str) -> InvokeStreamRequest {
    let spec = ToolSpec {
        name: "weather".to_owned(),
        input_schema_form: Some(InputSchemaForm::InputSchemaJson(
            r#"{"type":"object"}"#.to_owned(),
        )),
        ..ToolSpec::default()
    };
    InvokeStreamRequest {
        model: model.to_owned(),
        tool_config: Some(ToolConfig {
            tools: vec![Tool {
                tool: Some(tool::Tool::ToolSpec(spec)),
            }],
            tool_choice: None,
        }),
        ..stream_prompt("Weather?")
    }
}

fn calls_a_tool() -> Scenario {
    Scenario {
        reply: Reply {
            text: Some("I shall look.".to_owned()),
            tool_use: Some(ToolUse {
                name: "weather".to_owned(),
                input: json!({"zip": 9_007_199_254_740_993_u64}),
            }),
            ..Reply::default()
        },
        ..Scenario::default()
    }
}

/// The events in words, and the metadata at their end.
fn told(events: Vec<Event>) -> (Vec<String>, InvocationMetadata) {
    let mut words = Vec::new();
    let mut last = None;
    for event in events {
        words.push(match event {
            Event::Attempt(_) => "attempt".to_owned(),
            Event::MessageStart(start) => format!("{} begins", start.model),
            Event::ContentBlockStart(event) => {
                let kind = match event.start.unwrap() {
                    Start::Text(_) => "text".to_owned(),
                    Start::ToolUse(call) => call.name,
                    _ => "something else".to_owned(),
                };
                format!("{} {kind}", event.content_block_index)
            }
            Event::ContentBlockDelta(event) => match event.delta.unwrap() {
                Delta::Text(text) => text,
                Delta::ToolUse(call) => call.input_json,
                _ => "something else".to_owned(),
            },
            Event::ContentBlockStop(event) => format!("{} ends", event.content_block_index),
            Event::MessageStop(stop) => stop.stop_reason().as_str_name().to_owned(),
            Event::Metadata(metadata) => {
                last = Some(*metadata);
                "metadata".to_owned()
            }
            Event::Heartbeat(_) => "heartbeat".to_owned(),
        });
    }
    (words, last.unwrap())
}

#[tokio::test]
async fn stream_with_tools_is_made_from_a_whole_answer_in_the_order_of_a_stream() {
    let gateway = gateway().await;
    gateway.emulator().set_scenario("llama", calls_a_tool());

    let stream = gateway.inference().invoke_stream(with_tools("llama")).await;
    let (events, end) = collect(stream.unwrap().into_inner()).await;

    end.unwrap();
    let (words, metadata) = told(events);
    assert_eq!(
        words,
        [
            "attempt",
            "llama begins",
            "0 text",
            "I shall look.",
            "0 ends",
            "1 weather",
            r#"{"zip":9007199254740993}"#,
            "1 ends",
            "STOP_REASON_TOOL_USE",
            "metadata",
        ]
    );
    assert_eq!(gateway.operations(), ["Converse"]);
    assert_eq!(states(&metadata.attempts), [("llama", State::Succeeded)]);
    let adjustments = &metadata.attempts[0].adjustments;
    assert_eq!(adjustments.len(), 1);
    assert_eq!(adjustments[0].field, "stream");
    assert!(metadata.usage.unwrap().output_tokens > 0);
    assert!(metadata.time_to_first_token.is_some());
}

#[tokio::test]
async fn model_that_cannot_stream_with_tools_streams_without_them() {
    let gateway = gateway().await;

    let stream = gateway.inference().invoke_stream(stream_prompt("Hi")).await;
    let (events, end) = collect(stream.unwrap().into_inner()).await;

    end.unwrap();
    assert_eq!(gateway.operations(), ["ConverseStream"]);
    let (_words, metadata) = told(events);
    assert!(metadata.attempts[0].adjustments.is_empty());
}

#[tokio::test]
async fn model_that_never_streams_answers_both_ways_alike() {
    let gateway = gateway().await;
    let mut whole = prompt("Hi");
    whole.model = "mute".to_owned();
    whole.inference_config.as_mut().unwrap().max_tokens = Some(8_000);
    let mut streamed = stream_prompt("Hi");
    streamed.model = "mute".to_owned();
    streamed
        .inference_config
        .clone_from(&whole.inference_config);

    let answer = gateway.inference().invoke(whole).await.unwrap();
    let stream = gateway.inference().invoke_stream(streamed).await.unwrap();
    let (events, end) = collect(stream.into_inner()).await;

    end.unwrap();
    let answer = answer.into_inner();
    assert_eq!(gateway.operations(), ["Converse", "Converse"]);
    assert_eq!(answer.stop_reason(), StopReason::EndTurn);
    assert_eq!(text(&events), answer.text);
}

#[tokio::test]
async fn failure_of_a_model_that_cannot_stream_falls_back_unseen() {
    let gateway = gateway().await;
    let emulator = gateway.emulator();
    emulator.set_scenario("llama", Scenario::fault(Fault::Cut { after_events: None }));
    emulator.set_scenario("mute", calls_a_tool());

    let stream = gateway.inference().invoke_stream(with_tools("llama")).await;
    let stream = stream.unwrap();
    assert_eq!(stream.metadata().get("x-served-model").unwrap(), "mute");
    let (events, end) = collect(stream.into_inner()).await;

    end.unwrap();
    let starts = |event: &&Event| matches!(event, Event::MessageStart(_));
    assert_eq!(events.iter().filter(starts).count(), 1);
    assert_eq!(text(&events), "I shall look.");
    assert!(gateway.operations().iter().all(|name| *name == "Converse"));
}

#[tokio::test]
async fn stream_of_whole_answers_that_fails_everywhere_is_trailers_only() {
    let gateway = gateway().await;
    let refusal = Scenario::exception("AccessDeniedException");
    gateway.emulator().set_scenario("*", refusal);

    let stream = gateway.inference().invoke_stream(with_tools("llama")).await;

    let status = stream.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(reason(&status), "UPSTREAM_ACCESS_DENIED");
    assert!(!failure(&status).output_started);
    let attempts = failure(&status).metadata.unwrap().attempts;
    assert_eq!(attempts[0].adjustments[0].field, "stream");
}

#[tokio::test]
async fn model_that_refuses_to_stream_is_asked_for_whole_answers_from_then_on() {
    for refusal in [
        "This model doesn't support tool use in streaming mode.",
        "The model is unsupported for streaming. Use the Converse API instead.",
    ] {
        let gateway = gateway().await;
        let refusal = exception_saying("ValidationException", refusal);
        gateway.emulator().push_scenario("coy", refusal);
        let mut long: InvokeRequest = prompt("Weather?");
        long.model = "coy".to_owned();
        long.tool_config = with_tools("coy").tool_config;
        long.inference_config.as_mut().unwrap().max_tokens = Some(8_000);

        let first = gateway.inference().invoke_stream(with_tools("coy")).await;
        let (events, end) = collect(first.unwrap().into_inner()).await;
        let second = gateway.inference().invoke_stream(with_tools("coy")).await;
        let (_events, again) = collect(second.unwrap().into_inner()).await;
        gateway.inference().invoke(long).await.unwrap();

        end.and(again).unwrap();
        assert_eq!(
            gateway.operations(),
            ["ConverseStream", "Converse", "Converse", "Converse"]
        );
        let (_words, metadata) = told(events);
        assert_eq!(
            states(&metadata.attempts),
            [("coy", State::Failed), ("coy", State::Succeeded)]
        );
        assert!(metadata.attempts[0].adjustments.is_empty());
        assert_eq!(metadata.attempts[1].adjustments[0].field, "stream");
    }
}
