use proptest::prelude::*;

use super::*;

const SPAN: Span = Span {
    min_ms: 1,
    max_ms: 86_400_000,
};
const SIZE: Size = Size {
    min: 1,
    max: u32::MAX,
};

#[test]
fn durations_are_numbers_with_units_from_large_to_small() {
    let readings = [
        ("250ms", 250),
        ("30s", 30_000),
        ("1m30s", 90_000),
        ("2h5m1s7ms", 7_501_007),
        ("90s", 90_000),
    ];

    for (text, milliseconds) in readings {
        assert_eq!(
            SPAN.parse(text),
            Ok(Duration::from_millis(milliseconds)),
            "{text}"
        );
    }
}

#[test]
fn what_is_not_clearly_a_duration_is_refused() {
    let refused = [
        "",
        "30",
        "s",
        "30 s",
        "1.5s",
        "-1s",
        "30S",
        "1s1m",
        "1s1s",
        "1d",
        "١s",
        "99999999999999999999h",
    ];

    for text in refused {
        assert_eq!(SPAN.parse(text), Err("is not a duration".into()), "{text}");
    }
    assert_eq!(SPAN.parse("0s"), Err("is too small".into()));
    assert_eq!(SPAN.parse("25h"), Err("is too large".into()));
}

#[test]
fn sizes_are_binary_and_name_their_unit() {
    assert_eq!(SIZE.parse("32MiB"), Ok(32 << 20));
    assert_eq!(SIZE.parse("1MiB512KiB"), Ok(3 << 19));
    assert_eq!(SIZE.parse("1000B"), Ok(1000));
    for text in ["32", "32MB", "32 MiB", "32mib"] {
        assert_eq!(SIZE.parse(text), Err("is not a size".into()), "{text}");
    }
}

#[test]
fn counts_are_plain_digits_in_their_range() {
    let count = Count { min: 2, max: 15 };

    assert_eq!(count.parse("3"), Ok(3));
    for (text, why) in [
        ("", "is not a whole number"),
        ("+3", "is not a whole number"),
        ("3.0", "is not a whole number"),
        ("1", "is too small"),
        ("16", "is too large"),
        ("99999999999", "is too large"),
    ] {
        assert_eq!(count.parse(text), Err(why.into()), "{text}");
    }
}

proptest! {
    #[test]
    fn a_rendered_duration_reads_back(milliseconds in 1_u64..86_400_000) {
        let value = Duration::from_millis(milliseconds);

        prop_assert_eq!(SPAN.parse(&SPAN.render(&value)), Ok(value));
    }

    #[test]
    fn a_rendered_size_reads_back(bytes in 1_usize..=0xffff_ffff) {
        prop_assert_eq!(SIZE.parse(&SIZE.render(&bytes)), Ok(bytes));
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in ".{0,24}") {
        let _ = SPAN.parse(&text);
        let _ = SIZE.parse(&text);
    }
}
