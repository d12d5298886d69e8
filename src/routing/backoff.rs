//! How long to wait before the same model is called again.

use std::time::Duration;

use crate::settings::RoutingSettings;

/// The longest wait before retry number `retry` (from 0): exponential, capped, and never more than
/// a quarter of the time left. The wait itself is a random part of it ("full jitter"), so that
/// callers who failed together do not return together.
///
/// Source: AWS Builders' Library, "Timeouts, retries and backoff with jitter".
pub(super) fn ceiling(settings: &RoutingSettings, retry: u32, time_left: Duration) -> Duration {
    let factor = 2_u32.saturating_pow(retry.min(16));
    settings
        .backoff_base
        .saturating_mul(factor)
        .min(settings.backoff_cap)
        .min(time_left / 4)
}

/// A random part of a wait. `chance` is uniform in [0, 1).
pub(super) fn jittered(ceiling: Duration, chance: f64) -> Duration {
    ceiling.mul_f64(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::fixtures::settings;

    #[test]
    fn ceiling_doubles_up_to_the_cap() {
        let hour = Duration::from_secs(3600);

        let waits: Vec<u128> = (0..7)
            .map(|retry| ceiling(&settings(), retry, hour).as_millis())
            .collect();

        assert_eq!(waits, [100, 200, 400, 800, 1600, 2000, 2000]);
        assert_eq!(ceiling(&settings(), u32::MAX, hour).as_millis(), 2000);
    }

    #[test]
    fn ceiling_leaves_three_quarters_of_the_time() {
        assert_eq!(
            ceiling(&settings(), 4, Duration::from_millis(400)),
            Duration::from_millis(100)
        );
    }

    #[test]
    fn jitter_stays_within_the_ceiling() {
        let ceiling = Duration::from_millis(800);

        assert_eq!(jittered(ceiling, 0.0), Duration::ZERO);
        assert_eq!(jittered(ceiling, 0.5), Duration::from_millis(400));
        assert!(jittered(ceiling, 0.999_999) < ceiling);
    }
}
