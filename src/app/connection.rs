//! One HTTP/2 connection, from its first byte to its last.

use std::future::poll_fn;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::sleep_until;
use tokio::time::timeout;
use tracing::warn;

use crate::app::socket::Gathered;
use crate::app::socket::gathering;
use crate::app::upkeep::Duty;
use crate::app::upkeep::Upkeep;
use crate::grpc::ConnectionServices;
use crate::grpc::Streams;
use crate::settings::ServerSettings;
use crate::shutdown::Shutdown;
use crate::telemetry::LogLimit;
use crate::telemetry::Metrics;

/// Bound on the bytes a stream may have waiting for a slow reader.
const MAX_SEND_BUFFER_BYTES: usize = 64 * 1024;

/// Malformed streams on one connection before it is closed. The transport's own default is off.
const MAX_LOCAL_RESETS: usize = 1024;

/// How long the last statuses may take to be sent.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// What the connections of a worker share.
pub(super) struct Surroundings {
    pub(super) settings: ServerSettings,
    pub(super) metrics: Arc<Metrics>,
    pub(super) shutdown: Shutdown,
    /// For the log about clients that send too much.
    pub(super) floods: LogLimit,
}

/// Serves one connection until the client closes it, must not keep it, or the process ends.
pub(super) async fn serve(
    socket: TcpStream,
    services: ConnectionServices,
    surroundings: Arc<Surroundings>,
) {
    let Surroundings {
        settings,
        metrics,
        shutdown,
        floods,
    } = &*surroundings;
    let mut upkeep = Upkeep::new(settings, Instant::now());
    // A silent client costs a descriptor and no buffers.
    let first_bytes = timeout(settings.handshake_timeout, socket.readable());
    let speaks = shutdown.closing().run_until_cancelled(first_bytes).await;
    if !matches!(speaks, Some(Ok(Ok(())))) {
        return;
    }
    let streams = Streams::default();
    let (socket, gathered) = gathering(socket);
    let transport = http(streams.clone(), settings);
    let mut connection = pin!(transport.serve_connection(TokioIo::new(socket), services));
    let mut timer = pin!(sleep_until(upkeep.next()));
    let mut closing = pin!(shutdown.closing().cancelled());
    let mut too_late = pin!(too_late(shutdown));
    let mut is_closing = false;
    loop {
        let duty = tokio::select! {
            biased;
            () = run(connection.as_mut(), &gathered) => break,
            () = closing.as_mut(), if !is_closing => {
                is_closing = true;
                if gathered.has_begun() { Duty::Leave } else { Duty::Close }
            }
            () = timer.as_mut() => upkeep.look(Instant::now(), &gathered, &streams),
            () = too_late.as_mut(), if is_closing => break,
        };
        match duty {
            Duty::Nothing => {}
            Duty::Leave => {
                connection.as_mut().graceful_shutdown();
                upkeep.leaving(Instant::now());
            }
            Duty::Close => break,
            Duty::Stalled => {
                streams.end();
                break;
            }
        }
        timer.as_mut().reset(upkeep.next());
    }
    gathered.discard_unread();
    if gathered.is_flooded() {
        metrics.connections_flooded.add_one();
        if floods.allows(Instant::now()) {
            let connections = metrics.connections_flooded.value();
            warn!(
                connections,
                "disconnected clients that flooded their connections"
            );
        }
    }
}

fn http(streams: Streams, settings: &ServerSettings) -> http2::Builder<Streams> {
    let mut transport = http2::Builder::new(streams);
    transport
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(settings.max_streams_per_connection.get())
        .max_local_error_reset_streams(MAX_LOCAL_RESETS)
        .max_header_list_size(u32::try_from(settings.max_header_bytes).unwrap_or(u32::MAX))
        .max_send_buf_size(MAX_SEND_BUFFER_BYTES)
        .keep_alive_interval(settings.keepalive_interval)
        .keep_alive_timeout(settings.keepalive_timeout);
    transport
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
