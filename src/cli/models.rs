//! `models`: the registry of a running gateway, or a registry file, as a table or as JSON.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use tonic::Request;
use tonic::transport::Channel;

use super::connection::DEFAULT_ADDRESS;
use super::connection::connect;
use super::connection::parse_address;
use super::exit_code::Exit;
use super::failure::Failure;
use super::registry_file;
use crate::proto::ListModelsRequest;
use crate::proto::Model;
use crate::proto::model::State;
use crate::proto::model_service_client::ModelServiceClient;
use crate::settings::Environment;

/// Time for one page. The gateway answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most models of one page, and most pages; a server that never ends its list is broken.
const PAGE_SIZE: i32 = 1000;
const MAX_PAGES: usize = 100;

const HEADINGS: [&str; 10] = [
    "PRIORITY",
    "MODEL",
    "STATE",
    "CONTEXT",
    "OUTPUT",
    "IN $/M",
    "OUT $/M",
    "RETIRES",
    "ALIASES",
    "CALLED AS",
];

/// Columns of numbers, which stand to the right.
const NUMBER_COLUMNS: [usize; 5] = [0, 3, 4, 5, 6];

const AFTER_HELP: &str = "\
STATE is active, suspended (left alone after failures, tried again by itself), disabled (by the
operator) or retired (past its end of life). CONTEXT and OUTPUT are tokens; prices are per million
tokens.";

/// Flags of `models`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ModelsArgs {
    /// The gateway to ask.
    #[arg(long, value_name = "URL", default_value = DEFAULT_ADDRESS, value_parser = parse_address)]
    address: String,
    /// Read this registry file instead, without a gateway. Region and profile account are those of
    /// the environment.
    #[arg(long, value_name = "FILE", conflicts_with = "address")]
    registry: Option<PathBuf>,
    /// Print a JSON array, named as in proto JSON.
    #[arg(long)]
    json: bool,
}

/// Asks for all models, and prints them to `output`.
pub(super) async fn run(
    args: ModelsArgs,
    environment: &Environment,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let listed = match args.registry {
        Some(file) => Ok(registry_file::models(file, environment)?),
        None => list(connect(&args.address).await?).await,
    };
    match listed {
        Ok(models) if args.json => {
            let models: Vec<Value> = models.iter().map(model_json).collect();
            writeln!(output, "{:#}", Value::Array(models))?;
            Ok(Exit::Success)
        }
        Ok(models) => {
            write!(output, "{}", table(&models))?;
            Ok(Exit::Success)
        }
        Err(failure) if args.json => {
            failure.print_json(output)?;
            Ok(Exit::Failure)
        }
        Err(failure) => {
            failure.print(notes)?;
            Ok(Exit::Failure)
        }
    }
}

async fn list(channel: Channel) -> Result<Vec<Model>, Failure> {
    let mut client = ModelServiceClient::new(channel);
    let mut models = Vec::new();
    let mut page_token = String::new();
    for _ in 0..MAX_PAGES {
        let mut request = Request::new(ListModelsRequest {
            page_size: PAGE_SIZE,
            page_token,
        });
        request.set_timeout(TIMEOUT);
        let page = client.list_models(request).await?.into_inner();
        models.extend(page.models);
        if page.next_page_token.is_empty() {
            return Ok(models);
        }
        page_token = page.next_page_token;
    }
    Err(Failure::Broken(
        "the list of models does not end".to_owned(),
        "what answers there is no bedrock-gateway, or another version of it",
    ))
}

fn table(models: &[Model]) -> String {
    let rows: Vec<[String; 10]> = [HEADINGS.map(str::to_owned)]
        .into_iter()
        .chain(models.iter().map(row))
        .collect();
    let mut widths = [0; 10];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if NUMBER_COLUMNS.contains(&column) {
                line.push_str(&format!("{cell:>width$}  "));
            } else {
                line.push_str(&format!("{cell:<width$}  "));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row(model: &Model) -> [String; 10] {
    let pricing = model.pricing.as_ref();
    let price = |nanos: Option<i64>| nanos.map_or_else(unknown, dollars);
    [
        model.priority.to_string(),
        model.name.clone(),
        state_name(model.state()).to_owned(),
        tokens(model.context_window_tokens),
        tokens(model.max_output_tokens),
        price(pricing.map(|pricing| pricing.input_nanos_per_million_tokens)),
        price(pricing.map(|pricing| pricing.output_nanos_per_million_tokens)),
        model.retire_time.as_ref().map_or_else(unknown, date),
        if model.aliases.is_empty() {
            unknown()
        } else {
            model.aliases.join(",")
        },
        if model.bedrock_model_id.is_empty() {
            unknown()
        } else {
            model.bedrock_model_id.clone()
        },
    ]
}

fn unknown() -> String {
    "-".to_owned()
}

fn tokens(count: i32) -> String {
    if count == 0 {
        return unknown();
    }
    count.to_string()
}

fn state_name(state: State) -> &'static str {
    match state {
        State::Unspecified => "unknown",
        State::Active => "active",
        State::Suspended => "suspended",
        State::Disabled => "disabled",
        State::Retired => "retired",
    }
}

/// Two decimals, more if the price has more.
fn dollars(nanos: i64) -> String {
    let fraction = format!("{:09}", nanos.unsigned_abs() % 1_000_000_000);
    let digits = fraction.trim_end_matches('0');
    format!("{}.{digits:0<2}", nanos / 1_000_000_000)
}

fn date(time: &prost_types::Timestamp) -> String {
    Timestamp::from_second(time.seconds)
        .map_or_else(|_| unknown(), |time| time.strftime("%Y-%m-%d").to_string())
}

/// What a script asks for, with the member names of proto JSON.
fn model_json(model: &Model) -> Value {
    json!({
        "name": model.name,
        "aliases": model.aliases,
        "displayName": model.display_name,
        "description": model.description,
        "provider": model.provider,
        "bedrockModelId": model.bedrock_model_id,
        "region": model.region,
        "priority": model.priority,
        "state": model.state().as_str_name(),
        "capabilities": model.capabilities().map(|one| one.as_str_name()).collect::<Vec<_>>(),
        "unsupportedFields": model.unsupported_fields,
        "contextWindowTokens": model.context_window_tokens,
        "maxOutputTokens": model.max_output_tokens,
        "pricing": model.pricing.as_ref().map(|pricing| json!({
            "currencyCode": pricing.currency_code,
            // Proto JSON writes 64-bit integers as text.
            "inputNanosPerMillionTokens": pricing.input_nanos_per_million_tokens.to_string(),
            "outputNanosPerMillionTokens": pricing.output_nanos_per_million_tokens.to_string(),
        })),
        "retireDate": model.retire_time.as_ref().map(date),
        "legacyDate": model.legacy_time.as_ref().map(date),
        "replacement": model.replacement,
    })
}

#[cfg(test)]
#[path = "models_tests.rs"]
mod tests;
