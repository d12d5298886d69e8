use super::*;
use crate::proto::Usage;
use crate::provider::scripted::usage;
use crate::routing::fixtures::model;

/// A dollar per million tokens of input, two of output, and no cache.
const PRICES: Prices = Prices {
    input: 1_000_000_000,
    output: 2_000_000_000,
    cache_read: None,
    cache_write: None,
    cache_write_one_hour: None,
};

/// Of three tokens in and five out.
const COST_NANOS: i64 = 3_000 + 10_000;

fn priced(name: &str) -> Model {
    Model {
        prices: Some(PRICES),
        ..model(name, 1)
    }
}

fn completion() -> Completion {
    Completion {
        usage: Some(usage()),
        ..Completion::default()
    }
}

fn failure(completion: Option<Completion>) -> ProviderError {
    ProviderError {
        completion: completion.map(Box::new),
        ..ProviderError::new(ErrorKind::BadAnswer, "unreadable")
    }
}

fn nanos(cost: Option<Cost>) -> Option<i64> {
    cost.map(|cost| cost.total_nanos)
}

/// What one answered attempt cost.
fn cost_of(model: &Model, completion: &Completion) -> Option<i64> {
    let mut ledger = Ledger::default();
    ledger.start(model, Vec::new());
    ledger.succeed(completion);
    nanos(ledger.last_cost())
}

#[test]
fn failed_attempt_that_was_used_counts_into_the_total() {
    let mut ledger = Ledger::default();

    ledger.start(&priced("first"), Vec::new());
    ledger.fail(&failure(Some(completion())));
    ledger.start(&priced("second"), Vec::new());
    ledger.fail(&failure(None));
    ledger.start(&priced("third"), Vec::new());
    ledger.succeed(&completion());

    let costs = ledger.attempts().iter();
    let costs: Vec<_> = costs.map(|attempt| nanos(attempt.cost.clone())).collect();
    assert_eq!(costs, [Some(COST_NANOS), None, Some(COST_NANOS)]);
    assert_eq!(ledger.attempts()[0].usage, Some(usage()));
    assert_eq!(ledger.attempts()[1].usage, None);
    assert_eq!(nanos(ledger.last_cost()), Some(COST_NANOS));
    assert_eq!(nanos(ledger.total_cost()), Some(2 * COST_NANOS));
}

#[test]
fn total_is_unknown_if_one_used_attempt_has_no_price() {
    let mut ledger = Ledger::default();

    ledger.start(&model("first", 1), Vec::new());
    ledger.fail(&failure(Some(completion())));
    ledger.start(&priced("second"), Vec::new());
    ledger.succeed(&completion());

    assert_eq!(nanos(ledger.last_cost()), Some(COST_NANOS));
    assert_eq!(ledger.total_cost(), None);
}

#[test]
fn attempt_without_usage_costs_something_unknown_and_not_nothing() {
    let silent = Completion::default();

    assert_eq!(cost_of(&priced("first"), &completion()), Some(COST_NANOS));
    assert_eq!(cost_of(&priced("first"), &silent), None);
    assert_eq!(Ledger::default().total_cost(), None);
}

#[test]
fn price_of_other_tiers_and_variants_is_unknown() {
    let on = |service_tier| Completion {
        service_tier,
        ..completion()
    };
    let optimized = Completion {
        latency_mode: LatencyMode::Optimized,
        ..completion()
    };
    let first = priced("first");

    let default = on(ServiceTier::Default);
    assert_eq!(cost_of(&first, &default), Some(COST_NANOS));
    for other in [
        on(ServiceTier::Flex),
        on(ServiceTier::Priority),
        on(ServiceTier::Reserved),
        optimized,
    ] {
        assert_eq!(cost_of(&first, &other), None);
    }
}

#[test]
fn price_of_input_beyond_the_window_of_the_registry_is_unknown() {
    let model = priced("first");
    let window = i32::try_from(model.limits.context_window_tokens).unwrap();
    let of = |input_tokens| Completion {
        usage: Some(Usage {
            input_tokens,
            ..usage()
        }),
        ..Completion::default()
    };

    assert!(cost_of(&model, &of(window)).is_some());
    assert_eq!(cost_of(&model, &of(window + 1)), None);
}

#[test]
fn kind_of_token_without_a_price_leaves_the_cost_unknown() {
    let cached = Completion {
        usage: Some(Usage {
            cache_read_input_tokens: 1,
            ..usage()
        }),
        ..Completion::default()
    };

    assert_eq!(cost_of(&priced("first"), &cached), None);
}
