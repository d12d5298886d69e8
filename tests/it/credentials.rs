//! Credentials that AWS rejects, that are not there or that change, and clocks that are wrong.

use std::fs;
use std::path::Path;

use bedrock_gateway::emulator::EMULATOR_ACCESS_KEY_ID;
use bedrock_gateway::emulator::EMULATOR_SECRET_ACCESS_KEY;
use bedrock_gateway::emulator::Emulator;
use bedrock_gateway::emulator::Options;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::CountTokensRequest;
use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use jiff::SignedDuration;
use tokio::net::TcpListener;
use tokio::process::Command;
use tonic::Code;
use tonic::Status;
use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::FIRST;
use crate::support::Gateway;
use crate::support::collect;
use crate::support::failure;
use crate::support::process::Process;
use crate::support::process::command;
use crate::support::prompt;
use crate::support::reason;
use crate::support::soon;
use crate::support::states;
use crate::support::stream_prompt;

/// Stands for a secret, which no log may hold.
const WRONG_SECRET: &str = "badger/in/the/secret/key";

async fn emulator(options: Options) -> Emulator {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let registry = include_str!("../../config/aws-bedrock-models.json");
    let options = Options {
        registry: vec![registry.to_owned()],
        ..options
    };
    Emulator::start(listener, options).unwrap()
}

async fn skewed(ahead: SignedDuration) -> Emulator {
    emulator(Options {
        clock_ahead: ahead,
        ..Options::default()
    })
    .await
}

/// A gateway in front of an emulator, as a process that knows no credentials.
fn serve(emulator: &Emulator) -> Command {
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0"]);
    serve
        .args(["--bedrock-endpoint", &emulator.endpoint_url()])
        .args(["--server-drain-delay", "0s", "--server-workers", "1"])
        .args(["--routing-backoff-base", "1ms"])
        // What the machine has is nobody's business.
        .env("HOME", "/nonexistent")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    serve
}

fn with_keys(mut serve: Command, id: &str, secret: &str) -> Command {
    serve.env("AWS_ACCESS_KEY_ID", id);
    serve.env("AWS_SECRET_ACCESS_KEY", secret);
    serve
}

struct Served {
    process: Process,
    channel: Channel,
}

impl Served {
    async fn start(command: Command) -> Self {
        let mut process = Process::start(command);
        let address = process.line("gateway listening on ").await;
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let channel = soon(endpoint.connect()).await.unwrap();
        Self { process, channel }
    }

    async fn with_right_keys(emulator: &Emulator) -> Self {
        let (id, secret) = (EMULATOR_ACCESS_KEY_ID, EMULATOR_SECRET_ACCESS_KEY);
        Self::start(with_keys(serve(emulator), id, secret)).await
    }

    /// Calls; gives the attempts it took.
    async fn call(&self) -> Result<usize, Status> {
        let mut client = InferenceServiceClient::new(self.channel.clone());
        let answer = soon(client.invoke(prompt("Hi"))).await?;
        Ok(answer.into_inner().metadata.unwrap().attempts.len())
    }

    async fn health(&self, name: &str) -> ServingStatus {
        let mut client = HealthClient::new(self.channel.clone());
        let service = name.to_owned();
        let answer = client.check(HealthCheckRequest { service }).await.unwrap();
        answer.into_inner().status()
    }

    /// Waits until it is ready.
    async fn ready(&self) {
        let mut client = HealthClient::new(self.channel.clone());
        let watch = client.watch(HealthCheckRequest::default()).await.unwrap();
        let mut watch = watch.into_inner();
        let is_ready = async {
            while watch.message().await.unwrap().unwrap().status() != ServingStatus::Serving {}
        };
        soon(is_ready).await;
    }

    /// Ends it; gives its log, without colours.
    async fn log(self) -> String {
        self.process.terminate().await.1
    }
}

fn write_keys(path: &Path, id: &str, secret: &str) {
    let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}

