//! `iam-policy` as a process: its output, its notes, its exit codes.
//!
//! `UPDATE_GOLDEN=1 cargo test golden` writes the outputs in tests/golden/iam anew, for review.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Output;
use std::process::Stdio;

use serde_json::Value;
use tempfile::NamedTempFile;

use super::evaluator::mistakes;
use crate::support::process::command;
use crate::support::soon;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/iam");
const REGISTRY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/golden/iam/registry.json"
);
const PROFILES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/golden/iam/profiles.json"
);

async fn run(arguments: &[&str]) -> Output {
    soon(command(&[&["iam-policy"], arguments].concat()).output())
        .await
        .unwrap()
}

/// The same, for the models of the golden registry.
async fn run_golden(arguments: &[&str]) -> Output {
    let usual = [
        "--registry",
        REGISTRY,
        "--registry-try-retired-models=false",
    ];
    run(&[&usual[..], arguments].concat()).await
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

/// Compares with the text that was reviewed.
#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let path = Path::new(FOLDER).join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        reviewed == text,
        "tests/golden/iam/{name} is not this:\n{text}"
    );
}

#[tokio::test]
async fn golden_json_is_as_reviewed() {
    let output = run_golden(&["--account", "123456789012", "--explain"]).await;

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_golden("least.json", stdout(&output));
    assert_golden("least.notes.txt", stderr(&output));
}

#[tokio::test]
async fn golden_terraform_is_as_reviewed() {
    let wanted = [
        "--guardrail",
        "abc123",
        "--bearer-key",
        "--profiles",
        PROFILES,
    ];

    let output = run_golden(&[&["--format", "terraform"], &wanted[..]].concat()).await;

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_golden("least.tf", stdout(&output));
    assert_golden("least.tf.notes.txt", stderr(&output));
}

#[tokio::test]
async fn golden_cloudformation_is_as_reviewed() {
    let output = run_golden(&["--format", "cloudformation", "--profiles", PROFILES]).await;

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_golden("least.yaml", stdout(&output));
}

#[tokio::test]
async fn golden_broad_policy_is_as_reviewed() {
    let output = run_golden(&["--broad", "--account", "123456789012"]).await;

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_golden("broad.json", stdout(&output));
    assert!(stderr(&output).contains("warning: this policy allows every model"));
}

#[tokio::test]
async fn statement_for_any_model_names_none() {
    let broad = ["--broad", "--format", "terraform", "--models", "on-demand"];

    let output = run_golden(&broad).await;

    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(text.contains("Any model is called"), "{text}");
    assert!(!text.contains("on-demand"), "{text}");
}

