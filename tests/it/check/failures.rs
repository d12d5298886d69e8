//! What AWS may say, the advice that follows, and the exit code.

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;

use super::Bedrock;
use super::assert_says;
use super::json;
use super::run;
use super::stderr;
use super::stdout;
use crate::support::exception_saying;

/// What AWS says, the reason, a part of the advice, and the exit code.
const EXCEPTIONS: [(&str, &str, &str, i32); 13] = [
    (
        "AccessDeniedException",
        "UPSTREAM_ACCESS_DENIED",
        "give the gateway's role bedrock:InvokeModel",
        77,
    ),
    (
        "ResourceNotFoundException",
        "UPSTREAM_RESOURCE_NOT_FOUND",
        "check model id, inference profile and region in the registry",
        1,
    ),
    (
        "ThrottlingException",
        "UPSTREAM_THROTTLED",
        "the account's rate is used up",
        75,
    ),
    (
        "ServiceQuotaExceededException",
        "UPSTREAM_QUOTA_EXCEEDED",
        "ask AWS to raise it",
        1,
    ),
    (
        "ModelNotReadyException",
        "UPSTREAM_MODEL_NOT_READY",
        "call again after the delay",
        75,
    ),
    (
        "ServiceUnavailableException",
        "UPSTREAM_UNAVAILABLE",
        "look at the AWS Health Dashboard",
        75,
    ),
    (
        "InternalServerException",
        "UPSTREAM_INTERNAL",
        "look at the AWS Health Dashboard",
        75,
    ),
    (
        "ModelTimeoutException",
        "UPSTREAM_MODEL_TIMEOUT",
        "the model took too long",
        75,
    ),
    (
        "ModelErrorException",
        "UPSTREAM_MODEL_ERROR",
        "the model failed",
        75,
    ),
    (
        "ValidationException",
        "UPSTREAM_VALIDATION_FAILED",
        "its message says which part",
        1,
    ),
    (
        "ExpiredTokenException",
        "UPSTREAM_CREDENTIALS_INVALID",
        "they have expired; renew the session, profile or role",
        77,
    ),
    (
        "UnrecognizedClientException",
        "UPSTREAM_CREDENTIALS_INVALID",
        "the access key or the session token is not known",
        77,
    ),
    (
        "InvalidSignatureException",
        "UPSTREAM_CREDENTIALS_INVALID",
        "that bedrock.region is that of the endpoint",
        77,
    ),
];

#[tokio::test]
async fn every_failure_has_its_advice_and_exit_code() {
    let bedrock = Bedrock::start().await;
    for (exception, reason, advice, exit) in EXCEPTIONS {
        let scenario = Scenario::exception(exception);
        bedrock.emulator.set_scenario("*", scenario);

        let output = run(bedrock.check_with_keys(&[])).await;

        let line = format!("✗ large: {reason} ({exception}): ");
        assert_says(&output, exit, &[&line, advice, "\nstep 4 failed"]);
    }
}

#[tokio::test]
async fn model_that_wants_a_profile_is_told_from_one_that_is_not_there() {
    let bedrock = Bedrock::start().await;
    let needs_profile = exception_saying(
        "ValidationException",
        "Invocation of model ID anthropic.claude-opus-4-1-20250805-v1:0 with on-demand throughput \
         isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile \
         that contains this model.",
    );
    bedrock.emulator.set_scenario("*", needs_profile);

    let output = run(bedrock.check_with_keys(&[])).await;

    assert_says(
        &output,
        1,
        &[
            "UPSTREAM_RESOURCE_NOT_FOUND (ValidationException)",
            "set requiresInferenceProfile",
        ],
    );
}

#[tokio::test]
async fn words_of_aws_stand_in_the_log_if_asked_for() {
    let bedrock = Bedrock::start().await;
    let words = "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: \
                 bedrock:InvokeModel";
    let denied = exception_saying("AccessDeniedException", words);
    bedrock.emulator.set_scenario("*", denied);

    let quiet = run(bedrock.check_with_keys(&[])).await;
    let verbose = run(bedrock.check_with_keys(&["--verbose"])).await;

    assert_says(&quiet, 77, &["with --verbose, the log has what AWS said"]);
    assert_eq!(stderr(&quiet), "");
    assert!(stderr(&verbose).contains(words), "{}", stderr(&verbose));
    assert!(!stdout(&verbose).contains("--verbose"));
}

#[tokio::test]
async fn failure_for_programs_has_reason_advice_and_attempts() {
    let bedrock = Bedrock::start().await;
    let throttled = Scenario::exception("ThrottlingException");
    bedrock.emulator.set_scenario("*", throttled);

    let output = run(bedrock.check_with_keys(&["--json"])).await;

    let document = json(&output);
    assert_says(&output, 75, &[]);
    assert_eq!(document["ok"], false);
    assert_eq!(document["exitCode"], 75);
    let call = &document["steps"][3]["calls"][0];
    assert_eq!(call["state"], "failed");
    assert_eq!(call["error"]["reason"], "UPSTREAM_THROTTLED");
    assert!(call["error"]["advice"].as_str().unwrap().contains("quota"));
    let attempts = call["metadata"]["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!(attempts[0]["error"]["upstreamError"], "ThrottlingException");
}

#[tokio::test]
async fn repetitions_are_those_of_the_gateway() {
    let bedrock = Bedrock::start().await;
    let unavailable = Scenario::exception("ServiceUnavailableException");
    bedrock.emulator.set_scenario("*", unavailable);

    let output = run(bedrock.check_with_keys(&["--routing-max-retries", "2"])).await;

    assert_says(&output, 75, &["· 3 attempts ·"]);
    assert_eq!(bedrock.emulator.calls().len(), 3);
}

#[tokio::test]
async fn wrong_region_is_refused_by_its_signature() {
    let bedrock = Bedrock::start().await;
    let mut check = bedrock.check_with_keys(&[]);
    check.env("AWS_REGION", "eu-west-1");

    let output = run(check).await;

    assert_says(
        &output,
        77,
        &[
            "region eu-west-1, from AWS_REGION",
            "UPSTREAM_CREDENTIALS_INVALID",
        ],
    );
}

#[tokio::test]
async fn deadline_ends_a_call_that_hangs() {
    let bedrock = Bedrock::start().await;
    let hang = Scenario::fault(Fault::Hang { after_events: None });
    bedrock.emulator.set_scenario("*", hang);

    let output = run(bedrock.check_with_keys(&["--timeout", "300ms"])).await;

    let advice = "→ give the call more time (--timeout)";
    assert_says(&output, 1, &["✗ large: DEADLINE_EXCEEDED", advice]);
}

#[tokio::test]
async fn endpoint_that_knows_no_such_operation_is_a_wrong_setting() {
    let bedrock = Bedrock::start().await;
    let endpoint = format!("{}/foo", bedrock.emulator.endpoint_url());

    let output = run(bedrock.check_with_keys(&["--bedrock-endpoint", &endpoint])).await;

    assert_says(
        &output,
        78,
        &[
            "(UnknownOperationException)",
            "→ what answers is not Bedrock Runtime: correct bedrock.endpoint",
        ],
    );
}
