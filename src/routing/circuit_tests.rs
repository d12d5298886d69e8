use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::provider::ErrorKind;
use crate::routing::fixtures::settings;

/// A circuit, a clock that the test moves, and the calls under way.
struct Bench {
    circuit: Circuit,
    now: Instant,
    calls: Vec<Ticket>,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            circuit: Circuit::new(now),
            now,
            calls: Vec::new(),
        }
    }

    fn after(failures: &[ErrorKind]) -> Self {
        let mut bench = Self::new();
        for kind in failures {
            let ticket = bench.circuit.begin(bench.now).unwrap();
            bench.fail(ticket, *kind);
        }
        bench
    }

    fn fail(&mut self, ticket: Ticket, kind: ErrorKind) {
        let error = ProviderError::new(kind, "scripted failure");
        let settings = settings().circuit;
        self.circuit.fail(ticket, &error, &settings, self.now, 0.0);
    }

    fn state(&self) -> State {
        self.circuit.state(self.now)
    }

    fn wait(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
    }

    fn probes(&self) -> usize {
        let now = self.circuit.begin_again().pass;
        let probes = self.calls.iter().filter(|call| call.pass.is_probe());
        probes.filter(|call| call.pass.is_of_era(now)).count()
    }
}

const COUNTED: ErrorKind = ErrorKind::Unavailable;
const OPEN: &[ErrorKind] = &[COUNTED; 5];

#[test]
fn refusal_says_why_and_when_to_ask_again() {
    for (failures, why, seconds) in [
        (OPEN, "it failed too often", 2),
        (&[ErrorKind::Throttled][..], "Bedrock throttles it", 1),
        (
            &[ErrorKind::AccessDenied][..],
            "the gateway's account may not use it",
            300,
        ),
    ] {
        let bench = Bench::after(failures);

        let refusal = bench.circuit.refusal(bench.now).unwrap();

        assert_eq!(refusal.why, why);
        assert_eq!(refusal.until, bench.now + Duration::from_secs(seconds));
        assert!(!bench.state().admits_calls());
    }
}

#[test]
fn throttling_does_not_close_an_open_circuit() {
    let mut bench = Bench::after(OPEN);
    bench.wait(2_000);
    let probe = bench.circuit.begin(bench.now).unwrap();

    bench.fail(probe, ErrorKind::Throttled);
    bench.wait(1_000);

    assert_eq!(bench.state(), State::HalfOpen);
}

#[test]
fn call_is_made_all_the_same_once_a_second() {
    let mut bench = Bench::after(&[ErrorKind::AccessDenied]);

    let mut made = Vec::new();
    for _ in 0..20 {
        made.push(bench.circuit.begin_anyway(bench.now).is_some());
        bench.wait(100);
    }

    let once_a_second: Vec<bool> = (0..20).map(|tenth| tenth % 10 == 0).collect();
    assert_eq!(made, once_a_second);
}

#[test]
fn what_passes_soon_is_tried_without_a_limit() {
    for kind in [ErrorKind::Throttled, ErrorKind::NotReady] {
        let mut bench = Bench::after(&[kind]);

        let made = (0..20).filter(|_| bench.circuit.begin_anyway(bench.now).is_some());

        assert_eq!(made.count(), 20, "{kind:?}");
    }
}

#[test]
fn throttled_model_whose_circuit_is_not_closed_is_not_flooded() {
    let mut bench = Bench::after(OPEN);
    bench.wait(2_000);
    let probe = bench.circuit.begin(bench.now).unwrap();
    bench.fail(probe, ErrorKind::Throttled);

    let made = (0..20).filter(|_| bench.circuit.begin_anyway(bench.now).is_some());

    assert_eq!(made.count(), 1);
}

