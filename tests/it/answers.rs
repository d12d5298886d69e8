//! What a model says reaches the caller whole, in each of the three ways an answer can come.

use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::CountTokensRequest;
use bedrock_gateway::proto::InferenceConfig;
use bedrock_gateway::proto::InvocationMetadata;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::StopReason;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::invoke_stream_response::Event;
use serde_json::Value;
use serde_json::json;
use tonic::Code;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::exception_saying;
use crate::support::golden::MODEL;
use crate::support::join::join;
use crate::support::logs;
use crate::support::reason;

/// An answer, however it came.
struct Answer {
    message: Message,
    stop_reason: StopReason,
    metadata: InvocationMetadata,
}

async fn gateway() -> Gateway {
    Gateway::with(&[("registry.file", "tests/golden/registry.json")]).await
}

/// The answer to the same question by Invoke over Converse, by Invoke over ConverseStream, and by
/// InvokeStream.
async fn three_ways(gateway: &Gateway, reply: Value) -> [Answer; 3] {
    let reply: Reply = serde_json::from_value(reply).unwrap();
    let scenario = Scenario {
        reply,
        ..Scenario::default()
    };
    gateway.emulator().set_scenario(MODEL, scenario);
    let short = invoke(gateway, 100).await;
    let long = invoke(gateway, 10_000).await;
    [short, long, invoke_stream(gateway).await]
}

async fn invoke(gateway: &Gateway, max_tokens: i32) -> Answer {
    let request = InvokeRequest {
        model: MODEL.to_owned(),
        prompt: "Hi".to_owned(),
        inference_config: Some(InferenceConfig {
            max_tokens: Some(max_tokens),
            ..InferenceConfig::default()
        }),
        ..InvokeRequest::default()
    };
    let answer = gateway.inference().invoke(request).await.unwrap();
    let answer = answer.into_inner();
    Answer {
        stop_reason: answer.stop_reason(),
        message: answer.message.unwrap(),
        metadata: answer.metadata.unwrap(),
    }
}

async fn invoke_stream(gateway: &Gateway) -> Answer {
    let request = InvokeStreamRequest {
        model: MODEL.to_owned(),
        prompt: "Hi".to_owned(),
        ..InvokeStreamRequest::default()
    };
    let stream = gateway.inference().invoke_stream(request).await.unwrap();
    let (events, end) = collect(stream.into_inner()).await;
    end.unwrap();
    let message = join(&events);
    let [.., Event::MessageStop(stop), Event::Metadata(metadata)] = &events[..] else {
        panic!("another end");
    };
    Answer {
        message,
        stop_reason: stop.stop_reason(),
        metadata: (**metadata).clone(),
    }
}

#[tokio::test]
async fn guardrail_that_intervened_is_never_hidden() {
    let gateway = gateway().await;
    let topic = json!({"name": "n", "type": "DENY", "action": "BLOCKED", "detected": true});
    let trace = json!({"guardrail": {
        "actionReason": "Guardrail blocked.",
        "inputAssessment": {"g1": {"topicPolicy": {"topics": [topic]}}}
    }});

    let answers = three_ways(
        &gateway,
        json!({
            "text": "Sorry.",
            "stopReason": "guardrail_intervened",
            "members": {"trace": trace}
        }),
    )
    .await;

    for answer in answers {
        assert_eq!(answer.stop_reason, StopReason::GuardrailIntervened);
        let trace = answer.metadata.guardrail_trace.unwrap();
        assert_eq!(trace.action_reason, "Guardrail blocked.");
        assert!(trace.input_assessments["g1"].topics[0].detected);
        assert_eq!(answer.message.text(), "Sorry.");
    }
}

#[tokio::test]
async fn tokens_of_the_prompt_cache_are_told_by_time_to_live_and_priced() {
    let gateway = gateway().await;
    let usage = json!({
        "inputTokens": 1000, "outputTokens": 100, "totalTokens": 4100,
        "cacheReadInputTokens": 1000, "cacheWriteInputTokens": 2000,
        "cacheDetails": [{"ttl": "5m", "inputTokens": 500}, {"ttl": "1h", "inputTokens": 1500}]
    });

    let answers = three_ways(&gateway, json!({"text": "Hi", "members": {"usage": usage}})).await;

    for answer in answers {
        let usage = answer.metadata.usage.unwrap();
        assert_eq!(usage.cache_read_input_tokens, 1000);
        assert_eq!(usage.cache_write_input_tokens, 2000);
        let writes: Vec<_> = usage
            .cache_writes
            .iter()
            .map(|write| (write.ttl.unwrap().seconds, write.input_tokens))
            .collect();
        assert_eq!(writes, [(3600, 1500), (300, 500)]);
        let cost = answer.metadata.cost.unwrap();
        assert_eq!(cost.cache_read_nanos, 300_000);
        assert_eq!(cost.cache_write_nanos, 500 * 3_750 + 1500 * 6_000);
    }
}

