//! Everything that can be wrong on the line of the command.

use bedrock_gateway::conformance;
use serde_json::json;

use super::support::folder;
use super::support::hello;
use super::support::path;
use super::support::run;
use super::support::stderr;
use super::support::stdout;
use crate::support::Gateway;

/// What is written, how it ends and what is said. `{dir}` is a folder of cases, `{file}` one of
/// them, `{broken}` a folder of another kind.
const MISTAKES: [(&[&str], i32, &str); 18] = [
    (&["--cases", "/no/such/folder"], 2, "/no/such/folder"),
    (
        &["--cases", "{broken}"],
        2,
        "b.json: famly: is no member; did you mean family?",
    ),
    (
        &[
            "--emulator",
            "--cases",
            "{dir}",
            "--models",
            "claude-opus-4-1, claude-9",
        ],
        2,
        "no model \"claude-9\"; it has claude-opus-4-1,",
    ),
    (&["--models", "a,,b"], 2, "a name is missing"),
    (
        &["--emulator", "--compare", "/no/such/report"],
        2,
        "/no/such/report cannot be read",
    ),
    (
        &["--emulator", "--compare", "{file}"],
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
    (
        &[
            "--report",
            "json={dir}/new",
            "--report",
            "junit={dir}/../{name}/new",
        ],
        2,
        "two reports cannot share a file",
    ),
    (&["--budget", "much"], 2, "write dollars, such as 2 or 0.25"),
    (&["--budget", "-1"], 2, "write dollars, such as 2 or 0.25"),
    (
        &["--address", "127.0.0.1:1", "--emulator"],
        2,
        "are for one of its own",
    ),
    (
        &["--emulator", "--emulator-control", "127.0.0.1:1"],
        2,
        "names the emulator of a gateway that runs",
    ),
    (
        &["--emulator", "--listen", "127.0.0.1:1"],
        2,
        "server.listen means nothing here",
    ),
    (
        &["--address", "127.0.0.1:1"],
        69,
        "no gateway answers at http://127.0.0.1:1",
    ),
    (
        &["--emulator-control", "127.0.0.1:1"],
        69,
        "no emulator answers at 127.0.0.1:1",
    ),
    (
        &["--emulator", "--routing-max-attempts", "0"],
        78,
        "routing.max_attempts",
    ),
];

#[tokio::test]
async fn what_is_wrong_is_said_before_anything_is_called() {
    let cases = folder(&[("a", hello())]);
    let broken = folder(&[(
        "b",
        json!({"title": "x", "famly": "unary", "call": "invoke"}),
    )]);
    let dir = path(cases.path());
    let name = path(cases.path().file_name().unwrap().as_ref());
    for (arguments, exit, words) in MISTAKES {
        let filled = arguments.iter().map(|argument| {
            argument
                .replace("{dir}", dir)
                .replace("{name}", name)
                .replace("{file}", &format!("{dir}/a.json"))
                .replace("{broken}", path(broken.path()))
        });
        let filled: Vec<String> = filled.collect();
        let filled: Vec<&str> = filled.iter().map(String::as_str).collect();

        let output = run(&filled).await;

        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(exit), "{filled:?}: {said}");
        assert!(said.contains(words), "{filled:?}: {said}");
        assert_eq!(stdout(&output), "", "{filled:?}");
    }
    // Nothing is left of reports that were never written.
    assert_eq!(std::fs::read_dir(cases.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn address_of_something_else_is_no_gateway() {
    let gateway = Gateway::start().await;
    let emulator = gateway.emulator().address().to_string();

    let output = run(&["--address", &emulator]).await;

    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains("is this a gateway?"), "{said}");
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
