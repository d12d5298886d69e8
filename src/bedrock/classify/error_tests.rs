use std::time::Duration;

use super::*;
use crate::bedrock::Bedrock;
use crate::bedrock::test_server::TestServer;
use crate::bedrock::test_server::answer;
use crate::bedrock::test_server::call;
use crate::bedrock::test_server::config;
use crate::bedrock::test_server::model;
use crate::proto::InvokeRequest;
use crate::provider::Adaptation;
use crate::provider::Provider;
use crate::provider::Refusable;

const EXCEPTIONS: &[(&str, &str, ErrorKind)] = &[
    (
        "429 Too Many Requests",
        "ThrottlingException",
        ErrorKind::Throttled,
    ),
    (
        "429 Too Many Requests",
        "ModelNotReadyException",
        ErrorKind::NotReady,
    ),
    (
        "400 Bad Request",
        "ServiceQuotaExceededException",
        ErrorKind::Quota,
    ),
    (
        "503 Service Unavailable",
        "ServiceUnavailableException",
        ErrorKind::Unavailable,
    ),
    (
        "500 Internal Server Error",
        "InternalServerException",
        ErrorKind::Internal,
    ),
    (
        "408 Request Timeout",
        "ModelTimeoutException",
        ErrorKind::ModelTimeout,
    ),
    (
        "424 Failed Dependency",
        "ModelErrorException",
        ErrorKind::ModelError,
    ),
    (
        "403 Forbidden",
        "AccessDeniedException",
        ErrorKind::AccessDenied,
    ),
    (
        "403 Forbidden",
        "ExpiredTokenException",
        ErrorKind::Credentials,
    ),
    (
        "403 Forbidden",
        "UnrecognizedClientException",
        ErrorKind::Credentials,
    ),
    (
        "403 Forbidden",
        "InvalidSignatureException",
        ErrorKind::Credentials,
    ),
    (
        "404 Not Found",
        "ResourceNotFoundException",
        ErrorKind::NotFound,
    ),
    (
        "400 Bad Request",
        "ValidationException",
        ErrorKind::Validation,
    ),
    (
        "418 I'm a teapot",
        "TeapotException",
        ErrorKind::UnknownClient,
    ),
    ("507 Storage", "StorageException", ErrorKind::UnknownServer),
];

async fn invoke(bedrock: Bedrock) -> ProviderError {
    let request = InvokeRequest {
        prompt: "my secret prompt".to_owned(),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());
    let result = bedrock.invoke(call(&model, &request, &adaptation)).await;
    result.err().unwrap()
}

async fn error_of(status: &str, headers: &[(&str, &str)], body: &str) -> ProviderError {
    let server = TestServer::start(vec![answer(status, headers, body)]).await;
    let error = invoke(server.bedrock().await).await;
    server.only_request();
    error
}

fn coral(name: &str) -> String {
    format!("{name}:http://internal.amazon.com/coral/com.amazon.bedrock/")
}

#[tokio::test]
async fn every_exception_of_the_wire_has_its_kind() {
    for (status, name, kind) in EXCEPTIONS {
        let header = coral(name);
        let error = error_of(
            status,
            &[("x-amzn-ErrorType", &header)],
            r#"{"message":"words"}"#,
        )
        .await;

        assert_eq!(error.kind, *kind, "{name}");
        assert_eq!(error.upstream_error, *name);
        assert_eq!(error.request_id, "11111111-2222-3333-4444-555555555555");
        assert!(!error.message.is_empty());
    }
}

#[tokio::test]
async fn the_name_may_stand_in_the_body_and_the_message_in_capitals() {
    let error = error_of(
        "400 Bad Request",
        &[],
        r#"{"__type":"com.amazon#ValidationException","Message":"Input is too long for requested model."}"#,
    )
    .await;

    assert_eq!(error.kind, ErrorKind::ContextTooLong);
    assert_eq!(error.message, "Input is too long for requested model.");
}

#[tokio::test]
async fn a_proxy_s_page_is_classified_by_status() {
    let bad_gateway = error_of("502 Bad Gateway", &[], "<html>oops</html>").await;
    let too_large = error_of("413 Payload Too Large", &[], "").await;

    assert_eq!(bad_gateway.kind, ErrorKind::Unavailable);
    assert_eq!(bad_gateway.upstream_error, "");
    assert_eq!(too_large.kind, ErrorKind::UnknownClient);
}

#[tokio::test]
async fn the_model_s_own_client_error_is_the_request_s_fault() {
    let error = error_of(
        "424 Failed Dependency",
        &[("x-amzn-ErrorType", "ModelErrorException")],
        r#"{"message":"bad tool","originalStatusCode":400,"resourceName":"x"}"#,
    )
    .await;

    assert_eq!(error.kind, ErrorKind::ModelRejected);
    assert_eq!(
        error.message,
        "bad tool (originalStatusCode: 400, resourceName: x)"
    );
}

#[tokio::test]
async fn what_the_model_s_server_said_reaches_programs_without_the_account() {
    let body = format!(
        r#"{{"message":"quotes the prompt","originalStatusCode":503,"resourceName":"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.x","originalMessage":"endpoint arn:aws:sagemaker:us-east-1:123456789012:endpoint/e said {}"}}"#,
        "no".repeat(500)
    );

    let error = error_of(
        "424 Failed Dependency",
        &[("x-amzn-ErrorType", "ModelErrorException")],
        &body,
    )
    .await;

    let origin = error.origin.as_ref().unwrap();
    assert_eq!(origin.status, Some(503));
    assert_eq!(origin.resource, "inference-profile/us.x");
    assert!(origin.message.starts_with("endpoint <arn> said nono"));
    assert_eq!(origin.message.chars().count(), 256);
    assert!(error.message.starts_with(
        "the model failed while it processed the request (originalStatusCode: 503, resourceName: \
         inference-profile/us.x, originalMessage: endpoint <arn> said no"
    ));
    assert!(error.message.chars().count() <= 256);
    assert_eq!(
        error.source.as_ref().unwrap().to_string(),
        "ModelErrorException, original status 503"
    );
}

