//! A gateway that follows its files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;

use bedrock_gateway::proto::GetModelRequest;
use bedrock_gateway::settings::Environment;
use bedrock_gateway::settings::Flags;
use bedrock_gateway::settings::LoadedSettings;
use bedrock_gateway::telemetry::Metrics;
use futures_util::stream;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tonic::Streaming;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::HealthCheckResponse;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::support::Gateway;
use crate::support::until;

/// An entry of the registry: this model of Amazon's.
pub(super) fn model(id: &str, priority: i32) -> Value {
    json!({
        "modelId": format!("us.amazon.{id}-v1:0"),
        "priority": priority,
        "capabilities": ["text-generation", "tool-use"],
    })
}

/// A gateway, the files it follows, and its SIGHUP.
pub(super) struct Followed {
    pub(super) gateway: Gateway,
    folder: TempDir,
    hangup: mpsc::Sender<()>,
}

impl Followed {
    /// Starts one with these models and nothing special in its settings file.
    pub(super) async fn start(models: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::of(folder, "registry.json", models).await
    }

    /// The same with the registry behind the links that Kubernetes makes for a ConfigMap.
    pub(super) async fn start_mounted(models: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("..1")).unwrap();
        symlink("..1", folder.path().join("..data")).unwrap();
        symlink("..data/mounted.json", folder.path().join("mounted.json")).unwrap();
        Self::of(folder, "mounted.json", models).await
    }

    async fn of(folder: TempDir, registry: &str, models: Value) -> Self {
        let path = |name: &str| folder.path().join(name);
        let text = json!({ "modelRegistry": models }).to_string();
        fs::write(path(registry), text).unwrap();
        fs::write(path("gateway.toml"), "").unwrap();
        let registry = path(registry).to_str().unwrap().to_owned();
        let values = [
            ("server.listen", "127.0.0.1:0"),
            ("server.workers", "1"),
            ("server.drain_delay", "0s"),
            ("bedrock.emulator", "true"),
            ("registry.file", &registry),
        ];
        let flags = Flags {
            file: Some(path("gateway.toml")),
            values: values.map(|(key, text)| (key, text.to_owned())).into(),
        };
        let loaded = LoadedSettings::read(flags, Environment::default()).unwrap();
        let gateway = Gateway::of(&loaded).await;
        let (hangup, mut hangups) = mpsc::channel(1);
        let hangups = stream::poll_fn(move |cx| hangups.poll_recv(cx));
        gateway.running().follow(loaded, None, hangups);
        Self {
            gateway,
            folder,
            hangup,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces the registry, the file being there at every moment.
    pub(super) fn write_models(&self, models: Value) {
        self.write_registry(&json!({ "modelRegistry": models }).to_string());
    }

    pub(super) fn write_registry(&self, text: &str) {
        replace(&self.path("registry.json"), text);
    }

    pub(super) fn write_settings(&self, text: &str) {
        replace(&self.path("gateway.toml"), text);
    }

    /// Replaces a mounted registry as Kubernetes does.
    pub(super) fn remount(&self, models: Value) {
        let text = json!({ "modelRegistry": models }).to_string();
        fs::create_dir(self.path("..2")).unwrap();
        fs::write(self.path("..2/mounted.json"), text).unwrap();
        symlink("..2", self.path("..data_tmp")).unwrap();
        fs::rename(self.path("..data_tmp"), self.path("..data")).unwrap();
    }

    /// Asks for a reload, and waits until it is done.
    pub(super) async fn reload(&self) {
        let done = |metrics: &Metrics| metrics.reloads.value() + metrics.reloads_refused.value();
        let before = done(self.gateway.metrics());
        self.hangup.send(()).await.unwrap();
        self.until(|metrics| done(metrics) > before).await;
    }

    /// Waits until something is counted.
    pub(super) async fn until(&self, is_enough: impl Fn(&Metrics) -> bool) {
        until(|| is_enough(self.gateway.metrics())).await;
    }

    /// Waits while the gateway looks this often at its files.
    pub(super) async fn looks(&self, times: u64) {
        let looks = |metrics: &Metrics| metrics.configuration_looks.value();
        let before = looks(self.gateway.metrics());
        self.until(|metrics| looks(metrics) >= before + times).await;
    }

    /// Watches a health name.
    pub(super) async fn watch(&self, name: &str) -> Watch {
        let request = HealthCheckRequest {
            service: name.to_owned(),
        };
        Watch(
            self.gateway
                .health()
                .watch(request)
                .await
                .unwrap()
                .into_inner(),
        )
    }

    /// What callers see that a model refuses.
    pub(super) async fn refused_fields(&self, name: &str) -> Vec<String> {
        let request = GetModelRequest {
            name: name.to_owned(),
        };
        let model = self.gateway.models().get_model(request).await.unwrap();
        model.into_inner().model.unwrap().unsupported_fields
    }
}

/// A health name that is watched.
pub(super) struct Watch(Streaming<HealthCheckResponse>);

impl Watch {
    pub(super) async fn next(&mut self) -> ServingStatus {
        self.0.message().await.unwrap().unwrap().status()
    }
}

fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(new, path).unwrap();
}
