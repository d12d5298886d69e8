//! Who answers when the first model cannot.

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::attempt::State;
use tonic::Code;

use tonic_types::StatusExt;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::LAST;
use crate::support::SECOND;
use crate::support::exception_saying;
use crate::support::failure;
use crate::support::only;
use crate::support::prompt;
use crate::support::reason;
use crate::support::states;

#[tokio::test]
async fn throttled_model_falls_back_to_the_next_priority() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario(FIRST, Scenario::exception("ThrottlingException"));
    gateway
        .emulator()
        .set_scenario(SECOND, Scenario::reply("hello"));

    let answer = gateway
        .inference()
        .invoke(prompt("Hi"))
        .await
        .unwrap()
        .into_inner();

    let attempts = answer.metadata.unwrap().attempts;
    assert_eq!(answer.text, "hello");
    assert_eq!(gateway.calls(), [FIRST, SECOND]);
    assert_eq!(
        states(&attempts),
        [(FIRST, State::Failed), (SECOND, State::Succeeded)]
    );
    let error = attempts[0].error.as_ref().unwrap();
    assert_eq!(error.upstream_error, "ThrottlingException");
    assert_eq!(
        error.reason().as_str_name(),
        "ERROR_REASON_UPSTREAM_THROTTLED"
    );
}

#[tokio::test]
async fn retired_models_are_passed_over_and_named() {
    let gateway = Gateway::start().await;
    for model in [FIRST, SECOND] {
        gateway
            .emulator()
            .set_scenario(model, Scenario::exception("ThrottlingException"));
    }

    let answer = gateway
        .inference()
        .invoke(prompt("Hi"))
        .await
        .unwrap()
        .into_inner();

    let attempts = answer.metadata.unwrap().attempts;
    assert_eq!(gateway.calls(), [FIRST, SECOND, LAST]);
    let skipped: Vec<&str> = attempts
        .iter()
        .filter(|attempt| attempt.state() == State::Skipped)
        .map(|attempt| attempt.model.as_str())
        .collect();
    assert_eq!(
        skipped,
        [
            "claude-3-opus",
            "claude-3-5-sonnet-v2",
            "claude-3-5-sonnet-v1",
            "claude-3-5-haiku",
            "claude-3-sonnet"
        ]
    );
}

