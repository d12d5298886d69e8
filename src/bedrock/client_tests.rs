use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use aws_credential_types::provider::future;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;
use crate::bedrock::Bedrock;
use crate::bedrock::test_server::TestServer;
use crate::bedrock::test_server::answer;
use crate::bedrock::test_server::call;
use crate::bedrock::test_server::config;
use crate::bedrock::test_server::converse_answer;
use crate::bedrock::test_server::model;
use crate::bedrock::test_server::read_request;
use crate::proto::InvokeRequest;
use crate::provider::Adaptation;
use crate::provider::ErrorKind;
use crate::provider::Provider;
use crate::provider::ProviderError;

/// A source of credentials that counts how often it is asked.
#[derive(Clone, Debug, Default)]
struct Source {
    asked: Arc<AtomicUsize>,
    is_empty: bool,
}

impl ProvideCredentials for Source {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.asked.fetch_add(1, Ordering::Relaxed);
        future::ProvideCredentials::ready(if self.is_empty {
            Err(CredentialsError::not_loaded("nothing here"))
        } else {
            Ok(aws_credential_types::Credentials::for_tests())
        })
    }
}

async fn config_with(source: &Source, endpoint: &str) -> BedrockConfig {
    let mut config = config(endpoint).await;
    config.sdk_config = config
        .sdk_config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(source.clone()))
        .build();
    config
}

async fn invoke(bedrock: &Bedrock) -> Result<(), ProviderError> {
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());
    let reply = bedrock.invoke(call(&model, &request, &adaptation)).await;
    reply.map(|_| ())
}

#[tokio::test]
async fn credentials_are_resolved_once_until_aws_rejects_them() {
    let rejected = answer(
        "403 Forbidden",
        &[("x-amzn-ErrorType", "ExpiredTokenException")],
        "{}",
    );
    let fine = || converse_answer(r#"[{"text":"a"}]"#);
    let server = TestServer::start(vec![fine(), fine(), rejected, fine()]).await;
    let source = Source::default();
    let bedrock = Bedrock::new(&config_with(&source, server.address()).await);

    let mut asked = Vec::new();
    for _ in 0..4 {
        let _ = invoke(&bedrock).await;
        asked.push(source.asked.load(Ordering::Relaxed));
    }

    assert_eq!(asked, [1, 1, 1, 2]);
}

#[tokio::test]
async fn a_call_without_credentials_is_not_made() {
    let source = Source {
        is_empty: true,
        ..Default::default()
    };
    let nowhere = config_with(&source, "http://127.0.0.1:1").await;

    let error = invoke(&Bedrock::new(&nowhere)).await.err().unwrap();

    assert_eq!(error.kind, ErrorKind::Credentials);
    assert_eq!(error.upstream_error, "");
}

#[tokio::test]
async fn readiness_says_what_to_do() {
    let source = Source {
        is_empty: true,
        ..Default::default()
    };
    let empty = config_with(&source, "http://127.0.0.1:1").await;
    let fixed = config("http://127.0.0.1:1").await;

    assert_eq!(
        empty.credentials_ready().await,
        Err(CredentialsNotReady::NotFound)
    );
    assert_eq!(fixed.credentials_ready().await, Ok(()));
    assert!(!fixed.uses_bearer_token());
}

#[tokio::test]
async fn a_config_without_any_source_is_not_ready_and_makes_no_call() {
    let mut config = config("http://127.0.0.1:1").await;
    config.sdk_config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-central-1"))
        .build();

    let error = invoke(&Bedrock::new(&config)).await.err().unwrap();

    assert_eq!(
        config.credentials_ready().await,
        Err(CredentialsNotReady::NotFound)
    );
    assert_eq!(error.kind, ErrorKind::Credentials);
}

#[tokio::test]
async fn an_api_key_needs_no_other_credentials() {
    let mut config = config("http://127.0.0.1:1").await;
    config.sdk_config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .auth_scheme_preference([HTTP_BEARER_AUTH_SCHEME_ID])
        .build();

    assert!(config.uses_bearer_token());
    assert_eq!(config.credentials_ready().await, Ok(()));
}

#[tokio::test]
async fn a_connection_is_used_again_after_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let upstream = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        drop(listener);
        for status in ["503 Service Unavailable", "500 Internal Server Error"] {
            read_request(&mut connection).await;
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
            connection.write_all(head.as_bytes()).await.unwrap();
        }
    });
    let bedrock = Bedrock::new(&config(&address).await);

    let first = invoke(&bedrock).await.err().unwrap();
    let second = invoke(&bedrock).await.err().unwrap();

    assert_eq!(first.kind, ErrorKind::Unavailable);
    assert_eq!(second.kind, ErrorKind::UnknownServer);
    upstream.await.unwrap();
}

#[tokio::test]
async fn a_model_is_called_in_its_own_region_unless_the_endpoint_is_fixed() {
    let fixed = config("http://127.0.0.1:1").await;
    let mut free = fixed.clone();
    free.endpoint = None;

    assert!(!fixed.is_foreign("us-east-1"));
    assert!(free.is_foreign("us-east-1"));
    assert!(!free.is_foreign("eu-central-1"));
    assert!(!free.is_foreign(""));
    let client = free.client(free.http_client(), Some("us-east-1"));
    assert_eq!(client.config().region(), Some(&Region::new("us-east-1")));
}
