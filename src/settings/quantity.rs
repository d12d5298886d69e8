//! Kinds of setting that measure: durations, sizes, counts.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::time::Duration;

use super::define::Kind;
use super::define::Refusal;

/// Units of a duration, largest first, in milliseconds.
const DURATION_UNITS: &[(&str, u64)] = &[("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// Units of a size, largest first, in bytes.
const SIZE_UNITS: &[(&str, u64)] = &[
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

/// A span of time between two limits, which are in milliseconds.
pub(crate) struct Span {
    /// Shortest, in milliseconds.
    pub(crate) min_ms: u64,
    /// Longest, in milliseconds.
    pub(crate) max_ms: u64,
}

impl Kind for Span {
    type Value = Duration;

    fn parse(&self, text: &str) -> Result<Duration, Refusal> {
        let milliseconds = parse_units(text, DURATION_UNITS).ok_or("is not a duration")?;
        in_range(milliseconds, self.min_ms, self.max_ms)?;
        Ok(Duration::from_millis(milliseconds))
    }

    fn render(&self, value: &Duration) -> String {
        render_units(
            u64::try_from(value.as_millis()).unwrap_or(u64::MAX),
            DURATION_UNITS,
            "0s",
        )
    }

    fn allowed(&self) -> String {
        format!(
            "a duration such as 250ms, 30s or 1m30s, from {} to {}",
            render_units(self.min_ms, DURATION_UNITS, "0s"),
            render_units(self.max_ms, DURATION_UNITS, "0s"),
        )
    }

    fn placeholder(&self) -> &'static str {
        "DURATION"
    }
}

/// An amount of memory between two limits, which are in bytes.
pub(crate) struct Size {
    /// Smallest, in bytes.
    pub(crate) min: u32,
    /// Largest, in bytes.
    pub(crate) max: u32,
}

impl Kind for Size {
    type Value = usize;

    fn parse(&self, text: &str) -> Result<usize, Refusal> {
        let bytes = parse_units(text, SIZE_UNITS).ok_or("is not a size")?;
        in_range(bytes, self.min.into(), self.max.into())?;
        usize::try_from(bytes).or(Err(Refusal::Borrowed(
            "is more than this machine can address",
        )))
    }

    fn render(&self, value: &usize) -> String {
        render_units(u64::try_from(*value).unwrap_or(u64::MAX), SIZE_UNITS, "0B")
    }

    fn allowed(&self) -> String {
        format!(
            "a size such as 512KiB or 32MiB, from {} to {}",
            render_units(self.min.into(), SIZE_UNITS, "0B"),
            render_units(self.max.into(), SIZE_UNITS, "0B"),
        )
    }

    fn placeholder(&self) -> &'static str {
        "SIZE"
    }
}

/// A whole number between two limits.
pub(crate) struct Count {
    /// Smallest.
    pub(crate) min: u32,
    /// Largest.
    pub(crate) max: u32,
}

impl Kind for Count {
    type Value = u32;

    fn parse(&self, text: &str) -> Result<u32, Refusal> {
        let number = parse_count(text)?;
        in_range(number, self.min, self.max)?;
        Ok(number)
    }

    fn render(&self, value: &u32) -> String {
        value.to_string()
    }

    fn allowed(&self) -> String {
        format!("a whole number from {} to {}", self.min, self.max)
    }

    fn placeholder(&self) -> &'static str {
        "NUMBER"
    }
}

/// A whole number from 1 to a limit.
pub(crate) struct Positive {
    /// Largest.
    pub(crate) max: u32,
}

impl Kind for Positive {
    type Value = NonZeroU32;

    fn parse(&self, text: &str) -> Result<NonZeroU32, Refusal> {
        let number = parse_count(text)?;
        in_range(number, 1, self.max)?;
        NonZeroU32::new(number).ok_or(Refusal::Borrowed("is less than 1"))
    }

    fn render(&self, value: &NonZeroU32) -> String {
        value.to_string()
    }

    fn allowed(&self) -> String {
        format!("a whole number from 1 to {}", self.max)
    }

    fn placeholder(&self) -> &'static str {
        "NUMBER"
    }
}

fn parse_count(text: &str) -> Result<u32, Refusal> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Borrowed("is not a whole number"));
    }
    text.parse().or(Err(Refusal::Borrowed("is too large")))
}

fn in_range<N: PartialOrd + Display>(value: N, min: N, max: N) -> Result<(), Refusal> {
    if value < min {
        Err(Refusal::Borrowed("is too small"))
    } else if value > max {
        Err(Refusal::Borrowed("is too large"))
    } else {
        Ok(())
    }
}

/// Reads numbers with units, each unit at most once and the largest first: "1m30s".
fn parse_units(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let mut rest = text;
    let mut remaining_units = units;
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, tail) = tail.split_at(
            tail.find(|c: char| c.is_ascii_digit())
                .unwrap_or(tail.len()),
        );
        let position = remaining_units.iter().position(|(name, _)| *name == unit)?;
        let (_, scale) = remaining_units.get(position)?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*scale)?)?;
        remaining_units = remaining_units.get(position + 1..)?;
        rest = tail;
    }
    (!text.is_empty()).then_some(total)
}

/// Writes an amount as [`parse_units`] reads it, with as few units as it needs.
fn render_units(mut amount: u64, units: &[(&str, u64)], zero: &str) -> String {
    let mut text = String::new();
    for (unit, scale) in units {
        let number = amount / scale;
        if number > 0 {
            text.push_str(&format!("{number}{unit}"));
            amount %= scale;
        }
    }
    if text.is_empty() {
        return zero.to_owned();
    }
    text
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
mod tests;