#[test]
fn stream_that_began_to_answer_is_a_probe_no_more() {
    let mut bench = Bench::after(OPEN);
    bench.wait(2_000);
    let mut probe = bench.circuit.begin(bench.now).unwrap();

    bench.circuit.commit(&mut probe, bench.now);

    let second = bench.circuit.begin(bench.now).unwrap();
    bench.circuit.succeed(probe, bench.now);
    assert_eq!(bench.state(), State::HalfOpen, "one call counted twice");
    bench.circuit.succeed(second, bench.now);
    assert_eq!(bench.state(), State::Closed);
}

#[test]
fn stream_that_breaks_after_it_began_counts_against_the_model() {
    let mut bench = Bench::after(OPEN);
    bench.wait(2_000);
    let mut probe = bench.circuit.begin(bench.now).unwrap();
    bench.circuit.commit(&mut probe, bench.now);

    bench.fail(probe, ErrorKind::Truncated);

    assert_eq!(bench.state(), State::Open);
}

#[test]
fn next_change_is_when_time_changes_the_state() {
    for failures in [OPEN, &[ErrorKind::Throttled], &[ErrorKind::NotFound]] {
        let bench = Bench::after(failures);

        let change = bench.circuit.next_change(bench.now).unwrap();

        let just_before = change - Duration::from_millis(1);
        assert_eq!(bench.circuit.state(just_before), bench.state());
        assert_ne!(bench.circuit.state(change), bench.state());
    }
}

/// What happens to a circuit. Numbers pick one of the calls under way.
#[derive(Clone, Copy, Debug)]
enum Step {
    Begin,
    BeginAnyway,
    BeginAgain,
    Commit(usize),
    Succeed(usize),
    Fail(usize, ErrorKind),
    Cancel(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        6 => Just(COUNTED),
        2 => Just(ErrorKind::Truncated),
        2 => Just(ErrorKind::Throttled),
        1 => Just(ErrorKind::NotReady),
        1 => Just(ErrorKind::DailyQuota),
        1 => Just(ErrorKind::AccessDenied),
        1 => Just(ErrorKind::Validation),
        1 => Just(ErrorKind::Credentials),
    ];
    prop_oneof![
        8 => Just(Step::Begin),
        2 => Just(Step::BeginAnyway),
        1 => Just(Step::BeginAgain),
        1 => any::<usize>().prop_map(Step::Commit),
        2 => any::<usize>().prop_map(Step::Succeed),
        6 => (any::<usize>(), kind).prop_map(|(call, kind)| Step::Fail(call, kind)),
        1 => any::<usize>().prop_map(Step::Cancel),
        2 => (0_u64..3_000).prop_map(Step::Wait),
        1 => (0_u64..100_000).prop_map(Step::Wait),
    ]
}

impl Bench {
    fn pick(&mut self, number: usize) -> Option<Ticket> {
        let count = self.calls.len();
        (count > 0).then(|| self.calls.swap_remove(number % count))
    }

    fn play(&mut self, step: Step) {
        let now = self.now;
        match step {
            Step::Begin => {
                let refusal = self.circuit.refusal(now);
                let begun = self.circuit.begin(now);
                assert_eq!(begun.as_ref().err(), refusal.as_ref());
                self.calls.extend(begun.ok());
            }
            Step::BeginAnyway => self.calls.extend(self.circuit.begin_anyway(now)),
            Step::BeginAgain => self.calls.push(self.circuit.begin_again()),
            Step::Commit(number) => {
                if let Some(mut call) = self.pick(number) {
                    self.circuit.commit(&mut call, now);
                    self.calls.push(call);
                }
            }
            Step::Succeed(number) => {
                if let Some(call) = self.pick(number) {
                    self.circuit.succeed(call, now);
                }
            }
            Step::Fail(number, kind) => {
                if let Some(call) = self.pick(number) {
                    self.fail(call, kind);
                }
            }
            Step::Cancel(number) => {
                if let Some(call) = self.pick(number) {
                    self.circuit.cancel(call);
                }
            }
            Step::Wait(ms) => self.wait(ms),
        }
    }
}

