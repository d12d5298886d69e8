//! Rules of what an answer cost.

use crate::conformance::rules::Rule;
use crate::conformance::rules::holds;
use crate::conformance::rules::seen::AnswerSeen;
use crate::proto::Cost;
use crate::proto::InvocationMetadata;
use crate::proto::LatencyMode;
use crate::proto::Pricing;
use crate::proto::ServiceTier;
use crate::proto::Usage;

/// Tokens that a price is for.
const MILLION: i128 = 1_000_000;

/// Time to live of what the cache keeps for the higher price.
const HOUR_SECONDS: i64 = 3_600;

/// In the order in which they are checked.
pub(super) fn rules<'a>() -> Vec<Rule<AnswerSeen<'a>>> {
    vec![
        Rule {
            name: "cost-present",
            promise: "an answer has a cost where the registry has the model's prices",
            check: is_present,
        },
        Rule {
            name: "cost-adds-up",
            promise: "the cost is the sum of its parts",
            check: adds_up,
        },
        Rule {
            name: "cost-follows-prices",
            promise: "each part of the cost is the tokens times the price, in the currency of the registry",
            check: follows_prices,
        },
        Rule {
            name: "total-cost-covers-attempts",
            promise: "total_cost is the sum over all attempts that have a cost",
            check: covers_attempts,
        },
    ]
}

/// Usage and prices, if this answer has to have a cost by them.
fn priced<'a>(seen: &'a AnswerSeen<'_>) -> Option<(&'a Usage, &'a Pricing)> {
    let metadata = seen.metadata;
    let is_default = matches!(
        metadata.service_tier(),
        ServiceTier::Unspecified | ServiceTier::Default
    ) && metadata.latency_mode() != LatencyMode::Optimized
        && metadata.prompt_router_model_id.is_empty();
    let usage = metadata.usage.as_ref().filter(|_| is_default)?;
    let pricing = seen.model?.pricing.as_ref()?;
    let lacks = |tokens: i64, price: i64| tokens > 0 && price == 0;
    let one_hour = one_hour_writes(usage);
    let written = i64::from(usage.cache_write_input_tokens) - one_hour;
    let lacks_a_price = lacks(
        i64::from(usage.cache_read_input_tokens),
        pricing.cache_read_nanos_per_million_tokens,
    ) || lacks(written, pricing.cache_write_nanos_per_million_tokens)
        || lacks(
            one_hour,
            pricing.cache_write_one_hour_nanos_per_million_tokens,
        );
    (!lacks_a_price).then_some((usage, pricing))
}

fn is_present(seen: &AnswerSeen<'_>) -> Result<(), String> {
    holds(
        priced(seen).is_none() || seen.metadata.cost.is_some(),
        || "it has none".to_owned(),
    )
}

fn adds_up(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let Some(cost) = &seen.metadata.cost else {
        return Ok(());
    };
    let sum = cost.input_nanos + cost.output_nanos + cost.cache_read_nanos + cost.cache_write_nanos;
    holds(cost.total_nanos == sum, || {
        format!("total_nanos is {}, the sum {sum}", cost.total_nanos)
    })
}

fn follows_prices(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let (Some((usage, pricing)), Some(cost)) = (priced(seen), &seen.metadata.cost) else {
        return Ok(());
    };
    holds(cost.currency_code == pricing.currency_code, || {
        format!(
            "it is in \"{}\", the prices in {}",
            cost.currency_code, pricing.currency_code
        )
    })?;
    let one_hour = one_hour_writes(usage);
    let written = i64::from(usage.cache_write_input_tokens) - one_hour;
    let input = pricing.input_nanos_per_million_tokens;
    let output = pricing.output_nanos_per_million_tokens;
    let read = pricing.cache_read_nanos_per_million_tokens;
    let write = pricing.cache_write_nanos_per_million_tokens;
    let write_long = pricing.cache_write_one_hour_nanos_per_million_tokens;
    let parts = [
        (
            "input",
            vec![(i64::from(usage.input_tokens), input)],
            cost.input_nanos,
        ),
        (
            "output",
            vec![(i64::from(usage.output_tokens), output)],
            cost.output_nanos,
        ),
        (
            "cache read",
            vec![(i64::from(usage.cache_read_input_tokens), read)],
            cost.cache_read_nanos,
        ),
        (
            "cache write",
            vec![(written, write), (one_hour, write_long)],
            cost.cache_write_nanos,
        ),
    ];
    for (name, prices, nanos) in parts {
        let due = prices
            .iter()
            .map(|(tokens, price)| i128::from(*tokens) * i128::from(*price));
        // Times a million, so that a rounding of less than one for each price shows.
        let off = due.sum::<i128>() - i128::from(nanos) * MILLION;
        let rounded = i128::try_from(prices.len()).unwrap_or(1);
        holds(off.abs() < MILLION * rounded, || {
            format!("tokens of {name} cost {nanos} nanos, which the prices do not give")
        })?;
    }
    Ok(())
}

/// Tokens written to the cache for one hour, which have a price of their own.
fn one_hour_writes(usage: &Usage) -> i64 {
    let long = usage.cache_writes.iter().filter(|write| {
        let seconds = write.ttl.as_ref().map_or(0, |ttl| ttl.seconds);
        seconds >= HOUR_SECONDS
    });
    long.map(|write| i64::from(write.input_tokens)).sum()
}

fn covers_attempts(seen: &AnswerSeen<'_>) -> Result<(), String> {
    total_covers(seen.metadata)
}

/// Also of failures.
pub(super) fn total_covers(metadata: &InvocationMetadata) -> Result<(), String> {
    let costs = metadata
        .attempts
        .iter()
        .filter_map(|attempt| attempt.cost.as_ref());
    let costs: Vec<&Cost> = costs.collect();
    let Some(total) = &metadata.total_cost else {
        return holds(costs.is_empty(), || {
            "there is none, and attempts have a cost".to_owned()
        });
    };
    let sum: i64 = costs.iter().map(|cost| cost.total_nanos).sum();
    holds(total.total_nanos == sum, || {
        format!("it is {} nanos, the attempts cost {sum}", total.total_nanos)
    })?;
    let mut currencies = costs.iter().map(|cost| &cost.currency_code);
    holds(currencies.all(|code| *code == total.currency_code), || {
        format!(
            "it is in \"{}\", a cost of an attempt is not",
            total.currency_code
        )
    })
}
