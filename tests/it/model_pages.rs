//! Tables and examples in docs/models.md, docs/regions.md and docs/cost.md: written from the
//! registries and their schema, and true.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use bedrock_gateway::proto::Usage;
use bedrock_gateway::registry::Model;
use bedrock_gateway::registry::ParseChoices;
use bedrock_gateway::registry::Registry;
use bedrock_gateway::registry::dollars;
use bedrock_gateway::settings::ProfileAccount;
use serde_json::Value;

const GUIDE: &str = include_str!("../../config/aws-bedrock-models.json");
const LIVING: &str = include_str!("../../config/aws-bedrock-models.2026-11.json");
const SCHEMA: &str = include_str!("../../config/aws-bedrock-models.schema.json");

const PAGES: [&str; 3] = ["docs/models.md", "docs/regions.md", "docs/cost.md"];

fn read(page: &str) -> String {
    fs::read_to_string(path(page)).unwrap()
}

fn path(page: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(page)
}

fn registry(text: &str) -> Registry {
    let choices = ParseChoices {
        region: "us-east-1".to_owned(),
        profile_account: ProfileAccount::PlainId,
    };
    Registry::parse(text, &choices).unwrap()
}

/// What stands between two marks of a page, replaced by what has to stand there.
fn with_table(page: &str, name: &str, table: &str) -> String {
    let begin = format!("<!-- table: {name} -->\n");
    let (before, rest) = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no mark {begin}"));
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    format!("{before}{begin}\n{table}\n<!-- end -->{after}")
}

#[test]
fn generated_tables_of_the_pages_about_models_are_current() {
    let members = [
        ("members of the file", ""),
        ("members of a model", "ModelEntry"),
        ("members of features", "FeaturesEntry"),
        ("members of hardLimits", "HardLimitsEntry"),
        ("members of mediaLimits", "MediaLimitsEntry"),
        ("members of lifecycle", "LifecycleEntry"),
        ("members of prices", "PricesEntry"),
        ("members of timeouts", "TimeoutsEntry"),
        ("members of removedModels", "RemovedEntry"),
    ];
    let members = members.map(|(name, definition)| (0, name, members_table(definition)));
    let tables = [
        (0, "words of features", words_table()),
        (0, "the eight models", lifecycle_table(GUIDE)),
        (0, "what differs from the guide", guide_table()),
        (0, "models of November 2026", models_table(LIVING)),
        (1, "where the eight models are", regions_table(GUIDE)),
        (
            1,
            "where the models of November 2026 are",
            regions_table(LIVING),
        ),
        (2, "prices", prices_table()),
        (2, "examples", cost_table()),
    ];
    for (page, name, table) in members.into_iter().chain(tables) {
        let page = PAGES[page];
        let text = read(page);
        let current = with_table(&text, name, &table);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            fs::write(path(page), &current).unwrap();
        }

        assert!(
            read(page) == current,
            "{page}: the table \"{name}\" is stale: run `UPDATE_GENERATED=1 cargo test generated`"
        );
    }
}