#[tokio::test]
async fn part_without_a_place_in_the_api_is_named_and_counted_and_fails_nothing() {
    let gateway = gateway().await;

    let answers = three_ways(
        &gateway,
        json!({
            "content": [
                {"text": "a"},
                {"toolResult": {"toolUseId": "t", "status": "so-so", "content": [{"text": "b"}]}}
            ],
            "members": {"serviceTier": {"type": "turbo"}}
        }),
    )
    .await;

    for answer in answers {
        assert_eq!(answer.message.content.len(), 2);
        assert_eq!(
            answer.metadata.omitted_members,
            [
                "content[1].toolResult.status.so-so",
                "serviceTier.type.turbo"
            ]
        );
    }
    let omitted = &gateway.metrics().omitted_parts;
    assert_eq!(omitted.values.value(), 6);
    assert_eq!(omitted.members.value(), 0);
}

#[tokio::test]
async fn part_without_a_place_in_the_api_is_logged_once_by_name() {
    logs::keep();
    let gateway = gateway().await;

    three_ways(
        &gateway,
        json!({"text": "a", "members": {"serviceTier": {"type": "nightly"}}}),
    )
    .await;

    let lines = logs::lines_where("part", "serviceTier.type.nightly");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["model"], MODEL);
}

#[tokio::test]
async fn unknown_event_is_named_and_fails_nothing() {
    let gateway = gateway().await;
    let events = json!([
        {"messageStart": {"role": "assistant"}},
        {"weather": {"degrees": 3}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": "a"}}},
        {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"smell": {}}}},
        {"contentBlockStop": {"contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
        {"metadata": {
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2},
            "metrics": {"latencyMs": 1}
        }}
    ]);
    let reply = serde_json::from_value(json!({"events": events})).unwrap();
    let scenario = Scenario {
        reply,
        ..Scenario::default()
    };
    gateway.emulator().set_scenario(MODEL, scenario);

    let answer = invoke_stream(&gateway).await;

    assert_eq!(answer.message.text(), "a");
    assert_eq!(
        answer.metadata.omitted_members,
        ["event.weather", "content[0].delta.smell"]
    );
    let omitted = &gateway.metrics().omitted_parts;
    assert_eq!((omitted.events.value(), omitted.members.value()), (1, 1));
}

#[tokio::test]
async fn tool_call_keeps_its_json_though_no_tool_was_offered() {
    let gateway = gateway().await;
    let large = r#"{"z":9007199254740993,"a":[1.50,-0.0]}"#;
    let large: Value = serde_json::from_str(large).unwrap();

    let answers = three_ways(
        &gateway,
        json!({"content": [
            {"toolUse": {"toolUseId": "t1", "name": "f", "input": large}},
            {"toolUse": {"toolUseId": "t2", "name": "g", "input": {}}}
        ]}),
    )
    .await;

    for answer in answers {
        let inputs: Vec<_> = answer
            .message
            .content
            .iter()
            .map(|block| match &block.block {
                Some(Block::ToolUse(call)) => call.input_json.as_str(),
                _ => panic!("no tool call"),
            })
            .collect();
        assert_eq!(inputs, [r#"{"z":9007199254740993,"a":[1.50,-0.0]}"#, "{}"]);
    }
}

#[tokio::test]
async fn model_that_turns_out_not_to_count_tokens_says_so() {
    let gateway = gateway().await;
    let message = "The provided model doesn't support counting tokens.";
    let scenario = exception_saying("ValidationException", message);
    gateway.emulator().set_scenario(MODEL, scenario);
    let request = CountTokensRequest {
        model: MODEL.to_owned(),
        prompt: "Hi".to_owned(),
        ..CountTokensRequest::default()
    };

    let status = gateway.inference().count_tokens(request).await.unwrap_err();

    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(reason(&status), "CAPABILITY_UNSUPPORTED");
    assert_eq!(status.message(), "the model cannot count tokens");
}
