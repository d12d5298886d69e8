//! Reports: what stands in each form, where they go, and the comparison with an earlier one.

use bedrock_gateway::conformance;
use roxmltree::Document;
use serde_json::Value;
use serde_json::json;
use tempfile::tempdir;

use super::support::folder;
use super::support::hello;
use super::support::path;
use super::support::redacted;
use super::support::run_cases;
use super::support::stderr;
use super::support::stdout;

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
async fn verbose_shows_each_case_and_what_was_answered_beside_any_report() {
    let cases = folder(&[("greets", hello())]);

    let output = run_cases(&cases, &["--verbose", "--report=junit"]).await;

    let text = redacted(stderr(&output));
    assert!(
        text.starts_with("passed claude-sonnet-4-5 greets …\n| [emulator] "),
        "{text}"
    );
    Document::parse(stdout(&output)).unwrap();
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
async fn what_got_worse_than_in_an_earlier_report_fails_the_run() {
    let folder_of_reports = tempdir().unwrap();
    let old = path(&folder_of_reports.path().join("old.json")).to_owned();
    let mut wrong = hello();
    wrong["expect"] = json!({"text": {"blank": true}});
    let before = folder(&[("a", hello()), ("b", wrong.clone())]);
    let after = folder(&[("a", wrong), ("b", hello())]);
    let same = folder(&[("b", hello())]);
    let mut wrong_stream = hello();
    wrong_stream["expect"] = json!({"text": {"blank": true}});
    let other = folder(&[("c", wrong_stream)]);

    run_cases(&before, &[&format!("--report=json={old}")]).await;
    let worse = run_cases(&after, &["--compare", &old]).await;
    let mended = run_cases(&same, &["--compare", &old]).await;
    let new = run_cases(&other, &["--compare", &old, "--quick", "--report=junit"]).await;

    let text = stdout(&worse);
    assert_eq!(worse.status.code(), Some(1));
    assert!(
        text.contains("newly failing: claude-sonnet-4-5/a"),
        "{text}"
    );
    assert!(text.contains("mended: claude-sonnet-4-5/b"), "{text}");
    assert_eq!(mended.status.code(), Some(0));
    let text = stdout(&mended);
    assert!(text.contains("mended: claude-sonnet-4-5/b"), "{text}");
    assert!(
        text.contains("no longer run: claude-sonnet-4-5/a"),
        "{text}"
    );
    let text = stdout(&new);
    assert_is_junit(text, 2);
    let compared = Document::parse(text).unwrap();
    let mut failures = compared.descendants();
    let failure = failures.find(|node| node.attribute("type") == Some("compare"));
    let told = failure.unwrap().text().unwrap();
    assert_eq!(
        told,
        "compare: not alike: --quick, false before, true now\n\
         newly failing: claude-sonnet-4-5/c\n\
         no longer run: claude-sonnet-4-5/a\n\
         no longer run: claude-sonnet-4-5/b"
    );
}

/// What CI systems read off it: suites, cases, and numbers that agree with them.
#[track_caller]
pub(super) fn assert_is_junit(text: &str, cases: usize) {
    let document = Document::parse(text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let mut found = 0;
    for suite in root.children().filter(roxmltree::Node::is_element) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        let tests: Vec<_> = suite
            .children()
            .filter(|node| node.is_element() && !node.has_tag_name("properties"))
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
            let time = test.attribute("time").unwrap();
            assert!(
                time.parse::<f64>().is_ok() && !time.starts_with('-'),
                "{time}"
            );
            let failures = test
                .children()
                .filter(|child| child.has_tag_name("failure"));
            assert!(failures.count() <= 1);
        }
        found += tests.len();
    }
    assert_eq!(found, cases);
}

#[tokio::test]
async fn junit_has_the_figures_of_each_suite_and_one_failure_for_a_case() {
    let mut wrong = hello();
    wrong["expect"] = json!({"text": {"blank": true}, "stop_reason": ["STOP_REASON_TOOL_USE"]});
    let cases = folder(&[("a", hello()), ("b", wrong)]);

    let output = run_cases(&cases, &["--report=junit"]).await;

    assert_is_junit(stdout(&output), 2);
    let document = Document::parse(stdout(&output)).unwrap();
    let properties = document
        .descendants()
        .filter(|node| node.has_tag_name("property"));
    let property = |name| {
        let mut named = properties
            .clone()
            .filter(|node| node.attribute("name") == Some(name));
        named.next().unwrap().attribute("value").unwrap()
    };
    assert_eq!(property("gateway"), "own gateway, emulator");
    assert_eq!(property("cost_currency"), "USD");
    for number in [
        "median_ms",
        "p95_ms",
        "tokens_per_second",
        "input_tokens",
        "cost_nanos",
    ] {
        assert!(property(number).parse::<f64>().unwrap() > 0.0, "{number}");
    }
    let mut failures = document
        .descendants()
        .filter(|node| node.has_tag_name("failure"));
    let text = failures.next().unwrap().text().unwrap();
    assert!(
        text.contains("expect.text: ") && text.contains("\nexpect.stop_reason: "),
        "{text}"
    );
}

#[tokio::test]
async fn report_of_a_run_that_never_was_leaves_the_earlier_one() {
    let folder_of_reports = tempdir().unwrap();
    let file = folder_of_reports.path().join("r.json");
    std::fs::write(&file, "earlier").unwrap();
    let report = format!("--report=json={}", path(&file));
    let cases = folder(&[("a", hello())]);

    let never = run_cases(&cases, &["--models=no-such-model", &report]).await;
    let kept = std::fs::read_to_string(&file).unwrap();
    let ran = run_cases(&cases, &[&report]).await;

    assert_eq!(never.status.code(), Some(2));
    assert_eq!(kept, "earlier");
    assert_eq!(ran.status.code(), Some(0), "{}", stderr(&ran));
    conformance::Report::read(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(
        std::fs::read_dir(folder_of_reports.path()).unwrap().count(),
        1
    );
}

#[tokio::test]
async fn nothing_that_a_gateway_says_moves_the_cursor() {
    let mut case = hello();
    case["scenarios"] = json!({"{model}": {"exception": {"name": "ValidationException", "message": "red \u{1b}[31m"}}});
    let cases = folder(&[("a", case)]);

    let output = run_cases(&cases, &["--verbose"]).await;

    for text in [stdout(&output), stderr(&output)] {
        assert!(text.contains("red ") && !text.contains('\u{1b}'), "{text}");
    }
}
