//! `conformance` through its process: against the emulator, with each kind of report, and with
//! everything that can be wrong on its line.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use bedrock_gateway::conformance;
use roxmltree::Document;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tempfile::tempdir;

use crate::support::Gateway;
use crate::support::SECOND;
use crate::support::process::command;
use crate::support::soon;

/// A prompt that the emulator answers with a line of its own.
fn hello() -> Value {
    json!({
        "title": "a prompt is answered", "family": "unary", "call": "invoke",
        "request": {"prompt": "Hi", "inference_config": {"max_tokens": 100}},
        "expect": {"text": {"blank": false}},
    })
}

/// A folder of cases.
fn folder(cases: &[(&str, Value)]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, case) in cases {
        std::fs::write(folder.path().join(format!("{name}.json")), case.to_string()).unwrap();
    }
    folder
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Longest time for all cases of all models. It takes a few seconds of one core.
const ALL: Duration = Duration::from_secs(180);

async fn run(arguments: &[&str]) -> Output {
    soon(command(&[&["conformance"], arguments].concat()).output())
        .await
        .unwrap()
}

/// The same on an emulator, with these cases and one model.
async fn run_cases(cases: &TempDir, arguments: &[&str]) -> Output {
    let usual = [
        "--emulator",
        "--models",
        SECOND,
        "--cases",
        path(cases.path()),
    ];
    run(&[&usual[..], arguments].concat()).await
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Without times, and without the space that they take.
fn redacted(text: &str) -> String {
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
fn findings(output: &Output) -> Vec<String> {
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

#[tokio::test]
async fn gateway_keeps_every_promise_on_the_emulator() {
    let reports = tempdir().unwrap();
    let file = |name| path(&reports.path().join(name)).to_owned();
    let (json, junit, markdown) = (file("r.json"), file("r.xml"), file("r.md"));

    let mut all = command(&[
        "conformance",
        "--emulator",
        "--jobs=8",
        "--report=text",
        &format!("--report=json={json}"),
        &format!("--report=junit={junit}"),
        &format!("--report=markdown={markdown}"),
    ]);
    let output = tokio::time::timeout(ALL, all.output())
        .await
        .unwrap()
        .unwrap();

    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stdout(&output),
        stderr(&output)
    );
    let report = conformance::Report::read(&std::fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(report.totals.failed, 0);
    assert_eq!(report.models.len(), 9);
    for figures in &report.models {
        assert!(figures.passed > 50, "{figures:?}");
    }
    let cost = report.totals.cost.unwrap();
    assert!(cost.currency == "USD" && cost.nanos > 0);
    assert_is_junit(
        &std::fs::read_to_string(junit).unwrap(),
        report.results.len(),
    );
    let markdown = std::fs::read_to_string(markdown).unwrap();
    assert!(markdown.contains("| claude-sonnet-4-5 | "), "{markdown}");
}

/// What CI systems read off it: suites, cases, and numbers that agree with them.
#[track_caller]
fn assert_is_junit(text: &str, cases: usize) {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let mut found = 0;
    for suite in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        let tests: Vec<_> = suite
            .children()
            .filter(roxmltree::Node::is_element)
            .collect();
        let count = |name: &str| {
            let has = |test: &&roxmltree::Node<'_, '_>| {
                test.children().any(|child| child.has_tag_name(name))
            };
            tests.iter().filter(has).count().to_string()
        };
        assert_eq!(suite.attribute("tests"), Some(&*tests.len().to_string()));
        assert_eq!(suite.attribute("skipped"), Some(&*count("skipped")));
        assert_eq!(suite.attribute("failures"), Some(&*count("failure")));
        for test in &tests {
            assert_eq!(test.tag_name().name(), "testcase");
            assert!(test.attribute("name").is_some() && test.attribute("classname").is_some());
            test.attribute("time").unwrap().parse::<f64>().unwrap();
        }
        found += tests.len();
    }
    assert_eq!(found, cases);
}

#[tokio::test]
async fn broken_promises_are_named_and_fail_the_run() {
    let mut wrong_sum = hello();
    wrong_sum["scenarios"] = json!({"{model}": {"reply": {"usage": {"totalTokens": 9999}}}});
    let mut wrong_reason = hello();
    wrong_reason["scenarios"] = json!({"{model}": {"reply": {"stopReason": "tool_use"}}});
    let mut too_long = hello();
    too_long["scenarios"] = json!({"{model}": {"reply": {"usage": {"outputTokens": 101, "totalTokens": 101, "inputTokens": 0}}}});
    let mut other_tool = hello();
    other_tool["scenarios"] =
        json!({"{model}": {"reply": {"toolUse": {"name": "dig", "input": {}}}}});
    other_tool["expect"] = json!({});
    let cases = folder(&[
        ("a-sum", wrong_sum),
        ("b-reason", wrong_reason),
        ("c-length", too_long),
        ("d-tool", other_tool),
        ("e-right", hello()),
    ]);

    let output = run_cases(&cases, &["--report", "json"]).await;

    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(
        findings(&output),
        [
            "a-sum usage-adds-up",
            "b-reason stop-reason-matches-content",
            "c-length max-tokens-kept",
            "d-tool tool-was-offered",
        ]
    );
}

#[tokio::test]
async fn expectations_of_a_case_are_named() {
    let mut text = hello();
    text["expect"] =
        json!({"text": {"equals": "something else"}, "stop_reason": ["STOP_REASON_TOOL_USE"]});
    let mut error = hello();
    error["expect"] = json!({"error": {"code": "NOT_FOUND", "reason": "MODEL_NOT_FOUND"}});
    let mut answer = hello();
    answer["request"] = json!({});
    let cases = folder(&[("a-text", text), ("b-error", error), ("c-answer", answer)]);

    let output = run_cases(&cases, &["--report", "json"]).await;

    assert_eq!(
        findings(&output),
        [
            "a-text expect.text",
            "a-text expect.stop_reason",
            "b-error expect.error",
            "c-answer expect.answer"
        ]
    );
}

#[tokio::test]
async fn text_report_has_a_row_for_each_model_and_a_line_for_each_failure() {
    let mut failing = hello();
    failing["expect"] = json!({"stop_reason": ["STOP_REASON_MAX_TOKENS"]});
    let mut image = hello();
    image["needs"] = json!(["CAPABILITY_VIDEO_INPUT"]);
    let cases = folder(&[("greets", hello()), ("stops", failing), ("watches", image)]);

    let output = run_cases(&cases, &[]).await;

    let text = redacted(stdout(&output));
    let (table, rest) = text.split_once("\n\n").unwrap();
    let (rest, last) = rest.rsplit_once("\n\n").unwrap();
    let row: Vec<&str> = table.lines().nth(1).unwrap().split(' ').collect();
    assert_eq!(row[..4], ["claude-sonnet-4-5", "1", "1", "1"]);
    assert!(row.last().unwrap().starts_with("$0.00"), "{text}");
    assert_eq!(
        rest,
        "Failed:\nclaude-sonnet-4-5 stops\n\
         expect.stop_reason: it is STOP_REASON_END_TURN; due was STOP_REASON_MAX_TOKENS\n\n\
         Skipped:\nclaude-sonnet-4-5 1 case: the model lacks VIDEO_INPUT"
    );
    assert!(
        last.ends_with(": 1 passed, 1 failed, 1 skipped in …"),
        "{text}"
    );
    // Nobody looks at a terminal.
    assert_eq!(stderr(&output), "");
}

#[tokio::test]
async fn verbose_shows_each_case_and_what_was_answered() {
    let cases = folder(&[("greets", hello())]);

    let output = run_cases(&cases, &["--verbose"]).await;

    let text = redacted(stdout(&output));
    assert!(
        text.starts_with("passed claude-sonnet-4-5 greets …\n| [emulator] "),
        "{text}"
    );
}

#[tokio::test]
async fn order_of_the_report_does_not_depend_on_the_jobs() {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let mut cases: Vec<(&str, Value)> = names.iter().map(|name| (*name, hello())).collect();
    // One of them is played alone, behind the others.
    cases[2].1["scenarios"] = json!({"{model}": {"reply": {"text": "hello"}}});
    let cases = folder(&cases);

    for jobs in ["1", "8"] {
        let output = run_cases(&cases, &["--report=json", "--jobs", jobs]).await;

        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let results = report["results"].as_array().unwrap();
        let order: Vec<_> = results
            .iter()
            .map(|result| result["case"].as_str().unwrap())
            .collect();
        assert_eq!(order, names);
    }
}

#[tokio::test]
async fn budget_ends_the_run_before_it_is_exceeded() {
    let names = ["a", "b", "c", "d", "e"];
    let cases: Vec<(&str, Value)> = names.iter().map(|name| (*name, hello())).collect();
    let cases = folder(&cases);

    let output = run_cases(&cases, &["--report=json", "--jobs=1", "--budget=0.008"]).await;

    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let spent = report["totals"]["cost"]["nanos"].as_i64().unwrap();
    let outcomes: Vec<_> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["outcome"])
        .collect();
    assert!(spent > 0 && spent <= 8_000_000, "{spent}");
    assert_eq!(outcomes.first().unwrap().as_str(), Some("passed"));
    assert_eq!(outcomes.last().unwrap().as_str(), Some("skipped"));
    assert_eq!(
        report["results"][4]["reason"],
        "budget: it might cost more than is left"
    );
    assert_eq!(output.status.code(), Some(0));
}

#[tokio::test]
async fn run_in_which_nothing_ran_is_a_failure() {
    let cases = folder(&[("a", hello())]);

    let output = run_cases(&cases, &["--budget=0"]).await;

    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("nothing ran"),
        "{}",
        stdout(&output)
    );
}

