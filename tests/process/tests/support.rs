//! What most tests begin with, and how they wait.

use std::time::Duration;

use bedrock_gateway_process_tests::emulator::Emulator;
use bedrock_gateway_process_tests::gateway::Gateway;
use bedrock_gateway_process_tests::gateway::Options;
use bedrock_gateway_process_tests::gateway::registry;
use serde_json::Value;
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
            max_descriptors: None,
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

/// Of pairs measured one right after the other, the one whose ratio is in the middle: one bad round
/// on a busy machine does not decide.
pub(crate) fn median_by_ratio(mut rounds: Vec<(Duration, Duration)>) -> (Duration, Duration) {
    let ratio = |(before, after): &(Duration, Duration)| after.as_secs_f64() / before.as_secs_f64();
    rounds.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    rounds[rounds.len() / 2]
}
