//! A fault on the gateway's own side of a connection to Bedrock, which an operator has to mend.

use std::net::SocketAddr;

use bedrock_gateway::proto::ErrorReason;
use bedrock_gateway::proto::GetModelRequest;
use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use bedrock_gateway::proto::model::State;
use bedrock_gateway::proto::model_service_client::ModelServiceClient;
use tonic::Code;
use tonic::transport::Endpoint;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::failure;
use crate::support::only;
use crate::support::process::Process;
use crate::support::process::serving;
use crate::support::process::with_descriptors;
use crate::support::raw_http2::RawHttp2;
use crate::support::reason;
use crate::support::soon;

#[tokio::test]
async fn lack_of_descriptors_is_not_held_against_the_model() {
    const DESCRIPTORS: usize = 48;
    let upstream = Gateway::start().await;
    let arguments = ["--server-workers", "1", "--routing-backoff-base", "1ms"];
    let serve = serving(&upstream.emulator().endpoint_url(), &arguments);
    let mut process = Process::start(with_descriptors(&serve, DESCRIPTORS));
    let address: SocketAddr = process.line("gateway listening on ").await.parse().unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let channel = endpoint.connect().await.unwrap();
    let mut client = InferenceServiceClient::new(channel.clone());
    let mut idle = Vec::new();
    for _ in 0..2 * DESCRIPTORS {
        idle.push(RawHttp2::begin(address, &[]).await);
    }
    process.says("cannot accept connections").await;

    let mut failures = Vec::new();
    for _ in 0..2 {
        failures.push(soon(client.invoke(only(FIRST))).await.unwrap_err());
    }

    let asked = GetModelRequest {
        name: FIRST.to_owned(),
    };
    let model = soon(ModelServiceClient::new(channel).get_model(asked)).await;
    let model = model.unwrap().into_inner().model.unwrap();
    drop(idle);
    let again = async { while client.invoke(only(FIRST)).await.is_err() {} };
    soon(again).await;
    for status in failures {
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(reason(&status), "OVERLOADED");
        let attempts = failure(&status).metadata.unwrap().attempts;
        assert!(attempts.len() > 1, "{attempts:?}");
        let reasons = attempts.iter().filter_map(|attempt| attempt.error.as_ref());
        assert!(
            reasons
                .map(|error| error.reason())
                .all(|reason| reason == ErrorReason::Overloaded)
        );
    }
    assert_eq!(model.state(), State::Active);
    let (_, log) = process.terminate().await;
    assert!(log.contains("raise the limit on open files"), "{log}");
}