#[track_caller]
fn assert_rejected(status: &Status, attempts: usize) {
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    assert_eq!(reason(status), "UPSTREAM_CREDENTIALS_INVALID");
    let tried = failure(status).metadata.unwrap().attempts;
    assert_eq!(states(&tried).len(), attempts, "{tried:?}");
    let first = &tried[0].model;
    assert!(
        tried.iter().all(|attempt| attempt.model == *first),
        "{tried:?}"
    );
}

#[tokio::test]
async fn wrong_clock_costs_the_first_call_one_attempt_and_later_ones_none() {
    for minutes in [-10, 10] {
        let emulator = skewed(SignedDuration::from_mins(minutes)).await;
        let served = Served::with_right_keys(&emulator).await;

        let mut attempts = Vec::new();
        for _ in 0..3 {
            attempts.push(served.call().await.unwrap());
        }
        let calls = emulator.calls().len();
        let log = served.log().await;

        assert_eq!(attempts, [2, 1, 1], "{minutes} min: {log}");
        assert_eq!(calls, 4);
        assert_eq!(
            log.matches("the clock of this machine differs").count(),
            1,
            "{log}"
        );
        let seconds = -60 * minutes;
        let off_by_one = [seconds - 1, seconds, seconds + 1];
        let is_measured = |seconds: &i64| log.contains(&format!("skew_seconds={seconds}"));
        assert!(off_by_one.iter().any(is_measured), "{log}");
        assert!(!log.contains("ERROR bedrock_gateway"), "{log}");
    }
}

#[tokio::test]
async fn wrong_clock_does_not_break_the_first_count_of_tokens() {
    let emulator = skewed(SignedDuration::from_mins(10)).await;
    let served = Served::with_right_keys(&emulator).await;
    let mut client = InferenceServiceClient::new(served.channel.clone());
    let request = CountTokensRequest {
        prompt: "Hi".to_owned(),
        ..CountTokensRequest::default()
    };

    let counted = soon(client.count_tokens(request)).await.unwrap();

    assert!(counted.into_inner().input_tokens > 0);
    assert_eq!(emulator.calls().len(), 2);
}

#[tokio::test]
async fn wrong_clock_does_not_break_streams() {
    let emulator = skewed(SignedDuration::from_mins(10)).await;
    let served = Served::with_right_keys(&emulator).await;
    let mut client = InferenceServiceClient::new(served.channel.clone());

    for calls in [2, 3] {
        let stream = soon(client.invoke_stream(stream_prompt("Hi")))
            .await
            .unwrap();
        let (_events, end) = soon(collect(stream.into_inner())).await;

        end.unwrap();
        assert_eq!(emulator.calls().len(), calls);
    }
}

#[tokio::test]
async fn signature_that_stays_refused_ends_with_a_clear_error() {
    let emulator = emulator(Options::default()).await;
    let expired = crate::support::exception_saying(
        "InvalidSignatureException",
        "Signature expired: 20261125T000000Z is now earlier than 20261125T001000Z",
    );
    emulator.set_scenario("*", expired);
    let served = Served::with_right_keys(&emulator).await;

    let status = served.call().await.unwrap_err();
    let log = served.log().await;

    assert_rejected(&status, 2);
    assert!(log.contains("that the clock is right"), "{log}");
    assert!(!log.contains("20261125T000000Z"), "{log}");
}

