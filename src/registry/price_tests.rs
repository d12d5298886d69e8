use prost_types::Duration;

use super::*;
use crate::proto::CacheWrite;

/// Claude Opus 4.1: 0.015 and 0.075 dollars per thousand tokens.
const OPUS: Prices = Prices {
    input: 15_000_000_000,
    output: 75_000_000_000,
    cache_read: Some(1_500_000_000),
    cache_write: Some(18_750_000_000),
    cache_write_one_hour: None,
};

fn cache_write(seconds: i64, input_tokens: i32) -> CacheWrite {
    CacheWrite {
        ttl: Some(Duration { seconds, nanos: 0 }),
        input_tokens,
    }
}

#[test]
fn thousand_tokens_of_opus_cost_what_the_price_list_says() {
    let usage = Usage {
        input_tokens: 1000,
        output_tokens: 1000,
        ..Usage::default()
    };

    let cost = OPUS.cost(&usage).unwrap();

    assert_eq!(cost.currency_code, "USD");
    assert_eq!(cost.input_nanos, 15_000_000);
    assert_eq!(cost.output_nanos, 75_000_000);
    assert_eq!(cost.total_nanos, 90_000_000);
}

#[test]
fn cached_tokens_cost_their_own_prices() {
    let usage = Usage {
        input_tokens: 10,
        cache_read_input_tokens: 2000,
        cache_write_input_tokens: 4000,
        ..Usage::default()
    };

    let cost = OPUS.cost(&usage).unwrap();

    assert_eq!(cost.cache_read_nanos, 3_000_000);
    assert_eq!(cost.cache_write_nanos, 75_000_000);
    assert_eq!(cost.total_nanos, 150_000 + 3_000_000 + 75_000_000);
}

#[test]
fn cache_writes_for_an_hour_cost_more_than_those_for_five_minutes() {
    let prices = Prices {
        cache_write_one_hour: Some(30_000_000_000),
        ..OPUS
    };
    let usage = Usage {
        cache_write_input_tokens: 3000,
        cache_writes: vec![cache_write(3600, 1000), cache_write(300, 2000)],
        ..Usage::default()
    };

    let cost = prices.cost(&usage).unwrap();

    assert_eq!(cost.cache_write_nanos, 30_000_000 + 2 * 18_750_000);
}

#[test]
fn a_used_kind_without_a_price_leaves_the_cost_unknown() {
    let hour = Usage {
        cache_write_input_tokens: 1,
        cache_writes: vec![cache_write(3600, 1)],
        ..Usage::default()
    };
    let day = Usage {
        cache_write_input_tokens: 1,
        cache_writes: vec![cache_write(86_400, 1)],
        ..Usage::default()
    };
    let unknown = Usage {
        cache_write_input_tokens: 1,
        cache_writes: vec![CacheWrite {
            ttl: None,
            input_tokens: 1,
        }],
        ..Usage::default()
    };
    let read = Usage {
        cache_read_input_tokens: 1,
        ..Usage::default()
    };
    let uncached = Prices {
        cache_read: None,
        ..OPUS
    };

    assert_eq!(OPUS.cost(&hour), None);
    assert_eq!(OPUS.cost(&day), None);
    assert_eq!(OPUS.cost(&unknown), None);
    assert_eq!(uncached.cost(&read), None);
}

#[test]
fn counts_that_make_no_sense_leave_the_cost_unknown() {
    let negative = Usage {
        output_tokens: -1,
        ..Usage::default()
    };
    let more_in_parts_than_in_whole = Usage {
        cache_write_input_tokens: 1,
        cache_writes: vec![cache_write(3600, 2)],
        ..Usage::default()
    };
    let prices = Prices {
        cache_write_one_hour: Some(1),
        ..OPUS
    };

    assert_eq!(prices.cost(&negative), None);
    assert_eq!(prices.cost(&more_in_parts_than_in_whole), None);
}

#[test]
fn parts_are_rounded_to_the_nearest_nano_halves_up() {
    let prices = |input| Prices { input, ..OPUS };
    let usage = Usage {
        input_tokens: 1,
        ..Usage::default()
    };

    assert_eq!(prices(499_999).cost(&usage).unwrap().input_nanos, 0);
    assert_eq!(prices(500_000).cost(&usage).unwrap().input_nanos, 1);
    assert_eq!(prices(1_499_999).cost(&usage).unwrap().input_nanos, 1);
}

#[test]
fn the_largest_counts_and_prices_do_not_overflow_silently() {
    let usage = Usage {
        input_tokens: i32::MAX,
        output_tokens: i32::MAX,
        ..Usage::default()
    };
    let dearest = Prices {
        input: i64::MAX,
        output: i64::MAX,
        ..OPUS
    };

    assert_eq!(OPUS.cost(&usage).unwrap().input_nanos, 32_212_254_705_000);
    assert_eq!(dearest.cost(&usage), None);
}

#[test]
fn kinds_that_were_not_used_need_no_price() {
    let bare = Prices {
        cache_read: None,
        cache_write: None,
        ..OPUS
    };
    let usage = Usage {
        input_tokens: 1000,
        cache_writes: vec![cache_write(86_400, 0)],
        ..Usage::default()
    };

    let cost = bare.cost(&usage).unwrap();

    assert_eq!(cost.total_nanos, 15_000_000);
}

#[test]
fn total_is_the_sum_of_every_part() {
    let one = OPUS.cost(&Usage {
        input_tokens: 1,
        output_tokens: 2,
        cache_read_input_tokens: 3,
        cache_write_input_tokens: 4,
        ..Usage::default()
    });
    let one = one.unwrap();

    let sum = total_cost([&one, &one, &one]).unwrap();

    assert_eq!(sum.currency_code, "USD");
    assert_eq!(sum.input_nanos, 3 * 15_000);
    assert_eq!(sum.output_nanos, 3 * 150_000);
    assert_eq!(sum.cache_read_nanos, 3 * 4_500);
    assert_eq!(sum.cache_write_nanos, 3 * 75_000);
    assert_eq!(sum.total_nanos, 3 * one.total_nanos);
}

#[test]
fn total_of_nothing_or_of_what_cannot_be_added_is_unknown() {
    let dollars = |total_nanos| Cost {
        currency_code: "USD".to_owned(),
        total_nanos,
        ..Cost::default()
    };
    let euros = Cost {
        currency_code: "EUR".to_owned(),
        ..Cost::default()
    };

    assert_eq!(total_cost([]), None);
    assert_eq!(total_cost([&dollars(1), &euros]), None);
    assert_eq!(total_cost([&dollars(i64::MAX), &dollars(1)]), None);
}

#[test]
fn dollars_keep_their_digits() {
    assert_eq!(dollars(250_000_000), "0.25");
    assert_eq!(dollars(1_000_000_000), "1.00");
    assert_eq!(dollars(35_000_000), "0.035");
    assert_eq!(dollars(-300_000_001), "-0.300000001");
    assert_eq!(dollars(0), "0.00");
}
