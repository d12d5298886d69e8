//! What the built command promises: its output, its exit codes, its signals, its logs.

use std::io::Write as _;
use std::process::Output;

use tempfile::NamedTempFile;

use crate::support::process::Process;
use crate::support::process::command;
use crate::support::soon;

/// Stand for what no log may hold; nothing else spells them.
const PROMPT: &str = "zebra-in-the-prompt";
const SYSTEM: &str = "walrus-in-the-instructions";
const ANSWER: &str = "ocelot-in-the-answer";
const SECRET: &str = "badger-in-the-secret-key";
const SESSION: &str = "heron-in-the-session-token";

async fn run(arguments: &[&str]) -> Output {
    soon(command(arguments).output()).await.unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[tokio::test]
async fn demo_shows_four_scenes() {
    let output = run(&["demo"]).await;

    let scenes: Vec<&str> = stdout(&output)
        .lines()
        .filter_map(|line| line.strip_prefix("== ")?.split(':').next())
        .collect();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        scenes,
        [
            "A call",
            "A stream",
            "The first model throttles",
            "Every model throttles"
        ]
    );
}

#[tokio::test]
async fn broken_settings_are_reported_at_once() {
    let settings = file("[server]\nlisten = \"nowhere\"\nlistn = 1\n[routing]\nmax_attempts = 0\n");

    let output = run(&["serve", "--config", settings.path().to_str().unwrap()]).await;

    assert_eq!(output.status.code(), Some(78));
    assert_eq!(stdout(&output), "");
    for problem in [
        "3 problems",
        "\"nowhere\"",
        "did you mean server.listen?",
        "routing.max_attempts",
    ] {
        assert!(stderr(&output).contains(problem), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn broken_registry_is_reported_at_once() {
    let fixture = |ending| {
        format!(
            "{}/tests/fixtures/registry/wrong_types.{ending}",
            env!("CARGO_MANIFEST_DIR")
        )
    };
    let listen = ["serve", "--emulator", "--listen", "127.0.0.1:0"];

    let output = run(&[&listen[..], &["--registry", &fixture("json")]].concat()).await;

    let problems = std::fs::read_to_string(fixture("txt")).unwrap();
    assert_eq!(output.status.code(), Some(78));
    assert!(problems.lines().count() > 1);
    assert!(stderr(&output).contains(&problems), "{}", stderr(&output));
}

#[tokio::test]
async fn server_answers_the_client_and_ends_on_sigterm() {
    let mut server = Process::start(command(&[
        "serve",
        "--emulator",
        "--listen",
        "127.0.0.1:0",
        "--server-drain-delay",
        "0s",
    ]));
    let address = server.line("gateway listening on ").await;
    let emulator = server.line("emulator listening on ").await;

    let answer = run(&["invoke", "Hi", "--address", &address]).await;
    let models = run(&["models", "--json", "--address", &address]).await;
    let (exit, _log) = server.terminate().await;

    assert!(emulator.starts_with("http://127.0.0.1:"), "{emulator}");
    assert_eq!(answer.status.code(), Some(0), "{}", stderr(&answer));
    assert!(stdout(&answer).starts_with("[emulator]"));
    assert!(stderr(&answer).contains("1 attempt"), "{}", stderr(&answer));
    let models: serde_json::Value = serde_json::from_slice(&models.stdout).unwrap();
    assert!(models[0]["name"].is_string(), "{models}");
    assert_eq!(exit, Some(0));
}

#[tokio::test]
async fn nobody_at_the_address_has_an_exit_code_of_its_own() {
    // A port that was free a moment ago, and that nobody listens on.
    let address = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap();

    let output = run(&["invoke", "Hi", "--address", &address.to_string()]).await;

    assert_eq!(output.status.code(), Some(69));
    assert!(stderr(&output).contains(&address.to_string()));
}

#[tokio::test]
async fn unknown_flag_is_a_wrong_command_line() {
    let output = run(&["serve", "--no-such-flag"]).await;

    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--no-such-flag"));
}

#[tokio::test]
async fn log_holds_no_content_and_no_secret_when_calls_succeed() {
    let scenario = format!(r#"{{"*": {{"reply": {{"text": "{ANSWER}"}}}}}}"#);

    for format in ["text", "json"] {
        let log = log_of_two_calls(format, &scenario, &["--no-auth"], Some(0)).await;

        assert!(log.contains("input_tokens"), "{log}");
        assert_clean(&log);
    }
}

#[tokio::test]
async fn log_holds_no_content_and_no_secret_when_calls_fail() {
    // Bedrock's words may repeat what it was sent.
    let scenario = format!(
        r#"{{"*": {{"exception": {{"name": "ValidationException", "message": "{PROMPT}"}}}}}}"#
    );

    for format in ["text", "json"] {
        let refused = log_of_two_calls(format, &scenario, &["--no-auth"], Some(1)).await;
        let unsigned = log_of_two_calls(format, "{}", &[], Some(1)).await;

        assert!(refused.contains("attempt failed"), "{refused}");
        assert_clean(&refused);
        assert!(unsigned.contains("attempt failed"), "{unsigned}");
        assert_clean(&unsigned);
    }
}

#[track_caller]
fn assert_clean(log: &str) {
    for word in [PROMPT, SYSTEM, ANSWER, SECRET, SESSION] {
        assert!(!log.contains(word), "the log holds {word}:\n{log}");
    }
}

/// All a gateway logs about a call and a stream, in front of an emulator with this scenario.
async fn log_of_two_calls(
    format: &str,
    scenario: &str,
    emulator: &[&str],
    exit: Option<i32>,
) -> String {
    let scenarios = file(scenario);
    let path = scenarios.path().to_str().unwrap();
    let emulate = ["emulate", "--listen", "127.0.0.1:0", "--scenarios", path];
    let mut emulator = Process::start(command(&[&emulate[..], emulator].concat()));
    let endpoint = emulator.line("emulator listening on ").await;
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    serve
        .args(["--bedrock-endpoint", &endpoint])
        .args([
            "--log-format",
            format,
            "--log-filter",
            "trace",
            "--log-every-call",
        ])
        .args(["--server-drain-delay", "0s"])
        .env("AWS_ACCESS_KEY_ID", "AKIAEMULATOR00000000")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", SESSION);
    let mut gateway = Process::start(serve);
    let address = gateway.line("gateway listening on ").await;

    let call = ["invoke", PROMPT, "--system", SYSTEM, "--address", &address];
    let answer = run(&call).await;
    let stream = run(&[&call[..], &["--stream"]].concat()).await;
    let (_, log) = gateway.terminate().await;
    emulator.terminate().await;

    assert_eq!(answer.status.code(), exit, "{}", stderr(&answer));
    assert_eq!(stream.status.code(), exit, "{}", stderr(&stream));
    assert_eq!(exit == Some(0), stdout(&answer).contains(ANSWER));
    log
}
