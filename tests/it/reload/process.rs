//! The same through the built command.

use std::fs;
use std::path::Path;

use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tonic::transport::Channel;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::reload::asking;
use crate::reload::files::model;
use crate::support::process::Process;
use crate::support::process::command;
use crate::support::soon;

struct Server {
    process: Process,
    channel: Channel,
    folder: TempDir,
}

impl Server {
    async fn start(models: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("registry.json"), models);
        fs::write(folder.path().join("gateway.toml"), "").unwrap();
        let mut serve = command(&["serve", "--emulator", "--listen", "127.0.0.1:0"]);
        serve
            .args(["--config", "gateway.toml", "--registry", "registry.json"])
            .args(["--server-drain-delay", "0s", "--server-workers", "1"])
            .current_dir(folder.path());
        let mut process = Process::start(serve);
        let address = process.line("gateway listening on ").await;
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        Self {
            process,
            channel: soon(endpoint.connect()).await.unwrap(),
            folder,
        }
    }

    fn write(&self, models: Value) {
        write(&self.folder.path().join("registry.json"), models);
    }

    /// Waits until a health name has a status.
    async fn until(&self, name: &str, status: ServingStatus) {
        let request = HealthCheckRequest {
            service: name.to_owned(),
        };
        let mut health = HealthClient::new(self.channel.clone());
        let mut watch = health.watch(request).await.unwrap().into_inner();
        let is_it = |response: HealthCheckResponse| response.status() == status;
        while !is_it(soon(watch.message()).await.unwrap().unwrap()) {}
    }

    async fn answers(&self, model: &str) {
        let mut client = InferenceServiceClient::new(self.channel.clone());
        client.invoke(asking(model)).await.unwrap();
    }

    /// What the process holds of memory, in KiB.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let size = line.unwrap().split_whitespace().nth(1).unwrap();
        size.parse().unwrap()
    }
}

fn write(path: &Path, models: Value) {
    let new = path.with_extension("new");
    fs::write(&new, json!({ "modelRegistry": models }).to_string()).unwrap();
    fs::rename(new, path).unwrap();
}

#[tokio::test]
async fn process_follows_its_registry_file_and_sighup() {
    let server = Server::start(json!({ "one": model("nova-lite", 1) })).await;
    server.write(json!({ "two": model("nova-lite", 1) }));
    server.until("models/two", ServingStatus::Serving).await;
    server.answers("two").await;

    server.write(json!({ "three": model("nova-pro", 1) }));
    server.process.signal("HUP").await;
    server.until("models/three", ServingStatus::Serving).await;
    server.answers("three").await;
    fs::write(server.folder.path().join("registry.json"), "{").unwrap();
    server.process.signal("HUP").await;
    server.answers("three").await;
    let (exit, log) = server.process.terminate().await;

    assert_eq!(exit, Some(0));
    assert!(
        log.contains("models_added=[\"two\"] models_removed=[\"one\"]"),
        "{log}"
    );
    assert!(log.contains("models_added=[\"three\"]"), "{log}");
}

#[tokio::test]
async fn process_says_what_is_wrong_and_what_needs_a_restart() {
    let mut server = Server::start(json!({ "one": model("nova-lite", 1) })).await;
    let settings = server.folder.path().join("gateway.toml");

    fs::write(
        &settings,
        "[routing]\nmax_retries = 1\n[server]\nreflection = false\n",
    )
    .unwrap();
    server.process.signal("HUP").await;
    server.process.says("after a restart").await;
    fs::write(&settings, "[routing]\nmax_retriez = 1\n").unwrap();
    server.process.signal("HUP").await;
    server.process.says("max_retriez").await;
    server.answers("one").await;
    let (_, log) = server.process.terminate().await;

    assert!(log.contains("settings=[\"routing.max_retries\"]"), "{log}");
    assert!(log.contains("settings=[\"server.reflection\"]"), "{log}");
    assert!(log.contains("did you mean routing.max_retries?"), "{log}");
}

#[tokio::test]
async fn memory_does_not_grow_with_reloads() {
    let server = Server::start(json!({ "one": model("nova-lite", 1) })).await;
    let mut after_warm_up = 0;

    for number in 0..200 {
        let name = format!("model-{number}");
        server.write(json!({ &name: model("nova-lite", 1) }));
        server.process.signal("HUP").await;
        server
            .until(&format!("models/{name}"), ServingStatus::Serving)
            .await;
        if number == 50 {
            after_warm_up = server.resident();
        }
    }

    let grown = server.resident().saturating_sub(after_warm_up);
    assert!(
        grown < 4 * 1024,
        "{grown} KiB more than {after_warm_up} KiB"
    );
}
