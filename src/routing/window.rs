//! What happened in the last ten seconds, counted by the second.

use tokio::time::Instant;

/// Seconds that are remembered; the one that runs is one of them.
pub(super) const SECONDS: u32 = 10;
const LENGTH: usize = SECONDS as usize;

/// Events of the last ten seconds, and how many of them were of a special kind.
#[derive(Debug)]
pub(super) struct Window {
    origin: Instant,
    seconds: [Second; LENGTH],
}

#[derive(Clone, Copy, Debug, Default)]
struct Second {
    /// Counted from the origin.
    number: u64,
    all: u32,
    special: u32,
}

impl Window {
    /// An empty one, for events from now on.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            origin: now,
            seconds: [Second::default(); LENGTH],
        }
    }

    /// Counts one event.
    pub(super) fn add(&mut self, now: Instant) {
        self.second(now).all += 1;
    }

    /// Counts one event of the special kind.
    pub(super) fn add_special(&mut self, now: Instant) {
        let second = self.second(now);
        second.all += 1;
        second.special += 1;
    }

    /// All events, and those of the special kind.
    pub(super) fn sums(&self, now: Instant) -> (u32, u32) {
        let number = self.number(now);
        let recent = |second: &&Second| second.number + u64::from(SECONDS) > number;
        let recent = self.seconds.iter().filter(recent);
        recent.fold((0, 0), |(all, special), second| {
            (all + second.all, special + second.special)
        })
    }

    fn second(&mut self, now: Instant) -> &mut Second {
        let number = self.number(now);
        #[expect(
            clippy::indexing_slicing,
            clippy::cast_possible_truncation,
            reason = "the remainder is less than the length"
        )]
        let second = &mut self.seconds[(number % u64::from(SECONDS)) as usize];
        if second.number < number {
            *second = Second {
                number,
                ..Second::default()
            };
        }
        second
    }

    fn number(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.origin).as_secs()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn events_are_forgotten_after_ten_seconds() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut window = Window::new(start);

        window.add(at(0));
        window.add_special(at(9_999));

        assert_eq!(window.sums(at(9_999)), (2, 1));
        assert_eq!(window.sums(at(10_000)), (1, 1));
        assert_eq!(window.sums(at(18_999)), (1, 1));
        assert_eq!(window.sums(at(19_000)), (0, 0));
    }

    #[test]
    fn second_takes_the_place_of_the_one_ten_before() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut window = Window::new(start);

        window.add_special(at(3));
        window.add(at(13));

        assert_eq!(window.sums(at(13)), (1, 0));
    }
}
