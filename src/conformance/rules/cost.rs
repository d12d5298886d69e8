//! Rules of what an answer cost.

use crate::conformance::rules::Rule;
use crate::conformance::rules::holds;
use crate::conformance::rules::seen::AnswerSeen;
use crate::proto::Cost;
use crate::proto::LatencyMode;
use crate::proto::Pricing;
use crate::proto::ServiceTier;
use crate::proto::Usage;

/// Tokens that a price is for.
const MILLION: i128 = 1_000_000;

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
            promise: "each part of the cost is the tokens times the price",
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
    let lacks = |tokens: i32, price: i64| tokens > 0 && price == 0;
    let lacks_a_price = lacks(
        usage.cache_read_input_tokens,
        pricing.cache_read_nanos_per_million_tokens,
    ) || lacks(
        usage.cache_write_input_tokens,
        pricing.cache_write_nanos_per_million_tokens,
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
    let parts = [
        (
            "input",
            usage.input_tokens,
            pricing.input_nanos_per_million_tokens,
            cost.input_nanos,
        ),
        (
            "output",
            usage.output_tokens,
            pricing.output_nanos_per_million_tokens,
            cost.output_nanos,
        ),
        (
            "cache read",
            usage.cache_read_input_tokens,
            pricing.cache_read_nanos_per_million_tokens,
            cost.cache_read_nanos,
        ),
    ];
    for (name, tokens, price, nanos) in parts {
        // Times a million, so that a rounding of less than one shows.
        let off = i128::from(tokens) * i128::from(price) - i128::from(nanos) * MILLION;
        holds(off.abs() < MILLION, || {
            format!("{tokens} tokens of {name} cost {nanos} nanos")
        })?;
    }
    Ok(())
}

fn covers_attempts(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let Some(total) = &seen.metadata.total_cost else {
        return Ok(());
    };
    let costs = seen
        .metadata
        .attempts
        .iter()
        .filter_map(|attempt| attempt.cost.as_ref());
    let sum: i64 = costs.map(|cost: &Cost| cost.total_nanos).sum();
    holds(total.total_nanos == sum, || {
        format!("it is {} nanos, the attempts cost {sum}", total.total_nanos)
    })
}
