use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::*;
use crate::bedrock::test_server::config;

/// Says this to everyone who asks something, and hangs up.
async fn server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            // Who only connects asks nothing.
            if stream.read(&mut [0; 4096]).await.unwrap_or_default() > 0 {
                stream.write_all(answer).await.unwrap();
            }
        }
    });
    format!("http://{address}")
}

async fn reach(endpoint: &str) -> Result<Reached, Unreachable> {
    config(endpoint).await.reach().await
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_its_date_tells_the_skew() {
    let server = server(
        b"HTTP/1.1 404 Not Found\r\ndate: Sun, 22 Nov 2020 00:00:00 GMT\r\n\
          content-length: 0\r\n\r\n",
    );

    let reached = reach(&server.await).await.unwrap();

    assert_eq!(reached.status, 404);
    assert!(reached.is_clock_wrong(), "{reached:?}");
    assert!(reached.clock_ahead.unwrap().is_positive());
    assert_eq!(reached.other_region, None);
}

#[tokio::test]
async fn nobody_at_the_address_is_told_from_somebody_who_does_not_speak_http() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mute = server(b"").await;

    let nobody = reach(&format!("http://{address}")).await.unwrap_err();
    let mute = reach(&mute).await.unwrap_err();

    assert!(matches!(nobody, Unreachable::Connection { .. }), "{nobody}");
    assert!(nobody.to_string().contains("refused"), "{nobody}");
    assert!(matches!(mute, Unreachable::Answer { .. }), "{mute}");
}

#[tokio::test]
async fn https_to_somebody_without_tls_is_no_answer() {
    let server = server(b"220 mail.example ESMTP\r\n").await;

    let error = reach(&server.replacen("http", "https", 1)).await;

    let error = error.unwrap_err();

    assert!(matches!(error, Unreachable::Answer { .. }), "{error}");
}

#[tokio::test]
async fn name_without_an_address_is_named() {
    // Too long for DNS, so that nobody is asked.
    let host = format!("{}.invalid", "x".repeat(64));

    let error = reach(&format!("https://{host}")).await.unwrap_err();

    assert!(matches!(error, Unreachable::Name { .. }), "{error}");
    assert!(error.to_string().contains(&host), "{error}");
}

#[test]
fn only_hosts_of_aws_have_a_region_in_their_name() {
    for (host, region) in [
        ("bedrock-runtime.us-east-1.amazonaws.com", Some("us-east-1")),
        (
            "bedrock-runtime-fips.us-gov-west-1.amazonaws.com",
            Some("us-gov-west-1"),
        ),
        ("bedrock-runtime.eu-west-3.api.aws", Some("eu-west-3")),
        (
            "vpce-1-a.bedrock-runtime.eu-west-1.vpce.amazonaws.com",
            Some("eu-west-1"),
        ),
        ("bedrock-runtime.amazonaws.com", None),
        ("proxy.us-east-1.example.com", None),
        ("localhost", None),
    ] {
        assert_eq!(region_of(host), region, "{host}");
    }
}
