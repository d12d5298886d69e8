use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;
use crate::bedrock::Bedrock;
use crate::bedrock::test_server::call;
use crate::bedrock::test_server::config;
use crate::bedrock::test_server::model;
use crate::bedrock::test_server::read_request;
use crate::proto::InvokeRequest;
use crate::provider::Adaptation;
use crate::provider::ErrorKind;
use crate::provider::Provider;
use crate::provider::ProviderError;

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
async fn an_api_key_needs_no_other_credentials() {
    let mut config = config("http://127.0.0.1:1").await;
    config.sdk_config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .auth_scheme_preference([HTTP_BEARER_AUTH_SCHEME_ID])
        .build();

    assert!(config.uses_bearer_token());
    config.wait_for_credentials().await;
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
