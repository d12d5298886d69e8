use super::*;

const LEAST: Duration = Duration::from_millis(250);

#[tokio::test(start_paused = true)]
async fn share_leaves_four_tenths_of_the_time_to_others() {
    let share = Bound::share(Duration::from_secs(10), LEAST).unwrap();

    assert_eq!(share.at - Instant::now(), Duration::from_secs(6));
    assert_eq!(share.limit, Limit::Share(Duration::from_secs(6)));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_for_an_attempt_that_could_not_start() {
    assert_eq!(Bound::share(Duration::from_millis(624), LEAST), None);
    assert!(Bound::share(Duration::from_millis(626), LEAST).is_some());
}

#[tokio::test(start_paused = true)]
async fn error_says_which_limit_ended_the_wait_and_whether_it_was_the_callers() {
    let second = Duration::from_secs(1);
    for (limit, message, cut_short) in [
        (
            Limit::Attempt(second),
            "the model did not answer within 1000 ms, the limit on an attempt",
            false,
        ),
        (
            Limit::FirstEvent(second),
            "the model did not answer within 1000 ms, the limit on the first event",
            false,
        ),
        (
            Limit::Idle(second),
            "the model sent nothing within 1000 ms, the limit on silence",
            false,
        ),
        (
            Limit::Share(second),
            "the model did not answer within 1000 ms, the deadline's share of this attempt",
            true,
        ),
        (
            Limit::Deadline,
            "the model did not answer before the deadline",
            true,
        ),
    ] {
        let error = Bound::after(Instant::now(), limit).error("did not answer");

        assert_eq!(error.kind, ErrorKind::AttemptTimeout);
        assert_eq!((&*error.message, error.cut_short), (message, cut_short));
    }
}

#[tokio::test(start_paused = true)]
async fn the_earlier_end_counts_and_of_two_at_once_the_first() {
    let second = Duration::from_secs(1);
    let attempt = Bound::after(Instant::now(), Limit::Attempt(second));
    let earlier = Bound::after(Instant::now(), Limit::Share(second / 2));
    let at_once = Bound::deadline(attempt.at);

    assert_eq!(attempt.or_before(None), attempt);
    assert_eq!(attempt.or_before(Some(earlier)), earlier);
    assert_eq!(earlier.or_before(Some(attempt)), earlier);
    assert_eq!(attempt.or_before(Some(at_once)), attempt);
}
