use super::*;

const VALIDATION: &str = "ValidationException";

/// A name, a text quoted in traces, and the kind of failure.
const MESSAGES: &[(&str, &str, ErrorKind)] = &[
    (
        "ThrottlingException",
        "Too many tokens per day, please wait before trying again.",
        ErrorKind::DailyQuota,
    ),
    (
        "ThrottlingException",
        "Too many requests, please wait before trying again.",
        ErrorKind::Throttled,
    ),
    (
        "AccessDeniedException",
        "You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information.",
        ErrorKind::PromptCachingRefused,
    ),
    (
        "AccessDeniedException",
        "You don't have access to the model with the specified model ID.",
        ErrorKind::AccessDenied,
    ),
    (
        "AccessDeniedException",
        "Authentication failed: Please make sure your API Key is valid.",
        ErrorKind::Credentials,
    ),
    (
        VALIDATION,
        "Invocation of model ID X with on-demand throughput isn\u{2019}t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
        ErrorKind::NeedsProfile,
    ),
    (
        VALIDATION,
        "This model version has reached the end of its life.",
        ErrorKind::EndOfLife,
    ),
    (
        "ResourceNotFoundException",
        "This model version has reached the end of its life. Please refer to the AWS documentation for more details.",
        ErrorKind::EndOfLife,
    ),
    (VALIDATION, "Operation not allowed", ErrorKind::AccessDenied),
    (
        VALIDATION,
        "The provided model identifier is invalid.",
        ErrorKind::NeedsProfile,
    ),
    (
        VALIDATION,
        "The model returned the following errors: prompt is too long: 200049 tokens > 200000 maximum",
        ErrorKind::ContextTooLong,
    ),
    (
        VALIDATION,
        "Input is too long for requested model.",
        ErrorKind::ContextTooLong,
    ),
    (
        VALIDATION,
        "input length and `max_tokens` exceed context limit: 1 + 2 > 200000",
        ErrorKind::ContextTooLong,
    ),
    (
        VALIDATION,
        "A conversation must start with a user message.",
        ErrorKind::Validation,
    ),
    (
        "ResourceNotFoundException",
        "Access denied. This Model is marked by provider as Legacy and you have not been actively using the model",
        ErrorKind::Legacy,
    ),
    (
        "ResourceNotFoundException",
        "Model use case details have not been submitted for this account. Fill out the form.",
        ErrorKind::UseCaseMissing,
    ),
    (
        "ResourceNotFoundException",
        "Could not resolve the foundation model, which supports nothing per day",
        ErrorKind::NotFound,
    ),
];

fn kind(name: &str, message: &str, status: Option<u16>) -> ErrorKind {
    Failure {
        name,
        message,
        original_status: None,
        status,
    }
    .verdict()
    .0
}

#[test]
fn messages_refine_only_the_names_that_need_it() {
    for (name, message, expected) in MESSAGES {
        assert_eq!(kind(name, message, Some(400)), *expected, "{message}");
    }
}

#[test]
fn an_unknown_name_falls_back_to_the_class_of_the_status() {
    assert_eq!(
        kind("TeapotException", "", Some(418)),
        ErrorKind::UnknownClient
    );
    assert_eq!(
        kind("TeapotException", "", Some(503)),
        ErrorKind::UnknownServer
    );
    assert_eq!(kind("TeapotException", "", None), ErrorKind::UnknownServer);
    assert_eq!(kind("", "", Some(503)), ErrorKind::Unavailable);
    assert_eq!(kind("", "", Some(500)), ErrorKind::UnknownServer);
    assert_eq!(kind("", "", Some(413)), ErrorKind::UnknownClient);
    assert_eq!(kind("", "", Some(429)), ErrorKind::Throttled);
}

#[test]
fn a_client_error_of_the_model_is_the_request_s_fault() {
    let model_error = |original_status| {
        Failure {
            name: "ModelErrorException",
            message: "",
            original_status,
            status: Some(424),
        }
        .verdict()
        .0
    };

    assert_eq!(model_error(Some(400)), ErrorKind::ModelRejected);
    assert_eq!(model_error(Some(500)), ErrorKind::ModelError);
    assert_eq!(model_error(None), ErrorKind::ModelError);
}
