//! Brings requests to a gateway: connects to every address of its name, takes those that are
//! connected in turn, and looks the name up again from time to time.
//!
//! In place of tonic's channel, because that ends a call at the very moment at which the gateway
//! says why it could not answer in time, and because its balancing gives calls to addresses that
//! take no connections.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::future::select_ok;
use http::HeaderValue;
use http::StatusCode;
use http::Uri;
use http::header::USER_AGENT;
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::ServerName;
use tonic::Status;
use tonic::body::Body;
use tower::Service;

use super::error::Error;
use super::error::innermost;
use super::options::Options;
use super::peer::Connector;
use super::peer::Peer;
use super::tls;

/// How long addresses of a name are taken to be true. Go's gRPC asks no more often, too.
const LOOK_UP_INTERVAL: Duration = Duration::from_secs(30);

/// How often a request is given to a connection that turns out to be closing.
const MAX_SENDS: usize = 4;

/// Brings requests to a gateway, over as many connections as its name has addresses.
///
/// For the generated clients in [`crate::proto`]. Makes no second attempt of what may have reached
/// the gateway, and knows no deadline.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    origin: Uri,
    user_agent: HeaderValue,
    connector: Arc<Connector>,
    /// Host and port, if DNS is to be asked.
    name: Option<(String, u16)>,
    connect_timeout: Duration,
    peers: Mutex<Vec<Arc<Peer>>>,
    next_look_up: Mutex<Instant>,
    turn: AtomicUsize,
}

/// Whether response headers came, for [`retry`](super::retry). An extension of requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Committed(Arc<AtomicBool>);

impl Committed {
    pub(super) fn is_committed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Transport {
    /// Connects, and waits until one address has taken a connection.
    ///
    /// # Errors
    /// [`Cause::Input`](super::Cause::Input) for an address or certificate that is none,
    /// [`Cause::Connection`](super::Cause::Connection) if nobody answers.
    pub(super) async fn connect(address: &str, options: &Options) -> Result<Self, Error> {
        let transport = Self(Arc::new(Inner::new(address, options)?));
        transport.0.look_up().await.map_err(Error::of_status)?;
        transport.0.sender().await.map_err(Error::of_status)?;
        Ok(transport)
    }
}

impl Inner {
    fn new(address: &str, options: &Options) -> Result<Self, Error> {
        let wrong = || {
            Error::input(format!(
                "{address:?} is no address; allowed: http:// or https://, a host and a port"
            ))
        };
        let uri: Uri = address.parse().map_err(|_invalid| wrong())?;
        let host = uri.host().ok_or_else(wrong)?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let (tls, default_port) = match uri.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => {
                let name = ServerName::try_from(host.to_owned()).map_err(|_invalid| wrong())?;
                (Some((tls::connector(&options.tls)?, name)), 443)
            }
            _ => return Err(wrong()),
        };
        if !matches!(
            uri.path_and_query().map(|path| path.as_str()),
            None | Some("" | "/")
        ) {
            return Err(wrong());
        }
        let port = uri.port_u16().unwrap_or(default_port);
        let connector = Arc::new(Connector::new(options, tls));
        let mut known = options.addresses.clone();
        if let Ok(literal) = host.parse::<IpAddr>()
            && known.is_empty()
        {
            known.push(SocketAddr::new(literal, port));
        }
        let name = known.is_empty().then(|| (host.to_owned(), port));
        let peer = |address| Arc::new(Peer::new(address, &connector));
        let user_agent = HeaderValue::from_str(&options.user_agent)
            .map_err(|_invalid| Error::input("the user agent is no visible ASCII text"))?;
        Ok(Self {
            peers: Mutex::new(known.into_iter().map(peer).collect()),
            origin: uri,
            user_agent,
            connector,
            name,
            connect_timeout: options.connect_timeout,
            next_look_up: Mutex::new(Instant::now()),
            turn: AtomicUsize::new(0),
        })
    }

