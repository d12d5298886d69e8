use super::*;
use crate::routing::fixtures::settings;

/// A breaker, and a clock that the test moves.
struct Bench {
    breaker: Breaker,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            breaker: Breaker::new(now),
            now,
        }
    }

    fn open() -> Self {
        let mut bench = Self::new();
        bench.fail(5);
        bench
    }

    fn half_open() -> Self {
        let mut bench = Self::open();
        bench.wait(2_000);
        bench
    }

    fn wait(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
    }

    fn pass(&mut self) -> Pass {
        self.breaker.pass(self.now)
    }

    fn end_badly(&mut self, mut pass: Pass) {
        let settings = settings().circuit;
        self.breaker.fail(&mut pass, &settings, self.now, 0.0);
    }

    fn end_well(&mut self, mut pass: Pass) {
        self.breaker.succeed(&mut pass, self.now);
    }

    fn fail(&mut self, times: usize) {
        for _ in 0..times {
            let pass = self.pass();
            self.end_badly(pass);
        }
    }

    fn succeed(&mut self, times: usize) {
        for _ in 0..times {
            let pass = self.pass();
            self.end_well(pass);
        }
    }

    fn open_for(&self) -> Option<Duration> {
        let until = self.breaker.open_until(self.now)?;
        Some(until - self.now)
    }
}

#[test]
fn fifth_failure_in_a_row_opens_the_circuit() {
    let mut bench = Bench::new();

    bench.fail(4);
    assert!(bench.breaker.is_closed());
    bench.fail(1);

    assert_eq!(bench.open_for(), Some(Duration::from_secs(2)));
}

#[test]
fn success_in_between_begins_the_row_anew() {
    let mut bench = Bench::new();

    bench.fail(4);
    bench.succeed(1);
    bench.fail(4);

    assert!(bench.breaker.is_closed());
}

#[test]
fn half_of_twenty_calls_open_the_circuit_without_a_row() {
    let mut bench = Bench::new();

    for _ in 0..9 {
        bench.succeed(1);
        bench.fail(1);
    }
    bench.succeed(1);
    assert!(bench.breaker.is_closed());
    bench.fail(1);

    assert!(!bench.breaker.is_closed());
}

#[test]
fn less_than_half_of_the_calls_open_nothing() {
    let mut bench = Bench::new();

    for _ in 0..100 {
        bench.succeed(2);
        bench.fail(1);
    }

    assert!(bench.breaker.is_closed());
}

#[test]
fn failures_of_more_than_ten_seconds_ago_open_nothing() {
    let mut bench = Bench::new();

    for _ in 0..30 {
        bench.fail(1);
        bench.succeed(1);
        bench.wait(1_000);
    }

    assert!(bench.breaker.is_closed());
}

#[test]
fn circuit_that_never_opens_counts_nothing() {
    let mut bench = Bench::new();
    let never = CircuitSettings {
        opens_after: 0,
        ..settings().circuit
    };

    for _ in 0..100 {
        let mut pass = bench.pass();
        bench.breaker.fail(&mut pass, &never, bench.now, 0.0);
    }

    assert!(bench.breaker.is_closed());
}

#[test]
fn one_probe_at_a_time_goes_through() {
    let mut bench = Bench::half_open();
    assert_eq!(bench.breaker.refusal(bench.now), None);

    let probe = bench.pass();

    assert!(probe.is_probe());
    assert!(bench.breaker.refusal(bench.now).is_some());
    bench.end_well(probe);
    assert_eq!(bench.breaker.refusal(bench.now), None);
}

#[test]
fn two_successful_probes_close_the_circuit() {
    let mut bench = Bench::half_open();

    bench.succeed(1);
    assert!(!bench.breaker.is_closed());
    bench.succeed(1);

    assert!(bench.breaker.is_closed());
}

#[test]
fn failed_probe_opens_the_circuit_for_twice_as_long_up_to_the_cap() {
    let mut bench = Bench::open();
    let mut seconds = Vec::new();

    for _ in 0..7 {
        let open_for = bench.open_for().unwrap();
        seconds.push(open_for.as_secs());
        bench.now += open_for;
        bench.fail(1);
    }

    assert_eq!(seconds, [2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn closed_circuit_begins_with_the_shortest_time_again() {
    let mut bench = Bench::half_open();
    bench.fail(1);
    bench.wait(4_000);
    bench.succeed(2);

    bench.fail(5);

    assert_eq!(bench.open_for(), Some(Duration::from_secs(2)));
}

#[test]
fn chance_takes_off_up_to_a_half() {
    let settings = settings().circuit;

    assert_eq!(open_time(&settings, 0, 0.5), Duration::from_millis(1_500));
    assert!(open_time(&settings, 9, 0.999) > Duration::from_secs(30));
}

#[test]
fn call_from_before_the_circuit_opened_neither_closes_nor_prolongs_it() {
    let mut bench = Bench::new();
    let [early_success, early_failure] = [bench.pass(), bench.pass()];
    bench.fail(5);
    bench.wait(2_000);

    bench.end_well(early_success);
    bench.end_badly(early_failure);

    assert_eq!(bench.breaker.refusal(bench.now), None);
    bench.succeed(1);
    assert!(!bench.breaker.is_closed());
}

#[test]
fn success_of_a_call_made_all_the_same_is_the_first_of_two() {
    let mut bench = Bench::open();

    bench.succeed(1);
    assert_eq!(bench.open_for(), None);
    bench.succeed(1);

    assert!(bench.breaker.is_closed());
}

#[test]
fn failure_of_a_call_made_all_the_same_changes_nothing() {
    let mut bench = Bench::open();

    bench.wait(500);
    bench.fail(3);

    assert_eq!(bench.open_for(), Some(Duration::from_millis(1_500)));
}

#[test]
fn cancelled_probe_makes_room_for_another() {
    let mut bench = Bench::half_open();
    let mut probe = bench.pass();

    bench.breaker.free(&mut probe);

    assert!(bench.pass().is_probe());
}

#[test]
fn probe_of_an_earlier_opening_does_not_free_a_later_one() {
    let mut bench = Bench::half_open();
    let mut lost = bench.pass();
    let forced = bench.breaker.repeat();
    bench.end_badly(forced);
    bench.wait(4_000);
    let _probe = bench.pass();

    bench.breaker.free(&mut lost);

    assert!(!bench.pass().is_probe());
}

#[test]
fn who_is_turned_away_during_a_probe_is_asked_back_a_second_later() {
    let mut bench = Bench::half_open();
    let _probe = bench.pass();

    let back_at = bench.breaker.refusal(bench.now);

    assert_eq!(back_at, Some(bench.now + Duration::from_secs(1)));
}
