//! Whether a failed call is made again, and when, as gRFC A6 says. Nothing is waited for here.
//!
//! Source: grpc/proposal, `A6-client-retries.md`, seen 2026-11-22.

use std::time::Duration;

use tonic::Code;

use super::service_config::RetryPolicy;
use super::service_config::Throttling;

/// What the server says about a retry, in the trailer `grpc-retry-pushback-ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushback {
    /// Nothing.
    Unsaid,
    /// Not at all: a negative number, or no number.
    Never,
    /// After this time.
    After(Duration),
}

impl Pushback {
    /// Reads the trailer.
    pub(super) fn parse(value: Option<&[u8]>) -> Self {
        let Some(value) = value else {
            return Self::Unsaid;
        };
        let number = std::str::from_utf8(value).ok();
        number
            .and_then(|text| text.parse().ok())
            .map_or(Self::Never, |ms| Self::After(Duration::from_millis(ms)))
    }
}

/// One attempt that failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed {
    /// How.
    pub(super) code: Code,
    /// What the server says about a retry.
    pub(super) pushback: Pushback,
    /// Whether response headers came: from then on the call belongs to that attempt.
    pub(super) is_committed: bool,
}

/// The attempts of one call.
#[derive(Debug, Default)]
pub(super) struct Retries {
    /// Attempts that failed.
    failed: u32,
    /// Of these, those since the server last said when to come again.
    in_a_row: i32,
}

impl Retries {
    /// How many attempts were made before the next one.
    pub(super) fn made(&self) -> u32 {
        self.failed
    }

    /// How long to wait before the next attempt; `None` if there is none.
    ///
    /// `chance` is from 0 to 1, `time_left` that until the call's deadline: no wait reaches it.
    pub(super) fn next(
        &mut self,
        failed: Failed,
        policy: Option<&RetryPolicy>,
        throttle: &mut Throttle,
        chance: f64,
        time_left: Duration,
    ) -> Option<Duration> {
        self.failed += 1;
        let policy = policy?;
        let is_retryable = policy.codes.contains(&failed.code);
        if is_retryable || failed.pushback == Pushback::Never {
            throttle.failure();
        }
        let may_retry = is_retryable
            && !failed.is_committed
            && self.failed < policy.max_attempts
            && throttle.permits();
        if !may_retry {
            return None;
        }
        let wait = match failed.pushback {
            Pushback::Never => return None,
            Pushback::After(wait) => {
                self.in_a_row = 0;
                wait
            }
            Pushback::Unsaid => {
                let wait = backoff(policy, self.in_a_row, chance);
                self.in_a_row += 1;
                wait
            }
        };
        (wait < time_left).then_some(wait)
    }
}

/// 80 to 120 percent of the wait that is due.
fn backoff(policy: &RetryPolicy, earlier: i32, chance: f64) -> Duration {
    let longest = policy.max_backoff.as_secs_f64();
    let due = policy.initial_backoff.as_secs_f64() * policy.multiplier.powi(earlier);
    let seconds = due.min(longest) * (0.8 + 0.4 * chance);
    Duration::try_from_secs_f64(seconds).unwrap_or(policy.max_backoff)
}

/// Stops retries while too many calls fail.
#[derive(Debug)]
pub(super) struct Throttle {
    rule: Option<Throttling>,
    tokens: f64,
}

impl Throttle {
    /// With all its tokens; without a rule it permits everything.
    pub(super) fn new(rule: Option<Throttling>) -> Self {
        let tokens = rule.map_or(0.0, |rule| rule.max_tokens);
        Self { rule, tokens }
    }

    /// An attempt was answered.
    pub(super) fn success(&mut self) {
        if let Some(rule) = self.rule {
            self.tokens = (self.tokens + rule.token_ratio).min(rule.max_tokens);
        }
    }

    fn failure(&mut self) {
        self.tokens = (self.tokens - 1.0).max(0.0);
    }