    /// Asks DNS, if the address is a name. Connections to addresses that are still there are kept;
    /// calls on others may end.
    async fn look_up(&self) -> Result<(), Status> {
        let Some((host, port)) = &self.name else {
            return Ok(());
        };
        *self
            .next_look_up
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Instant::now() + LOOK_UP_INTERVAL;
        let asked = tokio::net::lookup_host((host.as_str(), *port));
        let found = tokio::time::timeout(self.connect_timeout, asked).await;
        let found = found.unwrap_or_else(|_elapsed| Err(io::ErrorKind::TimedOut.into()));
        let found = found.map_err(|error| unavailable(&format!("{host} is not known"), error))?;
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept: Vec<Arc<Peer>> = Vec::new();
        for address in found {
            if kept.iter().any(|peer| peer.address == address) {
                continue;
            }
            let old = peers.iter().find(|peer| peer.address == address);
            kept.push(
                old.map_or_else(|| Arc::new(Peer::new(address, &self.connector)), Arc::clone),
            );
        }
        if !kept.is_empty() {
            *peers = kept;
        }
        Ok(())
    }

    /// Looks up in the background what is old; until then the old addresses serve.
    fn keep_fresh(self: &Arc<Self>) {
        let mut next = self
            .next_look_up
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.name.is_some() && *next <= Instant::now() {
            *next = Instant::now() + LOOK_UP_INTERVAL;
            let inner = Arc::clone(self);
            tokio::spawn(async move {
                // What is known stays, and is asked again.
                let _unknown = inner.look_up().await;
            });
        }
    }

    /// A connection: the next in turn of those that are there, or the first that can be made.
    async fn sender(&self) -> Result<SendRequest<Body>, Status> {
        let peers = self
            .peers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let ready: Vec<_> = peers.iter().filter_map(|peer| peer.ready()).collect();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        if let Some(sender) = ready.get(turn % ready.len().max(1)) {
            for peer in peers.iter().filter(|peer| peer.is_due()) {
                drop(peer.connecting());
            }
            return Ok(sender.clone());
        }
        let all: Vec<_> = peers.iter().map(|peer| peer.connecting()).collect();
        if all.is_empty() {
            return Err(Status::unavailable("the name has no address"));
        }
        match select_ok(all).await {
            Ok((sender, _others)) => Ok(sender),
            Err(error) => {
                let origin = &self.origin;
                Err(unavailable(&format!("no connection to {origin}"), error))
            }
        }
    }

    async fn send(
        self: Arc<Self>,
        mut request: http::Request<Body>,
    ) -> Result<http::Response<Incoming>, Status> {
        let committed = request.extensions().get::<Committed>().cloned();
        self.keep_fresh();
        for _ in 0..MAX_SENDS {
            let mut sender = match self.sender().await {
                Ok(sender) => sender,
                Err(error) if self.name.is_none() => return Err(error),
                Err(error) => {
                    // Perhaps all have moved.
                    self.look_up().await?;
                    self.sender().await.or(Err(error))?
                }
            };
            let mut failed = match sender.try_send_request(request).await {
                Ok(response) => {
                    let is_trailers_only = response.headers().contains_key("grpc-status");
                    if let Some(committed) = committed
                        && response.status() == StatusCode::OK
                        && !is_trailers_only
                    {
                        committed.0.store(true, Ordering::Relaxed);
                    }
                    return Ok(response);
                }
                Err(failed) => failed,
            };
            match failed.take_message() {
                // It never left.
                Some(unsent) => request = unsent,
                None => return Err(broken(failed.into_error())),
            }
        }
        Err(Status::unavailable("the gateway closes every connection"))
    }
}

fn unavailable(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> Status {
    let mut status = Status::unavailable(format!("{what}: {}", innermost(&error)));
    status.set_source(Arc::new(error));
    status
}

/// What a broken connection means: what the gateway says in the words of HTTP/2, or nothing.
fn broken(error: hyper::Error) -> Status {
    if error.is_canceled() {
        return unavailable("the connection broke", error);
    }
    Status::from_error(Box::new(error))
}

impl Service<http::Request<Body>> for Transport {
    type Response = http::Response<Incoming>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Self::Response, Status>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        let mut parts = request.uri().clone().into_parts();
        parts.scheme = inner.origin.scheme().cloned();
        parts.authority = inner.origin.authority().cloned();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
        let user_agent = inner.user_agent.clone();
        request.headers_mut().insert(USER_AGENT, user_agent);
        inner.send(request).boxed()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transport({})", self.0.origin)
    }
}
