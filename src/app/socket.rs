//! A connection's socket that writes once a turn.
//!
//! HTTP/2 hands the socket every larger frame by itself and asks for each to be flushed: the end of
//! an answer alone would be a second system call, and so would every other answer that is ready in
//! the same turn. Here writes are gathered while the connection runs and leave together when it
//! pauses. Nothing waits for time.
//!
//! It also sees whether the client speaks, floods, and takes what it is sent.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use bytes::Buf;
use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;

use crate::app::inbound::Inbound;

/// Bytes that may wait for a slow reader; beyond it the connection is told to wait.
const MAX_GATHERED_BYTES: usize = 64 * 1024;

/// Memory that a connection without traffic keeps.
const KEPT_BYTES: usize = 4 * 1024;

/// The connection's end: reads at once, gathers what is written.
pub(super) struct GatheringSocket(Shared);

/// The other end: writes what was gathered.
pub(super) struct Gathered(Shared);

type Shared = Arc<Mutex<Inner>>;

struct Inner {
    socket: TcpStream,
    gathered: BytesMut,
    inbound: Inbound,
    is_flooded: bool,
    /// Read and written.
    bytes: u64,
    /// Rounds of [`Gathered::has_stalled`] since the client took something of what is gathered.
    rounds: u32,
}

/// Splits a socket into the two ends.
pub(super) fn gathering(socket: TcpStream) -> (GatheringSocket, Gathered) {
    let inner = Arc::new(Mutex::new(Inner {
        socket,
        gathered: BytesMut::new(),
        inbound: Inbound::default(),
        is_flooded: false,
        bytes: 0,
        rounds: 0,
    }));
    (GatheringSocket(Arc::clone(&inner)), Gathered(inner))
}

impl Gathered {
    /// Writes what was gathered. Pending if the reader is slow; the task is then woken for more.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.0).poll_write_gathered(cx)
    }

    /// Bytes that went through in both directions.
    pub(super) fn bytes(&self) -> u64 {
        lock(&self.0).bytes
    }

    /// Whether the client has begun to speak HTTP/2.
    pub(super) fn has_begun(&self) -> bool {
        lock(&self.0).inbound.has_begun()
    }

    /// Throws away what the client has sent and nobody has read: with it, closing would be a reset,
    /// and a reset overtakes the last words to the client.
    pub(super) fn discard_unread(&self) {
        let inner = lock(&self.0);
        let mut unread = [0; 8 * 1024];
        for _ in 0..MAX_GATHERED_BYTES / unread.len() {
            if !matches!(inner.socket.try_read(&mut unread), Ok(1..)) {
                break;
            }
        }
    }

    /// Whether the connection ended because the client flooded it.
    pub(super) fn is_flooded(&self) -> bool {
        lock(&self.0).is_flooded
    }

    /// A round, so long after the last: whether the client took nothing for `rounds` of them
    /// although something waited.
    pub(super) fn has_stalled(&self, time: Duration, rounds: u32) -> bool {
        let mut inner = lock(&self.0);
        inner.inbound.forgive(time);
        inner.rounds = if inner.gathered.is_empty() {
            0
        } else {
            inner.rounds.saturating_add(1)
        };
        inner.rounds > rounds
    }
}

impl Inner {
    fn count(&mut self, bytes: usize) {
        self.bytes += u64::try_from(bytes).unwrap_or_default();
    }

    fn poll_write_gathered(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.gathered.is_empty() {
            let socket = Pin::new(&mut self.socket);
            let written = ready!(socket.poll_write(cx, &self.gathered))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.gathered.advance(written);
            self.inbound.wrote(written);
            self.count(written);
            self.rounds = 0;
        }
        if self.gathered.capacity() > KEPT_BYTES {
            self.gathered = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for GatheringSocket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut inner = lock(&self.0);
        let before = buffer.filled().len();
        ready!(Pin::new(&mut inner.socket).poll_read(cx, buffer))?;
        let read = buffer.filled().get(before..).unwrap_or_default();
        inner.count(read.len());
        Poll::Ready(inner.inbound.read(read).map_err(|flood| {
            inner.is_flooded = true;
            io::Error::other(flood)
        }))
    }
}

impl AsyncWrite for GatheringSocket {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut inner = lock(&self.0);
        if inner.gathered.len() >= MAX_GATHERED_BYTES {
            ready!(inner.poll_write_gathered(cx))?;
        }
        inner.gathered.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What was gathered leaves at the end of this turn.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut inner = lock(&self.0);
        ready!(inner.poll_write_gathered(cx))?;
        Pin::new(&mut inner.socket).poll_shutdown(cx)
    }
}

fn lock(shared: &Shared) -> MutexGuard<'_, Inner> {
    // Both ends live in one task, so nobody ever waits here.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
