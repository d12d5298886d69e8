//! One request on models that disagree about what is valid: what is changed for them and said so,
//! and which are passed over. The emulator knows what each model refuses from tables of its own.

mod disputed;

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Outcome;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::Attempt;
use bedrock_gateway::proto::GetModelRequest;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeResponse;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::attempt::State;
use serde_json::Value;
use serde_json::json;
use tonic::Code;
use tonic::Status;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::LAST;
use crate::support::SECOND;
use crate::support::collect;
use crate::support::exception_saying;
use crate::support::failure;
use crate::support::proto_json;
use crate::support::reason;
use crate::support::states;

const REFUSAL: &str =
    "This model doesn't support the stopSequences field. Remove stopSequences and try again.";

async fn invoke(gateway: &Gateway, request: &Value) -> Result<InvokeResponse, Status> {
    let request: InvokeRequest = proto_json::read(request).unwrap();
    let answer = gateway.inference().invoke(request).await;
    answer.map(tonic::Response::into_inner)
}

fn attempts(answer: &InvokeResponse) -> &[Attempt] {
    &answer.metadata.as_ref().unwrap().attempts
}

fn fields(attempt: &Attempt) -> Vec<&str> {
    let adjustments = attempt.adjustments.iter();
    adjustments.map(|change| change.field.as_str()).collect()
}

/// A prompt with these members.
fn prompt(members: Value) -> Value {
    let mut request = json!({"prompt": "Hi"});
    let Value::Object(members) = members else {
        panic!("members are an object");
    };
    request.as_object_mut().unwrap().extend(members);
    request
}

fn tool() -> Value {
    json!({"tools": [{"toolSpec": {"name": "clock", "inputSchemaJson": "{\"type\":\"object\"}"}}]})
}

/// A conversation in which a tool was called and has answered.
fn tool_turn(call: Value, result: Value) -> Value {
    let used = json!({"toolUse": {"toolUseId": "t1", "name": "clock", "inputJson": "{}"}});
    let mut said = call.as_array().unwrap().clone();
    said.push(used);
    json!({
        "messages": [
            {"role": "ROLE_USER", "content": [{"text": "What time is it?"}]},
            {"role": "ROLE_ASSISTANT", "content": said},
            {"role": "ROLE_USER", "content": result},
        ],
        "toolConfig": tool(),
    })
}

/// Sends every request to every model alone, over one RPC or the other, and checks that each is
/// answered or never sent.
async fn no_model_refuses(registry: &str, models: &[&str]) {
    let gateway = Gateway::with(&[("registry.file", registry)]).await;
    let mut answered = 0;
    for (number, model) in models.iter().enumerate() {
        for (index, mut request) in disputed::requests().into_iter().enumerate() {
            request["model"] = json!(model);
            request["routingConfig"] = json!({
                "fallbackMode": "FALLBACK_MODE_DISABLED",
                "unsupportedFieldPolicy": "UNSUPPORTED_FIELD_POLICY_DROP_FIELD",
            });
            let is_streamed = (number + index) % 2 == 0;
            match ask(&gateway, &request, is_streamed).await {
                Ok(()) => answered += 1,
                Err(status) => {
                    let attempts = failure(&status).metadata.unwrap().attempts;
                    let states = states(&attempts);
                    assert_eq!(states, [(*model, State::Skipped)], "{request} {status:?}");
                    assert_eq!(reason(&status), "CAPABILITY_UNSUPPORTED", "{request}");
                }
            }
            for entry in gateway.emulator().journal() {
                assert_eq!(entry.outcome, Outcome::Answered, "{model}: {request}");
            }
            gateway.emulator().clear_journal();
        }
    }
    assert!(
        answered > models.len() * disputed::requests().len() / 2,
        "{answered}"
    );
}

async fn ask(gateway: &Gateway, request: &Value, is_streamed: bool) -> Result<(), Status> {
    if !is_streamed {
        return invoke(gateway, request).await.map(drop);
    }
    let request: InvokeStreamRequest = proto_json::read(request).unwrap();
    let stream = gateway.inference().invoke_stream(request).await?;
    collect(stream.into_inner()).await.1
}

#[tokio::test]
async fn shipped_models_are_sent_nothing_that_they_refuse() {
    let models = [FIRST, SECOND, LAST];

    no_model_refuses("config/aws-bedrock-models.json", &models).await;
}

#[tokio::test]
async fn models_of_all_families_are_sent_nothing_that_they_refuse() {
    let registry = include_str!("../../../config/aws-bedrock-models.2026-11.json");
    let registry: Value = serde_json::from_str(registry).unwrap();
    let models = registry["modelRegistry"].as_object().unwrap();
    let models: Vec<&str> = models.keys().map(String::as_str).collect();

    no_model_refuses("config/aws-bedrock-models.2026-11.json", &models).await;
}

