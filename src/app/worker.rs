//! A worker: one thread with its own single-threaded runtime, connections to Bedrock, and share of
//! the callers' connections.
//!
//! One runtime per core costs about half the CPU of one runtime over all cores: a connection, its
//! calls and their upstream calls stay on one core, in batches. See `docs/adr/0008`.

use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use tokio::runtime;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tracing::warn;

use crate::app::connection;
use crate::app::connection::Surroundings;
use crate::app::error::StartError;
use crate::grpc::Services;

/// What the rest of the process holds of a worker.
pub(super) struct WorkerHandle {
    sockets: mpsc::UnboundedSender<TcpStream>,
    connections: Arc<AtomicUsize>,
}

/// Resolves when a worker has ended.
pub(super) type WorkerEnd = oneshot::Receiver<()>;

impl WorkerHandle {
    /// Connections that the worker has now.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Gives the worker a connection.
    pub(super) fn serve(&self, socket: TcpStream) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        // A worker that has ended takes nothing: the socket is closed by being dropped.
        let _ = self.sockets.send(socket);
    }
}

/// Starts a worker and waits until it can take connections. `services` is called on the worker's
/// thread, within its runtime, so that clients made there belong to it.
///
/// # Errors
/// If the operating system refuses a thread or the runtime's descriptors.
pub(super) async fn start(
    number: usize,
    services: impl FnOnce() -> Services + Send + 'static,
    surroundings: Surroundings,
) -> Result<(WorkerHandle, WorkerEnd), StartError> {
    let (sockets, received) = mpsc::unbounded_channel();
    let (ended, end) = oneshot::channel();
    let connections = Arc::new(AtomicUsize::new(0));
    let handle = WorkerHandle {
        sockets,
        connections: Arc::clone(&connections),
    };
    let (report, reported) = oneshot::channel();
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(StartError::Worker)?;
    let work = async move {
        let services = services();
        // A receiver that is gone means that the start was given up.
        if report.send(()).is_ok() {
            serve_all(received, &services, surroundings, &connections).await;
        }
    };
    thread::Builder::new()
        .name(format!("worker-{number}"))
        .spawn(move || {
            runtime.block_on(work);
            // Nobody waits any more if the receiver is gone.
            let _ = ended.send(());
        })
        .map_err(StartError::Worker)?;
    reported.await.map_err(|_gone| StartError::WorkerDied)?;
    Ok((handle, end))
}

async fn serve_all(
    mut sockets: mpsc::UnboundedReceiver<TcpStream>,
    services: &Services,
    surroundings: Surroundings,
    connections: &Arc<AtomicUsize>,
) {
    let surroundings = Arc::new(surroundings);
    let shutdown = &surroundings.shutdown;
    while let Some(Some(socket)) = shutdown.closing().run_until_cancelled(sockets.recv()).await {
        let counted = Counted(Arc::clone(connections));
        match tokio::net::TcpStream::from_std(socket) {
            Ok(socket) => {
                let services = services.for_connection();
                let surroundings = Arc::clone(&surroundings);
                shutdown.spawn(async move {
                    connection::serve(socket, services, surroundings).await;
                    drop(counted);
                });
            }
            Err(error) => warn!(%error, "lost a connection before it was served"),
        }
    }
    shutdown.finished().await;
}

/// One connection of a worker's count, for as long as it lives.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
