//! The control endpoint: sets scenarios and reads the journal while the emulator runs.
//!
//! Real Bedrock has nothing like it. It asks for no credentials, which is one more reason to listen
//! on loopback only.

use http::Method;
use http::Response;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::emulator::body::ReplyBody;
use crate::emulator::respond;
use crate::emulator::route;
use crate::emulator::scenario_json::Plan;
use crate::emulator::scenario_json::ScenarioError;
use crate::emulator::state::State;

/// Path under which no operation of Bedrock lives.
pub(super) const PREFIX: &str = "/_emulator/";

/// Answers one control request; `path` is what follows the prefix.
pub(super) fn handle(
    state: &State,
    method: &Method,
    path: &str,
    body: &[u8],
) -> Response<ReplyBody> {
    let model = path.strip_prefix("scenarios/").map(route::percent_decoded);
    match (method.as_str(), path, model) {
        ("PUT", _, Some(model)) => match read(&model, body) {
            Ok(plan) => {
                state.scenarios.replace(&state.scenario_name(&model), plan);
                done()
            }
            Err(error) => {
                let body = json!({"message": error.to_string()}).to_string();
                respond::json(StatusCode::BAD_REQUEST, body)
            }
        },
        ("DELETE", _, Some(model)) => {
            state.scenarios.remove(&state.scenario_name(&model));
            done()
        }
        ("DELETE", "scenarios", None) => {
            state.scenarios.clear();
            done()
        }
        ("GET", "scenarios", None) => {
            respond::json(StatusCode::OK, state.scenarios.list().to_string())
        }
        ("GET", "journal", None) => {
            // Entries hold JSON text and plain members, which always serialize.
            let entries = serde_json::to_vec(&state.journal.entries()).unwrap_or_default();
            respond::json(StatusCode::OK, entries)
        }
        ("DELETE", "journal", None) => {
            state.journal.clear();
            done()
        }
        _ => respond::json(
            StatusCode::NOT_FOUND,
            json!({"message": "know only scenarios and journal"}).to_string(),
        ),
    }
}

fn read(model: &str, body: &[u8]) -> Result<Plan, ScenarioError> {
    let written: Value = serde_json::from_slice(body).map_err(|error| ScenarioError {
        model: model.to_owned(),
        problem: error.to_string(),
    })?;
    Plan::read(model, &written)
}

fn done() -> Response<ReplyBody> {
    respond::json(StatusCode::OK, "{}")
}
