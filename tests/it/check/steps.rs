//! The four steps: what is printed when all is well, and when a step cannot be taken.

use std::io::Write as _;
use std::process::Stdio;

use bedrock_gateway::emulator::Options;
use jiff::SignedDuration;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;

use super::Bedrock;
use super::assert_says;
use super::json;
use super::run;
use super::states;
use super::stderr;
use super::stdout;
use crate::support::process::command;
use crate::support::soon;

#[tokio::test]
async fn four_steps_are_told_with_all_that_was_found() {
    let bedrock = Bedrock::start().await;

    let output = run(bedrock.check_with_keys(&[])).await;

    assert_eq!(
        bedrock.redacted(stdout(&output)),
        "\
1. Credentials
   ✓ the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: key AKIA…0000
   ✓ region us-east-1, from the default
2. Registry
   ✓ 3 models from REGISTRY, 2 can be called
   ✓ large is the default
   ! model old is past its end of life, 2020-01-31; use small instead
3. Endpoint
   ✓ ENDPOINT answers: DNS # ms, TCP # ms, HTTP # ms
4. Invocation
   ✓ large · 10 in, 32 out · $0.00255 · 1 attempt · stopped: max_tokens · # ms

all is well, 1 warning
"
    );
    assert_says(&output, 0, &[]);
    assert_eq!(stderr(&output), "");
}

#[tokio::test]
async fn json_holds_the_same_for_programs() {
    let bedrock = Bedrock::start().await;

    let output = run(bedrock.check_with_keys(&["--json"])).await;

    assert_says(&output, 0, &[]);
    let document = json(&output);
    assert_eq!(document["ok"], true);
    assert_eq!(document["exitCode"], 0);
    assert_eq!(document["warnings"], 1);
    assert_eq!(
        states(&document),
        "credentials passed, registry passed, endpoint passed, invocation passed"
    );
    let [credentials, registry, endpoint, invocation] =
        [0, 1, 2, 3].map(|step| &document["steps"][step]);
    assert_eq!(credentials["provider"], "environment");
    assert_eq!(credentials["keyId"], "AKIA…0000");
    assert_eq!(credentials["region"], "us-east-1");
    assert_eq!(registry["models"], 3);
    assert_eq!(registry["callableModels"], 2);
    assert_eq!(registry["defaultModel"], "large");
    assert_eq!(endpoint["url"], bedrock.emulator.endpoint_url());
    assert!(endpoint["httpMs"].is_u64());
    let call = &invocation["calls"][0];
    assert_eq!(call["model"], "large");
    assert_eq!(call["state"], "answered");
    assert!(call["latencyMs"].is_u64());
    assert_eq!(call["metadata"]["usage"]["outputTokens"], 32);
    assert_eq!(call["metadata"]["cost"]["totalNanos"], "2550000");
    assert_eq!(invocation["totalCost"]["totalNanos"], "2550000");
}

#[tokio::test]
async fn built_in_emulator_needs_nothing() {
    let output = run(command(&["check", "--emulator"])).await;

    assert_says(
        &output,
        0,
        &[
            "the emulator's own",
            "the emulator at http://127.0.0.1:",
            "claude-opus-4-1 · ",
        ],
    );
}

#[tokio::test]
async fn settings_say_where_the_region_comes_from() {
    let bedrock = Bedrock::start().await;
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(b"[bedrock]\n\nregion = \"us-east-1\"\n")
        .unwrap();
    let path = file.path().to_str().unwrap();
    let mut by_variable = bedrock.check_with_keys(&["--free"]);
    by_variable.env("AWS_REGION", "us-east-1");

    let by_variable = run(by_variable).await;
    let by_file = run(bedrock.check_with_keys(&["--free", "--config", path])).await;
    let by_flag = run(bedrock.check_with_keys(&["--free", "--bedrock-region", "us-east-1"])).await;

    assert_says(&by_variable, 0, &["region us-east-1, from AWS_REGION\n"]);
    assert_says(
        &by_file,
        0,
        &[&format!("region us-east-1, from {path}:3\n")],
    );
    assert_says(&by_flag, 0, &["region us-east-1, from --bedrock-region\n"]);
}

