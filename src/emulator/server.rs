//! The running emulator: accepts connections, and answers its owner's questions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::emulator::connection::Connection;
use crate::emulator::connection::ResetSwitch;
use crate::emulator::dispatch;
use crate::emulator::journal::JournalEntry;
use crate::emulator::options::Options;
use crate::emulator::options::OptionsError;
use crate::emulator::scenario::Scenario;
use crate::emulator::scenario_json::Plan;
use crate::emulator::state::State;

/// How long nothing is accepted after a failure to accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// An offline Bedrock Runtime that runs until it is shut down or dropped.
pub struct Emulator {
    state: Arc<State>,
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Emulator {
    /// Serves on the listener, which should be one of loopback, on the current Tokio runtime.
    ///
    /// # Errors
    /// [`OptionsError`] if the registry or the scenarios cannot be read.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn start(listener: TcpListener, options: Options) -> Result<Self, OptionsError> {
        let address = listener.local_addr().map_err(OptionsError::Listener)?;
        let state = Arc::new(State::read(options)?);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let accepting = accept(listener, Arc::clone(&state), stop.clone(), tasks.clone());
        tasks.spawn(accepting);
        Ok(Self {
            state,
            address,
            stop,
            tasks,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What an SDK takes as its endpoint URL.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Offers the models of a registry file from now on, and still those that were offered last, for
    /// calls under way.
    ///
    /// # Errors
    /// [`OptionsError::Registry`] if the text is no JSON; the offer stays as it was.
    pub fn offer(&self, registry: String) -> Result<(), OptionsError> {
        self.state.offer(registry)
    }

    /// Makes the scenario the model's behaviour until it is replaced or cleared.
    ///
    /// The model is a registry key, any id or ARN of it, an id the registry does not have, or `*`.
    pub fn set_scenario(&self, model: &str, scenario: Scenario) {
        let plan = Plan {
            queue: Vec::new(),
            steady: Some(scenario),
        };
        self.state
            .scenarios
            .replace(&self.state.scenario_name(model), plan);
    }

    /// Plays the scenario for one call of the model, after those pushed before.
    pub fn push_scenario(&self, model: &str, scenario: Scenario) {
        self.state
            .scenarios
            .push(&self.state.scenario_name(model), scenario);
    }

    /// Every model answers as usual again.
    pub fn clear_scenarios(&self) {
        self.state.scenarios.clear();
    }

    /// The last thousand calls, newest last.
    #[must_use]
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.state.journal.entries()
    }

    /// Forgets the calls so far.
    pub fn clear_journal(&self) {
        self.state.journal.clear();
    }

    /// Registry keys of the models called, in order; the id as received where there is no key.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        let entries = self.journal().into_iter();
        entries
            .map(|entry| entry.model.unwrap_or(entry.model_id))
            .collect()
    }

    /// Waits, without a limit of its own, until the journal is as asked for, and returns it.
    pub async fn wait_until(
        &self,
        is_enough: impl FnMut(&[JournalEntry]) -> bool,
    ) -> Vec<JournalEntry> {
        self.state.journal.wait_until(is_enough).await
    }

    /// Closes the listener and every connection, whatever is being answered.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(
    listener: TcpListener,
    state: Arc<State>,
    stop: CancellationToken,
    tasks: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let serving = serve(stream, Arc::clone(&state));
                let stop = stop.clone();
                tasks.spawn(async move {
                    // What is being answered ends with the emulator: no test should wait for it.
                    tokio::select! {
                        () = serving => {}
                        () = stop.cancelled() => {}
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "emulator cannot accept a connection");
                // Most likely out of file descriptors; others must close some first.
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "connection without TCP_NODELAY");
    }
    let reset = Arc::new(ResetSwitch::default());
    let connection = Connection::new(stream, Arc::clone(&reset));
    let service = service_fn(move |request| {
        dispatch::handle(Arc::clone(&state), Arc::clone(&reset), request)
    });
    let served = http1::Builder::new()
        .serve_connection(connection, service)
        .await;
    if let Err(error) = served {
        // Clients that leave and scenarios that cut both end here; the journal knows which.
        tracing::debug!(%error, "connection ended early");
    }
}
