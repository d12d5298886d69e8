//! One address of a gateway and the connection to it: made when it is needed, and anew when it is
//! gone.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::future::Shared;
use hyper::client::conn::http2;
use hyper::client::conn::http2::SendRequest;
use hyper::rt::Read;
use hyper::rt::Write;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tonic::body::Body;

use super::options::Options;

/// First time for which an address that took no connection is left alone while others do. It
/// doubles with each failure.
const FIRST_REST: Duration = Duration::from_secs(1);

/// Doublings of [`FIRST_REST`], which makes 32 s.
const MAX_DOUBLINGS: u32 = 5;

/// A connection, or a way to it that many calls may wait on.
pub(super) type Connecting = Shared<BoxFuture<'static, Result<SendRequest<Body>, NoConnection>>>;

/// An address takes no connection.
#[derive(Clone, Debug, Error)]
#[error("{address} takes no connection")]
pub(super) struct NoConnection {
    address: SocketAddr,
    source: Arc<io::Error>,
    at: Instant,
}

/// How connections are made.
pub(super) struct Connector {
    tls: Option<(TlsConnector, ServerName<'static>)>,
    timeout: Duration,
    keep_alive_interval: Duration,
    keep_alive_timeout: Duration,
}

/// One address of a gateway.
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    connector: Arc<Connector>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connecting: Option<Connecting>,
    /// Failures in a row.
    failures: u32,
}

impl Connector {
    pub(super) fn new(options: &Options, tls: Option<(TlsConnector, ServerName<'static>)>) -> Self {
        Self {
            tls,
            timeout: options.connect_timeout,
            keep_alive_interval: options.keep_alive_interval,
            keep_alive_timeout: options.keep_alive_timeout,
        }
    }

    async fn connect(
        self: Arc<Self>,
        address: SocketAddr,
    ) -> Result<SendRequest<Body>, NoConnection> {
        let connected = tokio::time::timeout(self.timeout, self.opened(address)).await;
        let outcome = connected.unwrap_or_else(|_elapsed| {
            let text = format!("timed out after {:?}", self.timeout);
            Err(io::Error::new(io::ErrorKind::TimedOut, text))
        });
        outcome.map_err(|source| NoConnection {
            address,
            source: Arc::new(source),
            at: Instant::now(),
        })
    }

    async fn opened(&self, address: SocketAddr) -> io::Result<SendRequest<Body>> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => self.spoken(TokioIo::new(stream)).await,
            Some((tls, name)) => {
                let stream = tls.connect(name.clone(), stream).await?;
                self.spoken(TokioIo::new(stream)).await
            }
        }
    }

    /// Begins to speak HTTP/2. A task of the runtime keeps the connection until it is of no use.
    async fn spoken(
        &self,
        stream: impl Read + Write + Unpin + Send + 'static,
    ) -> io::Result<SendRequest<Body>> {
        let (sender, connection) = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(self.keep_alive_interval)
            .keep_alive_timeout(self.keep_alive_timeout)
            .handshake(stream)
            .await
            .map_err(io::Error::other)?;
        // Whatever ends it, its calls are told.
        tokio::spawn(connection.map(drop));
        Ok(sender)
    }
}

impl Peer {
    pub(super) fn new(address: SocketAddr, connector: &Arc<Connector>) -> Self {
        Self {
            address,
            connector: Arc::clone(connector),
            state: Mutex::default(),
        }
    }

    /// The connection, if there is one that takes calls.
    pub(super) fn ready(&self) -> Option<SendRequest<Body>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = state.connecting.as_ref()?.peek()?.as_ref().ok()?;
        (!sender.is_closed()).then(|| sender.clone())
    }

    /// Whether a new connection should be made although others are there.
    pub(super) fn is_due(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.connecting.as_ref().map(Shared::peek) {
            None => true,
            Some(None) => false,
            Some(Some(Ok(sender))) => sender.is_closed(),
            Some(Some(Err(failed))) => {
                let doublings = state.failures.saturating_sub(1).min(MAX_DOUBLINGS);
                failed.at.elapsed() >= FIRST_REST * 2_u32.pow(doublings)
            }
        }
    }

    /// The connection that is there or being made, or else a new one.
    pub(super) fn connecting(&self) -> Connecting {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_useful = match state.connecting.as_ref().map(Shared::peek) {
            None => false,
            Some(None) => true,
            Some(Some(Ok(sender))) => {
                let is_open = !sender.is_closed();
                state.failures = 0;
                is_open
            }
            Some(Some(Err(_))) => {
                state.failures = state.failures.saturating_add(1);
                false
            }
        };
        match &state.connecting {
            Some(connecting) if is_useful => connecting.clone(),
            _ => {
                let connector = Arc::clone(&self.connector);
                let connecting = connector.connect(self.address).boxed().shared();
                // It goes on when those who wait for it do not: the next call wants it, too.
                tokio::spawn(connecting.clone().map(drop));
                state.connecting = Some(connecting.clone());
                connecting
            }
        }
    }
}