#[tokio::test]
async fn members_of_the_wrong_kind_are_left_out() {
    let error = error_of(
        "424 Failed Dependency",
        &[("x-amzn-ErrorType", "Teapot")],
        r#"{"message":1,"originalStatusCode":"4xx","resourceName":"r","originalMessage":[]}"#,
    )
    .await;

    let facts: Vec<_> = error.origin.unwrap().facts().collect();
    assert_eq!(facts, [("resourceName", "r".to_owned())]);
}

#[tokio::test]
async fn a_refused_field_is_named() {
    let error = error_of(
        "400 Bad Request",
        &[("x-amzn-ErrorType", "ValidationException")],
        r#"{"message":"This model doesn\u2019t support the stopSequences field. Remove stopSequences and try again."}"#,
    )
    .await;

    assert_eq!(error.kind, ErrorKind::FieldRefused);
    assert_eq!(error.refused, Some(Refusable::StopSequences));
}

#[tokio::test]
async fn a_hint_to_wait_is_kept() {
    let header = ("x-amzn-ErrorType", "ThrottlingException");
    let seconds = error_of("429 Too Many", &[header, ("Retry-After", "7")], "{}").await;
    let milliseconds = error_of(
        "429 Too Many",
        &[header, ("x-amz-retry-after", "1500")],
        "{}",
    )
    .await;
    let nonsense = error_of("429 Too Many", &[header, ("Retry-After", "soon")], "{}").await;

    assert_eq!(seconds.retry_after, Some(Duration::from_secs(7)));
    assert_eq!(milliseconds.retry_after, Some(Duration::from_millis(1500)));
    assert_eq!(nonsense.retry_after, None);
}

#[tokio::test]
async fn a_refused_signature_is_never_shown() {
    let body = r#"{"message":"The request signature we calculated does not match. The Canonical String should have been 'POST x-amz-security-token:TOPSECRET'"}"#;

    let error = error_of(
        "403 Forbidden",
        &[("x-amzn-ErrorType", "InvalidSignatureException")],
        body,
    )
    .await;

    let source = error.source.as_ref().unwrap().to_string();
    assert!(!error.message.contains("TOPSECRET"));
    assert!(!source.contains("TOPSECRET"));
}

#[tokio::test]
async fn names_and_words_full_of_arns_stay_short_and_without_them() {
    let arns = "arn:x ".repeat(100);
    let body = format!(
        r#"{{"message":"{arns}","originalStatusCode":400,"resourceName":"arn:aws:bedrock:eu:1:a/{arns}"}}"#
    );

    let error = error_of(
        "424 Failed Dependency",
        &[("x-amzn-ErrorType", "ModelErrorException")],
        &body,
    )
    .await;

    let origin = error.origin.as_ref().unwrap();
    for text in [&*error.message, &origin.resource] {
        assert!(!text.contains("arn:"), "{text}");
        assert!(text.chars().count() <= 256, "{text}");
    }
}

#[tokio::test]
async fn words_about_the_request_reach_the_caller_trimmed_and_not_the_log() {
    let body = format!(
        r#"{{"message":"Value 'quoted' of arn:aws:bedrock:eu:123456789012:x is wrong {}"}}"#,
        "y".repeat(500)
    );

    let error = error_of(
        "400 Bad Request",
        &[("x-amzn-ErrorType", "ValidationException")],
        &body,
    )
    .await;

    assert!(
        error
            .message
            .starts_with("Value 'quoted' of <arn> is wrong yyy")
    );
    assert!(error.message.chars().count() <= 256);
    assert_eq!(
        error.source.as_ref().unwrap().to_string(),
        "ValidationException"
    );
}

#[tokio::test]
async fn a_port_nobody_listens_on_is_unreachable() {
    let bedrock = Bedrock::new(&config("http://127.0.0.1:1").await);

    let error = invoke(bedrock).await;

    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert_eq!(error.message, "Bedrock could not be reached");
    assert!(
        !error
            .source
            .as_ref()
            .unwrap()
            .to_string()
            .contains("secret")
    );
}

#[tokio::test]
async fn a_connection_lost_before_the_answer_is_unreachable() {
    let server = TestServer::start(vec![Vec::new()]).await;

    let error = invoke(server.bedrock().await).await;

    assert_eq!(error.kind, ErrorKind::Unreachable);
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_a_bad_answer() {
    let error = error_of("200 OK", &[], "{\"output\":").await;

    assert_eq!(error.kind, ErrorKind::BadAnswer);
    assert_eq!(error.request_id, "11111111-2222-3333-4444-555555555555");
}

#[tokio::test]
async fn an_answer_cut_short_is_a_bad_answer() {
    let mut cut = answer("200 OK", &[], "{\"output\":{}}");
    cut.truncate(cut.len() - 3);
    let server = TestServer::start(vec![cut]).await;

    let error = invoke(server.bedrock().await).await;

    assert_eq!(error.kind, ErrorKind::BadAnswer);
}
