//! Random models play random faults to random callers: whatever happens, what is promised holds.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::time::Instant;
use tokio::time::timeout_at;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::deadline::Deadline;
use crate::proto::Attempt;
use crate::proto::InferenceConfig;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeRequest;
use crate::proto::RoutingConfig;
use crate::proto::StreamOptions;
use crate::proto::attempt::State;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::proto::stream_options::Recovery;
use crate::provider::ErrorKind;
use crate::provider::Provider;
use crate::routing::PolicyInForce;
use crate::routing::RouteError;
use crate::routing::Router;
use crate::routing::Turn;
use crate::routing::bench::policy_of;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::fixtures::turn;

#[path = "fault_scripts_stage.rs"]
mod stage;

use stage::End;
use stage::Play;
use stage::Stage;
use stage::piece;

const NAMES: [&str; 3] = ["a", "b", "c"];
const RETRIES: usize = 3;
const LEAST: Duration = Duration::from_millis(250);
const LATE: Duration = Duration::from_millis(50);

const KINDS: &[ErrorKind] = &[
    ErrorKind::Throttled,
    ErrorKind::DailyQuota,
    ErrorKind::NotReady,
    ErrorKind::Unavailable,
    ErrorKind::Internal,
    ErrorKind::Unreachable,
    ErrorKind::OutOfConnections,
    ErrorKind::ModelTimeout,
    ErrorKind::ModelError,
    ErrorKind::ModelRejected,
    ErrorKind::AccessDenied,
    ErrorKind::PromptCachingRefused,
    ErrorKind::Credentials,
    ErrorKind::NotFound,
    ErrorKind::ContextTooLong,
    ErrorKind::FieldRefused,
    ErrorKind::Validation,
    ErrorKind::UnknownServer,
    ErrorKind::BadAnswer,
    ErrorKind::Truncated,
];

/// What the caller wants, and what awaits it.
#[derive(Clone, Debug)]
struct Script {
    plays: Vec<Vec<Play>>,
    /// Milliseconds.
    deadline: u64,
    max_attempts: Option<i32>,
    attempt: Option<u64>,
    first_event: Option<u64>,
    idle: Option<u64>,
    heartbeat: Option<u64>,
    restarts: bool,
    streams: bool,
    is_long: bool,
    leaves_after: Option<u64>,
}

fn play() -> impl Strategy<Value = Play> {
    let kind = || select(KINDS);
    let time = || prop_oneof![6 => 0..50_u64, 2 => 50..2_000_u64, 1 => 2_000..40_000_u64];
    let end = prop_oneof![
        4 => Just(End::Complete),
        3 => kind().prop_map(End::Fail),
        1 => Just(End::Missing),
        1 => Just(End::Hang),
    ];
    let refuses = option::weighted(0.4, (kind(), option::weighted(0.2, 0..5_000_u64)));
    let texts = vec(time(), 0..4);
    (time(), refuses, texts, end).prop_map(|(accepts_after, refuses, texts, end)| Play {
        accepts_after,
        refuses,
        texts,
        end,
    })
}

fn script() -> impl Strategy<Value = Script> {
    let limit = || option::weighted(0.2, 1..20_000_u64);
    let caller = (
        prop_oneof![2 => 1..3_000_u64, 3 => 3_000..60_000_u64],
        option::weighted(0.3, 1..6_i32),
        limit(),
        limit(),
        limit(),
        option::weighted(0.4, 1_000..5_000_u64),
        option::weighted(0.2, 0..10_000_u64),
    );
    let wishes = (any::<bool>(), prop::bool::weighted(0.75), any::<bool>());
    (vec(vec(play(), 0..5), 1..=3), caller, wishes).prop_map(|(plays, caller, wishes)| {
        let (deadline, max_attempts, attempt, first_event, idle, heartbeat, leaves_after) = caller;
        let (restarts, streams, is_long) = wishes;
        Script {
            plays,
            deadline,
            max_attempts,
            attempt,
            first_event,
            idle,
            heartbeat,
            restarts,
            streams,
            is_long,
            leaves_after,
        }
    })
}

