//! Whether memory grows in the long run.

use std::time::Duration;

/// Until then, memory grows because calls need it for the first time.
const WARM: Duration = Duration::from_secs(180);
/// One point of the curve, in seconds. Within it memory goes up and down with the calls.
const WINDOW: usize = 30;
/// Points of a stretch of five minutes.
const STRETCH: usize = 10;

/// Resident memory, once a second.
#[derive(Default)]
pub(crate) struct Memory {
    samples: Vec<u64>,
}

/// By how much it grew in five minutes, in KiB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growth {
    /// In the middle one of all stretches. A leak shows in each; one moment in which much had to be
    /// done at once, after which the allocator keeps what it took, shows in less than half of them.
    pub(crate) usually: f64,
    /// In the worst one.
    pub(crate) at_most: f64,
}

impl Memory {
    /// Notes what it is now.
    pub(crate) fn note(&mut self, time: Duration, kib: u64) {
        if time >= WARM {
            self.samples.push(kib);
        }
    }

    /// Compares the medians of windows five minutes apart; `None` if the time was too short.
    pub(crate) fn growth(&self) -> Option<Growth> {
        let windows = self.samples.chunks_exact(WINDOW);
        let points: Vec<f64> = windows.filter_map(median).collect();
        let later = points.iter().skip(STRETCH);
        let mut growths: Vec<f64> = later.zip(&points).map(|(then, now)| then - now).collect();
        growths.sort_by(f64::total_cmp);
        Some(Growth {
            usually: *growths.get(growths.len() / 2)?,
            at_most: *growths.last()?,
        })
    }
}

fn median(window: &[u64]) -> Option<f64> {
    let mut sizes = window.to_vec();
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2)?;
    u32::try_from(*median).ok().map(f64::from)
}
