//! Events of ConverseStream in, events of InvokeStream as proto JSON out.
//!
//! A case is what the emulator streams: `{"events": [{"messageStart": {…}}, …]}`.

use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeStreamRequest;
use bedrock_gateway::proto::InvokeStreamResponse;
use serde_json::Value;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::golden;
use crate::support::golden::Differences;
use crate::support::golden::MODEL;
use crate::support::proto_json;

#[tokio::test]
async fn golden_streams_reach_the_caller_as_reviewed() {
    let gateway = golden::gateway().await;
    let mut differences = Differences::default();

    for case in golden::cases("streams", "events") {
        match stream(&gateway, &case.input["events"]).await {
            Ok(events) => differences.compare(&case, &events.to_string()),
            Err(problem) => differences.add(&case.name, &problem),
        }
    }

    differences.assert_none();
}

/// The events the caller gets for events of the model.
pub(crate) async fn stream(gateway: &Gateway, events: &Value) -> Result<Value, String> {
    let events = events.as_array().cloned().unwrap_or_default();
    gateway
        .emulator()
        .set_scenario(MODEL, Scenario::events(events));
    let request: InvokeStreamRequest = proto_json::read(&golden::question())?;
    let stream = gateway.inference().invoke_stream(request).await;
    let stream = stream.map_err(|status| status.to_string())?;
    let (events, end) = collect(stream.into_inner()).await;
    end.map_err(|status| status.to_string())?;
    let mut events: Value = events
        .into_iter()
        .map(|event| proto_json::write(&InvokeStreamResponse { event: Some(event) }))
        .collect();
    proto_json::blot(&mut events, &["attempt", "attempts"]);
    Ok(events)
}
