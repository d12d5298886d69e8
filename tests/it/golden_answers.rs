//! Answers of Converse in, InvokeResponse as proto JSON out.
//!
//! A case is a scenario of the emulator: `{"reply": {"content": […], "members": {…}}}`.

use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeRequest;
use serde_json::Value;

use crate::support::Gateway;
use crate::support::golden;
use crate::support::golden::Differences;
use crate::support::golden::MODEL;
use crate::support::proto_json;

#[tokio::test]
async fn golden_answers_reach_the_caller_as_reviewed() {
    let gateway = golden::gateway().await;
    let mut differences = Differences::default();

    for case in golden::cases("answers", "response") {
        match answer(&gateway, &case.input["reply"]).await {
            Ok(answer) => differences.compare(&case, &answer.to_string()),
            Err(problem) => differences.add(&case.name, &problem),
        }
    }

    differences.assert_none();
}

/// What the caller gets for a reply of the model.
pub(crate) async fn answer(gateway: &Gateway, reply: &Value) -> Result<Value, String> {
    let reply: Reply = serde_json::from_value(reply.clone()).map_err(|error| error.to_string())?;
    let scenario = Scenario {
        reply,
        ..Scenario::default()
    };
    gateway.emulator().set_scenario(MODEL, scenario);
    let request: InvokeRequest = proto_json::read(&golden::question())?;
    let answer = gateway.inference().invoke(request).await;
    let answer = answer.map_err(|status| status.to_string())?.into_inner();
    let mut answer = proto_json::write(&answer);
    proto_json::blot(&mut answer, &["attempts"]);
    Ok(answer)
}