impl Script {
    fn turn(&self) -> Turn {
        let limit = |limit: Option<u64>| {
            let limit = limit.map(Duration::from_millis);
            limit.and_then(|limit| limit.try_into().ok())
        };
        let request = InvokeRequest {
            inference_config: self.is_long.then(|| InferenceConfig {
                max_tokens: Some(4_000),
                ..InferenceConfig::default()
            }),
            routing_config: Some(RoutingConfig {
                max_attempts: self.max_attempts,
                attempt_timeout: limit(self.attempt),
                ..RoutingConfig::default()
            }),
            ..prompt()
        };
        let turn = turn(request);
        let recovery = if self.restarts {
            Recovery::Restart
        } else {
            Recovery::Fail
        };
        Turn {
            deadline: Deadline::after(turn.arrived, Duration::from_millis(self.deadline)),
            stream_options: StreamOptions {
                first_token_timeout: limit(self.first_event),
                idle_timeout: limit(self.idle),
                heartbeat_interval: limit(self.heartbeat),
                recovery: recovery.into(),
                ..StreamOptions::default()
            },
            ..turn
        }
    }

    /// Plays it on a clock of its own and checks everything.
    fn check(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let models = NAMES.iter().take(self.plays.len()).zip(1..);
            let models = models
                .map(|(name, priority)| model(name, priority))
                .collect();
            let stage = Arc::new(Stage::new(&NAMES, &self.plays));
            let provider = Arc::clone(&stage) as Arc<dyn Provider>;
            let router = Router::new(PolicyInForce::new(policy_of(models)), provider);
            let turn = self.turn();
            let arrived = turn.arrived;
            let deadline = turn.deadline.instant();
            let leaves = self.leaves_after.map(Duration::from_millis);
            let leaves = leaves.map_or(arrived + Duration::from_secs(86_400), |leaves| {
                arrived + leaves
            });

            let ended = timeout_at(leaves, async {
                if self.streams {
                    self.stream(&router, turn, &stage).await
                } else {
                    self.invoke(&router, turn, &stage).await
                }
            })
            .await;

            assert_eq!(stage.open.load(Ordering::Relaxed), 0, "a call is left");
            let calls = stage.calls.lock().unwrap();
            for (_, started, _) in calls.iter() {
                assert!(deadline - *started >= LEAST, "too late to start");
            }
            let limit = self.max_attempts.map_or(10, |limit| limit.unsigned_abs());
            assert!(calls.len() <= usize::try_from(limit).unwrap());
            let repeated = calls.windows(2).filter(|pair| pair[0].0 == pair[1].0);
            assert!(repeated.count() <= RETRIES);
            if let Ok(metadata) = ended {
                assert!(Instant::now() <= deadline + LATE, "the deadline was missed");
                let made = metadata
                    .map(|metadata| metadata.attempts)
                    .unwrap_or_default();
                let made = made.iter().filter(|attempt| attempt.start_time.is_some());
                let made: Vec<&str> = made.map(|attempt| attempt.model.as_str()).collect();
                let called: Vec<&str> = calls.iter().map(|(name, _, _)| name.as_str()).collect();
                assert_eq!(made, called, "the ledger is not what was called");
            }
        });
    }

    async fn invoke(
        &self,
        router: &Router,
        turn: Turn,
        stage: &Stage,
    ) -> Option<InvocationMetadata> {
        match router.invoke(turn).await {
            Ok(reply) => {
                let calls = stage.calls.lock().unwrap();
                let (_, _, play) = calls.last().unwrap();
                assert!(matches!(play.end, End::Complete), "OK, but not complete");
                let whole = piece(calls.len()).repeat(play.texts.len());
                assert_eq!(reply.text, whole);
                reply.metadata
            }
            Err(error) => {
                assert!(!error.output_started);
                self.failed(error)
            }
        }
    }

    async fn stream(
        &self,
        router: &Router,
        turn: Turn,
        stage: &Stage,
    ) -> Option<InvocationMetadata> {
        let mut seen = Seen::default();
        let mut stream = match router.invoke_stream(turn).await {
            Ok(stream) => stream,
            Err(error) => return self.failed(error),
        };
        let end = loop {
            let waits = Instant::now();
            let next = stream.next().await;
            if let Some(interval) = self.heartbeat {
                let limit = Duration::from_millis(interval + 1);
                assert!(
                    seen.metadata.is_some() || waits.elapsed() <= limit,
                    "no heartbeat"
                );
            }
            match next {
                Some(Ok(response)) => self.see(&mut seen, response.event.unwrap()),
                Some(Err(error)) => break Some(error),
                None => break None,
            }
        };
        assert!(
            stream.next().await.is_none(),
            "something came after the end"
        );
        match end {
            Some(error) => {
                assert!(seen.metadata.is_none(), "the message was complete");
                assert_eq!(error.output_started, seen.output_started);
                self.failed(error)
            }
            None => {
                let calls = stage.calls.lock().unwrap();
                let (_, _, play) = calls.last().unwrap();
                assert!(matches!(play.end, End::Complete), "OK, but not complete");
                assert!(seen.has_stopped);
                let whole = piece(calls.len()).repeat(play.texts.len());
                assert_eq!(seen.kept, whole, "attempts were mixed");
                assert!(seen.metadata.is_some(), "OK without metadata");
                seen.metadata
            }
        }
    }

    fn see(&self, seen: &mut Seen, event: Sent) {
        assert!(seen.metadata.is_none(), "something came after the metadata");
        match event {
            Sent::Attempt(event) if event.output_discarded => {
                assert!(self.restarts && seen.has_begun);
                let attempt = event.attempt.unwrap();
                assert_eq!(attempt.state(), State::Failed);
                *seen = Seen {
                    output_started: true,
                    ..Seen::default()
                };
            }
            Sent::Attempt(_) => {}
            Sent::Heartbeat(_) => assert!(self.heartbeat.is_some()),
            Sent::MessageStart(_) => {
                assert!(!seen.has_begun, "a message began twice");
                seen.has_begun = true;
                seen.output_started = true;
            }
            Sent::ContentBlockDelta(delta) => {
                assert!(seen.has_begun && !seen.has_stopped);
                let Some(Delta::Text(text)) = delta.delta else {
                    panic!("a delta that nobody sent");
                };
                seen.kept.push_str(&text);
            }
            Sent::ContentBlockStart(_) | Sent::ContentBlockStop(_) => assert!(seen.has_begun),
            Sent::MessageStop(_) => seen.has_stopped = true,
            Sent::Metadata(metadata) => seen.metadata = Some(*metadata),
        }
    }

    fn failed(&self, error: RouteError) -> Option<InvocationMetadata> {
        if error.output_started {
            assert!(matches!(error.code, Code::Aborted | Code::DeadlineExceeded));
        }
        let metadata = error.metadata.map(|metadata| *metadata);
        let attempts = metadata.iter().flat_map(|metadata| &metadata.attempts);
        for attempt in attempts {
            assert!(is_settled(attempt), "{self:?}: {attempt:?}");
        }
        metadata
    }
}

fn is_settled(attempt: &Attempt) -> bool {
    match attempt.state() {
        State::Failed | State::Skipped => attempt.error.is_some(),
        State::Cancelled => true,
        State::Unspecified | State::Running | State::Succeeded => false,
    }
}

/// What a careful caller keeps.
#[derive(Default)]
struct Seen {
    output_started: bool,
    has_begun: bool,
    kept: String,
    has_stopped: bool,
    metadata: Option<InvocationMetadata>,
}

proptest! {
    // Some 2,000; `PROPTEST_CASES=12500` makes it 100,000, for after a change of the loop.
    #![proptest_config({
        let config = ProptestConfig::default();
        ProptestConfig { cases: config.cases * 8, ..config }
    })]

    #[test]
    fn promises_hold_whatever_models_and_callers_do(script in script()) {
        script.check();
    }
}
