//! Prices per million tokens, and the cost of an answer. Integers only.

use crate::proto::Cost;
use crate::proto::Usage;

/// Prices in billionths of a US dollar per million tokens: 3 USD is `3_000_000_000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// Uncached input.
    pub input: i64,
    /// Output, reasoning included.
    pub output: i64,
    /// Input read from the prompt cache, if the model has one.
    pub cache_read: Option<i64>,
    /// Input written to the prompt cache for the default five minutes.
    pub cache_write: Option<i64>,
    /// Input written to the prompt cache for one hour.
    pub cache_write_one_hour: Option<i64>,
}

impl Prices {
    /// The price of the tokens one attempt used. `None` if a kind of token was used that has no
    /// price: unknown is never reported as free.
    pub fn cost(&self, usage: &Usage) -> Option<Cost> {
        let _ = usage;
        None
    }
}
