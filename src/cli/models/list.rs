//! `models list`: one line for each model.

use jiff::civil::Date;
use serde_json::Value;

use crate::cli::exit_code::Exit;
use crate::cli::models::json::model_json;
use crate::cli::models::registry_file::today;
use crate::cli::models::source::SourceArgs;
use crate::cli::models::table::Cell;
use crate::cli::models::table::Column;
use crate::cli::models::table::table;
use crate::cli::models::words;
use crate::cli::models::words::UNKNOWN;
use crate::cli::streams::Screen;
use crate::cli::streams::Streams;
use crate::proto::Model;
use crate::registry::dollars;
use crate::settings::Environment;

const COLUMNS: [Column; 11] = [
    column("PRIORITY", true, 1),
    column("MODEL", false, 0),
    column("STATE", false, 0),
    column("CONTEXT", true, 6),
    column("OUTPUT", true, 7),
    column("IN $/M", true, 4),
    column("OUT $/M", true, 5),
    column("RETIRES", false, 2),
    column("DAYS", true, 3),
    column("ALIASES", false, 8),
    column("CALLED AS", false, 9),
];

const AFTER_HELP: &str = "\
STATE is active, suspended (left alone after failures, tried again by itself), disabled (by the
operator), elsewhere (not offered in the region that is called) or retired (past its end of life).
Only a running gateway knows which models are suspended. CONTEXT and OUTPUT are tokens; prices are
dollars per million tokens; DAYS are those left until RETIRES. On a terminal, columns that find no
room are left out.";

/// Flags of `models list`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ListArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// Print a JSON array, named as in proto JSON.
    #[arg(long)]
    json: bool,
}

const fn column(heading: &'static str, is_number: bool, goes: u8) -> Column {
    Column {
        heading,
        is_number,
        goes,
    }
}

/// Prints all models.
pub(super) async fn run(
    args: ListArgs,
    environment: &Environment,
    mut streams: Streams<'_>,
) -> anyhow::Result<Exit> {
    match args.source.models(environment, &mut streams).await? {
        Ok(models) => {
            let today = today();
            if args.json {
                let models = models.iter().map(|model| model_json(model, today));
                writeln!(streams.output, "{:#}", Value::Array(models.collect()))?;
            } else {
                let text = list(&models, today, streams.screen);
                streams.output.write_all(text.as_bytes())?;
            }
            Ok(Exit::Success)
        }
        Err(failure) if args.json => {
            failure.print_json(streams.output)?;
            Ok(Exit::Failure)
        }
        Err(failure) => {
            failure.print(streams.notes)?;
            Ok(Exit::Failure)
        }
    }
}

fn list(models: &[Model], today: Date, screen: Screen) -> String {
    let rows: Vec<[Cell; 11]> = models.iter().map(|model| row(model, today)).collect();
    table(&COLUMNS, &rows, screen)
}

fn row(model: &Model, today: Date) -> [Cell; 11] {
    let pricing = model.pricing.as_ref();
    let unknown = || UNKNOWN.to_owned();
    let price = |nanos: Option<i64>| nanos.map_or_else(unknown, dollars);
    let retires = model.retire_time.and_then(words::day);
    let state = Cell {
        text: words::state(model).to_owned(),
        style: words::state_style(model),
    };
    [
        model.priority.to_string().into(),
        model.name.clone().into(),
        state,
        words::tokens(model.context_window_tokens).into(),
        words::tokens(model.max_output_tokens).into(),
        price(pricing.map(|pricing| pricing.input_nanos_per_million_tokens)).into(),
        price(pricing.map(|pricing| pricing.output_nanos_per_million_tokens)).into(),
        retires.map_or_else(unknown, |day| day.to_string()).into(),
        retires
            .map_or_else(unknown, |day| words::days_until(day, today).to_string())
            .into(),
        words::listed(&model.aliases, ",").into(),
        words::known(&model.bedrock_model_id).into(),
    ]
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
