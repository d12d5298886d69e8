//! Exceptions of Bedrock in, statuses with their details and what is logged out.
//!
//! A case is a fault of the emulator. `{"exception": {…}}` comes instead of an answer, to Invoke and
//! InvokeStream alike; `{"streamException": {…}}` comes within a stream, before content and after.

use std::collections::BTreeMap;

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::InvokeStreamRequest;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use tonic::Status;
use tonic_types::StatusExt;

use crate::support::Gateway;
use crate::support::collect;
use crate::support::failure;
use crate::support::golden;
use crate::support::golden::Differences;
use crate::support::golden::MODEL;
use crate::support::logs;
use crate::support::proto_json;

/// Frames of the emulator's answer up to its first words, and one more.
const AFTER_CONTENT: usize = 3;

#[tokio::test]
async fn golden_failures_reach_the_caller_as_reviewed() {
    let mut differences = Differences::default();

    for case in golden::cases("failures", "status") {
        match fail(&case.input).await {
            Ok(status) => differences.compare(&case, &status.to_string()),
            Err(problem) => differences.add(&case.name, &problem),
        }
    }

    differences.assert_none();
}

/// What the caller and the log get for an exception.
pub(crate) async fn fail(case: &Value) -> Result<Value, String> {
    logs::keep();
    if let Some(exception) = case.get("exception") {
        let exception = json!({ "exception": exception });
        let unary = describe(&invoke(&exception).await?);
        let stream = describe(&invoke_stream(&exception).await?);
        return match unary == stream {
            true => Ok(unary),
            false => Err(format!("Invoke gives {unary}, InvokeStream {stream}")),
        };
    }
    let mut statuses = Map::new();
    for (name, after_events) in [("beforeContent", 0), ("afterContent", AFTER_CONTENT)] {
        let mut exception = json!({ "streamException": case["streamException"] });
        exception["streamException"]["afterEvents"] = json!(after_events);
        let status = invoke_stream(&exception).await?;
        statuses.insert(name.to_owned(), describe(&status));
    }
    Ok(Value::Object(statuses))
}

/// A gateway of its own for each call: a model that failed may be left alone by the next.
async fn failing(fault: &Value) -> Result<Gateway, String> {
    let fault: Fault = serde_json::from_value(fault.clone()).map_err(|error| error.to_string())?;
    let gateway = Box::pin(golden::gateway()).await;
    gateway
        .emulator()
        .set_scenario(MODEL, Scenario::fault(fault));
    Ok(gateway)
}

async fn invoke(fault: &Value) -> Result<Status, String> {
    let gateway = failing(fault).await?;
    let request: InvokeRequest = proto_json::read(&golden::question())?;
    let answer = gateway.inference().invoke(request).await;
    answer.err().ok_or_else(|| "Invoke succeeded".to_owned())
}

async fn invoke_stream(fault: &Value) -> Result<Status, String> {
    let gateway = failing(fault).await?;
    let request: InvokeStreamRequest = proto_json::read(&golden::question())?;
    match gateway.inference().invoke_stream(request).await {
        Ok(stream) => {
            let (_, end) = collect(stream.into_inner()).await;
            end.err().ok_or_else(|| "InvokeStream succeeded".to_owned())
        }
        Err(status) => Ok(status),
    }
}

fn describe(status: &Status) -> Value {
    let info = status.get_details_error_info().unwrap();
    let facts: BTreeMap<_, _> = info.metadata.into_iter().collect();
    let mut description = json!({
        "code": format!("{:?}", status.code()),
        "message": status.message(),
        "reason": info.reason,
        "metadata": facts,
    });
    let retry = status.get_details_retry_info();
    if let Some(delay) = retry.and_then(|retry| retry.retry_delay) {
        description["retryDelay"] = json!(format!("{delay:?}"));
    }
    let call = status.get_details_request_info().unwrap().request_id;
    description["logged"] = json!(logs::causes(&call));
    description["failure"] = proto_json::write(&failure(status));
    proto_json::blot(&mut description, &proto_json::VOLATILE);
    description
}
