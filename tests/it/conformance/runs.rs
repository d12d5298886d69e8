//! What runs, and what does not: budgets, interruptions, models that are left alone.

use serde_json::Value;
use serde_json::json;

use super::support::findings;
use super::support::folder;
use super::support::hello;
use super::support::path;
use super::support::redacted;
use super::support::run;
use super::support::run_cases;
use super::support::stderr;
use super::support::stdout;
use crate::support::Gateway;
use crate::support::SECOND;
use crate::support::exception_saying;
use crate::support::only;
use crate::support::process::Process;
use crate::support::process::command;
use crate::support::soon;

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

    let output = run_cases(&cases, &["--quick", "--verbose", "--jobs=1"]).await;

    let text = redacted(stderr(&output));
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

fn outcomes(output: &std::process::Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = report["results"].as_array().unwrap().iter();
    results
        .map(|result| result["outcome"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn what_a_budget_lets_run_does_not_depend_on_the_jobs() {
    let names = ["a", "b", "c", "d", "e"];
    let cases: Vec<(&str, Value)> = names.iter().map(|name| (*name, hello())).collect();
    let cases = folder(&cases);

    let one = run_cases(&cases, &["--report=json", "--jobs=1", "--budget=0.008"]).await;
    let many = run_cases(&cases, &["--report=json", "--jobs=8", "--budget=0.008"]).await;
    let text = run_cases(&cases, &["--jobs=8", "--budget=0.008"]).await;

    assert_eq!(outcomes(&one), outcomes(&many));
    let stopped = outcomes(&one)
        .iter()
        .filter(|one| *one == "skipped")
        .count();
    let (noun, verb) = if stopped == 1 {
        ("case", "was")
    } else {
        ("cases", "were")
    };
    let told = format!("of $0.0080; {stopped} {noun} {verb} stopped by the budget");
    assert!(stdout(&text).contains(&told), "{}", stdout(&text));
}

#[tokio::test]
async fn within_a_budget_an_answer_that_was_to_be_an_error_is_short_and_counted() {
    let mut case = hello();
    case["request"] = json!({"prompt": "Hi"});
    case["expect"] = json!({"error": {"code": "INVALID_ARGUMENT", "reason": "INVALID_REQUEST"}});
    let cases = folder(&[("a", case)]);

    let output = run_cases(&cases, &["--report=json", "--budget=1"]).await;

    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(findings(&output), ["a expect.error"]);
    assert_eq!(report["results"][0]["calls"][0]["output_tokens"], 1);
    assert!(report["budget"]["spent_nanos"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn call_that_ran_out_of_time_counts_as_if_it_had_been_answered() {
    let mut case = hello();
    case["timeout"] = json!("0.4s");
    case["scenarios"] = json!({"{model}": {"delay": {"headersMs": 60000}}});
    case["expect"] = json!({"error": {"code": "DEADLINE_EXCEEDED", "reason": "DEADLINE_EXCEEDED"}});
    let cases = folder(&[("a", case)]);

    let output = run_cases(&cases, &["--report=json", "--budget=1"]).await;

    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(findings(&output), [] as [&str; 0]);
    assert!(report["budget"]["spent_nanos"].as_i64().unwrap() > 0);
}

#[tokio::test]
async fn gateway_that_passes_over_a_model_never_passes() {
    let gateway = Gateway::start().await;
    let refusal = exception_saying("AccessDeniedException", "not you");
    gateway.emulator().set_scenario(SECOND, refusal);
    gateway.inference().invoke(only(SECOND)).await.unwrap_err();
    gateway.emulator().clear_scenarios();
    let listed =
        json!({"title": "x", "family": "models", "call": "list_models", "each": "gateway"});
    let cases = folder(&[("a", hello()), ("b", listed)]);
    let address = gateway.address().to_string();
    let arguments = ["--address", &address, "--cases", path(cases.path())];

    let all = run(&arguments).await;
    let one = run(&[&arguments[..], &["--models", SECOND]].concat()).await;

    for (output, remark) in [
        (
            &all,
            "claude-sonnet-4-5 was suspended after failures, which counts as a failure",
        ),
        (&one, "no case of a model ran, which counts as a failure"),
    ] {
        let text = stdout(output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.contains(" 0 failed, ") && text.contains(remark),
            "{text}"
        );
        assert!(
            text.contains("1 case: the model is suspended after failures"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn what_was_set_in_the_emulator_is_set_again() {
    let gateway = Gateway::start().await;
    let mine = bedrock_gateway::emulator::Scenario::reply("mine");
    gateway.emulator().set_scenario(SECOND, mine);
    let mut played = hello();
    played["scenarios"] =
        json!({"{model}": {"reply": {"text": "as told"}}, "*": {"reply": {"text": "so"}}});
    played["expect"] = json!({"text": {"equals": "as told"}});
    let mut refused = hello();
    refused["scenarios"] = json!({"{model}": {"reply": {"text": "as told"}}, "z": {"replies": 1}});
    let cases = folder(&[("a", played), ("b", refused)]);
    let (address, control) = (
        gateway.address().to_string(),
        gateway.emulator().endpoint_url(),
    );
    let arguments = [
        "--address",
        &address,
        "--emulator-control",
        &control,
        "--models",
        SECOND,
    ];

    let output = run(&[
        &arguments[..],
        &["--report=json", "--cases", path(cases.path())],
    ]
    .concat())
    .await;

    assert_eq!(findings(&output), ["b emulator"]);
    let answer = gateway.inference().invoke(only(SECOND)).await.unwrap();
    assert_eq!(answer.into_inner().text, "mine");
}

#[tokio::test]
async fn interrupted_run_clears_the_scenarios_and_writes_its_reports() {
    let gateway = Gateway::start().await;
    let mut slow = hello();
    slow["scenarios"] = json!({"{model}": {"delay": {"headersMs": 600_000}}});
    let mut later = hello();
    later["scenarios"] = json!({"{model}": {"reply": {"text": "as told"}}});
    let cases = folder(&[("a", hello()), ("b", slow), ("c", later)]);
    let report = cases.path().join("report");
    let file = format!("--report=json={}", path(&report));
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
    let rest = ["--models", SECOND, &file, "--cases", path(cases.path())];

    let process = Process::start(command(&[&arguments[..], &rest].concat()));
    soon(gateway.emulator().wait_until(|journal| journal.len() == 2)).await;
    process.signal("INT").await;
    let (status, log) = process.ended().await;

    assert_eq!(status.code(), Some(130), "{log}");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(report["interrupted"], true);
    let outcomes: Vec<_> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["outcome"])
        .collect();
    assert_eq!(outcomes, ["passed", "skipped", "skipped"]);
    assert_eq!(report["results"][1]["reason"], "interrupted");
    // The model answers at once again.
    soon(gateway.inference().invoke(only(SECOND)))
        .await
        .unwrap();
}
