//! Whether memory grows in the long run.

use std::time::Duration;

/// Until then, memory grows because calls need it for the first time.
const WARM: Duration = Duration::from_secs(180);
/// One point of the line. Within it memory goes up and down with the calls.
const WINDOW: Duration = Duration::from_secs(30);
/// Points that make no line yet.
const MIN_POINTS: usize = 4;

/// Resident memory over time.
#[derive(Default)]
pub(crate) struct Memory {
    samples: Vec<(Duration, u64)>,
}

impl Memory {
    /// Notes what it is now.
    pub(crate) fn note(&mut self, time: Duration, kib: u64) {
        self.samples.push((time, kib));
    }

    /// The slope of the straight line that lies nearest to the medians of all windows.
    pub(crate) fn growth_in_five_minutes(&self) -> Option<f64> {
        let warm = self.samples.iter().filter(|(time, _)| *time >= WARM);
        let warm: Vec<_> = warm.copied().collect();
        let window = usize::try_from(WINDOW.as_secs()).ok()?;
        let points: Vec<(f64, f64)> = warm.chunks_exact(window).filter_map(point).collect();
        if points.len() < MIN_POINTS {
            return None;
        }
        Some(slope(&points) * 300.0)
    }
}

/// The middle of a window: seconds and KiB.
fn point(window: &[(Duration, u64)]) -> Option<(f64, f64)> {
    let (time, _) = window.get(window.len() / 2)?;
    let mut sizes: Vec<u64> = window.iter().map(|(_, kib)| *kib).collect();
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2)?;
    Some((time.as_secs_f64(), f64::from(u32::try_from(*median).ok()?)))
}

/// Least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.iter().map(|_| 1.0).sum::<f64>();
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let products = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y));
    let squares = points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x));
    products.sum::<f64>() / squares.sum::<f64>()
}
