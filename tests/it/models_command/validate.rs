//! `models validate`: every problem with its place.

use serde_json::json;

use super::fed;
use super::fixture;
use super::json_of;
use super::path;
use super::run;
use super::stderr;
use super::stdout;
use super::three;

#[tokio::test]
async fn validate_prints_every_problem_with_its_line() {
    let output = run(&["models", "validate", &fixture("many_mistakes.json")]).await;

    let name = fixture("many_mistakes.json");
    let text = std::fs::read_to_string(fixture("many_mistakes.txt")).unwrap();
    let mut problems: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut lines: Vec<&str> = stdout(&output).lines().collect();
    let summary = lines.pop().unwrap();
    for line in lines {
        let rest = line.strip_prefix(&format!("{name}:")).unwrap();
        let (place, problem) = rest.split_once(": error: ").unwrap();
        let (line, column) = place.split_once(':').unwrap();
        let place: (usize, usize) = (line.parse().unwrap(), column.parse().unwrap());
        found.push((place, problem));
    }
    assert!(found.is_sorted_by_key(|(place, _)| *place));
    let mut messages: Vec<&str> = found.iter().map(|(_, problem)| *problem).collect();
    messages.sort_unstable();
    problems.sort_unstable();
    assert_eq!(messages, problems);
    let count = problems.len();
    assert_eq!(summary, format!("{name}: {count} errors, 0 warnings"));
    assert_eq!((output.status.code(), stderr(&output)), (Some(1), ""));
}

#[tokio::test]
async fn validate_lets_warnings_pass_unless_it_is_strict() {
    let registry = three();

    let lenient = run(&["models", "validate", path(&registry)]).await;
    let strict = run(&["models", "validate", path(&registry), "--strict"]).await;
    let elsewhere = run(&[
        "models",
        "validate",
        "--strict",
        "--bedrock-region=eu-west-1",
        path(&registry),
    ])
    .await;

    assert_eq!(
        (lenient.status.code(), strict.status.code()),
        (Some(0), Some(1))
    );
    assert_eq!(stdout(&lenient), stdout(&strict));
    for words in [
        "warning: modelRegistry.ending.lifecycle.legacyDate: model ending is legacy since \
         2026-01-01, 40 days before its end of life; use far instead\n",
        "warning: modelRegistry.far.regions: model far is not offered in us-east-1",
        ": 3 models, 0 errors, 3 warnings\n",
    ] {
        assert!(stdout(&lenient).contains(words), "{}", stdout(&lenient));
    }
    assert!(
        stdout(&elsewhere).contains("model ending is not offered in eu-west-1"),
        "{}",
        stdout(&elsewhere)
    );
}

#[tokio::test]
async fn validate_reads_standard_input_and_speaks_json() {
    let arguments = ["models", "validate", "-", "--json"];
    let mistake = "{\n  \"modelRegistry\": {\"m\": {\"modelId\": \"x\", \"priority\": -1}}\n}";

    let wrong = fed(&arguments, mistake).await;
    let broken = fed(&arguments, "{\n  ]").await;
    let right = fed(&arguments, &mistake.replace("-1", "1")).await;

    assert_eq!(
        json_of(&wrong),
        json!({
            "file": "standard input",
            "ok": false,
            "models": null,
            "errors": 1,
            "warnings": 0,
            "findings": [{
                "severity": "ERROR",
                "kind": "INVALID",
                "path": "modelRegistry.m.priority",
                "line": 2,
                "column": 55,
                "message": "is -1; must be an integer from 0 to 2147483647",
            }],
        })
    );
    let place = &json_of(&broken)["findings"][0];
    assert_eq!((&place["line"], &place["column"]), (&json!(2), &json!(3)));
    assert_eq!(json_of(&right)["findings"][0]["kind"], "NO_PRICES");
    let codes = [&wrong, &broken, &right].map(|output| output.status.code());
    assert_eq!(codes, [Some(1), Some(1), Some(0)]);
}