#[tokio::test]
async fn quick_leaves_out_streams_and_variations() {
    let mut stream = hello();
    stream["call"] = json!("stream");
    let mut variation = hello();
    variation["family"] = json!("variations");
    let cases = folder(&[("a", hello()), ("b", stream), ("c", variation)]);

    let output = run_cases(&cases, &["--quick", "--verbose"]).await;

    let text = redacted(stdout(&output));
    assert!(text.contains("passed claude-sonnet-4-5 a "), "{text}");
    assert!(
        text.contains("skipped claude-sonnet-4-5 b left out by --quick"),
        "{text}"
    );
    assert!(
        text.contains("skipped claude-sonnet-4-5 c left out by --quick"),
        "{text}"
    );
}

#[tokio::test]
async fn what_got_worse_than_in_an_earlier_report_fails_the_run() {
    let folder_of_reports = tempdir().unwrap();
    let old = path(&folder_of_reports.path().join("old.json")).to_owned();
    let mut wrong = hello();
    wrong["expect"] = json!({"text": {"blank": true}});
    let before = folder(&[("a", hello()), ("b", wrong.clone())]);
    let after = folder(&[("a", wrong), ("b", hello())]);
    let same = folder(&[("b", hello())]);

    run_cases(&before, &[&format!("--report=json={old}")]).await;
    let worse = run_cases(&after, &["--compare", &old]).await;
    let mended = run_cases(&same, &["--compare", &old]).await;

    let text = stdout(&worse);
    assert_eq!(worse.status.code(), Some(1));
    assert!(
        text.contains("newly failing: claude-sonnet-4-5/a"),
        "{text}"
    );
    assert!(text.contains("mended: claude-sonnet-4-5/b"), "{text}");
    assert_eq!(mended.status.code(), Some(0));
    assert!(stdout(&mended).contains("mended: claude-sonnet-4-5/b"));
}

