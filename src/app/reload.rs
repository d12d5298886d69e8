//! Follows changes of the configuration while the gateway runs.
//!
//! What changed is read whole, checked whole and put in force whole; what is wrong changes nothing.
//! Whether a file changed is told by its content: notifications of the file system do not come for
//! a ConfigMap, where a symbolic link further up is replaced, nor for files on a network.

use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::StreamExt;
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::error;
use tracing::info;
use tracing::warn;

use crate::app::changes::ModelChanges;
use crate::app::configuration;
use crate::app::error::StartError;
use crate::app::fingerprint::Fingerprint;
use crate::grpc::Admission;
use crate::routing::Policy;
use crate::routing::PolicyInForce;
use crate::settings::LoadedSettings;
use crate::settings::Reread;
use crate::settings::SettingsError;
use crate::telemetry::EveryCall;
use crate::telemetry::LogFilter;
use crate::telemetry::Metrics;

/// Time between two looks at the files. What is seen twice is read, so that no file is taken that
/// is still being written.
const INTERVAL: Duration = Duration::from_millis(500);

/// Why the configuration was not replaced. Prints all problems.
#[derive(Debug, thiserror::Error)]
enum ReloadError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Registry(#[from] StartError),
    #[cfg(feature = "emulator")]
    #[error("the emulator failed to {0}")]
    Emulator(#[from] crate::emulator::OptionsError),
    #[error("the configuration cannot be read: {0}")]
    Reading(#[from] tokio::task::JoinError),
}

/// What is changed when the configuration changes.
pub(super) struct Reloader {
    pub(super) settings: LoadedSettings,
    pub(super) policy: PolicyInForce,
    pub(super) every_call: EveryCall,
    pub(super) admission: Arc<Admission>,
    pub(super) log_filter: Option<LogFilter>,
    pub(super) metrics: Arc<Metrics>,
    #[cfg(feature = "emulator")]
    pub(super) emulator: Option<Arc<crate::emulator::Emulator>>,
}

/// A configuration that was read and checked.
struct Candidate {
    reread: Reread,
    policy: Policy,
}

impl Reloader {
    /// Reloads whenever a file has changed or `hangups` says so. Does not end by itself.
    pub(super) async fn run(mut self, mut hangups: impl Stream<Item = ()> + Unpin) {
        let mut last = None;
        // Nothing was tried yet: files may have changed since the gateway began to start.
        let mut tried = None;
        loop {
            let is_asked = tokio::select! {
                Some(()) = hangups.next() => true,
                () = sleep(INTERVAL) => false,
            };
            let seen = Fingerprint::of(&self.settings).await;
            let is_settled = last == Some(seen);
            last = Some(seen);
            if is_asked || (is_settled && tried != last) {
                self.reload(is_asked).await;
                tried = last;
            }
            self.metrics.configuration_looks.add_one();
        }
    }

    async fn reload(&mut self, is_asked: bool) {
        let settings = self.settings.clone();
        // A file system may hang; what else runs here must not.
        let read = spawn_blocking(move || Candidate::read(&settings)).await;
        let read = read.map_err(ReloadError::from).flatten();
        #[cfg(feature = "emulator")]
        let read = read.and_then(|candidate| self.offer(candidate));
        match read {
            Ok(candidate) => self.replace(candidate, is_asked),
            Err(error) => {
                self.metrics.reloads_refused.add_one();
                error!(
                    problems = in_one_line(&error),
                    "configuration refused: the one in force stays"
                );
            }
        }
    }

    fn replace(&mut self, candidate: Candidate, is_asked: bool) {
        let Candidate { reread, policy } = candidate;
        let before = self.policy.current();
        let models = ModelChanges::between(&before.registry, &policy.registry);
        let is_changed = !models.are_none() || !reread.changed.is_empty();
        configuration::log_warnings(&policy.registry, Some(&before.registry));
        self.policy.replace(policy.after(&before));
        if is_changed || is_asked {
            self.metrics.reloads.add_one();
            self.metrics.configuration_age.begin();
            info!(
                models_added = ?models.added,
                models_removed = ?models.removed,
                models_changed = ?models.changed,
                settings = ?reread.changed,
                "configuration reloaded"
            );
        }
        if !reread.need_restart.is_empty() {
            warn!(settings = ?reread.need_restart, "changed settings take effect after a restart");
        }
        self.settings = reread.loaded;
        self.admission.set_limits(&self.settings.settings.server);
        let log = &self.settings.settings.log;
        self.every_call.set(log.every_call);
        if let Some(filter) = &self.log_filter
            && let Err(error) = filter.set(&log.filter)
        {
            error!(%error, "the log goes on as before");
        }
    }

    /// Lets the emulator know models of the new registry before anyone calls them. It still knows
    /// the others, for calls under way.
    #[cfg(feature = "emulator")]
    fn offer(&self, candidate: Candidate) -> Result<Candidate, ReloadError> {
        if let Some(emulator) = &self.emulator {
            let source = &candidate.reread.loaded.settings.registry.file;
            let text = crate::registry::Registry::text(source).map_err(StartError::from)?;
            emulator.offer(text)?;
        }
        Ok(candidate)
    }
}

impl Candidate {
    fn read(settings: &LoadedSettings) -> Result<Self, ReloadError> {
        let reread = settings.read_again()?;
        let policy = configuration::policy(&reread.loaded.settings)?;
        Ok(Self { reread, policy })
    }
}

/// All problems, which are printed on lines of their own, as one line of the log.
fn in_one_line(error: &ReloadError) -> String {
    let text = error.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines.join("; ").replace(":; ", ": ")
}
