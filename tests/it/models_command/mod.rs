//! The command `models`: its output, its exit codes, and what it says to bad input.

mod diff;
mod validate;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Output;
use std::process::Stdio;

use jiff::ToSpan as _;
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::json;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;

use crate::support::process::Process;
use crate::support::process::command;
use crate::support::process::serving;
use crate::support::soon;
use crate::support::terminal::shown_on_terminal;

const GUIDE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/config/aws-bedrock-models.json"
);
const LIVING: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/config/aws-bedrock-models.2026-11.json"
);

async fn run(arguments: &[&str]) -> Output {
    let mut command = command(arguments);
    command.env_remove("BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS");
    soon(command.output()).await.unwrap()
}

/// Runs the command with this on its standard input.
async fn fed(arguments: &[&str], input: &str) -> Output {
    let mut child = command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    soon(child.wait_with_output()).await.unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn path(file: &NamedTempFile) -> &str {
    file.path().to_str().unwrap()
}

fn fixture(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/registry");
    folder.join(name).to_str().unwrap().to_owned()
}

/// A day this far from today.
fn day(days: i64) -> String {
    let today = Zoned::now().with_time_zone(TimeZone::UTC).date();
    (today + days.days()).to_string()
}

/// Three models: one that ends in 40 days, one of another region, one that is turned off.
fn three() -> NamedTempFile {
    let models = json!({
        "ending": {
            "modelId": "us.acme.large-v1:0", "priority": 1, "aliases": ["large"],
            "prices": {"inputPerMillion": 3, "outputPerMillion": 15},
            "contextWindow": 200_000, "maxOutputTokens": 8192, "regions": ["us-east-1"],
            "lifecycle": {"legacyDate": "2026-01-01", "endOfLifeDate": day(40), "replacement": "far"},
        },
        "far": {"modelId": "acme.far-v1:0", "priority": 2, "regions": ["eu-west-1"]},
        "off": {"modelId": "acme.off-v1:0", "priority": 3, "enabled": false},
    });
    let removed = json!([{
        "modelId": "acme.old", "name": "old", "replacement": "ending", "note": "too slow",
    }]);
    file(&json!({"modelRegistry": models, "removedModels": removed}).to_string())
}

#[tokio::test]
async fn list_says_what_is_called_costs_and_lasts() {
    let registry = three();

    let listed = run(&["models", "list", "--registry", path(&registry)]).await;
    let unnamed = run(&["models", "--registry", path(&registry)]).await;

    let expected = "\
PRIORITY  MODEL   STATE      CONTEXT  OUTPUT  IN $/M  OUT $/M  RETIRES     DAYS  ALIASES  CALLED AS
       1  ending  active      200000    8192    3.00    15.00  YYYY-MM-DD    40  large    us.acme.large-v1:0
       2  far     elsewhere        -    4096       -        -  -              -  -        acme.far-v1:0
       3  off     disabled         -    4096       -        -  -              -  -        acme.off-v1:0
";
    assert_eq!(stdout(&listed).replace(&day(40), "YYYY-MM-DD"), expected);
    assert_eq!((listed.status.code(), stderr(&listed)), (Some(0), ""));
    assert_eq!(listed, unnamed);
}

#[tokio::test]
async fn show_says_why_something_is_called_and_until_when() {
    let registry = three();

    let shown = run(&["models", "show", "large", "--registry", path(&registry)]).await;

    for line in [
        "model         ending",
        "state         active: it is tried",
        "called as     us.acme.large-v1:0",
        "that is       the modelId, because requiresInferenceProfile is not true",
        "offered in    us-east-1",
        &format!(
            "lifecycle     legacy since 2026-01-01; end of life on {}, 40 days left",
            day(40)
        ),
        "prices        input 3.00, output 15.00, in USD per million tokens",
    ] {
        assert!(
            stdout(&shown).lines().any(|found| found == line),
            "{}",
            stdout(&shown)
        );
    }
    assert_eq!((shown.status.code(), stderr(&shown)), (Some(0), ""));
}

#[tokio::test]
async fn a_running_gateway_says_the_same_as_its_file_and_who_is_suspended() {
    let scenarios = file(r#"{"*": {"exception": {"name": "ResourceNotFoundException"}}}"#);
    let emulate = [
        "emulate",
        "--listen",
        "127.0.0.1:0",
        "--scenarios",
        path(&scenarios),
    ];
    let mut emulator = Process::start(command(&emulate));
    let endpoint = emulator.line("emulator listening on ").await;
    let flags = [
        "--registry",
        GUIDE,
        "--routing-max-retries=0",
        "--registry-profile-account=123456789012",
    ];
    let mut gateway = Process::start(serving(&endpoint, &flags));
    let address = gateway.line("gateway listening on ").await;

    let of_gateway = run(&["models", "--json", "--address", &address]).await;
    let of_file = run(&[
        "models",
        "--json",
        "--registry-try-retired-models",
        "--registry-profile-account=123456789012",
        "--registry",
        GUIDE,
    ])
    .await;
    run(&[
        "invoke",
        "Hi",
        "--model",
        "claude-opus-4-1",
        "--address",
        &address,
    ])
    .await;
    let listed = run(&["models", "--address", &address]).await;
    let shown = run(&["models", "show", "claude-opus-4.1", "--address", &address]).await;
    let removed = run(&["models", "show", "claude-2-1", "--address", &address]).await;
    gateway.terminate().await;
    emulator.terminate().await;

    assert_eq!(json_of(&of_gateway), json_of(&of_file));
    let first = stdout(&listed).lines().nth(1).unwrap();
    assert!(first.contains("claude-opus-4-1       suspended"), "{first}");
    for words in [
        "suspended: left alone for now after failures",
        "the ARN in inferenceProfileArn with the account of registry.profile_account",
    ] {
        assert!(stdout(&shown).contains(words), "{}", stdout(&shown));
    }
    assert_eq!(removed.status.code(), Some(1));
    assert!(
        stderr(&removed).contains("\"claude-2-1\" was removed; use \"claude-sonnet-4-5\""),
        "{}",
        stderr(&removed)
    );
}

#[tokio::test]
async fn json_of_one_model_is_that_of_the_list() {
    let listed = run(&["models", "list", "--json", "--registry", GUIDE]).await;
    let shown = run(&[
        "models",
        "show",
        "deepseek-r1",
        "--json",
        "--registry",
        GUIDE,
    ])
    .await;

    assert_eq!(json_of(&listed)[7], json_of(&shown));
    let members: Vec<String> = json_of(&shown)
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        members.join(" "),
        "name aliases displayName description provider bedrockModelId bedrockModelIdReason region \
         regions destinationRegions priority state capabilities unsupportedFields \
         contextWindowTokens maxOutputTokens defaultMaxTokens mediaLimits pricing retireDate \
         daysUntilRetirement legacyDate replacement"
    );
}

#[tokio::test]
async fn a_model_that_is_not_there_is_answered_with_the_one_to_name() {
    let registry = three();
    let show = |name| {
        let arguments = ["models", "show", name, "--registry", path(&registry)].map(str::to_owned);
        async move { run(&arguments.each_ref().map(String::as_str)).await }
    };

    for (name, words) in [
        (
            "old",
            "model \"old\" was removed; use \"ending\" (too slow)",
        ),
        (
            "endign",
            "no model is named \"endign\"; did you mean \"ending\"?",
        ),
        (
            "zzz",
            "no model is named \"zzz\"\n  advice   `bedrock-gateway models list`",
        ),
    ] {
        let output = show(name).await;

        assert_eq!((output.status.code(), stdout(&output)), (Some(1), ""));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
}

#[tokio::test]
async fn what_cannot_be_read_or_reached_has_a_message_and_a_code() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .to_string();
    let folder = env!("CARGO_MANIFEST_DIR");

    for (arguments, code, words) in [
        (
            &["models", "--registry", "missing.json"][..],
            78,
            "failed to read the registry file missing.json: No such file or directory",
        ),
        (&["models", "validate", folder], 78, "Is a directory"),
        (
            &["models", "diff", GUIDE, "missing.json"],
            78,
            "missing.json",
        ),
        (
            &["models", "diff", GUIDE, &fixture("wrong_types.json")],
            78,
            "modelRegistry",
        ),
        (&["models", "diff", "-", "-"], 2, "name at least one"),
        (
            &["models", "--registry", GUIDE, "--bedrock-region", "moon"],
            78,
            "\"moon\" is not an AWS region",
        ),
        (
            &["models", "--address", &nowhere],
            69,
            "start one with: bedrock-gateway serve",
        ),
        (
            &["models", "show", "x", "--address", &nowhere],
            69,
            "no gateway answers at",
        ),
        (&["models", "show"], 2, "<MODEL>"),
        (
            &["models", "--bedrock-region", "eu-west-1"],
            2,
            "--registry <FILE>",
        ),
    ] {
        let output = run(arguments).await;

        assert_eq!(
            output.status.code(),
            Some(code),
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
async fn a_terminal_gets_colors_and_what_fits_it() {
    let registry = three();
    let list = |color: bool| {
        let mut list = command(&["models", "--registry", path(&registry)]);
        list.env("TERM", "xterm");
        if !color {
            list.env("NO_COLOR", "1");
        }
        list
    };

    let wide = shown_on_terminal(list(false), 200).await;
    let narrow = shown_on_terminal(list(false), 60).await;
    let colored = shown_on_terminal(list(true), 200).await;
    let piped = soon(list(true).output()).await.unwrap();

    assert_eq!(wide, stdout(&piped));
    assert!(
        narrow.ends_with("no room for: CONTEXT, OUTPUT, OUT $/M, ALIASES, CALLED AS\n"),
        "{narrow}"
    );
    assert!(
        narrow.lines().all(|line| line.chars().count() <= 60),
        "{narrow}"
    );
    assert!(colored.contains("\u{1b}[32mactive\u{1b}[0m"), "{colored}");
    assert!(!wide.contains('\u{1b}') && !stdout(&piped).contains('\u{1b}'));
}

#[tokio::test]
async fn a_closed_pipe_ends_it_quietly() {
    for arguments in [
        &["models", "--registry", GUIDE][..],
        &["models", "show", "deepseek-r1", "--registry", GUIDE],
        &["models", "validate", GUIDE],
        &["models", "diff", GUIDE, LIVING],
        &["completions", "bash"],
        &["man"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut closed = command(arguments);
        closed.stdout(Stdio::from(writer));

        let child = closed.spawn().unwrap();
        let output = soon(child.wait_with_output()).await.unwrap();

        assert_eq!(
            (output.status.code(), stderr(&output)),
            (Some(74), ""),
            "{arguments:?}"
        );
    }
}
