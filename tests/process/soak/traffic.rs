//! The calls of a soak: kinds of callers, how often each calls, and which ends are right.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use bedrock_gateway_process_tests::client;
use bedrock_gateway_process_tests::client::Client;
use bedrock_gateway_process_tests::client::endpoint;
use bedrock_gateway_process_tests::client::prompt;
use bedrock_gateway_process_tests::client::stream_prompt;
use bedrock_gateway_process_tests::client::was_never_begun;
use bedrock_gateway_process_tests::load::Load;
use bedrock_gateway_process_tests::load::Report;
use tokio::time::sleep;
use tokio::time::timeout;
use tonic::Request;
use tonic::Status;

/// What a reader takes before it stops; small, so that it stops soon.
const STREAM_WINDOW: u32 = 64 * 1024;
/// How long a stalled reader takes nothing; longer than the gateway waits for it.
const STALL: Duration = Duration::from_secs(8);

/// Of a thousand calls, how many may end otherwise.
const WRONG_IN_A_THOUSAND: usize = 1;

/// A kind of caller.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Unary,
    Stream,
    Cancelled,
    Hurried,
    Stalled,
    Mistaken,
}

const KINDS: [Kind; 6] = [
    Kind::Unary,
    Kind::Stream,
    Kind::Cancelled,
    Kind::Hurried,
    Kind::Stalled,
    Kind::Mistaken,
];

impl Kind {
    fn per_second(self) -> u32 {
        match self {
            Self::Unary => 40,
            Self::Stream => 20,
            Self::Cancelled => 10,
            Self::Hurried => 5,
            Self::Stalled | Self::Mistaken => 1,
        }
    }

    /// How such calls may end; texts that outcomes begin with.
    fn right_ends(self) -> &'static [&'static str] {
        match self {
            Self::Unary | Self::Cancelled => &["Ok"],
            Self::Stream => &["Ok", "Aborted STREAM_INTERRUPTED"],
            // One that has no time left for another attempt ends as the last one did. On a busy
            // machine the client's own timer may be first.
            Self::Hurried => &[
                "Ok",
                "DeadlineExceeded",
                "Aborted",
                "Unavailable",
                "Cancelled \"Timeout expired\"",
            ],
            Self::Stalled => &["Cancelled"],
            Self::Mistaken => &["InvalidArgument"],
        }
    }

    async fn call(self, client: Client) -> Result<(), Status> {
        match self {
            Self::Unary => client::invoke(client, prompt("", "Hi")).await.map(drop),
            Self::Stream => stream(client, "").await,
            Self::Cancelled => {
                let patience = Duration::from_millis(fastrand::u64(..300));
                // However it ends, it was given up or it was quicker.
                let _ = timeout(patience, stream(client, "")).await;
                Ok(())
            }
            Self::Hurried => {
                let mut request = Request::new(stream_prompt("", "Hi"));
                request.set_timeout(Duration::from_millis(fastrand::u64(50..1_000)));
                let answer = { client }.invoke_stream(request).await?;
                client::read(answer.into_inner()).await.map(drop)
            }
            Self::Stalled => {
                let request = stream_prompt("torrent", "Hi");
                let answer = { client }.invoke_stream(request).await?;
                sleep(STALL).await;
                client::read(answer.into_inner()).await.map(drop)
            }
            Self::Mistaken => client::invoke(client, prompt("", "")).await.map(drop),
        }
    }
}

async fn stream(mut client: Client, model: &str) -> Result<(), Status> {
    let answer = client.invoke_stream(stream_prompt(model, "Hi")).await?;
    client::read(answer.into_inner()).await.map(drop)
}

/// All callers.
pub(crate) struct Traffic {
    loads: Vec<(Kind, Load)>,
    calls: Calls,
}

impl Traffic {
    /// Lets them begin, each kind on a connection of its own.
    pub(crate) async fn start(address: SocketAddr) -> anyhow::Result<Self> {
        let mut loads = Vec::new();
        for kind in KINDS {
            let endpoint = endpoint(address)?.initial_stream_window_size(STREAM_WINDOW);
            let client = Client::new(endpoint.connect().await?);
            let call = move || until_begun(kind, client.clone());
            loads.push((kind, Load::start(kind.per_second(), call)));
        }
        Ok(Self {
            loads,
            calls: Calls::default(),
        })
    }

    /// What ended since the last time.
    pub(crate) fn since_the_last_time(&mut self) -> Calls {
        let mut calls = Calls::default();
        for (kind, load) in &self.loads {
            calls.add(*kind, &load.take());
        }
        self.calls.append(&calls);
        calls
    }

    /// Lets all calls end, and tells of every one there was.
    pub(crate) async fn finish(mut self) -> anyhow::Result<Calls> {
        for (kind, load) in self.loads {
            self.calls.add(kind, &load.finish().await?);
        }
        Ok(self.calls)
    }
}

/// Connections grow old, and a call may come just then; that one was never begun.
async fn until_begun(kind: Kind, client: Client) -> Result<(), Status> {
    loop {
        match kind.call(client.clone()).await {
            Err(status) if was_never_begun(&status) => {}
            result => return result,
        }
    }
}

/// How many calls of each kind ended how.
#[derive(Default)]
pub(crate) struct Calls(BTreeMap<(&'static str, String), (usize, bool)>);

impl Calls {
    fn add(&mut self, kind: Kind, report: &Report) {
        for (outcome, count) in report.counts() {
            let right = kind.right_ends();
            let is_right = right.iter().any(|right| outcome.starts_with(right));
            let key = (name(kind), outcome.to_owned());
            self.0.entry(key).or_insert((0, is_right)).0 += count;
        }
    }

    fn append(&mut self, other: &Self) {
        for (key, (count, is_right)) in &other.0 {
            self.0.entry(key.clone()).or_insert((0, *is_right)).0 += count;
        }
    }

    /// Kinds of which too many ended wrongly. Half an answer that was OK is always too many.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for kind in KINDS.map(name) {
            let ends = || self.0.iter().filter(|((of, _), _)| *of == kind);
            let all: usize = ends().map(|(_, (count, _))| count).sum();
            let wrong = || ends().filter(|(_, (_, is_right))| !is_right);
            let count: usize = wrong().map(|(_, (count, _))| count).sum();
            let was_half = wrong().any(|((_, outcome), _)| outcome.starts_with("DataLoss"));
            if was_half || all == 0 || count * 1_000 > all * WRONG_IN_A_THOUSAND {
                problems.push(format!("{count} of {all} {kind} calls ended wrongly"));
            }
        }
        problems
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Unary => "unary",
        Kind::Stream => "streamed",
        Kind::Cancelled => "cancelled",
        Kind::Hurried => "hurried",
        Kind::Stalled => "stalled",
        Kind::Mistaken => "mistaken",
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self
            .0
            .iter()
            .map(|((kind, outcome), (count, _))| format!("{kind} {count} {outcome}"))
            .collect();
        formatter.write_str(&texts.join(", "))
    }
}