#[tokio::test]
async fn several_policies_are_an_array_whose_parts_can_be_had_alone() {
    let models: String = (0..60)
        .map(|n| format!(r#""m{n:02}": {{"modelId": "us.maker.model-{n}", "priority": {n}}},"#))
        .collect();
    let registry = file(&format!(
        r#"{{"modelRegistry": {{{}}}}}"#,
        models.trim_end_matches(',')
    ));
    let path = registry.path().to_str().unwrap();
    let usual = ["--registry", path, "--account", "123456789012"];

    let all = run(&usual).await;
    let policies = json(&all).as_array().unwrap().clone();
    let count = policies.len();
    let mut parts = Vec::new();
    for part in 1..=count {
        let output = run(&[&usual[..], &["--part", &part.to_string()]].concat()).await;
        parts.push(json(&output));
    }
    let beyond = run(&[&usual[..], &["--part", &(count + 1).to_string()]].concat()).await;

    assert!(count > 1);
    assert!(stderr(&all).contains(&format!("there are {count} policies")));
    assert_eq!(parts, policies);
    assert!(policies.iter().all(|policy| mistakes(policy).is_empty()));
    assert_eq!(beyond.status.code(), Some(2));
    assert!(stderr(&beyond).contains(&format!("must be at most {count}")));
}

#[tokio::test]
async fn more_policies_than_a_role_takes_are_warned_of() {
    let long = "x".repeat(1400);
    let models: Vec<String> = (0..12)
        .map(|n| format!(r#""m{n}": {{"modelId": "us.maker.{long}-{n}", "priority": {n}}}"#))
        .collect();
    let registry = file(&format!(r#"{{"modelRegistry": {{{}}}}}"#, models.join(",")));
    let path = registry.path().to_str().unwrap();

    let output = run(&["--registry", path, "--account", "123456789012"]).await;

    assert!(json(&output).as_array().unwrap().len() > 10);
    assert!(
        stderr(&output).contains("warning: a role takes 10 managed policies"),
        "{}",
        stderr(&output)
    );
}

#[tokio::test]
async fn json_without_an_account_is_refused() {
    let output = run_golden(&["--models", "global"]).await;

    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains("--account"), "{}", stderr(&output));
    assert!(stderr(&output).contains("terraform"), "{}", stderr(&output));
}

#[tokio::test]
async fn models_that_need_no_account_need_none() {
    let output = run_golden(&["--models", "on-demand"]).await;

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        json(&output)["Statement"][0]["Resource"],
        serde_json::json!(["arn:aws:bedrock:us-east-1::foundation-model/openai.gpt-oss-120b-1:0"])
    );
}

#[tokio::test]
async fn account_that_the_gateway_would_not_call_is_refused() {
    let output = run(&["--models", "claude-sonnet-4-5", "--account", "123456789012"]).await;

    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(told.contains("claude-sonnet-4-5"), "{told}");
    assert!(told.contains("394686422207"), "{told}");
    assert!(told.contains("--registry-profile-account"), "{told}");
}

#[tokio::test]
async fn account_and_region_of_the_settings_are_used() {
    let registry = file(r#"{"modelRegistry": {"a": {"modelId": "us.maker.a", "priority": 1}}}"#);
    let mut command = command(&[
        "iam-policy",
        "--registry",
        registry.path().to_str().unwrap(),
    ]);
    command
        .env("AWS_REGION", "us-west-2")
        .env("BEDROCK_GATEWAY_REGISTRY_PROFILE_ACCOUNT", "111122223333");

    let output = soon(command.output()).await.unwrap();

    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        json(&output)["Statement"][0]["Resource"],
        serde_json::json!(["arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.maker.a"])
    );
}

#[tokio::test]
async fn partition_is_that_of_the_region() {
    for (region, partition) in [
        ("us-gov-west-1", "aws-us-gov"),
        ("cn-north-1", "aws-cn"),
        ("eu-west-1", "aws"),
    ] {
        let registry = file(
            r#"{"modelRegistry": {
                "a": {"modelId": "us-gov.anthropic.claude-opus-5", "priority": 1},
                "b": {"modelId": "amazon.nova-pro-v1:0", "priority": 2}
            }}"#,
        );
        let path = registry.path().to_str().unwrap();

        let output = run(&[
            "--registry",
            path,
            "--bedrock-region",
            region,
            "--registry-profile-account",
            "111122223333",
        ])
        .await;

        let start = format!("arn:{partition}:bedrock:{region}:");
        let text = stdout(&output);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(text.matches("arn:").count(), text.matches(&start).count());
        assert!(text.contains(&format!(
            "{start}111122223333:inference-profile/us-gov.anthropic.claude-opus-5"
        )));
    }
}

#[tokio::test]
async fn all_unknown_models_are_told_at_once() {
    let output = run_golden(&["--models", "globl,claude-2-1,nothing-like-it,global"]).await;

    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
    assert_eq!(told.lines().count(), 3, "{told}");
    assert!(told.contains("\"globl\" is not a model of the registry; did you mean global?"));
    assert!(told.contains("\"claude-2-1\" was taken out of the registry; use global"));
    assert!(
        told.contains(
            "\"nothing-like-it\" is not a model of the registry; `bedrock-gateway models`"
        )
    );
}

#[tokio::test]
async fn empty_name_of_a_model_is_refused_once() {
    let output = run_golden(&["--models", ","]).await;

    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stderr(&output).matches("error: ").count(), 1);
}

#[tokio::test]
async fn no_policy_is_made_for_models_that_are_not_called() {
    let output = run_golden(&["--models", "retired,turned-off,elsewhere"]).await;

    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "");
    assert!(
        told.contains(
            "retired is left out: it reached its end of life on 2025-02-28; use on-demand"
        )
    );
    assert!(told.contains("turned-off is left out: the registry turns it off"));
    assert!(
        told.contains("elsewhere is left out: it is not offered in us-east-1, only in eu-west-1")
    );
}