/// Whether a step may bring this state about. What lies under a suspension shows when that ends.
fn is_cause(step: Step, state: State, was_open: bool) -> bool {
    let effect = match step {
        Step::Fail(_, kind) => Some(kind.consequence().circuit),
        _ => None,
    };
    let makes_well = matches!(step, Step::Succeed(_) | Step::Commit(_) | Step::Wait(_));
    match state {
        State::Open => effect == Some(CircuitEffect::Counts) || (was_open && makes_well),
        State::Suspended(cause) => effect == Some(CircuitEffect::Suspends(cause)),
        State::Closed | State::HalfOpen => makes_well,
    }
}

proptest! {
    #[test]
    fn whatever_happens_the_rules_hold(steps in vec(step(), 0..300)) {
        let mut bench = Bench::new();

        for step in steps {
            let before = bench.state();
            let was_open = bench.circuit.breaker.open_until(bench.now).is_some();
            bench.play(step);
            let after = bench.state();

            prop_assert!(bench.probes() <= 1, "two probes after {step:?}");
            if after != before {
                let has_cause = is_cause(step, after, was_open);
                prop_assert!(has_cause, "{step:?} made {before:?} {after:?}");
            }
            match (after, bench.circuit.next_change(bench.now)) {
                (State::Open, Some(until)) => {
                    prop_assert!(until <= bench.now + Duration::from_secs(60));
                }
                (State::Suspended(cause), Some(until)) => {
                    prop_assert!(until <= bench.now + cause.step(usize::MAX));
                }
                (State::Open | State::Suspended(_), None) => prop_assert!(false, "for ever"),
                (State::Closed | State::HalfOpen, next) => prop_assert_eq!(next, None),
            }
        }

        // However it ended, time and two good calls bring the model back.
        for call in std::mem::take(&mut bench.calls) {
            bench.circuit.cancel(call);
        }
        while let Some(change) = bench.circuit.next_change(bench.now) {
            prop_assert!(change > bench.now);
            bench.now = change;
        }
        for _ in 0..2 {
            let call = bench.circuit.begin(bench.now);
            prop_assert!(call.is_ok());
            bench.circuit.succeed(call.unwrap(), bench.now);
        }
        prop_assert_eq!(bench.state(), State::Closed);
    }

    #[test]
    fn circuit_opens_exactly_when_a_plain_count_says_so(
        outcomes in vec((any::<bool>(), 0_u64..800), 0..200),
    ) {
        let mut bench = Bench::new();
        let mut history: Vec<(Instant, bool)> = Vec::new();
        let start = bench.now;

        for (fails, pause) in outcomes {
            bench.wait(pause);
            let ticket = bench.circuit.begin(bench.now).unwrap();
            history.push((bench.now, fails));
            if !fails {
                bench.circuit.succeed(ticket, bench.now);
                continue;
            }
            bench.fail(ticket, COUNTED);

            let row = history.iter().rev().take_while(|(_, failed)| *failed).count();
            let second = |at: Instant| (at - start).as_secs();
            let recent = history.iter().filter(|(at, _)| second(*at) + 10 > second(bench.now));
            let calls = recent.clone().count();
            let failures = recent.filter(|(_, failed)| *failed).count();
            let opens = row >= 5 || (calls >= 20 && failures * 2 >= calls);
            prop_assert_eq!(bench.state() == State::Open, opens);
            if opens {
                break;
            }
        }
    }

    #[test]
    fn cancels_and_faults_of_callers_change_nothing(
        steps in vec(step(), 0..100),
        cancels in any::<bool>(),
    ) {
        let mut bench = Bench::new();
        for step in steps {
            bench.play(step);
        }
        let Some(call) = bench.circuit.begin_anyway(bench.now) else {
            return Ok(());
        };
        let before = format!("{:?}", bench.circuit.begin_again());
        let state = bench.state();

        if cancels {
            bench.circuit.cancel(call);
        } else {
            bench.fail(call, ErrorKind::Validation);
        }

        prop_assert_eq!(format!("{:?}", bench.circuit.begin_again()), before);
        prop_assert_eq!(bench.state(), state);
    }
}