#[tokio::test]
async fn model_that_does_not_suit_is_passed_over_with_the_reason() {
    let gateway = Gateway::start().await;
    let schema = json!({"jsonSchema": {"schemaJson": "{\"type\":\"object\"}"}});

    let answer = invoke(&gateway, &prompt(json!({"outputConfig": schema}))).await;

    let answer = answer.unwrap();
    let attempts = attempts(&answer);
    assert_eq!(gateway.calls(), [SECOND]);
    assert_eq!(
        states(attempts),
        [(FIRST, State::Skipped), (SECOND, State::Succeeded)]
    );
    let error = attempts[0].error.as_ref().unwrap();
    assert_eq!(error.code, i32::from(Code::FailedPrecondition));
    assert_eq!(error.message, "the model lacks STRUCTURED_OUTPUT");
}

#[tokio::test]
async fn what_is_changed_is_reported_and_really_sent_changed() {
    let gateway = Gateway::start().await;
    let request = prompt(json!({
        "inferenceConfig": {"temperature": 0.5, "topP": 0.75},
        "system": [{"text": "Be brief"}, {"cachePoint": {"ttl": "3600s"}}],
        "serviceTier": "SERVICE_TIER_PRIORITY",
    }));

    let answer = invoke(&gateway, &request).await.unwrap();

    assert_eq!(
        fields(&attempts(&answer)[0]),
        [
            "system[1].cache_point.ttl",
            "inference_config.top_p",
            "service_tier"
        ]
    );
    assert_eq!(
        gateway.bodies(),
        [json!({
            "inferenceConfig": {"maxTokens": 4096, "temperature": 0.5},
            "messages": [{"role": "user", "content": [{"text": "Hi"}]}],
            "system": [{"text": "Be brief"}, {"cachePoint": {"type": "default"}}],
        })]
    );
}

#[tokio::test]
async fn blank_text_of_an_answer_is_left_out_when_the_answer_is_repeated() {
    let gateway = Gateway::start().await;
    let noon = json!({"toolResult": {"toolUseId": "t1", "content": [{"text": "noon"}]}});
    let request = tool_turn(json!([{"text": "\n\n"}]), json!([noon]));

    let answer = invoke(&gateway, &request).await.unwrap();

    assert_eq!(
        fields(&attempts(&answer)[0]),
        ["messages[1].content[0].text"]
    );
    assert_eq!(
        gateway.bodies()[0]["messages"][1]["content"],
        json!([{"toolUse": {"toolUseId": "t1", "name": "clock", "input": {}}}])
    );
}

#[tokio::test]
async fn learned_refusal_is_asked_once_and_then_known_to_every_worker() {
    let gateway = Gateway::with(&[("server.workers", "2")]).await;
    gateway
        .emulator()
        .push_scenario(FIRST, exception_saying("ValidationException", REFUSAL));
    let request = prompt(json!({
        "inferenceConfig": {"maxTokens": 200, "stopSequences": ["END"]},
        "routingConfig": {"unsupportedFieldPolicy": "UNSUPPORTED_FIELD_POLICY_DROP_FIELD"},
    }));

    let first = invoke(&gateway, &request).await.unwrap();
    let again: InvokeRequest = proto_json::read(&request).unwrap();
    let second = gateway.another_connection().await.invoke(again).await;
    let second = second.unwrap().into_inner();

    assert_eq!(
        states(attempts(&first)),
        [(FIRST, State::Failed), (FIRST, State::Succeeded)]
    );
    assert_eq!(
        fields(&attempts(&first)[1]),
        ["inference_config.stop_sequences"]
    );
    assert_eq!(states(attempts(&second)), [(FIRST, State::Succeeded)]);
    let bodies = gateway.bodies();
    assert_eq!(bodies.len(), 3);
    assert_eq!(
        bodies[0]["inferenceConfig"]["stopSequences"],
        json!(["END"])
    );
    for body in &bodies[1..] {
        assert_eq!(body["inferenceConfig"], json!({"maxTokens": 200}));
    }
    let mut models = gateway.models();
    let name = FIRST.to_owned();
    let described = models.get_model(GetModelRequest { name }).await.unwrap();
    let described = described.into_inner().model.unwrap();
    let field = "inference_config.stop_sequences".to_owned();
    assert!(described.unsupported_fields.contains(&field));
}

#[tokio::test]
async fn learned_refusal_skips_the_model_for_callers_who_allow_no_change() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .push_scenario(FIRST, exception_saying("ValidationException", REFUSAL));
    let request = prompt(json!({"inferenceConfig": {"stopSequences": ["END"]}}));

    invoke(&gateway, &request).await.unwrap();
    let second = invoke(&gateway, &request).await.unwrap();

    assert_eq!(gateway.calls(), [FIRST, SECOND, SECOND]);
    assert_eq!(
        states(attempts(&second)),
        [(FIRST, State::Skipped), (SECOND, State::Succeeded)]
    );
}

