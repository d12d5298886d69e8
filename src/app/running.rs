//! A gateway that runs: where it listens, and how it ends.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::future::join_all;
use tokio::time::sleep;
use tokio::time::timeout;
use tracing::info;
use tracing::warn;

use crate::app::reload::Reloader;
use crate::app::worker::WorkerEnd;
use crate::grpc::Admission;
use crate::health::Health;
use crate::health::Phase;
use crate::routing::PolicyInForce;
use crate::settings::LoadedSettings;
use crate::settings::ServerSettings;
use crate::shutdown::Shutdown;
use crate::telemetry::EveryCall;
use crate::telemetry::LogFilter;
use crate::telemetry::Metrics;

/// How long the process may take to end once calls under way were told to. A part of it is kept
/// for what comes after the connections.
pub const CUT_TIME: Duration = Duration::from_secs(2);

/// How long connections may take to close then.
const CLOSING_TIME: Duration = Duration::from_millis(1_500);

/// Time between two lines in the log about calls that are waited for.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

/// A gateway that runs. Dropping it ends every call at once.
pub struct Running {
    pub(super) address: SocketAddr,
    pub(super) health: Health,
    pub(super) policy: PolicyInForce,
    pub(super) every_call: EveryCall,
    pub(super) admission: Arc<Admission>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) settings: ServerSettings,
    pub(super) shutdown: Shutdown,
    pub(super) workers: Vec<WorkerEnd>,
    #[cfg(feature = "emulator")]
    pub(super) emulator: Option<Arc<crate::emulator::Emulator>>,
}

impl Running {
    /// Where the gateway listens, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the gateway has counted so far.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// The embedded emulator, if one was asked for.
    #[cfg(feature = "emulator")]
    pub fn emulator(&self) -> Option<&crate::emulator::Emulator> {
        self.emulator.as_deref()
    }

    /// Follows changes of the configuration until the gateway ends: of the files behind these
    /// settings, which it was started with, and whenever `hangups` says so.
    pub fn follow(
        &self,
        settings: LoadedSettings,
        log_filter: Option<LogFilter>,
        hangups: impl Stream<Item = ()> + Send + Unpin + 'static,
    ) {
        let reloader = Reloader {
            settings,
            policy: self.policy.clone(),
            every_call: self.every_call.clone(),
            admission: Arc::clone(&self.admission),
            log_filter,
            metrics: Arc::clone(&self.metrics),
            #[cfg(feature = "emulator")]
            emulator: self.emulator.clone(),
        };
        let closing = self.shutdown.closing().clone();
        self.shutdown.spawn(async move {
            // `None`: it was ended.
            let _ = closing.run_until_cancelled(reloader.run(hangups)).await;
        });
    }

    /// Ends the gateway in order: says that it stops serving, waits for load balancers to notice,
    /// takes no new connections, lets calls under way finish, ends the rest with a status. `hurry`
    /// skips to the last step.
    pub async fn drain(mut self, hurry: impl Future<Output = ()>) {
        let mut workers = pin!(join_all(std::mem::take(&mut self.workers)));
        let finished = tokio::select! {
            finished = self.finish_calls(workers.as_mut()) => finished,
            () = hurry => {
                warn!("told again to stop");
                false
            }
        };
        self.health.enter(Phase::Closing);
        self.shutdown.cut();
        if !finished {
            let calls = self.calls();
            warn!(calls, "draining: ending the calls that are left");
            if timeout(CLOSING_TIME, workers).await.is_err() {
                warn!("connections did not close in time");
            }
        }
        let omitted = &self.metrics.omitted_parts;
        info!(
            omitted_members = omitted.members.value(),
            omitted_values = omitted.values.value(),
            omitted_events = omitted.events.value(),
            "stopped"
        );
    }

    /// Whether every call finished in time.
    async fn finish_calls(&self, workers: impl Future) -> bool {
        let (delay, limit) = (self.settings.drain_delay, self.settings.drain_timeout);
        self.health.enter(Phase::Draining);
        info!(calls = self.calls(), ?delay, "draining: still taking calls");
        self.reporting(sleep(delay)).await;

        self.health.enter(Phase::Closing);
        self.shutdown.close();
        info!(calls = self.calls(), timeout = ?limit, "draining: waiting for calls under way");
        self.reporting(timeout(limit, workers)).await.is_ok()
    }

    /// Says every few seconds how many calls are left.
    async fn reporting<T>(&self, waiting: impl Future<Output = T>) -> T {
        let mut waiting = pin!(waiting);
        loop {
            match timeout(REPORT_INTERVAL, waiting.as_mut()).await {
                Ok(waited) => return waited,
                Err(_elapsed) => info!(calls = self.calls(), "draining"),
            }
        }
    }

    /// Calls of models under way.
    fn calls(&self) -> usize {
        self.metrics.calls_in_flight.value()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shutdown.cut();
    }
}
