//! What AWS says about the credentials and the clock of this machine: for the operator.
//!
//! Callers cannot mend either. Nothing here is said for each call, and no credential is shown.

use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use jiff::SignedDuration;
use jiff::Timestamp;
use tokio::time::Instant;
use tracing::error;
use tracing::info;
use tracing::warn;

use super::classify;
use crate::telemetry::LogLimit;
use crate::telemetry::Metrics;

/// Time between two lines of the log about credentials that stay rejected.
const LOG_INTERVAL: Duration = Duration::from_secs(30);

/// Time between two lines of the log about the clock. Calls succeed all the same.
const CLOCK_LOG_INTERVAL: Duration = Duration::from_secs(3600);

/// From this on a clock is said to be wrong. AWS refuses what was signed more than 5 minutes away;
/// the SDK signs with AWS's time from here on, if it was told of it by an answer.
///
/// Source: aws-runtime 1.10.2, `service_clock_skew.rs`, seen 2026-11-25.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(4);

/// Counts and logs what AWS says.
pub(super) struct Verdicts {
    metrics: Arc<Metrics>,
    uses_bearer_token: bool,
    rejections: LogLimit,
    clock: LogLimit,
}

impl Verdicts {
    /// Nothing was said yet.
    pub(super) fn new(metrics: Arc<Metrics>, uses_bearer_token: bool) -> Self {
        Self {
            metrics,
            uses_bearer_token,
            rejections: LogLimit::one_per(LOG_INTERVAL),
            clock: LogLimit::one_per(CLOCK_LOG_INTERVAL),
        }
    }

    /// AWS answered a call.
    pub(super) fn accepted(&self) {
        if !self.metrics.credentials_valid.is_set() {
            self.metrics.credentials_valid.set(true);
            info!("AWS accepts the credentials");
        }
    }

    /// AWS rejected what a call was signed with, in an exception of this name, when its own clock
    /// showed this. Whether other credentials may help.
    pub(super) fn rejected(&self, exception: &str, date: Option<&str>) -> bool {
        self.metrics.credentials_valid.set(false);
        self.metrics.credentials_rejected.add_one();
        let skew = date.and_then(skew).filter(|skew| skew.abs() >= SKEW);
        if let Some(skew) = skew
            && self.clock.allows(Instant::now())
        {
            warn!(
                skew_seconds = skew.as_secs(),
                "the clock of this machine differs from that of AWS: calls are signed with the \
                 time of AWS; synchronize the clock"
            );
            return false;
        }
        if self.rejections.allows(Instant::now()) {
            error!(
                upstream_error = exception,
                skew_seconds = skew.map(|skew| skew.as_secs()),
                "AWS rejects the credentials: {}",
                classify::advice(exception, self.uses_bearer_token)
            );
        }
        skew.is_none()
    }
}

/// How far this machine is ahead of a date of HTTP; negative if it is behind.
pub(super) fn skew(date: &str) -> Option<SignedDuration> {
    let date = DateTime::from_str(date, Format::HttpDate).ok()?;
    let theirs = Timestamp::try_from(SystemTime::try_from(date).ok()?).ok()?;
    Some(theirs.duration_until(Timestamp::now()))
}
