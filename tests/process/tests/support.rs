//! What most tests begin with, and how they wait.

use std::time::Duration;

use bedrock_gateway_process_tests::emulator::Emulator;
use bedrock_gateway_process_tests::gateway::Gateway;
use bedrock_gateway_process_tests::gateway::Options;
use bedrock_gateway_process_tests::gateway::registry;
use serde_json::Value;
use serde_json::json;
use tempfile::NamedTempFile;
use tokio::time::sleep;
use tokio::time::timeout;

/// Longest wait for anything. Far more than any takes: it turns a hang into a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// Pause before a process is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// An emulator and its models.
pub(crate) struct Upstream {
    pub(crate) emulator: Emulator,
    registry: NamedTempFile,
}

impl Upstream {
    /// Starts one with these models, the preferred one first, which do as the scenarios say.
    pub(crate) async fn start(models: &[(&str, Value)]) -> Self {
        let names: Vec<&str> = models.iter().map(|(name, _)| *name).collect();
        let registry = registry(&names).unwrap();
        let emulator = Emulator::start(registry.path()).await.unwrap();
        for (name, scenario) in models {
            emulator.set(name, scenario).await.unwrap();
        }
        Self { emulator, registry }
    }

    /// Starts a gateway in front of it.
    pub(crate) async fn gateway(&self, settings: &[(&str, &str)]) -> Gateway {
        let options = Options {
            emulator: &self.emulator,
            registry: &self.registry,
            settings,
        };
        Gateway::start(&options).await.unwrap()
    }
}

/// Waits until it is so. What happens in another process cannot be awaited, so it is looked at again
/// and again.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !is_so().await {
            sleep(LOOK_AGAIN).await;
        }
    };
    timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(|_elapsed| panic!("never came: {what}"));
}

/// Memory in MiB, for people.
pub(crate) fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap()) / 1024.0
}

/// A scenario for the next ten thousand calls: every other on average fails, in no order.
pub(crate) fn half_failing(healthy: &Value) -> Value {
    let failing = json!({"exception": {"name": "ServiceUnavailableException"}});
    let calls = (0..10_000).map(|_| if fastrand::bool() { &failing } else { healthy });
    calls.cloned().collect()
}