/// Asks the first model to reason and to call a tool, and gives the conversation back with the
/// result of the tool.
async fn reasoned_tool_turn(gateway: &Gateway) -> Value {
    let call = Scenario::content(vec![
        json!({"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}}),
        json!({"reasoningContent": {"redactedContent": "AAEC"}}),
        json!({"toolUse": {"toolUseId": "t1", "name": "clock", "input": {}}}),
    ]);
    gateway.emulator().push_scenario(FIRST, call);
    let mut request = prompt(json!({
        "toolConfig": tool(),
        "reasoningConfig": {"effort": "EFFORT_LOW"},
    }));
    let answer = invoke(gateway, &request).await.unwrap();
    let message = proto_json::write(&answer.message.unwrap());
    request["prompt"] = json!("");
    request["messages"] = json!([
        {"role": "ROLE_USER", "content": [{"text": "Hi"}]},
        message,
        {"role": "ROLE_USER", "content": [
            {"toolResult": {"toolUseId": "t1", "content": [{"text": "noon"}]}},
        ]},
    ]);
    gateway.emulator().clear_journal();
    request
}

#[tokio::test]
async fn signed_reasoning_goes_back_intact_to_the_model_that_made_it() {
    let gateway = Gateway::start().await;
    let request = reasoned_tool_turn(&gateway).await;

    // Whether the emulator takes the signature, which the test made up, does not matter.
    let _ = invoke(&gateway, &request).await;

    let bodies = gateway.bodies();
    assert_eq!(
        bodies[0]["messages"][1]["content"],
        json!([
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "c2ln"}}},
            {"reasoningContent": {"redactedContent": "AAEC"}},
            {"toolUse": {"toolUseId": "t1", "name": "clock", "input": {}}},
        ])
    );
    assert_eq!(
        bodies[0]["additionalModelRequestFields"],
        json!({"thinking": {"type": "enabled", "budget_tokens": 2048}})
    );
}

#[tokio::test]
async fn reasoning_of_the_first_model_does_not_follow_to_the_next() {
    let gateway = Gateway::start().await;
    let request = reasoned_tool_turn(&gateway).await;
    gateway
        .emulator()
        .push_scenario(FIRST, Scenario::exception("ThrottlingException"));

    let answer = invoke(&gateway, &request).await.unwrap();

    let attempts = attempts(&answer);
    assert_eq!(
        states(attempts),
        [(FIRST, State::Failed), (SECOND, State::Succeeded)]
    );
    assert_eq!(fields(&attempts[0]), [""; 0]);
    assert_eq!(
        fields(&attempts[1]),
        [
            "messages[1].content[0].reasoning",
            "messages[1].content[1].reasoning",
            "reasoning_config"
        ]
    );
    let body = &gateway.bodies()[1];
    assert_eq!(
        body["messages"][1]["content"],
        json!([{"toolUse": {"toolUseId": "t1", "name": "clock", "input": {}}}])
    );
    assert_eq!(body.get("additionalModelRequestFields"), None);
}

#[tokio::test]
async fn input_beyond_every_window_is_the_callers_mistake() {
    let gateway = Gateway::start().await;
    let request = json!({"prompt": "abcd efgh ".repeat(210_000)});

    let status = invoke(&gateway, &request).await.unwrap_err();

    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(reason(&status), "UPSTREAM_CONTEXT_WINDOW_EXCEEDED");
    assert!(status.message().contains("210000 tokens"), "{status:?}");
    assert_eq!(gateway.calls(), [""; 0]);
}

#[tokio::test]
async fn botched_tool_call_is_tried_once_more() {
    const BOTCHED: &str = "Model produced invalid sequence as part of ToolUse. Please refer to the \
                           model tool use troubleshooting guide.";
    let in_stream = Fault::StreamException {
        name: "modelStreamErrorException".to_owned(),
        message: Some(BOTCHED.to_owned()),
        members: serde_json::Map::new(),
        after_events: 1,
    };
    for failure in [
        exception_saying("ModelErrorException", BOTCHED),
        Scenario::fault(in_stream),
    ] {
        let gateway = Gateway::start().await;
        gateway.emulator().push_scenario(FIRST, failure.clone());
        let request = prompt(json!({"toolConfig": tool()}));
        let stream: InvokeStreamRequest = proto_json::read(&request).unwrap();

        let stream = gateway.inference().invoke_stream(stream).await.unwrap();
        let streamed = collect(stream.into_inner()).await.1;
        let streamed_calls = gateway.calls();
        gateway.emulator().push_scenario(FIRST, failure);
        let whole = invoke(&gateway, &request).await;

        assert!(streamed.is_ok() && whole.is_ok());
        assert_eq!(streamed_calls, [FIRST, FIRST]);
        assert_eq!(gateway.calls(), [FIRST; 4]);
    }
}
