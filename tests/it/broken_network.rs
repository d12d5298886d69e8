//! What callers hear when the network between the gateway and Bedrock is at fault.

use std::net::TcpListener;

use bedrock_gateway::proto::InvokeRequest;
use tonic::Code;

use crate::support::FIRST;
use crate::support::failure;
use crate::support::process::GatewayProcess;
use crate::support::prompt;
use crate::support::reason;

/// A request that only the first model may answer.
fn only_first() -> InvokeRequest {
    use bedrock_gateway::proto::RoutingConfig;
    use bedrock_gateway::proto::routing_config::FallbackMode;

    InvokeRequest {
        model: FIRST.to_owned(),
        routing_config: Some(RoutingConfig {
            fallback_mode: FallbackMode::Disabled.into(),
            ..RoutingConfig::default()
        }),
        ..prompt("Hi")
    }
}

#[tokio::test]
async fn refused_connection_is_tried_again_and_then_unreachable() {
    // A port that was free a moment ago, and that nobody listens on.
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let endpoint = format!("http://{}", address.unwrap());
    let gateway = GatewayProcess::start(&endpoint, &["--routing-backoff-base", "1ms"]).await;

    let status = gateway.inference().invoke(only_first()).await.unwrap_err();

    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(reason(&status), "UPSTREAM_UNREACHABLE");
    assert_eq!(failure(&status).metadata.unwrap().attempts.len(), 4);
}
