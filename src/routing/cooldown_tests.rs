use super::*;
use crate::provider::CircuitEffect;
use crate::provider::ErrorKind;

/// A cooldown, and a clock that the test moves.
struct Bench {
    cooldown: Cooldown,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        Self {
            cooldown: Cooldown::default(),
            now: Instant::now(),
        }
    }

    fn fail(&mut self, kind: ErrorKind) {
        self.fail_for(kind, None);
    }

    fn fail_for(&mut self, kind: ErrorKind, retry_after: Option<u64>) {
        let era = self.cooldown.era();
        let retry_after = retry_after.map(Duration::from_secs);
        self.cooldown
            .suspend(suspension(kind), retry_after, era, self.now);
    }

    fn succeed(&mut self) {
        let era = self.cooldown.era();
        self.cooldown.succeed(era, self.now);
    }

    /// Seconds that are left.
    fn left(&self) -> Option<u64> {
        let (_, until) = self.cooldown.now(self.now)?;
        Some((until - self.now).as_secs())
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// Fails again each time the suspension is over, and gives how long each was.
    fn steps(&mut self, kind: ErrorKind, count: usize) -> Vec<u64> {
        let mut steps = Vec::new();
        for _ in 0..count {
            self.fail(kind);
            let step = self.left().unwrap();
            self.wait(step);
            steps.push(step);
        }
        steps
    }
}

fn suspension(kind: ErrorKind) -> &'static Suspension {
    match kind.consequence().circuit {
        CircuitEffect::Suspends(suspension) => suspension,
        other => panic!("{kind:?} {other:?}"),
    }
}

#[test]
fn suspensions_in_a_row_climb_their_steps() {
    for (kind, steps) in [
        (ErrorKind::Throttled, &[1, 2, 4, 8, 16, 32, 60, 60][..]),
        (
            ErrorKind::DailyQuota,
            &[120, 600, 3_600, 86_400, 86_400][..],
        ),
        (ErrorKind::Quota, &[300, 300][..]),
        (ErrorKind::NotReady, &[5, 5][..]),
        (ErrorKind::AccessDenied, &[300, 300][..]),
        (ErrorKind::NotFound, &[300, 300][..]),
        (ErrorKind::UseCaseMissing, &[300, 300][..]),
        (ErrorKind::Legacy, &[3_600, 3_600][..]),
        (ErrorKind::EndOfLife, &[86_400, 86_400][..]),
        (ErrorKind::NeedsProfile, &[300, 300][..]),
    ] {
        let mut bench = Bench::new();

        assert_eq!(bench.steps(kind, steps.len()), steps, "{kind:?}");
    }
}

#[test]
fn success_begins_the_steps_anew() {
    let mut bench = Bench::new();
    bench.steps(ErrorKind::Throttled, 3);

    bench.succeed();

    assert_eq!(bench.steps(ErrorKind::Throttled, 2), [1, 2]);
}

#[test]
fn another_cause_begins_its_own_steps() {
    let mut bench = Bench::new();
    bench.steps(ErrorKind::Throttled, 3);

    assert_eq!(bench.steps(ErrorKind::DailyQuota, 2), [120, 600]);
}

#[test]
fn longer_wait_that_was_asked_for_is_honoured() {
    let mut bench = Bench::new();

    bench.fail_for(ErrorKind::Throttled, Some(7));

    assert_eq!(bench.left(), Some(7));
}

#[test]
fn shorter_wait_that_was_asked_for_is_not() {
    let mut bench = Bench::new();

    bench.fail_for(ErrorKind::NotReady, Some(2));

    assert_eq!(bench.left(), Some(5));
}

#[test]
fn endless_wait_that_was_asked_for_ends_within_a_day() {
    let mut bench = Bench::new();

    bench.fail_for(ErrorKind::Throttled, Some(u64::MAX));

    assert_eq!(bench.left(), Some(86_400));
}

#[test]
fn calls_under_way_do_not_climb_together() {
    let mut bench = Bench::new();
    let era = bench.cooldown.era();

    for _ in 0..10 {
        bench
            .cooldown
            .suspend(suspension(ErrorKind::Throttled), None, era, bench.now);
    }
    bench.wait(1);
    bench
        .cooldown
        .suspend(suspension(ErrorKind::Throttled), None, era, bench.now);

    assert_eq!(bench.left(), None);
}

#[test]
fn call_made_all_the_same_climbs_no_step() {
    let mut bench = Bench::new();
    bench.steps(ErrorKind::Throttled, 2);
    bench.fail(ErrorKind::Throttled);
    bench.wait(1);

    bench.fail(ErrorKind::Throttled);
    assert_eq!(bench.left(), Some(3));
    bench.fail_for(ErrorKind::Throttled, Some(30));

    assert_eq!(bench.left(), Some(30));
}

#[test]
fn single_success_does_not_end_throttling_but_ends_what_somebody_mended() {
    let mut throttled = Bench::new();
    throttled.steps(ErrorKind::Throttled, 4);
    throttled.fail(ErrorKind::Throttled);
    let mut denied = Bench::new();
    denied.fail(ErrorKind::AccessDenied);

    throttled.succeed();
    denied.succeed();

    assert_eq!(throttled.left(), Some(16));
    throttled.wait(16);
    assert_eq!(throttled.steps(ErrorKind::Throttled, 1), [1]);
    assert_eq!(denied.left(), None);
}

#[test]
fn success_of_a_call_from_before_ends_nothing() {
    let mut bench = Bench::new();
    let era = bench.cooldown.era();
    bench.fail(ErrorKind::AccessDenied);

    bench.cooldown.succeed(era, bench.now);

    assert_eq!(bench.left(), Some(300));
}