#[tokio::test]
async fn broken_registry_is_told_whole_and_stops_only_the_call() {
    let bedrock = Bedrock::start().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/registry");
    let broken = format!("{folder}/wrong_types.json");
    let problems = std::fs::read_to_string(format!("{folder}/wrong_types.txt")).unwrap();

    let output = run(bedrock.check_with_keys(&["--json", "--registry", &broken])).await;
    let text = run(bedrock.check_with_keys(&["--registry", &broken])).await;

    let document = json(&output);
    assert_says(&output, 78, &[]);
    assert_eq!(
        states(&document),
        "credentials passed, registry failed, endpoint passed, invocation skipped"
    );
    let finding = document["steps"][1]["findings"][0]["text"]
        .as_str()
        .unwrap();
    assert!(finding.contains(problems.trim_end()), "{finding}");
    assert_says(
        &text,
        78,
        &["no model was called: step 2 failed", "\nstep 2 failed\n"],
    );
    assert_eq!(bedrock.emulator.calls().len(), 0);
}

#[tokio::test]
async fn missing_files_are_named() {
    let bedrock = Bedrock::start().await;

    let registry = run(bedrock.check_with_keys(&["--registry", "no/such.json"])).await;
    let settings = run(bedrock.check_with_keys(&["--config", "no/such.toml"])).await;
    let emulator = run(command(&[
        "check",
        "--emulator",
        "--registry",
        "no/such.json",
    ]))
    .await;

    assert_says(
        &registry,
        78,
        &["the registry file no/such.json", "No such file"],
    );
    assert_says(&settings, 78, &["no/such.toml: cannot be read"]);
    assert_says(
        &emulator,
        78,
        &["no/such.json", "the emulator needs a registry"],
    );
}

#[tokio::test]
async fn default_model_that_does_not_exist_or_cannot_be_called_is_told() {
    let bedrock = Bedrock::start().await;
    let mut unknown = bedrock.check_with_keys(&[]);
    unknown.env("BEDROCK_DEFAULT_MODEL", "nova");
    let mut retired = bedrock.check_with_keys(&[]);
    retired.env("BEDROCK_DEFAULT_MODEL", "old");
    let mut other = bedrock.check_with_keys(&[]);
    other.env("BEDROCK_DEFAULT_MODEL", "small");

    let unknown = run(unknown).await;
    let retired = run(retired).await;
    let other = run(other).await;

    assert_says(&unknown, 78, &["registry.default_model is \"nova\""]);
    assert_says(
        &retired,
        1,
        &[
            "old is the default, but not called: the model reached its end of life",
            "MODEL_RETIRED",
        ],
    );
    assert_says(&other, 0, &["small is the default", "✓ small · "]);
}

#[tokio::test]
async fn nobody_at_the_endpoint_stops_before_the_call() {
    let bedrock = Bedrock::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let endpoint = format!("http://{address}");

    let output = run(bedrock.check_with_keys(&["--bedrock-endpoint", &endpoint])).await;

    let port = address.split(':').next_back().unwrap();
    assert_says(
        &output,
        69,
        &[
            &format!("✗ failed to connect to 127.0.0.1 port {port}: Connection refused"),
            "→ check routes, security groups and firewalls",
            "- no model was called: step 3 failed",
        ],
    );
}

#[tokio::test]
async fn wrong_clock_is_told_before_the_call_and_does_not_stop_it() {
    let bedrock = Bedrock::with(Options {
        clock_ahead: SignedDuration::from_mins(10),
        ..Options::default()
    })
    .await;

    let output = run(bedrock.check_with_keys(&["--routing-max-retries", "1"])).await;

    assert_says(
        &output,
        0,
        &[
            "! the clock of this machine is ",
            " s behind",
            "→ synchronize it",
            "2 attempts",
        ],
    );
}

#[tokio::test]
async fn broken_settings_end_the_command_before_the_first_step() {
    let bedrock = Bedrock::start().await;

    let output = run(bedrock.check_with_keys(&["--json", "--routing-max-attempts", "0"])).await;

    assert_says(
        &output,
        78,
        &["--routing-max-attempts: routing.max_attempts"],
    );
    assert_eq!(stdout(&output), "");
}

#[tokio::test]
async fn reader_that_leaves_is_not_complained_about() {
    let mut check = command(&["check", "--emulator"]);
    check.stdout(Stdio::piped());

    let mut child = check.spawn().unwrap();
    drop(child.stdout.take());
    let output = soon(child.wait_with_output()).await.unwrap();

    assert_eq!(stderr(&output), "");
}
