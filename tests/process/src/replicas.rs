//! A client of several replicas, as a service config makes one: round robin over those whose health
//! says SERVING, and UNAVAILABLE repeated as long as there was no answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tonic::Code;
use tonic::Status;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::client::Client;
use crate::client::connect;
use crate::client::was_never_begun;

/// `maxAttempts` of the retry policy.
const MAX_ATTEMPTS: u32 = 3;
/// `initialBackoff` of the retry policy; it doubles each time.
const INITIAL_BACKOFF: Duration = Duration::from_millis(200);
/// Pause before a replica is dialled again.
const REDIAL: Duration = Duration::from_millis(20);
/// HTTP/2 connections to each replica: one takes a hundred streams.
const CONNECTIONS: usize = 4;

/// A client of several replicas.
pub struct Replicas {
    addresses: Vec<watch::Sender<SocketAddr>>,
    serving: watch::Receiver<Vec<Vec<Client>>>,
    turn: AtomicUsize,
    retries: AtomicU64,
    repeated: AtomicU64,
    _tasks: JoinSet<()>,
}

/// Why one attempt failed.
pub struct Failure {
    /// How.
    pub status: Status,
    /// Whether there had been response headers: then nothing is repeated.
    pub was_answered: bool,
}

impl Replicas {
    /// Follows the replicas at these addresses.
    #[must_use]
    pub fn at(addresses: &[SocketAddr]) -> Self {
        let (sender, serving) = watch::channel(vec![Vec::new(); addresses.len()]);
        let sender = Arc::new(sender);
        let mut tasks = JoinSet::new();
        let mut senders = Vec::new();
        for (number, address) in addresses.iter().enumerate() {
            let (address, resolved) = watch::channel(*address);
            senders.push(address);
            tasks.spawn(follow(number, resolved, Arc::clone(&sender)));
        }
        Self {
            addresses: senders,
            serving,
            turn: AtomicUsize::new(0),
            retries: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
            _tasks: tasks,
        }
    }

    /// Tells that a replica has come back somewhere else, as a name service would.
    pub fn moved(&self, number: usize, address: SocketAddr) {
        if let Some(sender) = self.addresses.get(number) {
            sender.send_replace(address);
        }
    }

    /// Waits until all of them serve.
    pub async fn all_serve(&self) {
        let mut serving = self.serving.clone();
        // Whoever follows them lives as long as this.
        let _ = serving
            .wait_for(|replicas| replicas.iter().all(|clients| !clients.is_empty()))
            .await;
    }

    /// Calls repeated because the policy says so, and because they were never begun.
    #[must_use]
    pub fn repeated(&self) -> (u64, u64) {
        (
            self.retries.load(Ordering::Relaxed),
            self.repeated.load(Ordering::Relaxed),
        )
    }

    /// Makes a call on one of them; waits until there is one.
    ///
    /// # Errors
    /// The status of the last attempt.
    pub async fn call<T, F>(&self, attempt: impl Fn(Client) -> F) -> Result<T, Status>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut attempts = 0;
        loop {
            let client = self.pick().await?;
            let failure = match attempt(client).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if failure.was_answered {
                return Err(failure.status);
            }
            if was_never_begun(&failure.status) {
                self.repeated.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            attempts += 1;
            if failure.status.code() != Code::Unavailable || attempts == MAX_ATTEMPTS {
                return Err(failure.status);
            }
            let Some(wait) = wait(&failure.status, attempts) else {
                return Err(failure.status);
            };
            self.retries.fetch_add(1, Ordering::Relaxed);
            sleep(wait).await;
        }
    }

    async fn pick(&self) -> Result<Client, Status> {
        let mut serving = self.serving.clone();
        let lists = serving
            .wait_for(|replicas| replicas.iter().any(|clients| !clients.is_empty()))
            .await
            .map_err(|_gone| Status::cancelled("nobody follows the replicas"))?;
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let replicas: Vec<_> = lists.iter().filter(|list| !list.is_empty()).collect();
        let clients = replicas.get(turn % replicas.len());
        clients
            .and_then(|clients| clients.get(turn / replicas.len() % clients.len()))
            .cloned()
            .ok_or_else(|| Status::cancelled("there is no replica"))
    }
}

/// What the server asked for, else the back-off of the policy; `None` if it asked for no more.
fn wait(status: &Status, attempts: u32) -> Option<Duration> {
    match status.metadata().get("grpc-retry-pushback-ms") {
        Some(asked) => {
            let milliseconds = asked.to_str().ok()?.parse().ok()?;
            Some(Duration::from_millis(milliseconds))
        }
        None => Some(INITIAL_BACKOFF * 2_u32.pow(attempts - 1))
            .map(|most| most.mul_f64(fastrand::f64())),
    }
}

/// Keeps the connections of one replica in the list for as long as its health says SERVING.
async fn follow(
    number: usize,
    mut address: watch::Receiver<SocketAddr>,
    serving: Arc<watch::Sender<Vec<Vec<Client>>>>,
) {
    let show = |clients: Vec<Client>| {
        serving.send_modify(|replicas| {
            if let Some(slot) = replicas.get_mut(number) {
                *slot = clients;
            }
        });
    };
    loop {
        let current = *address.borrow_and_update();
        // However it ends, the replica is not there any more.
        let _ = watch_health(current, &show).await;
        show(Vec::new());
        tokio::select! {
            _ = address.changed() => {}
            () = sleep(REDIAL) => {}
        }
    }
}

async fn watch_health(address: SocketAddr, show: &impl Fn(Vec<Client>)) -> anyhow::Result<()> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::new(connect(address).await?));
    }
    let channel = connect(address).await?;
    let request = HealthCheckRequest::default();
    let mut states = HealthClient::new(channel)
        .watch(request)
        .await?
        .into_inner();
    while let Some(state) = states.message().await? {
        let serves = state.status() == ServingStatus::Serving;
        show(if serves { clients.clone() } else { Vec::new() });
    }
    Ok(())
}
