//! `models show`: everything about one model.

use jiff::civil::Date;

use crate::cli::exit_code::Exit;
use crate::cli::models::json::model_json;
use crate::cli::models::registry_file::today;
use crate::cli::models::source::SourceArgs;
use crate::cli::models::table::labelled;
use crate::cli::models::words;
use crate::cli::models::words::UNKNOWN;
use crate::cli::streams::Screen;
use crate::cli::streams::Streams;
use crate::proto::MediaLimits;
use crate::proto::Model;
use crate::proto::Pricing;
use crate::registry::dollars;
use crate::settings::Environment;

/// Flags of `models show`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// Name or alias of the model.
    #[arg(value_name = "MODEL")]
    name: String,
    #[command(flatten)]
    source: SourceArgs,
    /// Print a JSON object, the same that `models list --json` has for the model.
    #[arg(long)]
    json: bool,
}

/// Prints one model.
pub(super) async fn run(
    args: ShowArgs,
    environment: &Environment,
    mut streams: Streams<'_>,
) -> anyhow::Result<Exit> {
    let source = &args.source;
    match source.model(&args.name, environment, &mut streams).await? {
        Ok(model) if args.json => {
            writeln!(streams.output, "{:#}", model_json(&model, today()))?;
            Ok(Exit::Success)
        }
        Ok(model) => {
            let text = show(&model, today(), streams.screen);
            streams.output.write_all(text.as_bytes())?;
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

fn show(model: &Model, today: Date, screen: Screen) -> String {
    let state = screen.paint(words::state_style(model), words::state(model));
    let abilities: Vec<String> = model
        .capabilities()
        .map(|capability| words::capability(capability.as_str_name()))
        .collect();
    let lines = [
        ("model", model.name.clone()),
        ("display name", words::known(&model.display_name)),
        ("aliases", words::listed(&model.aliases, ", ")),
        ("description", words::known(&model.description)),
        ("provider", words::known(&model.provider)),
        ("state", format!("{state}: {}", words::state_meaning(model))),
        ("priority", model.priority.to_string()),
        ("called as", words::known(&model.bedrock_model_id)),
        ("that is", words::known(&model.bedrock_model_id_reason)),
        ("region", words::known(&model.region)),
        ("offered in", offered(model)),
        (
            "may run in",
            words::listed(&model.destination_regions, ", "),
        ),
        ("lifecycle", lifecycle(model, today)),
        ("replacement", words::known(&model.replacement)),
        ("context", tokens(model.context_window_tokens)),
        ("output", output(model)),
        (
            "media",
            model.media_limits.as_ref().map_or_else(unknown, media),
        ),
        ("can", words::listed(&abilities, ", ")),
        ("refuses", words::listed(&model.unsupported_fields, ", ")),
        (
            "prices",
            model.pricing.as_ref().map_or_else(unknown, prices),
        ),
    ];
    labelled(&lines, screen)
}

fn unknown() -> String {
    UNKNOWN.to_owned()
}

fn offered(model: &Model) -> String {
    if model.regions.is_empty() {
        return "any region".to_owned();
    }
    model.regions.join(", ")
}

fn tokens(count: i32) -> String {
    match count {
        0 => unknown(),
        count => format!("{count} tokens of input and output together"),
    }
}

fn output(model: &Model) -> String {
    match (model.max_output_tokens, model.default_max_tokens) {
        (0, _) => unknown(),
        (most, 0) => format!("at most {most} tokens"),
        (most, usual) => {
            format!("at most {most} tokens, {usual} if a request does not say")
        }
    }
}

fn media(limits: &MediaLimits) -> String {
    format!(
        "{} images of {}, {} documents of {}, other media of {}",
        limits.max_images,
        words::megabytes(limits.max_image_bytes),
        limits.max_documents,
        words::megabytes(limits.max_document_bytes),
        words::megabytes(limits.max_inline_bytes),
    )
}

fn prices(pricing: &Pricing) -> String {
    let cache = [
        ("cache read", pricing.cache_read_nanos_per_million_tokens),
        ("cache write", pricing.cache_write_nanos_per_million_tokens),
        (
            "cache write for an hour",
            pricing.cache_write_one_hour_nanos_per_million_tokens,
        ),
    ];
    let cache = cache.into_iter().filter(|(_, nanos)| *nanos > 0);
    let all: Vec<String> = [
        ("input", pricing.input_nanos_per_million_tokens),
        ("output", pricing.output_nanos_per_million_tokens),
    ]
    .into_iter()
    .chain(cache)
    .map(|(what, nanos)| format!("{what} {}", dollars(nanos)))
    .collect();
    format!(
        "{}, in {} per million tokens",
        all.join(", "),
        pricing.currency_code
    )
}

fn lifecycle(model: &Model, today: Date) -> String {
    let legacy = model.legacy_time.and_then(words::day).map(|day| {
        let verb = if day <= today {
            "legacy since"
        } else {
            "legacy from"
        };
        format!("{verb} {day}")
    });
    let end =
        model
            .retire_time
            .and_then(words::day)
            .map(|day| match words::days_until(day, today) {
                days @ 1.. => format!("end of life on {day}, {} left", count_days(days)),
                0 => format!("end of life today, {day}"),
                days => format!("end of life was on {day}, {} ago", count_days(-days)),
            });
    let known: Vec<String> = legacy.into_iter().chain(end).collect();
    words::listed(&known, "; ")
}

fn count_days(days: i32) -> String {
    match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
#[path = "show_tests.rs"]
mod tests;
