//! What goes wrong: a fault of one model after the other, and configuration that comes and goes.

use std::path::Path;
use std::path::PathBuf;

use bedrock_gateway_process_tests::emulator::Emulator;
use bedrock_gateway_process_tests::emulator::torrent;
use bedrock_gateway_process_tests::gateway::Gateway;
use bedrock_gateway_process_tests::gateway::registry_text;
use bedrock_gateway_process_tests::server::Signal;
use serde_json::json;

/// The models, the preferred one first. Faults happen to all but the last, which is there to answer,
/// and `torrent`, which answers at length.
pub(crate) const MODELS: &[&str] = &["first", "second", "last", "torrent"];
const DISTURBED: &[&str] = &["first", "second"];

/// Steps between two faults, and between two reloads.
const FAULT_EVERY: u64 = 2;
const RELOAD_EVERY: u64 = 15;

/// Text of an answer that a reader can stall on: 256 pieces of 1 KiB.
const PIECES: usize = 256;

const FAULTS: &[&str] = &[
    // Nothing, most often.
    "{}",
    "{}",
    "{}",
    "{}",
    r#"{"delay": {"headersMs": 300}}"#,
    r#"{"delay": {"betweenEventsMs": 50}}"#,
    r#"{"exception": {"name": "ThrottlingException"}}"#,
    r#"{"exception": {"name": "ServiceUnavailableException"}}"#,
    r#"{"exception": {"name": "InternalServerException"}}"#,
    r#"{"exception": {"name": "ModelTimeoutException"}}"#,
    r#"{"exception": {"name": "ModelErrorException"}}"#,
    r#"{"exception": {"name": "ModelNotReadyException"}}"#,
    r#"{"streamException": {"name": "throttlingException", "afterEvents": 1}}"#,
    r#"{"streamException": {"name": "internalServerException", "afterEvents": 4}}"#,
    r#"{"cut": {}}"#,
    r#"{"cut": {"afterEvents": 3}}"#,
    r#"{"reset": {}}"#,
    r#"{"reset": {"afterEvents": 3}}"#,
    r#"{"truncate": {"afterEvents": 4}}"#,
    r#"{"corruptCrc": {"event": 3}}"#,
    r#"{"halfFrame": {"afterEvents": 3}}"#,
    r#"{"garbage": {}}"#,
    r#"{"hang": {}}"#,
    r#"{"hang": {"afterEvents": 3}}"#,
    r#"{"hugeFrame": {"bytes": 2000000}}"#,
];

/// Disturbs the gateway step by step.
pub(crate) struct Disturbance<'a> {
    emulator: &'a Emulator,
    gateway: &'a Gateway,
    registry: PathBuf,
    steps: u64,
}

impl<'a> Disturbance<'a> {
    /// Has done nothing yet, but `torrent` answers at length.
    ///
    /// # Errors
    /// The emulator is gone.
    pub(crate) async fn new(
        emulator: &'a Emulator,
        gateway: &'a Gateway,
        registry: &Path,
    ) -> anyhow::Result<Self> {
        emulator.set("torrent", &torrent(PIECES)).await?;
        Ok(Self {
            emulator,
            gateway,
            registry: registry.to_owned(),
            steps: 0,
        })
    }

    /// Called once a second.
    pub(crate) async fn step(&mut self) -> anyhow::Result<()> {
        self.steps += 1;
        if self.steps.is_multiple_of(FAULT_EVERY)
            && let Some(model) = fastrand::choice(DISTURBED)
            && let Some(fault) = fastrand::choice(FAULTS)
        {
            self.emulator
                .set(model, &serde_json::from_str(fault)?)
                .await?;
        }
        if self.steps.is_multiple_of(2 * RELOAD_EVERY) {
            self.reload("{")?;
        } else if self.steps.is_multiple_of(RELOAD_EVERY) {
            self.reload(&registry_text(MODELS))?;
        }
        Ok(())
    }

    /// Everything is well again.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        for model in DISTURBED {
            self.emulator.set(model, &json!({})).await?;
        }
        self.reload(&registry_text(MODELS))
    }

    fn reload(&self, registry: &str) -> anyhow::Result<()> {
        std::fs::write(&self.registry, registry)?;
        self.gateway.process().signal(Signal::HUP)
    }
}