#[tokio::test]
async fn gateway_that_runs_is_called_and_its_emulator_told() {
    let gateway = Gateway::start().await;
    let address = gateway.address().to_string();
    let control = gateway.emulator().endpoint_url();
    let mut played = hello();
    played["scenarios"] = json!({"{model}": {"reply": {"text": "as told"}}});
    played["expect"] = json!({"text": {"equals": "as told"}});
    let cases = folder(&[("plain", hello()), ("played", played)]);
    let arguments = [
        "--address",
        &address,
        "--models",
        SECOND,
        "--cases",
        path(cases.path()),
    ];

    let without = run(&arguments).await;
    let with = run(&[&arguments[..], &["--emulator-control", &control]].concat()).await;

    let skipped = "1 case: needs an emulator that plays scenarios";
    assert!(stdout(&without).contains(skipped), "{}", stdout(&without));
    assert!(
        stdout(&with).contains("2 passed, 0 failed, 0 skipped"),
        "{}",
        stdout(&with)
    );
    // What was played is taken back.
    assert_eq!(gateway.calls().len(), 3);
}

#[expect(
    clippy::too_many_lines,
    reason = "a list of mistakes, a few lines each"
)]
#[tokio::test]
async fn what_is_wrong_is_said_before_anything_is_called() {
    let cases = folder(&[("a", hello())]);
    let broken = folder(&[(
        "b",
        json!({"title": "x", "famly": "unary", "call": "invoke"}),
    )]);
    let file = cases.path().join("a.json");
    let dir = path(cases.path());
    for (arguments, exit, words) in [
        (&["--cases", "/no/such/folder"][..], 2, "/no/such/folder"),
        (
            &["--cases", path(broken.path())],
            2,
            "b.json: famly: is no member; did you mean family?",
        ),
        (
            &["--emulator", "--cases", dir, "--models", "claude-9"],
            2,
            "no model claude-9; it has claude-opus-4-1,",
        ),
        (
            &["--emulator", "--compare", "/no/such/report"],
            2,
            "/no/such/report cannot be read",
        ),
        (
            &["--emulator", "--compare", path(&file)],
            2,
            "is no JSON report of conformance",
        ),
        (
            &["--report", "html"],
            2,
            "write text, json, markdown or junit",
        ),
        (
            &["--report", "text", "--report", "json"],
            2,
            "only one report can go to standard output",
        ),
        (
            &["--report", "json=/no/such/folder/r.json"],
            2,
            "/no/such/folder/r.json",
        ),
        (&["--budget", "much"], 2, "write dollars, such as 2 or 0.25"),
        (
            &["--address", "127.0.0.1:1", "--emulator"],
            2,
            "are for one of its own",
        ),
        (
            &["--address", "127.0.0.1:1"],
            69,
            "no gateway answers at http://127.0.0.1:1",
        ),
        (
            &["--emulator", "--emulator-control", "127.0.0.1:1"],
            69,
            "no emulator answers at 127.0.0.1:1",
        ),
        (
            &["--emulator", "--routing-max-attempts", "0"],
            78,
            "routing.max_attempts",
        ),
    ] {
        let output = run(arguments).await;

        assert_eq!(
            output.status.code(),
            Some(exit),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(words),
            "{arguments:?}: {}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }
}

#[tokio::test]
async fn rules_are_listed() {
    let output = run(&["--rules"]).await;

    assert!(stdout(&output).contains("\nusage-adds-up: no count of tokens is negative"));
    assert_eq!(
        stdout(&output).lines().count(),
        conformance::promises().len()
    );
}

/// Every refusal that the validation has a fixture for is a case.
#[test]
fn every_refused_request_is_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |path: &Path| -> Value {
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    for entry in std::fs::read_dir(root.join("fixtures/requests/refused")).unwrap() {
        let fixture = entry.unwrap().path();
        let name = fixture
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .replace('_', "-");
        let case = read(&root.join(format!("conformance/cases/refused-{name}.json")));
        let mut request = case["request"].clone();
        if let Some(options) = case.get("stream_options") {
            request["stream_options"] = options.clone();
        }

        assert_eq!(request, read(&fixture)["request"], "{name}");
    }
}
