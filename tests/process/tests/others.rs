//! The calls of those who do nothing wrong, and how much the others harm them.
//!
//! The same calls go to a second gateway that is left in peace. On a machine that has much else to do,
//! times change for reasons of its own; they change for both.

use std::cell::Cell;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::connect;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::gateway::Gateway;
use bedrock_gateway_process_tests::load::Load;
use tokio::time::sleep;

use crate::support::Upstream;

/// A sign of life that leaves the machine to others.
const CALLS_PER_SECOND: u32 = 150;
const ROUND: Duration = Duration::from_secs(1);

/// Calls of the model `ordinary`, here and elsewhere.
pub(crate) struct Others {
    here: Load,
    elsewhere: Load,
    failed: Cell<usize>,
    _left_in_peace: Gateway,
}

/// The 99th percentiles of one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    here: Duration,
    elsewhere: Duration,
}

impl Others {
    /// Starts the calls, and waits until they have found their pace.
    pub(crate) async fn start(upstream: &Upstream, gateway: &Gateway) -> Self {
        let left_in_peace = upstream.gateway(&[]).await;
        let others = Self {
            here: load(gateway.address()).await,
            elsewhere: load(left_in_peace.address()).await,
            failed: Cell::new(0),
            _left_in_peace: left_in_peace,
        };
        sleep(ROUND).await;
        others
    }

    /// Measures for a while.
    pub(crate) async fn round(&self) -> Round {
        self.take();
        sleep(ROUND).await;
        self.take()
    }

    /// Ends the calls, and returns how many had failed.
    pub(crate) async fn finish(self) -> usize {
        drop(self.elsewhere.finish().await.unwrap());
        let rest = self.here.finish().await.unwrap();
        self.failed.get() + rest.failed()
    }

    fn take(&self) -> Round {
        let here = self.here.take();
        self.failed.set(self.failed.get() + here.failed());
        Round {
            here: here.percentile("Ok", 99),
            elsewhere: self.elsewhere.take().percentile("Ok", 99),
        }
    }
}

/// Calls over two connections, one for each worker of two.
async fn load(address: SocketAddr) -> Load {
    let clients = [
        Client::new(connect(address).await.unwrap()),
        Client::new(connect(address).await.unwrap()),
    ];
    let turn = AtomicBool::new(false);
    Load::start(CALLS_PER_SECOND, move || {
        let client = clients[usize::from(turn.fetch_not(Ordering::Relaxed))].clone();
        async move {
            client::invoke(client, prompt("ordinary", "Hi"))
                .await
                .map(drop)
        }
    })
}

/// By how much times grew.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Harm {
    quiet: Round,
    then: Round,
}

impl Harm {
    /// From a quiet round to another.
    pub(crate) fn between(quiet: Round, then: Round) -> Self {
        Self { quiet, then }
    }

    /// The one in the middle: one bad round does not decide.
    pub(crate) fn median(mut rounds: Vec<Self>) -> Self {
        rounds.sort_by(|one, other| one.times().total_cmp(&other.times()));
        rounds[rounds.len() / 2]
    }

    /// How many times longer calls took, than before or than elsewhere at the same time.
    pub(crate) fn times(self) -> f64 {
        let before = self.quiet.here.max(self.then.elsewhere);
        self.then.here.as_secs_f64() / before.as_secs_f64()
    }
}

impl std::fmt::Display for Harm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (quiet, then) = (self.quiet.here, self.then.here);
        let elsewhere = self.then.elsewhere;
        write!(
            formatter,
            "p99 of others {quiet:.2?} before, {then:.2?} then, {elsewhere:.2?} elsewhere"
        )
    }
}
