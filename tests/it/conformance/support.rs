//! Cases, runs of the command on them, and what it said.

use std::path::Path;
use std::process::Output;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tempfile::tempdir;

use crate::support::SECOND;
use crate::support::process::command;
use crate::support::soon;

/// A prompt that the emulator answers with a line of its own.
pub(super) fn hello() -> Value {
    json!({
        "title": "a prompt is answered", "family": "unary", "call": "invoke",
        "request": {"prompt": "Hi", "inference_config": {"max_tokens": 100}},
        "expect": {"text": {"blank": false}},
    })
}

/// A folder of cases.
pub(super) fn folder(cases: &[(&str, Value)]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, case) in cases {
        std::fs::write(folder.path().join(format!("{name}.json")), case.to_string()).unwrap();
    }
    folder
}

pub(super) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

pub(super) async fn run(arguments: &[&str]) -> Output {
    soon(command(&[&["conformance"], arguments].concat()).output())
        .await
        .unwrap()
}

/// The same on an emulator, with these cases and one model.
pub(super) async fn run_cases(cases: &TempDir, arguments: &[&str]) -> Output {
    let usual = [
        "--emulator",
        "--models",
        SECOND,
        "--cases",
        path(cases.path()),
    ];
    run(&[&usual[..], arguments].concat()).await
}

pub(super) fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

pub(super) fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Without times, and without the space that they take.
pub(super) fn redacted(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut words: Vec<&str> = Vec::new();
        for word in line.split_whitespace() {
            match word {
                "ms" | "s" => *words.last_mut().unwrap() = "…",
                word => words.push(word),
            }
        }
        lines.push(words.join(" "));
    }
    lines.join("\n")
}

/// The findings of a run, as `case rule`, out of its JSON report.
pub(super) fn findings(output: &Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut findings = Vec::new();
    for result in report["results"].as_array().unwrap() {
        for finding in result["findings"].as_array().into_iter().flatten() {
            let (case, rule) = (&result["case"], &finding["rule"]);
            findings.push(format!(
                "{} {}",
                case.as_str().unwrap(),
                rule.as_str().unwrap()
            ));
        }
    }
    findings
}