#[tokio::test]
async fn bad_flags_are_refused_with_what_is_allowed() {
    for (arguments, allowed) in [
        (
            ["--format", "yaml"],
            "[possible values: json, terraform, cloudformation]",
        ),
        (
            ["--account", "12345"],
            "must be an AWS account of 12 digits",
        ),
        (
            ["--account", "12345678901x"],
            "must be an AWS account of 12 digits",
        ),
        (
            ["--guardrail", "*"],
            "must be an id of lower-case letters and digits",
        ),
        (["--part", "0"], "--part"),
    ] {
        let output = run(&arguments).await;

        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(allowed), "{}", stderr(&output));
    }

    let output = run(&["--format", "terraform", "--part", "1"]).await;

    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--part: is for --format json"));
}

#[tokio::test]
async fn missing_and_wrong_files_are_named() {
    let wrong = file("{}");
    let wrong = wrong.path().to_str().unwrap();

    let no_registry = run(&["--registry", "/nowhere/models.json"]).await;
    let no_models = run(&["--registry", wrong]).await;
    let no_list = run(&["--profiles", "/nowhere/profiles.json"]).await;
    let no_profiles = run(&["--profiles", wrong]).await;

    assert_eq!(no_registry.status.code(), Some(78));
    assert!(stderr(&no_registry).contains("/nowhere/models.json"));
    assert_eq!(no_models.status.code(), Some(78));
    assert!(stderr(&no_models).contains("modelRegistry"));
    assert_eq!(no_list.status.code(), Some(74));
    assert!(stderr(&no_list).contains("/nowhere/profiles.json"));
    assert_eq!(no_profiles.status.code(), Some(1));
    assert!(stderr(&no_profiles).contains("list-inference-profiles"));
}

#[tokio::test]
async fn profile_that_is_listed_without_models_takes_those_of_the_registry() {
    let id = "us.amazon.nova-pro-v1:0";
    let arn = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{id}");
    let list = serde_json::json!({"inferenceProfileSummaries": [
        {"inferenceProfileId": id, "inferenceProfileArn": arn, "models": []},
    ]});
    let list = file(&list.to_string());
    let list = list.path().to_str().unwrap();
    let wanted = [
        "--account",
        "123456789012",
        "--models",
        "unknown-destinations",
    ];

    let without = run_golden(&wanted).await;
    let with = run_golden(&[&wanted[..], &["--profiles", list]].concat()).await;

    let warning = format!("the list of --profiles has no models behind {id}");
    assert_eq!(with.status.code(), Some(0), "{}", stderr(&with));
    assert!(stderr(&with).contains(&warning), "{}", stderr(&with));
    assert_eq!(stdout(&with), stdout(&without));
}

#[tokio::test]
async fn notes_stay_out_of_the_output() {
    let output = run_golden(&["--account", "123456789012", "--explain"]).await;

    assert!(json(&output)["Statement"].is_array());
    assert!(stderr(&output).contains("InvokeProfiles: "));
}

#[tokio::test]
async fn closed_pipe_is_no_drama() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = command(&["iam-policy", "--models", "claude-sonnet-4-5"]);
    command.stdout(Stdio::from(writer));

    // `output` would put a pipe of its own in the place of this one.
    let running = command.spawn().unwrap();
    let output = soon(running.wait_with_output()).await.unwrap();

    assert_eq!(output.status.code(), Some(74));
    assert!(!stderr(&output).contains("error"), "{}", stderr(&output));
}
