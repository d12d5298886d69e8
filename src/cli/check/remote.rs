//! The steps of a gateway that runs: is it there, is it well, has it models, does it answer.

use std::io;
use std::io::Write;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;
use tonic::Request;
use tonic::Status;
use tonic::transport::Channel;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::args::CheckArgs;
use super::offer::Offer;
use super::reporter::Reporter;
use super::run::Surroundings;
use super::trial;
use super::trial::Callee;
use crate::cli::advice::advice_for_health;
use crate::cli::connection::DEFAULT_ADDRESS;
use crate::cli::connection::connect;
use crate::cli::exit_code::Exit;
use crate::cli::failure;
use crate::cli::failure::Failure;
use crate::cli::models;
use crate::cli::models::state_word;
use crate::proto::Model;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::proto::model::State;

/// Names that have a health beside the models'.
const SERVICES: [(&str, &str); 4] = [
    ("liveness", "the process"),
    ("", "the gateway as a whole"),
    (
        "bedrock.gateway.v1.InferenceService",
        "bedrock.gateway.v1.InferenceService",
    ),
    (
        "bedrock.gateway.v1.ModelService",
        "bedrock.gateway.v1.ModelService",
    ),
];

/// Most time for one question about health. The gateway answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Asks a running gateway about itself.
pub(super) async fn check(
    args: &CheckArgs,
    surroundings: Surroundings<'_>,
    reporter: &mut Reporter<'_>,
    notes: &mut dyn Write,
) -> anyhow::Result<()> {
    let address = args.address.as_deref().unwrap_or(DEFAULT_ADDRESS);
    reporter.step("connection", "Connection")?;
    reporter.fact("address", json!(address));
    let start = Instant::now();
    let channel = match connect(address).await {
        Ok(channel) => channel,
        Err(error) => {
            reporter.failed(&error.to_string(), "", Exit::Unavailable)?;
            return Ok(skip_rest(reporter)?);
        }
    };
    let milliseconds = start.elapsed().as_millis();
    reporter.passed(&format!(
        "{address} takes connections, in {milliseconds} ms"
    ))?;

    reporter.step("health", "Health")?;
    let limit = args.timeout.min(TIMEOUT);
    let is_gateway = health(&channel, limit, reporter).await?;
    reporter.step("models", "Models")?;
    if !is_gateway {
        reporter.skipped("step 2 failed")?;
        reporter.step("invocation", "Invocation")?;
        return Ok(reporter.skipped("no model was called: step 2 failed")?);
    }
    let offers = list(&channel, limit, reporter).await?;
    reporter.step("invocation", "Invocation")?;
    let Some(offers) = offers else {
        return Ok(reporter.skipped("no model was called: step 3 failed")?);
    };
    let callee = Callee::There(InferenceServiceClient::new(channel));
    let answers = surroundings.answers;
    Ok(trial::run(args, &callee, &offers, answers, reporter, notes).await?)
}

fn skip_rest(reporter: &mut Reporter<'_>) -> io::Result<()> {
    for (name, title) in [
        ("health", "Health"),
        ("models", "Models"),
        ("invocation", "Invocation"),
    ] {
        reporter.step(name, title)?;
        reporter.skipped("step 1 failed")?;
    }
    Ok(())
}

/// Asks how the process and its services are. Whether what answers is a gateway.
async fn health(
    channel: &Channel,
    limit: Duration,
    reporter: &mut Reporter<'_>,
) -> io::Result<bool> {
    let mut states = serde_json::Map::new();
    for (name, title) in SERVICES {
        let start = Instant::now();
        let status = match serving(channel, name, limit).await {
            Ok(status) => status,
            Err(status) => {
                let text = format!("{title}: {}", summary(&status));
                let is_late = start.elapsed() >= limit;
                let advice = advice_for_health(status.code(), is_late, limit);
                reporter.failed(&text, &advice, Exit::Unavailable)?;
                return Ok(false);
            }
        };
        let word = status.as_str_name();
        states.insert(name.to_owned(), word.into());
        let text = format!("{title}: {word}");
        if status == ServingStatus::Serving {
            reporter.passed(&text)?;
        } else {
            let advice = "it starts or stops, has found no AWS credentials yet, or no model of its \
                          registry can be called; its log says which";
            reporter.failed_for_a_cause(&text, advice, Exit::TryLater)?;
        }
    }
    reporter.fact("health", states.into());
    Ok(true)
}

async fn serving(
    channel: &Channel,
    service: &str,
    limit: Duration,
) -> Result<ServingStatus, Status> {
    let mut request = Request::new(HealthCheckRequest {
        service: service.to_owned(),
    });
    request.set_timeout(limit);
    let mut client = HealthClient::new(channel.clone());
    Ok(client.check(request).await?.into_inner().status())
}

/// The models with their states, and whether health agrees.
async fn list(
    channel: &Channel,
    limit: Duration,
    reporter: &mut Reporter<'_>,
) -> io::Result<Option<Vec<Offer>>> {
    let listed = match models::list(channel.clone()).await {
        Ok(listed) => listed,
        Err(Failure::Call(status)) => {
            let advice = failure::advice(&status);
            reporter.failed(&summary(&status), advice, Exit::Failure)?;
            return Ok(None);
        }
        Err(Failure::Broken(what, advice)) => {
            reporter.failed(&what, advice, Exit::Failure)?;
            return Ok(None);
        }
        Err(Failure::Output(error)) => return Err(error),
    };
    let mut states = Vec::new();
    for model in &listed {
        let health = serving(channel, &format!("models/{}", model.name), limit).await;
        states.push(state(model, health, reporter)?);
    }
    reporter.fact("models", states.into());
    if listed.is_empty() {
        reporter.failed("there are no models", "", Exit::Configuration)?;
    }
    Ok(Some(listed.iter().map(Offer::of_message).collect()))
}

/// Reports one model.
fn state(
    model: &Model,
    health: Result<ServingStatus, Status>,
    reporter: &mut Reporter<'_>,
) -> io::Result<Value> {
    let name = &model.name;
    let state = state_word(model);
    let serving = match &health {
        Ok(status) => status.as_str_name().to_owned(),
        Err(status) => summary(status),
    };
    let text = format!("{name}: {state}, {serving}");
    match (model.state(), &health) {
        (_, Err(status)) => reporter.failed(&text, failure::advice(status), Exit::Failure)?,
        (State::Suspended, Ok(_)) => {
            reporter.warning(&text, "its last calls failed; it is tried again by itself")?;
        }
        (_, Ok(ServingStatus::Serving)) => reporter.passed(&text)?,
        (_, Ok(_)) => reporter.skipped(&text)?,
    }
    Ok(json!({"name": name, "state": model.state().as_str_name(), "health": serving}))
}

/// `UNIMPLEMENTED: unknown service`.
fn summary(status: &Status) -> String {
    format!("{}: {}", failure::code_name(status), status.message())
}
