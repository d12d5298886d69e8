//! Golden cases: a file that people write, and beside it the reviewed text of what comes of it.
//!
//! `UPDATE_GOLDEN=1 cargo test golden` writes the texts anew, for review in the diff. A text is the
//! JSON byte for byte, laid out for reading: line breaks with the blanks behind them are not part of
//! it, everything else is.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;
use similar::TextDiff;

use crate::support::Gateway;

/// The model of the golden registry that takes and gives everything.
pub(crate) const MODEL: &str = "everything";

/// Widest list or object that stays on one line.
const WIDTH: usize = 100;

/// A case and where its outcome is kept.
pub(crate) struct Case {
    /// The file's name without its ending.
    pub(crate) name: String,
    /// What stands in it.
    pub(crate) input: Value,
    expected: PathBuf,
}

/// What came out of one run over a folder of cases, other than expected.
#[derive(Default)]
pub(crate) struct Differences(String);

/// A gateway whose models are those of the golden cases. `Invoke` always runs over Converse.
pub(crate) async fn gateway() -> Gateway {
    Gateway::with(&[
        ("registry.file", "tests/golden/registry.json"),
        ("routing.invoke_stream_threshold_tokens", "4294967295"),
    ])
    .await
}

/// What the model is asked where only its answer matters: one attempt, and tools of both kinds.
pub(crate) fn question() -> Value {
    json!({
        "model": MODEL,
        "prompt": "Hi",
        "routingConfig": {"maxAttempts": 1, "fallbackMode": "FALLBACK_MODE_DISABLED"},
        "toolConfig": {"tools": [
            {"systemTool": {"name": "search"}},
            {"toolSpec": {"name": "get_weather", "inputSchemaJson": r#"{"type":"object"}"#}}
        ]}
    })
}

/// The answer of Converse that a scenario's reply makes, so far as the scenario says it.
pub(crate) fn response(reply: &Value) -> Value {
    let mut response = reply["members"].clone();
    response["output"] = json!({"message": {"content": reply["content"]}});
    response
}

/// The reply of a scenario that makes this answer.
pub(crate) fn reply(mut response: Value) -> Value {
    let content = response["output"]["message"]["content"].take();
    response.as_object_mut().unwrap().remove("output");
    json!({"content": content, "members": response})
}

/// The cases of a folder below `tests/golden`, by name; `name.json` comes to `name.{outcome}.json`.
pub(crate) fn cases(folder: &str, outcome: &str) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(folder);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let (outcomes, inputs): (Vec<_>, Vec<_>) = names
        .into_iter()
        .map(|file| file.strip_suffix(".json").unwrap().to_owned())
        .partition(|name| name.contains('.'));
    for outcome in outcomes {
        let input = outcome.split('.').next().unwrap();
        assert!(
            inputs.iter().any(|name| name == input),
            "{outcome}.json belongs to no case"
        );
    }
    assert!(!inputs.is_empty(), "no cases in {}", folder.display());
    inputs
        .into_iter()
        .map(|name| {
            let text = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
            Case {
                input: serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}")),
                expected: folder.join(format!("{name}.{outcome}.json")),
                name,
            }
        })
        .collect()
}

impl Case {
    /// A case that stands in no file.
    pub(crate) fn new(name: &str, input: Value) -> Self {
        Self {
            name: name.to_owned(),
            input,
            expected: PathBuf::new(),
        }
    }
}

impl Differences {
    /// Compares the outcome of a case with its reviewed text.
    pub(crate) fn compare(&mut self, case: &Case, actual: &str) {
        let actual = layout(actual) + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&case.expected, &actual).unwrap();
        }
        let expected = fs::read_to_string(&case.expected).unwrap_or_default();
        if expected != actual {
            let diff = TextDiff::from_lines(&expected, &actual);
            let mut diff = diff.unified_diff();
            self.add(&case.name, &diff.header("reviewed", "actual").to_string());
        }
    }

    /// Notes what is wrong with a case.
    pub(crate) fn add(&mut self, name: &str, problem: &str) {
        self.0 += &format!("\n=== {name}\n{problem}");
    }

    /// Fails if there were any.
    pub(crate) fn assert_none(self) {
        assert!(
            self.0.is_empty(),
            "golden cases came out otherwise (if that is right: UPDATE_GOLDEN=1 cargo test golden, \
             and review the diff){}",
            self.0
        );
    }
}

/// Breaks a JSON text into lines. No other byte is changed, so the text must hold no line break.
fn layout(json: &str) -> String {
    assert!(!json.contains('\n'), "a text with line breaks of its own");
    let mut text = String::new();
    lay_out(json, 0, &mut text);
    text
}

fn lay_out(json: &str, indent: usize, text: &mut String) {
    let is_container = json.starts_with(['{', '[']);
    if !is_container || (indent > 0 && indent + json.len() <= WIDTH) {
        text.push_str(json);
        return;
    }
    let line = |indent: usize| format!("\n{}", " ".repeat(indent));
    let (open, rest) = json.split_at(1);
    let (inner, close) = rest.split_at(rest.len() - 1);
    text.push_str(open);
    for (position, item) in split(inner, b',').enumerate() {
        if position > 0 {
            text.push(',');
        }
        text.push_str(&line(indent + 2));
        for (position, part) in split(item, b':').enumerate() {
            if position > 0 {
                text.push(':');
            }
            lay_out(part, indent + 2, text);
        }
    }
    text.push_str(&line(indent));
    text.push_str(close);
}

/// The parts of a JSON text between separators that stand neither in a string nor deeper.
fn split(json: &str, separator: u8) -> impl Iterator<Item = &str> {
    let (mut depth, mut is_quoted, mut is_escaped) = (0, false, false);
    let mut parts = Vec::new();
    let mut start = 0;
    for (position, byte) in json.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'{' | b'[' if !is_quoted => depth += 1,
            b'}' | b']' if !is_quoted => depth -= 1,
            _ if byte == separator && !is_quoted && depth == 0 => {
                parts.push(json.get(start..position).unwrap());
                start = position + 1;
            }
            _ => {}
        }
    }
    parts.push(json.get(start..).unwrap());
    parts.into_iter()
}