/// Exception, its text if it matters, the status that ends the call, and the calls made.
type Row = (&'static str, &'static str, Code, &'static str, usize);

#[rustfmt::skip]
const EXCEPTIONS: &[Row] = &[
    ("ThrottlingException",           "",                                            Code::ResourceExhausted,  "UPSTREAM_THROTTLED",               4),
    ("ThrottlingException",           "Too many tokens per day, please wait.",       Code::ResourceExhausted,  "UPSTREAM_QUOTA_EXCEEDED",          1),
    ("ServiceQuotaExceededException", "",                                            Code::ResourceExhausted,  "UPSTREAM_QUOTA_EXCEEDED",          1),
    ("ModelNotReadyException",        "",                                            Code::Unavailable,        "UPSTREAM_MODEL_NOT_READY",         4),
    ("ServiceUnavailableException",   "",                                            Code::Unavailable,        "UPSTREAM_UNAVAILABLE",             4),
    ("InternalServerException",       "",                                            Code::Unavailable,        "UPSTREAM_INTERNAL",                4),
    ("ModelTimeoutException",         "",                                            Code::DeadlineExceeded,   "UPSTREAM_MODEL_TIMEOUT",           1),
    ("ModelErrorException",           "",                                            Code::Unavailable,        "UPSTREAM_MODEL_ERROR",             2),
    ("AccessDeniedException",         "",                                            Code::FailedPrecondition, "UPSTREAM_ACCESS_DENIED",           1),
    ("UnrecognizedClientException",   "",                                            Code::FailedPrecondition, "UPSTREAM_CREDENTIALS_INVALID",     2),
    ("ExpiredTokenException",         "",                                            Code::FailedPrecondition, "UPSTREAM_CREDENTIALS_INVALID",     2),
    ("ResourceNotFoundException",     "",                                            Code::FailedPrecondition, "UPSTREAM_RESOURCE_NOT_FOUND",      1),
    ("ValidationException",           "The provided model identifier is invalid.",   Code::FailedPrecondition, "UPSTREAM_RESOURCE_NOT_FOUND",      1),
    ("ValidationException",           "Input is too long for requested model.",      Code::InvalidArgument,    "UPSTREAM_CONTEXT_WINDOW_EXCEEDED", 1),
    ("ValidationException",           "Something is wrong.",                         Code::InvalidArgument,    "UPSTREAM_VALIDATION_FAILED",       1),
];

#[tokio::test]
async fn every_kind_of_exception_has_its_consequence() {
    for &(name, message, code, expected_reason, calls) in EXCEPTIONS {
        let gateway = Gateway::start().await;
        let scenario = match message {
            "" => Scenario::exception(name),
            message => exception_saying(name, message),
        };
        gateway.emulator().set_scenario(FIRST, scenario);

        let status = gateway.inference().invoke(only(FIRST)).await.unwrap_err();

        assert_eq!(status.code(), code, "{name} {message}: {status:?}");
        assert_eq!(reason(&status), expected_reason, "{name} {message}");
        assert_eq!(gateway.calls().len(), calls, "{name} {message}");
    }
}

#[tokio::test]
async fn unreadable_answers_are_tried_once_more() {
    for (broken, calls) in [
        (Fault::Garbage { status: 200 }, 2),
        (Fault::Garbage { status: 502 }, 4),
        (Fault::Cut { after_events: None }, 4),
    ] {
        let gateway = Gateway::start().await;
        gateway
            .emulator()
            .set_scenario(FIRST, Scenario::fault(broken.clone()));

        let status = gateway.inference().invoke(only(FIRST)).await.unwrap_err();

        assert_eq!(status.code(), Code::Unavailable, "{broken:?}");
        assert_eq!(gateway.calls().len(), calls, "{broken:?} {status:?}");
    }
}

#[tokio::test]
async fn failure_everywhere_names_every_attempt_and_when_to_come_back() {
    let gateway = Gateway::start().await;
    gateway
        .emulator()
        .set_scenario("*", Scenario::exception("ModelTimeoutException"));
    gateway
        .emulator()
        .set_scenario(SECOND, Scenario::exception("AccessDeniedException"));

    let status = gateway.inference().invoke(prompt("Hi")).await.unwrap_err();

    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status), "ALL_ATTEMPTS_FAILED");
    let attempts = failure(&status).metadata.unwrap().attempts;
    let failed: Vec<_> = states(&attempts)
        .into_iter()
        .filter(|(_, state)| *state == State::Failed)
        .collect();
    assert_eq!(failed.len(), 3);
    assert!(
        status
            .get_details_retry_info()
            .unwrap()
            .retry_delay
            .is_some()
    );
    let pushback = status.metadata().get("grpc-retry-pushback-ms").unwrap();
    assert_eq!(pushback, "-1", "libraries begin no second round");
    assert!(status.details().len() < 4_500, "{}", status.details().len());
}

#[tokio::test]
async fn model_without_tools_is_not_asked_to_use_them() {
    let gateway = Gateway::start().await;
    for model in [FIRST, SECOND] {
        gateway
            .emulator()
            .set_scenario(model, Scenario::exception("ThrottlingException"));
    }
    let mut request = prompt("Hi");
    request.tool_config = Some(serde_tool());

    let status = gateway.inference().invoke(request).await.unwrap_err();

    assert_eq!(reason(&status), "UPSTREAM_THROTTLED");
    let attempts = failure(&status).metadata.unwrap().attempts;
    let last = attempts
        .iter()
        .find(|attempt| attempt.model == LAST)
        .unwrap();
    assert_eq!(last.state(), State::Skipped);
    assert!(last.error.as_ref().unwrap().message.contains("TOOL_USE"));
}

fn serde_tool() -> bedrock_gateway::proto::ToolConfig {
    use bedrock_gateway::proto::Tool;
    use bedrock_gateway::proto::ToolSpec;
    use bedrock_gateway::proto::tool;
    use bedrock_gateway::proto::tool_spec::InputSchemaForm;

    bedrock_gateway::proto::ToolConfig {
        tools: vec![Tool {
            tool: Some(tool::Tool::ToolSpec(ToolSpec {
                name: "clock".to_owned(),
                input_schema_form: Some(InputSchemaForm::InputSchemaJson(
                    r#"{"type":"object"}"#.to_owned(),
                )),
                ..ToolSpec::default()
            })),
        }],
        tool_choice: None,
    }
}
