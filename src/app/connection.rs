//! One HTTP/2 connection, from its first byte to its last.

use std::future::poll_fn;
use std::pin::Pin;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio::time::timeout;

use crate::app::socket::Gathered;
use crate::app::socket::gathering;
use crate::grpc::ConnectionServices;
use crate::settings::ServerSettings;
use crate::shutdown::Shutdown;

/// Bound on the bytes a stream may have waiting for a slow reader.
const MAX_SEND_BUFFER_BYTES: usize = 64 * 1024;

/// Malformed streams on one connection before it is closed. The transport's own default is off.
const MAX_LOCAL_RESETS: usize = 1024;

/// Largest header list a client may send.
const MAX_HEADER_LIST_BYTES: u32 = 16 * 1024;

/// How long a client may take to send its first bytes. Until then nothing bounds a connection: it
/// would hold a descriptor for ever, and delay every shutdown.
const FIRST_BYTES: Duration = Duration::from_secs(10);

/// How long the last statuses may take to be sent.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// Serves one connection until the client closes it or the process ends.
pub(super) async fn serve(
    socket: TcpStream,
    services: ConnectionServices,
    settings: ServerSettings,
    shutdown: Shutdown,
) {
    let first_bytes = timeout(FIRST_BYTES, socket.readable());
    let speaks = shutdown.closing().run_until_cancelled(first_bytes).await;
    if !matches!(speaks, Some(Ok(Ok(())))) {
        return;
    }
    let (socket, gathered) = gathering(socket);
    let mut connection = pin!(
        http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .auto_date_header(false)
            .max_concurrent_streams(settings.max_streams_per_connection.get())
            .max_local_error_reset_streams(MAX_LOCAL_RESETS)
            .max_header_list_size(MAX_HEADER_LIST_BYTES)
            .max_send_buf_size(MAX_SEND_BUFFER_BYTES)
            .keep_alive_interval(settings.keepalive_interval)
            .keep_alive_timeout(settings.keepalive_timeout)
            .serve_connection(TokioIo::new(socket), services)
    );
    tokio::select! {
        () = run(connection.as_mut(), &gathered) => return,
        () = shutdown.closing().cancelled() => connection.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        () = run(connection, &gathered) => {}
        () = too_late(&shutdown) => {}
    }
}

/// Runs a connection to its end, and writes after each turn what it had to say. How it ends is the
/// client's business: every call on it has its own status.
async fn run<T>(mut connection: Pin<&mut impl Future<Output = T>>, gathered: &Gathered) {
    poll_fn(|cx| {
        let ended = connection.as_mut().poll(cx).is_ready();
        let is_broken = matches!(gathered.poll_write(cx), Poll::Ready(Err(_)));
        if ended || is_broken {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// The moment after which a connection is dropped whatever is open on it: a peer that never sent
/// a byte would keep it for ever.
async fn too_late(shutdown: &Shutdown) {
    shutdown.cutting().cancelled().await;
    sleep(FLUSH_TIME).await;
}

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
