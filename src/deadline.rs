//! The moment by which a call must be answered, and the header that carries it.

use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

/// The moment by which a call must be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline this long after a moment.
    pub fn after(start: Instant, time: Duration) -> Self {
        Self(start + time)
    }

    /// The deadline as a moment, for timers.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// Time left; zero if it has passed.
    pub fn time_left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn has_passed(self) -> bool {
        self.time_left().is_zero()
    }
}

/// A `grpc-timeout` header that is not of the protocol's form.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("must be 1 to 8 digits and a unit of H, M, S, m, u or n")]
pub struct BadGrpcTimeout;

/// Reads a `grpc-timeout` header: 1 to 8 digits and a unit.
///
/// Source: gRPC over HTTP/2, PROTOCOL-HTTP2.md, "Timeout".
///
/// # Errors
/// [`BadGrpcTimeout`] if the text is anything else; the caller's request is at fault.
pub fn parse_grpc_timeout(text: &str) -> Result<Duration, BadGrpcTimeout> {
    let mut letters = text.chars();
    let unit = letters.next_back().ok_or(BadGrpcTimeout)?;
    let digits = letters.as_str();
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadGrpcTimeout);
    }
    let count: u64 = digits.parse().map_err(|_not_a_number| BadGrpcTimeout)?;
    match unit {
        'H' => Ok(Duration::from_secs(count * 3600)),
        'M' => Ok(Duration::from_secs(count * 60)),
        'S' => Ok(Duration::from_secs(count)),
        'm' => Ok(Duration::from_millis(count)),
        'u' => Ok(Duration::from_micros(count)),
        'n' => Ok(Duration::from_nanos(count)),
        _ => Err(BadGrpcTimeout),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grpc_timeout_is_read_in_every_unit() {
        for (text, expected) in [
            ("1H", Duration::from_secs(3600)),
            ("2M", Duration::from_secs(120)),
            ("99999999S", Duration::from_secs(99_999_999)),
            ("250m", Duration::from_millis(250)),
            ("7u", Duration::from_micros(7)),
            ("0n", Duration::ZERO),
        ] {
            assert_eq!(parse_grpc_timeout(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn garbage_in_grpc_timeout_is_an_error() {
        for text in [
            "",
            "S",
            "10",
            "10s",
            "-1S",
            "+1S",
            "1.5S",
            "123456789S",
            "1 S",
            "1Š",
        ] {
            assert_eq!(parse_grpc_timeout(text), Err(BadGrpcTimeout), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn deadline_counts_down_to_zero_and_stays_there() {
        let deadline = Deadline::after(Instant::now(), Duration::from_secs(2));

        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(deadline.time_left(), Duration::from_secs(1));

        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(deadline.has_passed());
    }
}
