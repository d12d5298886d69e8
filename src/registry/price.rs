//! Prices per million tokens, and the cost of an answer. Integers only.

use crate::proto::Cost;
use crate::proto::Usage;

/// The currency of all prices.
const CURRENCY: &str = "USD";
const NANOS_PER_DOLLAR: u64 = 1_000_000_000;
const TOKENS_PER_PRICE: i128 = 1_000_000;
const FIVE_MINUTES: i64 = 300;
const ONE_HOUR: i64 = 3600;

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
    /// price: unknown is never reported as free. `None` as well for counts that make no sense.
    ///
    /// Each part is rounded to the nearest billionth of a dollar, halves up, and the total is the
    /// sum of the rounded parts. `usage.cache_writes` says which writes are for one hour; writes it
    /// does not mention are for five minutes.
    pub fn cost(&self, usage: &Usage) -> Option<Cost> {
        let one_hour_tokens = one_hour_writes(usage)?;
        let five_minute_tokens = i64::from(usage.cache_write_input_tokens) - one_hour_tokens;

        let input_nanos = nanos(usage.input_tokens.into(), Some(self.input))?;
        let output_nanos = nanos(usage.output_tokens.into(), Some(self.output))?;
        let cache_read_nanos = nanos(usage.cache_read_input_tokens.into(), self.cache_read)?;
        let cache_write_nanos = nanos(five_minute_tokens, self.cache_write)?
            .checked_add(nanos(one_hour_tokens, self.cache_write_one_hour)?)?;
        let total_nanos = input_nanos
            .checked_add(output_nanos)?
            .checked_add(cache_read_nanos)?
            .checked_add(cache_write_nanos)?;
        Some(Cost {
            currency_code: CURRENCY.to_owned(),
            total_nanos,
            input_nanos,
            output_nanos,
            cache_read_nanos,
            cache_write_nanos,
        })
    }
}

/// The sum of several costs. `None` if there are none, or if they cannot be added.
pub fn total_cost<'a>(costs: impl IntoIterator<Item = &'a Cost>) -> Option<Cost> {
    let mut costs = costs.into_iter();
    let first = costs.next()?.clone();
    costs.try_fold(first, |sum, cost| {
        if sum.currency_code != cost.currency_code {
            return None;
        }
        Some(Cost {
            currency_code: sum.currency_code,
            total_nanos: sum.total_nanos.checked_add(cost.total_nanos)?,
            input_nanos: sum.input_nanos.checked_add(cost.input_nanos)?,
            output_nanos: sum.output_nanos.checked_add(cost.output_nanos)?,
            cache_read_nanos: sum.cache_read_nanos.checked_add(cost.cache_read_nanos)?,
            cache_write_nanos: sum.cache_write_nanos.checked_add(cost.cache_write_nanos)?,
        })
    })
}

/// Billionths of a dollar as dollars, with two decimals, or more if there are more.
pub fn dollars(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let fraction = format!("{:09}", nanos % NANOS_PER_DOLLAR);
    let digits = fraction.trim_end_matches('0');
    format!("{sign}{}.{digits:0<2}", nanos / NANOS_PER_DOLLAR)
}

/// Tokens written for one hour. `None` if some were written for a time without a price.
fn one_hour_writes(usage: &Usage) -> Option<i64> {
    let mut tokens = 0;
    for write in &usage.cache_writes {
        match write.ttl.map(|ttl| ttl.seconds) {
            Some(FIVE_MINUTES) => {}
            Some(ONE_HOUR) => tokens += i64::from(write.input_tokens),
            _ if write.input_tokens == 0 => {}
            _ => return None,
        }
    }
    Some(tokens)
}

fn nanos(tokens: i64, price: Option<i64>) -> Option<i64> {
    if tokens == 0 {
        return Some(0);
    }
    let exact = i128::from(u64::try_from(tokens).ok()?) * i128::from(price?);
    i64::try_from((exact + TOKENS_PER_PRICE / 2) / TOKENS_PER_PRICE).ok()
}

#[cfg(test)]
#[path = "price_tests.rs"]
mod tests;
