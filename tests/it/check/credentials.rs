//! Which credentials are found, by which provider, and that nothing secret is shown.

use std::fs;
use std::process::Output;

use bedrock_gateway::emulator::EMULATOR_ACCESS_KEY_ID;
use bedrock_gateway::emulator::EMULATOR_SECRET_ACCESS_KEY;
use tempfile::TempDir;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::Bedrock;
use super::assert_says;
use super::json;
use super::run;
use super::states;
use super::stderr;
use super::stdout;

/// Stand for secrets; nothing else spells them.
const WRONG_SECRET: &str = "badger/in/the/secret/key";
const SESSION: &str = "heron/in/the/session/token";

/// Far enough away to be shown as a time, whenever this runs.
const EXPIRY: &str = "2098-01-02T03:04:05Z";

#[track_caller]
fn assert_clean(output: &Output) {
    let said = format!("{}{}", stdout(output), stderr(output));
    for secret in [
        WRONG_SECRET,
        SESSION,
        EMULATOR_ACCESS_KEY_ID,
        EMULATOR_SECRET_ACCESS_KEY,
    ] {
        assert!(!said.contains(secret), "{secret} is shown:\n{said}");
    }
}

/// An HTTP server that gives each path that ends so its body.
async fn server(answers: Vec<(&'static str, String)>) -> String {
    server_or(answers, "404 Not Found", "").await
}

/// The same, which gives all other paths this.
async fn server_or(
    answers: Vec<(&'static str, String)>,
    refusal: &'static str,
    words: &'static str,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 16_384];
            let length = stream.read(&mut request).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&request[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let body = answers.iter().find(|(end, _)| path.ends_with(end));
            let (status, body) = body.map_or((refusal, words), |(_, body)| ("200 OK", body));
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nx-aws-ec2-metadata-token-ttl-seconds: \
                 600\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

/// Credentials as ECS, EKS and EC2 hand them out.
fn handed_out() -> String {
    serde_json::json!({
        "Code": "Success",
        "Type": "AWS-HMAC",
        "LastUpdated": "2026-11-29T00:00:00Z",
        "AccessKeyId": EMULATOR_ACCESS_KEY_ID,
        "SecretAccessKey": EMULATOR_SECRET_ACCESS_KEY,
        "Token": SESSION,
        "Expiration": EXPIRY,
    })
    .to_string()
}

fn folder_with(name: &str, text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

fn keys(profile: &str) -> String {
    format!(
        "[{profile}]\naws_access_key_id = {EMULATOR_ACCESS_KEY_ID}\n\
         aws_secret_access_key = {EMULATOR_SECRET_ACCESS_KEY}\n"
    )
}

#[tokio::test]
async fn no_credentials_are_told_with_what_to_set_and_what_is_set() {
    let bedrock = Bedrock::start().await;
    let mut check = bedrock.check(&["--json"]);
    check.env("AWS_ACCESS_KEY_ID", EMULATOR_ACCESS_KEY_ID);

    let half = run(check).await;
    let none = run(bedrock.check(&[])).await;

    assert_says(
        &none,
        77,
        &[
            "✗ failed to find AWS credentials: set AWS_PROFILE",
            "→ of the variables that decide, these are set: AWS_EC2_METADATA_DISABLED",
            "✓ region us-east-1",
            "✓ 3 models",
            "answers: DNS",
            "- no model was called: step 1 failed",
        ],
    );
    let document = json(&half);
    assert_eq!(
        states(&document),
        "credentials failed, registry passed, endpoint passed, invocation skipped"
    );
    let advice = document["steps"][0]["findings"][0]["advice"].as_str();
    assert_eq!(
        advice,
        Some("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not")
    );
    assert_clean(&half);
    assert_eq!(bedrock.emulator.calls().len(), 0);
}

#[tokio::test]
async fn wrong_keys_are_found_and_refused() {
    let bedrock = Bedrock::start().await;
    let stranger = "AKIASTRANGER00007777";
    for (id, shown, session, advice) in [
        (
            EMULATOR_ACCESS_KEY_ID,
            "key AKIA…0000\n",
            "",
            "AWS_SECRET_ACCESS_KEY belongs to the access key",
        ),
        (stranger, "key AKIA…7777\n", SESSION, "the key is active"),
        ("short", "key …\n", SESSION, "the key is active"),
    ] {
        let mut check = bedrock.check(&["--verbose"]);
        check
            .env("AWS_ACCESS_KEY_ID", id)
            .env("AWS_SECRET_ACCESS_KEY", WRONG_SECRET)
            .env("AWS_SESSION_TOKEN", session);

        let output = run(check).await;

        assert_says(
            &output,
            77,
            &[shown, "UPSTREAM_CREDENTIALS_INVALID", advice],
        );
        assert!(!stdout(&output).contains(id), "{}", stdout(&output));
        assert_clean(&output);
    }
}

#[tokio::test]
async fn api_key_goes_before_all_others_and_is_never_shown() {
    let bedrock = Bedrock::start().await;
    let mut check = bedrock.check_with_keys(&["--verbose"]);
    check.env("AWS_BEARER_TOKEN_BEDROCK", WRONG_SECRET);

    let output = run(check).await;

    assert_says(
        &output,
        77,
        &[
            "✓ the API key in AWS_BEARER_TOKEN_BEDROCK\n",
            "! passed over in favour of these: AWS_ACCESS_KEY_ID",
            "the API key in AWS_BEARER_TOKEN_BEDROCK is wrong or has expired",
        ],
    );
    assert_clean(&output);
}

#[tokio::test]
async fn variables_go_before_a_profile() {
    let bedrock = Bedrock::start().await;
    let mut check = bedrock.check_with_keys(&[]);
    check.env("AWS_PROFILE", "dev");

    let output = run(check).await;

    assert_says(&output, 0, &["passed over in favour of these: AWS_PROFILE"]);
}

#[tokio::test]
async fn roles_of_pods_and_tasks_are_told_when_others_go_before_them() {
    let bedrock = Bedrock::start().await;
    let (_folder, path) = folder_with("credentials", &keys("default"));
    let roles = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/gateway"),
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/role"),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://127.0.0.1/role",
        ),
    ];
    let mut by_variables = bedrock.check_with_keys(&["--free"]);
    by_variables.envs(roles);
    let mut by_profile = bedrock.check(&["--free"]);
    by_profile
        .envs(roles)
        .env("AWS_SHARED_CREDENTIALS_FILE", &path);

    let told = format!(
        "! passed over in favour of these: {}\n",
        roles.map(|(name, _)| name).join(", ")
    );
    assert_says(&run(by_variables).await, 0, &[&told]);
    assert_says(&run(by_profile).await, 0, &[&told]);
}

#[tokio::test]
async fn profile_that_does_not_exist_is_named() {
    let bedrock = Bedrock::start().await;
    let (_folder, path) = folder_with("credentials", &keys("default"));
    let mut check = bedrock.check(&[]);
    check
        .env("AWS_SHARED_CREDENTIALS_FILE", &path)
        .env("AWS_PROFILE", "nope");

    let output = run(check).await;

    let advice = "→ AWS_PROFILE is \"nope\": write that profile into the AWS files";
    assert_says(&output, 77, &["✗ failed to find AWS credentials", advice]);
}

#[tokio::test]
async fn what_a_source_says_is_told_without_what_may_be_secret() {
    let bedrock = Bedrock::start().await;
    let fails = format!("[default]\ncredential_process = echo {WRONG_SECRET} >&2; exit 3\n");
    let (_folder, path) = folder_with("config", &fails);
    let imds = server_or(vec![], "403 Forbidden", WRONG_SECRET).await;
    let token_only = vec![("/latest/api/token", "a-token".to_owned())];
    let no_role = server_or(token_only, "403 Forbidden", WRONG_SECRET).await;
    let checked = |variables: [(&'static str, String); 2]| {
        let mut check = bedrock.check(&["--verbose"]);
        check.env("PATH", "/usr/bin:/bin").envs(variables);
        run(check)
    };
    let at_imds = |url| {
        let address = ("AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
        [("AWS_EC2_METADATA_DISABLED", "false".to_owned()), address]
    };

    let of_process = checked([
        ("AWS_CONFIG_FILE", path),
        ("HOME", "/nonexistent".to_owned()),
    ]);
    let of_process = of_process.await;
    let of_imds = checked(at_imds(imds)).await;
    let without_role = checked(at_imds(no_role)).await;
    let of_file = checked([
        (
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "/nonexistent/token".to_owned(),
        ),
        (
            "AWS_ROLE_ARN",
            "arn:aws:iam::123456789012:role/g".to_owned(),
        ),
    ])
    .await;

    for (output, words) in [
        (&of_process, "refused or failed\n"),
        (&of_imds, "refused or failed: "),
        (&without_role, "IMDS answered with HTTP status 403"),
        (&of_file, "refused or failed: No such file or directory"),
    ] {
        let failure = "failed to get AWS credentials: their source (STS, SSO, IMDS or a process) ";
        assert_says(output, 77, &[failure, words]);
        assert_clean(output);
    }
}

#[tokio::test]
async fn without_a_variable_all_ways_to_credentials_are_named() {
    let bedrock = Bedrock::start().await;
    let refusing = server_or(vec![], "403 Forbidden", "").await;
    let mut check = bedrock.check(&[]);
    check
        .env_remove("AWS_EC2_METADATA_DISABLED")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", refusing);

    let output = run(check).await;

    let advice = "set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
                  AWS_BEARER_TOKEN_BEDROCK";
    assert_says(&output, 77, &[advice]);
}

#[tokio::test]
async fn region_and_endpoint_that_only_others_read_are_told() {
    let bedrock = Bedrock::start().await;
    let profile = keys("default") + "region = eu-west-1\n";
    let (_folder, path) = folder_with("credentials", &profile);
    let free = |variables: &[(&str, &str)]| {
        let mut check = bedrock.check(&["--free"]);
        check
            .env("AWS_SHARED_CREDENTIALS_FILE", &path)
            .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
            .envs(variables.iter().copied());
        run(check)
    };

    let ignored = free(&[]).await;
    let meant = free(&[("AWS_REGION", "us-east-1")]).await;
    let mut elsewhere = bedrock.check_with_keys(&["--free"]);
    elsewhere
        .env_remove("BEDROCK_GATEWAY_BEDROCK_ENDPOINT")
        .env("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:1")
        .args(["--bedrock-region", "xx-none-1"]);
    let elsewhere = run(elsewhere).await;

    let region = "! the region eu-west-1 of the AWS profile is not read";
    let endpoint = "! AWS_ENDPOINT_URL_BEDROCK_RUNTIME is not read for calls of Bedrock";
    assert_says(&ignored, 0, &[region]);
    assert!(
        !stdout(&meant).contains("is not read"),
        "{}",
        stdout(&meant)
    );
    assert_says(&elsewhere, 69, &[endpoint]);
}

#[tokio::test]
async fn profile_is_named() {
    let bedrock = Bedrock::start().await;
    let (_folder, path) = folder_with("credentials", &(keys("default") + &keys("dev")));
    let mut check = bedrock.check(&[]);
    check.env("AWS_SHARED_CREDENTIALS_FILE", &path);
    let mut named = bedrock.check(&[]);
    named
        .env("AWS_SHARED_CREDENTIALS_FILE", &path)
        .env("AWS_PROFILE", "dev");

    let default = run(check).await;
    let named = run(named).await;

    let keys = "✓ keys of a profile (profile";
    assert_says(&default, 0, &[&format!("{keys} default): key AKIA…0000")]);
    assert_says(&named, 0, &[&format!("{keys} dev): key AKIA…0000")]);
}

#[tokio::test]
async fn process_of_a_profile_is_told_with_the_expiry() {
    let bedrock = Bedrock::start().await;
    let answer = serde_json::json!({
        "Version": 1,
        "AccessKeyId": EMULATOR_ACCESS_KEY_ID,
        "SecretAccessKey": EMULATOR_SECRET_ACCESS_KEY,
        "Expiration": EXPIRY,
    });
    let (_answer, answer) = folder_with("answer.json", &answer.to_string());
    let profile = format!("[default]\ncredential_process = cat {answer}\n");
    let (_folder, path) = folder_with("config", &profile);
    let mut check = bedrock.check(&[]);
    check
        .env("AWS_CONFIG_FILE", &path)
        .env("PATH", "/usr/bin:/bin");

    let output = run(check).await;

    assert_says(
        &output,
        0,
        &[
            "✓ the credential_process of a profile (profile default): key AKIA…0000",
            "they expire at 2098-01-02 03:04:05 UTC, in ",
        ],
    );
    assert_clean(&output);
}

#[tokio::test]
async fn role_of_a_task_or_pod_is_told() {
    let bedrock = Bedrock::start().await;
    let server = server(vec![("/role", handed_out())]).await;
    let mut check = bedrock.check(&["--json", "--free"]);
    check.env(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        format!("{server}/role"),
    );

    let output = run(check).await;

    assert_says(&output, 0, &[]);
    let credentials = &json(&output)["steps"][0];
    assert_eq!(credentials["provider"], "container");
    assert_eq!(credentials["expiry"], EXPIRY);
    assert_clean(&output);
}

#[tokio::test]
async fn role_of_an_instance_is_told() {
    let bedrock = Bedrock::start().await;
    let server = server(vec![
        ("/latest/api/token", "a-token".to_owned()),
        ("/security-credentials/", "gateway".to_owned()),
        ("/security-credentials/gateway", handed_out()),
    ])
    .await;
    let mut check = bedrock.check(&["--json", "--free"]);
    check
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", server);

    let output = run(check).await;

    assert_says(&output, 0, &[]);
    assert_eq!(json(&output)["steps"][0]["provider"], "instance");
    assert_clean(&output);
}

#[tokio::test]
async fn web_identity_is_told_with_its_account() {
    let bedrock = Bedrock::start().await;
    let answer = format!(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <AssumeRoleWithWebIdentityResult><AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId>\
         <Arn>arn:aws:sts::123456789012:assumed-role/gateway/s</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>{EMULATOR_ACCESS_KEY_ID}</AccessKeyId><SecretAccessKey>\
         {EMULATOR_SECRET_ACCESS_KEY}</SecretAccessKey><SessionToken>{SESSION}</SessionToken>\
         <Expiration>{EXPIRY}</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
         </AssumeRoleWithWebIdentityResponse>"
    );
    let sts = server(vec![("/", answer)]).await;
    let (_folder, token) = folder_with("token", WRONG_SECRET);
    let mut check = bedrock.check(&["--free"]);
    check
        .env("AWS_ENDPOINT_URL_STS", sts)
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", token)
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/gateway");

    let output = run(check).await;

    assert_says(
        &output,
        0,
        &["✓ web identity (IRSA): key AKIA…0000 of account 123456789012"],
    );
    assert_clean(&output);
}
