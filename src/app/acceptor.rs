//! Accepts connections and hands each to the worker that has the fewest.

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::app::worker::WorkerHandle;

/// Pause after the operating system refuses a connection, for example for want of file
/// descriptors: without it the loop would burn a core until one is free.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_millis(100);

/// Accepts connections until `closing` is cancelled.
pub(super) async fn accept(
    listener: TcpListener,
    workers: Vec<WorkerHandle>,
    closing: CancellationToken,
) {
    while let Some(accepted) = closing.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((socket, _peer)) => hand_over(socket, &workers),
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) => {
                warn!(%error, "cannot accept connections");
                sleep(PAUSE_AFTER_FAILURE).await;
            }
        }
    }
}

fn hand_over(socket: TcpStream, workers: &[WorkerHandle]) {
    let Some(worker) = workers.iter().min_by_key(|worker| worker.connections()) else {
        return;
    };
    // A socket belongs to the runtime that accepted it until it is taken out.
    let socket = socket.set_nodelay(true).and_then(|()| socket.into_std());
    match socket {
        Ok(socket) => worker.serve(socket),
        Err(error) => warn!(%error, "lost a connection before it was served"),
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}