fn table(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut text = format!(
        "| {} |\n|{}\n",
        headings.join(" | "),
        " --- |".repeat(headings.len())
    );
    for row in rows {
        writeln!(text, "| {} |", row.join(" | ")).unwrap();
    }
    text
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn price(nanos: Option<i64>) -> String {
    nanos.map_or_else(|| "–".to_owned(), dollars)
}

fn rows(text: &str, row: impl Fn(&Model) -> Vec<String>) -> Vec<Vec<String>> {
    registry(text)
        .models()
        .iter()
        .map(|model| row(model))
        .collect()
}

fn lifecycle_table(text: &str) -> String {
    let headings = [
        "priority",
        "model",
        "called as",
        "legacy since",
        "end of life",
        "replacement",
    ];
    let day =
        |day: Option<jiff::civil::Date>| day.map_or_else(|| "–".to_owned(), |day| day.to_string());
    let row = |model: &Model| {
        let lifecycle = &model.lifecycle;
        let replacement = lifecycle.replacement.as_deref();
        vec![
            model.priority.to_string(),
            code(&model.name),
            code(&model.target.invocation_id),
            day(lifecycle.legacy),
            day(lifecycle.end_of_life),
            replacement.map_or_else(|| "–".to_owned(), code),
        ]
    };
    table(&headings, rows(text, row))
}

fn models_table(text: &str) -> String {
    let headings = [
        "priority",
        "model",
        "called as",
        "context",
        "output",
        "$ in",
        "$ out",
    ];
    let row = |model: &Model| {
        let prices = model.prices.unwrap();
        vec![
            model.priority.to_string(),
            code(&model.name),
            code(&model.target.invocation_id),
            model.limits.context_window_tokens.to_string(),
            model.limits.max_output_tokens.to_string(),
            dollars(prices.input),
            dollars(prices.output),
        ]
    };
    table(&headings, rows(text, row))
}

/// The guide's limits are those of the file; what is known today stands in `hardLimits`.
fn guide_table() -> String {
    let headings = [
        "model",
        "guide: context, output",
        "November 2026",
        "what the gateway uses",
    ];
    let file: Value = serde_json::from_str(GUIDE).unwrap();
    let row = |model: &Model| {
        let entry = &file["modelRegistry"][model.name.as_str()];
        let both = |limits: &Value| {
            let (window, output) = (&limits["contextWindow"], &limits["maxOutputTokens"]);
            format!("{window}, {output}")
        };
        let guide = both(entry);
        let today = match &entry["hardLimits"] {
            Value::Null => guide.clone(),
            hard => both(hard),
        };
        let today = if today == guide {
            "the same".to_owned()
        } else {
            today
        };
        let limits = &model.limits;
        let used = format!(
            "{}, {}",
            limits.context_window_tokens, limits.max_output_tokens
        );
        vec![code(&model.name), guide, today, used]
    };
    table(&headings, rows(GUIDE, row))
}

fn regions_table(text: &str) -> String {
    let headings = ["model", "called as", "called from", "may run in"];
    let row = |model: &Model| {
        let list = |regions: &[String], none: &str| match regions {
            [] => none.to_owned(),
            regions => regions.join(", "),
        };
        vec![
            code(&model.name),
            code(&model.target.invocation_id),
            list(&model.regions, "any region"),
            list(&model.target.destination_regions, "not said"),
        ]
    };
    table(&headings, rows(text, row))
}

fn prices_table() -> String {
    let headings = [
        "model",
        "input",
        "output",
        "cache read",
        "cache write",
        "for an hour",
    ];
    let row = |model: &Model| {
        let prices = model.prices.unwrap();
        vec![
            code(&model.name),
            dollars(prices.input),
            dollars(prices.output),
            price(prices.cache_read),
            price(prices.cache_write),
            price(prices.cache_write_one_hour),
        ]
    };
    table(&headings, [rows(GUIDE, row), rows(LIVING, row)].concat())
}

/// What the guide's formula says of some answers, and what they cost.
fn cost_table() -> String {
    let headings = [
        "model",
        "uncached input",
        "read from the cache",
        "written to it",
        "output",
        "the guide's formula",
        "cost",
    ];
    let models = registry(GUIDE);
    let answers = [
        ("claude-opus-4-1", 1_000, 0, 0, 500),
        ("claude-opus-4-1", 1_000, 20_000, 0, 500),
        ("claude-opus-4-1", 1_000, 0, 20_000, 500),
        ("claude-sonnet-4-5", 1_000, 0, 0, 500),
        ("deepseek-r1", 1_000, 0, 0, 500),
    ];
    let answers = answers.map(|(name, input, read, written, output)| {
        let usage = Usage {
            input_tokens: input,
            output_tokens: output,
            cache_read_input_tokens: read,
            cache_write_input_tokens: written,
            ..Usage::default()
        };
        let prices = models.find(name).unwrap().prices.unwrap();
        let cost = prices.cost(&usage).unwrap();
        // 0.015 and 0.075 dollars per thousand tokens, whatever the model, as the guide has it.
        let guide = i64::from(input) * 15_000 + i64::from(output) * 75_000;
        let mut row = vec![code(name)];
        row.extend([input, read, written, output].map(|tokens| tokens.to_string()));
        row.extend([guide, cost.total_nanos].map(|nanos| format!("${}", dollars(nanos))));
        row
    });
    table(&headings, answers.to_vec())
}

/// The members of an object of the schema: name, type, meaning.
fn members_table(definition: &str) -> String {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let object = match definition {
        "" => &schema,
        definition => &schema["$defs"][definition],
    };
    let required = object["required"].as_array().cloned().unwrap_or_default();
    let members = object["properties"].as_object().unwrap();
    let row = |(name, member): (&String, &Value)| {
        let is_required = required.contains(&Value::from(name.as_str()));
        let name = if is_required {
            format!("**{}**", code(name))
        } else {
            code(name)
        };
        let about = member["description"].as_str().unwrap().replace('\n', " ");
        vec![name, type_of(member, &schema), about.replace('|', "\\|")]
    };
    table(
        &["member", "value", "meaning"],
        members.iter().map(row).collect(),
    )
}

/// The words that stand for values of features.
fn words_table() -> String {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let features = schema["$defs"]["FeaturesEntry"]["properties"]
        .as_object()
        .unwrap();
    let mut rows = Vec::new();
    for (member, definition) in features {
        let text = definition.to_string();
        let Some(name) = text.split("#/$defs/").nth(1) else {
            continue;
        };
        let name = name.split('"').next().unwrap();
        for word in schema["$defs"][name]["oneOf"].as_array().unwrap() {
            let texts = ["const", "description"].map(|key| word[key].as_str().unwrap());
            rows.push(vec![
                code(member),
                code(texts[0]),
                texts[1].replace('\n', " "),
            ]);
        }
    }
    assert!(rows.len() > 20);
    table(&["member", "word", "meaning"], rows)
}

fn type_of(member: &Value, schema: &Value) -> String {
    let alternatives = ["anyOf", "oneOf"].map(|key| member[key].as_array());
    if let Some(reference) = member["$ref"].as_str() {
        let definition = schema.pointer(reference.trim_start_matches('#')).unwrap();
        return type_of(definition, schema);
    }
    if let Some(alternatives) = alternatives.into_iter().flatten().next() {
        let words: Vec<&str> = alternatives
            .iter()
            .filter_map(|one| one["const"].as_str())
            .collect();
        if !words.is_empty() {
            return words
                .iter()
                .map(|word| code(word))
                .collect::<Vec<_>>()
                .join(", ");
        }
        let other = alternatives
            .iter()
            .find(|one| one["type"] != "null")
            .unwrap();
        return type_of(other, schema);
    }
    if let Some(words) = member["enum"].as_array() {
        let words = words.iter().filter_map(Value::as_str);
        return words.map(code).collect::<Vec<_>>().join(", ");
    }
    let name = match &member["type"] {
        Value::String(name) => name.as_str(),
        Value::Array(names) => names[0].as_str().unwrap(),
        _ => "any",
    };
    match name {
        "array" => format!("list of {}", type_of(&member["items"], schema)),
        "boolean" => "true or false".to_owned(),
        "string" if member["format"] == "date" => "day such as 2026-11-22".to_owned(),
        "string" => "text".to_owned(),
        name => name.to_owned(),
    }
}

#[test]
fn registries_shown_in_the_pages_are_sound() {
    let mut found = 0;
    for page in PAGES {
        let text = read(page);
        let blocks = text.split("```json\n").skip(1);
        for block in blocks.map(|rest| rest.split("\n```").next().unwrap()) {
            let shown = if block.contains("\"modelRegistry\"") {
                block.to_owned()
            } else {
                format!("{{\"modelRegistry\": {{{block}}}}}")
            };
            let choices = ParseChoices {
                region: "us-east-1".to_owned(),
                profile_account: ProfileAccount::AsWritten,
            };

            if let Err(errors) = Registry::parse(&shown, &choices) {
                panic!("{page}:\n{block}\n{errors}");
            }
            found += 1;
        }
    }
    assert!(found >= 3, "{found} registries found");
}
