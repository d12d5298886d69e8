use std::time::Duration;

use super::*;

const SETTINGS: RetryBudgetSettings = RetryBudgetSettings {
    percent: 10,
    min_per_second: 1,
};

fn drawn(budget: &mut RetryBudget, settings: &RetryBudgetSettings, now: Instant) -> usize {
    (0..1_000)
        .take_while(|_| budget.withdraw(settings, now))
        .count()
}

#[test]
fn a_tenth_of_the_calls_and_one_a_second_may_be_repeated() {
    let now = Instant::now();
    let mut budget = RetryBudget::new(now);

    for _ in 0..100 {
        budget.deposit(now);
    }

    assert_eq!(drawn(&mut budget, &SETTINGS, now), 20);
}

#[test]
fn repeated_calls_earn_nothing() {
    let now = Instant::now();
    let mut budget = RetryBudget::new(now);

    assert_eq!(drawn(&mut budget, &SETTINGS, now), 10);
}

#[test]
fn budget_is_whole_again_after_ten_seconds() {
    let now = Instant::now();
    let mut budget = RetryBudget::new(now);
    drawn(&mut budget, &SETTINGS, now);

    let nine = now + Duration::from_secs(9);
    let ten = now + Duration::from_secs(10);

    assert_eq!(drawn(&mut budget, &SETTINGS, nine), 0);
    assert_eq!(drawn(&mut budget, &SETTINGS, ten), 10);
}

#[test]
fn budget_of_nothing_allows_nothing() {
    let now = Instant::now();
    let mut budget = RetryBudget::new(now);
    let nothing = RetryBudgetSettings {
        percent: 0,
        min_per_second: 0,
    };

    for _ in 0..100 {
        budget.deposit(now);
    }

    assert_eq!(drawn(&mut budget, &nothing, now), 0);
}