    fn permits(&self) -> bool {
        self.rule
            .is_none_or(|rule| self.tokens > rule.max_tokens / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOR_EVER: Duration = Duration::from_secs(3600);
    const UNAVAILABLE: Failed = Failed {
        code: Code::Unavailable,
        pushback: Pushback::Unsaid,
        is_committed: false,
    };

    fn policy() -> RetryPolicy {
        RetryPolicy {
            max_attempts: 4,
            initial_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_millis(300),
            multiplier: 2.0,
            codes: vec![Code::Unavailable],
        }
    }

    fn next(retries: &mut Retries, failed: Failed, chance: f64) -> Option<Duration> {
        let mut throttle = Throttle::new(None);
        retries.next(failed, Some(&policy()), &mut throttle, chance, FOR_EVER)
    }

    #[test]
    fn waits_grow_to_the_longest_until_attempts_are_used_up() {
        let mut retries = Retries::default();

        let waits: Vec<_> = (0..4)
            .map(|_| next(&mut retries, UNAVAILABLE, 0.5).map(|wait| wait.as_millis()))
            .collect();

        assert_eq!(waits, [Some(100), Some(200), Some(300), None]);
        assert_eq!(retries.made(), 4);
    }

    #[test]
    fn waits_are_spread_by_a_fifth() {
        let shortest = next(&mut Retries::default(), UNAVAILABLE, 0.0);
        let longest = next(&mut Retries::default(), UNAVAILABLE, 1.0);

        assert_eq!(shortest, Some(Duration::from_millis(80)));
        assert_eq!(longest, Some(Duration::from_millis(120)));
    }

    #[test]
    fn other_failures_and_committed_calls_are_not_retried() {
        for failed in [
            Failed {
                code: Code::ResourceExhausted,
                ..UNAVAILABLE
            },
            Failed {
                is_committed: true,
                ..UNAVAILABLE
            },
            Failed {
                pushback: Pushback::Never,
                ..UNAVAILABLE
            },
        ] {
            assert_eq!(
                next(&mut Retries::default(), failed, 0.5),
                None,
                "{failed:?}"
            );
        }
    }

    #[test]
    fn nothing_is_retried_without_a_policy() {
        let mut throttle = Throttle::new(None);

        let wait = Retries::default().next(UNAVAILABLE, None, &mut throttle, 0.5, FOR_EVER);

        assert_eq!(wait, None);
    }

    #[test]
    fn the_server_says_when_and_backoff_starts_anew() {
        let mut retries = Retries::default();
        let pushed = Failed {
            pushback: Pushback::After(Duration::from_secs(7)),
            ..UNAVAILABLE
        };

        next(&mut retries, UNAVAILABLE, 0.5);
        let told = next(&mut retries, pushed, 0.5);
        let after = next(&mut retries, UNAVAILABLE, 0.5);

        assert_eq!(told, Some(Duration::from_secs(7)));
        assert_eq!(after, Some(Duration::from_millis(100)));
    }

    #[test]
    fn no_retry_begins_at_or_behind_the_deadline() {
        let mut throttle = Throttle::new(None);
        let left = Duration::from_millis(100);

        let wait = Retries::default().next(UNAVAILABLE, Some(&policy()), &mut throttle, 0.5, left);

        assert_eq!(wait, None);
    }

    #[test]
    fn retries_stop_at_half_of_the_tokens_and_come_back_with_successes() {
        let mut throttle = Throttle::new(Some(Throttling {
            max_tokens: 4.0,
            token_ratio: 0.5,
        }));
        let retried = |throttle: &mut Throttle| {
            let mut retries = Retries::default();
            let wait = retries.next(UNAVAILABLE, Some(&policy()), throttle, 0.5, FOR_EVER);
            wait.is_some()
        };

        assert!(retried(&mut throttle));
        assert!(!retried(&mut throttle));
        throttle.success();
        assert!(!retried(&mut throttle));
        (0..4).for_each(|_| throttle.success());
        assert!(retried(&mut throttle));
    }

    #[test]
    fn pushback_that_is_no_time_means_never() {
        let parse = |text: &str| Pushback::parse(Some(text.as_bytes()));

        assert_eq!(Pushback::parse(None), Pushback::Unsaid);
        assert_eq!(parse("250"), Pushback::After(Duration::from_millis(250)));
        assert_eq!(parse("0"), Pushback::After(Duration::ZERO));
        for text in ["-1", "", "soon", "1.5"] {
            assert_eq!(parse(text), Pushback::Never, "{text}");
        }
    }
}
