//! Accepts connections, as many as may be, and hands each to the worker that has the fewest.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Resource;
use rustix::process::getrlimit;
use socket2::SockRef;
use socket2::TcpKeepalive;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::info;
use tracing::warn;

use crate::app::worker::WorkerHandle;
use crate::settings::ServerSettings;
use crate::telemetry::LogLimit;
use crate::telemetry::Metrics;

/// Pause after the operating system refuses a connection, for example for want of file
/// descriptors: without it the loop would burn a core until one is free.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Least time between two lines in the log about the same trouble.
const WARNING_INTERVAL: Duration = Duration::from_secs(5);

/// Accepts connections for the workers.
pub(super) struct Acceptor {
    listener: TcpListener,
    workers: Vec<WorkerHandle>,
    max_connections: usize,
    metrics: Arc<Metrics>,
    failures: LogLimit,
    refusals: LogLimit,
}

impl Acceptor {
    /// An acceptor for these workers.
    pub(super) fn new(
        listener: TcpListener,
        workers: Vec<WorkerHandle>,
        settings: &ServerSettings,
        metrics: Arc<Metrics>,
    ) -> Self {
        let silence = TcpKeepalive::new().with_time(settings.tcp_keepalive);
        // What is set here, accepted sockets inherit.
        if let Err(error) = SockRef::from(&listener).set_tcp_keepalive(&silence) {
            warn!(%error, "cannot set TCP keepalive");
        }
        Self {
            listener,
            workers,
            max_connections: max_connections(settings),
            metrics,
            failures: LogLimit::one_per(WARNING_INTERVAL),
            refusals: LogLimit::one_per(WARNING_INTERVAL),
        }
    }

    /// Accepts connections until `closing` is cancelled.
    pub(super) async fn run(self, closing: CancellationToken) {
        while let Some(accepted) = closing.run_until_cancelled(self.listener.accept()).await {
            match accepted {
                Ok((socket, _peer)) => self.hand_over(socket),
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => {
                    if self.failures.allows(Instant::now()) {
                        warn!(%error, "cannot accept connections");
                    }
                    sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        }
    }

    /// Beyond the limit, a connection is closed by being dropped.
    fn hand_over(&self, socket: TcpStream) {
        let connections: usize = self.workers.iter().map(WorkerHandle::connections).sum();
        if connections >= self.max_connections {
            self.metrics.connections_refused.add_one();
            if self.refusals.allows(Instant::now()) {
                warn!(connections, "too many connections: closing new ones");
            }
            return;
        }
        let Some(worker) = self
            .workers
            .iter()
            .min_by_key(|worker| worker.connections())
        else {
            return;
        };
        // A socket belongs to the runtime that accepted it until it is taken out.
        let socket = socket.set_nodelay(true).and_then(|()| socket.into_std());
        match socket {
            Ok(socket) => worker.serve(socket),
            Err(error) => warn!(%error, "lost a connection before it was served"),
        }
    }
}

/// The limit of the settings, or less if the process may not open so many files: connections to
/// Bedrock need descriptors, too.
fn max_connections(settings: &ServerSettings) -> usize {
    let wanted = usize::try_from(settings.max_connections.get()).unwrap_or(usize::MAX);
    let descriptors = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let most = usize::try_from(descriptors).unwrap_or(usize::MAX) / 5 * 4;
    if most < wanted {
        info!(
            descriptors,
            max_connections = most,
            "the limit on open files allows fewer connections than server.max_connections"
        );
    }
    wanted.min(most)
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
