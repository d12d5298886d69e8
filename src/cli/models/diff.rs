//! `models diff`: what would change for a gateway if one registry took the place of another.

use std::path::Path;
use std::path::PathBuf;

use clap::builder::styling::AnsiColor;
use serde_json::Value;
use serde_json::json;

use crate::cli::exit_code::Exit;
use crate::cli::models::differences::Change;
use crate::cli::models::differences::Difference;
use crate::cli::models::differences::Differences;
use crate::cli::models::reading_flags::ReadingFlags;
use crate::cli::models::registry_file::RegistryFile;
use crate::cli::models::registry_file::STANDARD_INPUT;
use crate::cli::models::words::UNKNOWN;
use crate::cli::streams::Screen;
use crate::cli::streams::Streams;
use crate::registry::Registry;
use crate::settings::Environment;

const AFTER_HELP: &str = "\
Compared is what the files mean, not how they are written: order of members, white space and
defaults that are spelled out make no difference. `auto` is the file that `serve` would take.

Exit code 0 if they mean the same, 1 if not, 2 or more if there was trouble.";

/// Flags of `models diff`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct DiffArgs {
    /// The registry file in use; `-` is standard input.
    #[arg(value_name = "OLD", value_hint = clap::ValueHint::FilePath)]
    old: PathBuf,
    /// The registry file to come; `-` is standard input.
    #[arg(value_name = "NEW", value_hint = clap::ValueHint::FilePath)]
    new: PathBuf,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadingFlags<false>,
}

/// Prints what differs between two files.
pub(super) fn run(
    args: &DiffArgs,
    environment: &Environment,
    streams: Streams<'_>,
) -> anyhow::Result<Exit> {
    if [&args.old, &args.new].map(PathBuf::as_path) == [Path::new(STANDARD_INPUT); 2] {
        writeln!(
            streams.notes,
            "error: standard input cannot be both files; name at least one"
        )?;
        return Ok(Exit::Usage);
    }
    let settings = args.reading.settings(environment)?;
    let old = RegistryFile::open(&args.old, &settings, streams.input)?.load(&settings)?;
    let new = RegistryFile::open(&args.new, &settings, streams.input)?.load(&settings)?;
    let differences = Differences::between(&old, &new);
    if args.json {
        writeln!(streams.output, "{:#}", report(&differences))?;
    } else {
        let text = print(&differences, &old, &new, streams.screen);
        streams.output.write_all(text.as_bytes())?;
    }
    Ok(if differences.is_empty() {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn report(differences: &Differences) -> Value {
    let difference = |name: &'static str| move |one: &Difference| json!({name: one.path, "old": one.old, "new": one.new});
    let change = |change: &Change| {
        let members = change.members.iter().map(difference("member"));
        json!({"model": change.model, "members": members.collect::<Vec<_>>()})
    };
    let removed = differences.removed_models.iter();
    json!({
        "same": differences.is_empty(),
        "added": differences.added,
        "removed": differences.gone,
        "changed": differences.changed.iter().map(change).collect::<Vec<_>>(),
        "order": differences
            .order
            .as_ref()
            .map(|(old, new)| json!({"old": old, "new": new})),
        "removedModels": removed.map(difference("modelId")).collect::<Vec<_>>(),
    })
}

fn print(differences: &Differences, old: &Registry, new: &Registry, screen: Screen) -> String {
    if differences.is_empty() {
        return match new.models().len() {
            1 => "no difference, 1 model\n".to_owned(),
            count => format!("no difference, {count} models\n"),
        };
    }
    let mut lines = Vec::new();
    let (green, red) = (AnsiColor::Green.on_default(), AnsiColor::Red.on_default());
    let gone = differences.gone.iter();
    lines.extend(gone.map(|name| screen.paint(red, &format!("- {}", summary(old, name)))));
    let added = differences.added.iter();
    lines.extend(added.map(|name| screen.paint(green, &format!("+ {}", summary(new, name)))));
    for change in &differences.changed {
        lines.push(format!("~ {}", change.model));
        lines.extend(aligned(&change.members));
    }
    if let Some((old, new)) = &differences.order {
        lines.push("order of attempts among the models of both".to_owned());
        lines.push(format!("    old  {}", old.join(", ")));
        lines.push(format!("    new  {}", new.join(", ")));
    }
    if !differences.removed_models.is_empty() {
        lines.push("removedModels".to_owned());
        lines.extend(aligned(&differences.removed_models));
    }
    let removed = match differences.removed_models.len() {
        0 => String::new(),
        count => format!(", {count} in removedModels"),
    };
    lines.push(format!(
        "{} added, {} removed, {} changed{removed}",
        differences.added.len(),
        differences.gone.len(),
        differences.changed.len()
    ));
    lines.join("\n") + "\n"
}

fn summary(registry: &Registry, name: &str) -> String {
    registry.find(name).map_or_else(String::new, |model| {
        format!(
            "{name}  priority {}, {}",
            model.priority, model.target.invocation_id
        )
    })
}

fn aligned(differences: &[Difference]) -> impl Iterator<Item = String> {
    let width = differences.iter().map(|one| one.path.len()).max();
    let width = width.unwrap_or_default();
    differences.iter().map(move |one| {
        let (old, new) = (shown(&one.old), shown(&one.new));
        let share = share(one);
        format!("    {:<width$}  {old} → {new}{share}", one.path)
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => UNKNOWN.to_owned(),
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            items.join(",")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// By how much a price changes.
fn share(difference: &Difference) -> String {
    let price = |value: &Value| -> Option<f64> { value.as_str()?.parse().ok() };
    if !difference.path.starts_with("prices.") {
        return String::new();
    }
    match (price(&difference.old), price(&difference.new)) {
        (Some(old), Some(new)) if old > 0.0 => {
            format!(" ({:+.1} %)", (new - old) / old * 100.0)
        }
        _ => String::new(),
    }
}