#[tokio::test]
async fn wrong_keys_are_reported_once_with_advice_and_without_secrets() {
    let emulator = emulator(Options::default()).await;
    for (id, secret, advice) in [
        (
            EMULATOR_ACCESS_KEY_ID,
            WRONG_SECRET,
            "AWS_SECRET_ACCESS_KEY belongs to",
        ),
        ("AKIASTRANGER00000000", WRONG_SECRET, "the key is active"),
    ] {
        let served = Served::start(with_keys(serve(&emulator), id, secret)).await;
        served.ready().await;

        for _ in 0..5 {
            assert_rejected(&served.call().await.unwrap_err(), 2);
        }
        let health = served.health("").await;
        let model = served.health(&format!("models/{FIRST}")).await;
        let log = served.log().await;

        assert_eq!(health, ServingStatus::Serving);
        assert_eq!(model, ServingStatus::Serving);
        assert_eq!(
            log.matches("AWS rejects the credentials").count(),
            1,
            "{log}"
        );
        assert!(log.contains(advice), "{log}");
        assert!(!log.contains(id) && !log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn wrong_api_key_is_rejected_with_advice() {
    let emulator = emulator(Options::default()).await;
    let mut serve = serve(&emulator);
    serve.env("AWS_BEARER_TOKEN_BEDROCK", WRONG_SECRET);
    let served = Served::start(serve).await;
    served.ready().await;

    let status = served.call().await.unwrap_err();
    let log = served.log().await;

    assert_rejected(&status, 2);
    assert!(
        log.contains("the API key in AWS_BEARER_TOKEN_BEDROCK"),
        "{log}"
    );
    assert!(!log.contains(WRONG_SECRET), "{log}");
}

#[tokio::test]
async fn keys_that_change_on_disk_are_used_after_a_rejection() {
    let emulator = emulator(Options::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    write_keys(&file, EMULATOR_ACCESS_KEY_ID, WRONG_SECRET);
    let mut serve = serve(&emulator);
    serve.env("AWS_SHARED_CREDENTIALS_FILE", &file);
    let served = Served::start(serve).await;
    served.ready().await;

    write_keys(&file, EMULATOR_ACCESS_KEY_ID, EMULATOR_SECRET_ACCESS_KEY);
    let first = served.call().await;
    let second = served.call().await;
    let log = served.log().await;

    assert_eq!(first.unwrap(), 2, "{log}");
    assert_eq!(second.unwrap(), 1);
    assert!(log.contains("AWS accepts the credentials"), "{log}");
}

#[tokio::test]
async fn credentials_absent_at_the_start_are_found_when_they_come() {
    let emulator = emulator(Options::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials");
    let mut serve = serve(&emulator);
    serve.env("AWS_SHARED_CREDENTIALS_FILE", &file);
    let mut served = Served::start(serve).await;

    let status = served.call().await.unwrap_err();
    let before = served.health("").await;
    served.process.says("set AWS_PROFILE").await;
    write_keys(&file, EMULATOR_ACCESS_KEY_ID, EMULATOR_SECRET_ACCESS_KEY);
    served.ready().await;
    let attempts = served.call().await.unwrap();
    let log = served.log().await;

    assert_rejected(&status, 2);
    assert!(
        status.message().contains("no AWS credentials"),
        "{status:?}"
    );
    assert_eq!(before, ServingStatus::NotServing);
    assert_eq!(attempts, 1);
    let line = "ERROR bedrock_gateway::bedrock::credentials";
    assert_eq!(log.matches(line).count(), 1, "{log}");
}

#[tokio::test]
async fn source_that_hangs_does_not_hang_calls() {
    let emulator = emulator(Options::default()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, "[default]\ncredential_process = sleep 600\n").unwrap();
    let mut serve = serve(&emulator);
    serve
        .env("AWS_CONFIG_FILE", &file)
        .env("PATH", "/usr/bin:/bin");
    let served = Served::start(serve).await;

    let status = served.call().await.unwrap_err();

    assert_rejected(&status, 2);
    assert_eq!(served.health("").await, ServingStatus::NotServing);
    assert_eq!(emulator.calls().len(), 0);
}

#[tokio::test]
async fn rejected_credentials_show_in_the_metrics_until_they_are_accepted() {
    let gateway = Gateway::start().await;
    gateway.inference().invoke(prompt("Hi")).await.unwrap();
    assert!(gateway.metrics().credentials_valid.is_set());

    let expired = Scenario::exception("ExpiredTokenException");
    gateway.emulator().set_scenario("*", expired);
    let status = gateway.inference().invoke(prompt("Hi")).await.unwrap_err();

    assert_rejected(&status, 2);
    assert_eq!(failure(&status).metadata.unwrap().attempts[0].model, FIRST);
    assert!(!gateway.metrics().credentials_valid.is_set());
    assert_eq!(gateway.metrics().credentials_rejected.value(), 2);
    gateway.emulator().clear_scenarios();
    gateway.inference().invoke(prompt("Hi")).await.unwrap();
    assert!(gateway.metrics().credentials_valid.is_set());
}
