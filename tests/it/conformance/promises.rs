//! What holds on the emulator, and which faults of a gateway the cases find.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use bedrock_gateway::conformance;
use serde_json::Value;
use serde_json::json;
use tempfile::tempdir;
use tokio::process::Command;

use super::reports::assert_is_junit;
use super::support::findings;
use super::support::folder;
use super::support::hello;
use super::support::path;
use super::support::run_cases;
use super::support::stderr;
use super::support::stdout;
use crate::support::Gateway;
use crate::support::LAST;
use crate::support::SECOND;
use crate::support::process::command;

/// Longest time for all cases of all models. It takes a few seconds of one core.
const ALL: Duration = Duration::from_secs(180);

async fn within_all(command: &mut Command) -> Output {
    let output = tokio::time::timeout(ALL, command.output());
    output.await.unwrap().unwrap()
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
    let output = within_all(&mut all).await;

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

/// The cases inside the program.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/cases");

/// What a case only carries: it is about something else, or nothing outside tells of it.
const CARRIED: [(&str, &str); 10] = [
    ("drop-unsupported-fields", "routing_config"),
    ("fallback-allowed", "routing_config"),
    ("fault-slow-start-heartbeat", "routing_config"),
    ("fault-stream-restart", "routing_config"),
    ("required-capability", "routing_config"),
    ("stream-as-unary-shape", "inference_config.temperature"),
    ("stream-with-heartbeat", "stream_options"),
    ("stream-with-restart", "stream_options"),
    ("temperature-and-top-p", "inference_config.top_p"),
    ("tools-auto", "tool_config.tool_choice"),
];

/// Takes a member out of an object.
fn without(value: &Value, place: &str, member: &str) -> Value {
    let mut value = value.clone();
    let object = value.pointer_mut(place).unwrap().as_object_mut().unwrap();
    object.remove(member).unwrap();
    value
}

/// The case as a gateway would see to it that drops something: what it drops, and what is left.
fn with_losses(case: &Value) -> Vec<(String, Value)> {
    let request = case["request"].as_object().unwrap();
    let mut losses = Vec::new();
    for member in request.keys() {
        let is_all = member == "prompt" && !request.contains_key("messages");
        if member == "inference_config" {
            for inner in request[member].as_object().unwrap().keys() {
                let name = format!("inference_config.{inner}");
                losses.push((name, without(case, "/request/inference_config", inner)));
            }
        } else if !is_all {
            losses.push((member.clone(), without(case, "/request", member)));
        }
    }
    if case.get("stream_options").is_some() {
        losses.push((
            "stream_options".to_owned(),
            without(case, "", "stream_options"),
        ));
    }
    if case.pointer("/request/tool_config/tool_choice").is_some() {
        let name = "tool_config.tool_choice".to_owned();
        losses.push((name, without(case, "/request/tool_config", "tool_choice")));
    }
    for list in ["/request/system", "/request/messages/0/content"] {
        let Some(items) = case.pointer(list).and_then(Value::as_array) else {
            continue;
        };
        for index in (0..items.len()).filter(|_| items.len() > 1) {
            let mut left = case.clone();
            let items = left.pointer_mut(list).unwrap().as_array_mut().unwrap();
            items.remove(index);
            losses.push((format!("{list}[{index}]"), left));
        }
    }
    if let Some([_, .., last]) = case
        .pointer("/request/messages")
        .and_then(|all| Some(all.as_array()?.as_slice()))
    {
        let mut left = case.clone();
        left["request"]["messages"] = json!([last]);
        losses.push(("history".to_owned(), left));
    }
    losses
}

/// The cases that ask a model for an answer, with something lost of each.
fn losses() -> Vec<(String, Value)> {
    let mut losses = Vec::new();
    for entry in std::fs::read_dir(CASES).unwrap() {
        let file = entry.unwrap().path();
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap();
        let is_about_limits = name.contains("max-tokens");
        let calls = ["invoke", "stream", "invoke_and_stream"];
        let is_answered = calls.contains(&case["call"].as_str().unwrap());
        if !is_answered || case["expect"].get("error").is_some() {
            continue;
        }
        for (what, left) in with_losses(&case) {
            // Elsewhere it only keeps answers short.
            if what != "inference_config.max_tokens" || is_about_limits {
                losses.push((format!("{name} {what}").replace('/', "."), left));
            }
        }
    }
    losses
}

#[tokio::test]
async fn case_fails_if_the_gateway_drops_what_the_case_is_about() {
    let losses = losses();
    let names: Vec<(&str, Value)> = losses
        .iter()
        .map(|(name, case)| (name.as_str(), case.clone()))
        .collect();
    let cases = folder(&names);
    let arguments = [
        "conformance",
        "--emulator",
        "--report=json",
        "--cases",
        path(cases.path()),
    ];

    let output = within_all(&mut command(&arguments)).await;

    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (mut passed, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for result in report["results"].as_array().unwrap() {
        let name = result["case"].as_str().unwrap();
        // It reasons whatever it is told.
        let always_reasons = result["model"] == LAST && name.ends_with(" reasoning_config");
        match result["outcome"].as_str().unwrap() {
            "passed" if !always_reasons => passed.insert(name),
            "failed" => failed.insert(name),
            _ => false,
        };
    }
    let carried: BTreeSet<String> = CARRIED
        .iter()
        .map(|(case, what)| format!("{case} {what}"))
        .collect();
    let passed: BTreeSet<String> = passed.into_iter().map(str::to_owned).collect();
    assert_eq!(passed, carried);
    assert_eq!(failed.len() + passed.len(), losses.len());
}

/// One that has not been told that it is going to be tried: its circuits open.
#[tokio::test]
async fn faults_are_played_on_a_gateway_whose_circuits_open() {
    let open_time = [
        ("routing.circuit_open_time", "100ms"),
        ("routing.circuit_open_time_cap", "100ms"),
    ];
    let gateway = Gateway::with(&open_time).await;
    let faults = tempdir().unwrap();
    for entry in std::fs::read_dir(CASES).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.starts_with("fault-") {
            std::fs::copy(&file, faults.path().join(name)).unwrap();
        }
    }
    let (address, control) = (
        gateway.address().to_string(),
        gateway.emulator().endpoint_url(),
    );
    let arguments = [
        "conformance",
        "--address",
        &address,
        "--emulator-control",
        &control,
    ];
    let cases = ["--models", SECOND, "--cases", path(faults.path())];

    let output = within_all(&mut command(&[&arguments[..], &cases].concat())).await;

    assert!(gateway.metrics().circuits.of(SECOND).open.value() > 0);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(
        stdout(&output).contains(" 0 failed, 0 skipped"),
        "{}",
        stdout(&output)
    );
}

#[tokio::test]
async fn fields_may_be_spelt_as_proto_json_does() {
    let mut case = hello();
    case["request"]["routingConfig"] = json!({"fallbackModels": ["{other}"]});
    case["scenarios"] = json!({"{model}": {"exception": {"name": "ModelTimeoutException"}}});
    case["expect"]["attempts"] = json!([
        {"model": "{model}", "state": "STATE_FAILED"},
        {"model": "{other}", "state": "STATE_SUCCEEDED"},
    ]);
    let cases = folder(&[("a", case)]);

    let output = run_cases(&cases, &["--report", "json"]).await;

    assert_eq!(findings(&output), [] as [&str; 0]);
}

#[tokio::test]
async fn placeholders_are_filled_in_all_steps_of_a_conversation() {
    let mut case = hello();
    case["expect"] = json!({});
    case["then"] = json!([{
        "prompt": "Hello {model}",
        "expect": {"sent": [{"messages": [{}, {}, {"content": [{"text": format!("Hello {SECOND}")}]}]}]},
    }]);
    let cases = folder(&[("a", case)]);

    let output = run_cases(&cases, &["--report", "json"]).await;

    assert_eq!(findings(&output), [] as [&str; 0]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}
