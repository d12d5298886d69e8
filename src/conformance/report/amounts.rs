//! Times, tokens and money as people read them.

use crate::conformance::figures::Figures;
use crate::conformance::result::Money;
use crate::conformance::result::Report;

/// Columns of the table of models.
pub(super) const HEADINGS: [&str; 11] = [
    "MODEL",
    "PASSED",
    "FAILED",
    "SKIPPED",
    "MEDIAN",
    "P95",
    "FIRST TOKEN",
    "TOKENS/S",
    "IN",
    "OUT",
    "COST",
];

/// The table: a row for each model, and one for all.
pub(super) fn rows(report: &Report) -> Vec<[String; 11]> {
    let models = report.models.iter();
    let mut rows: Vec<_> = models
        .map(|figures| row(super::row_name(figures.model.as_deref()), figures))
        .collect();
    rows.push(row("total", &report.totals));
    rows
}

fn row(name: &str, figures: &Figures) -> [String; 11] {
    [
        name.to_owned(),
        figures.passed.to_string(),
        figures.failed.to_string(),
        figures.skipped.to_string(),
        figures.median_ms.map_or_else(none, time),
        figures.p95_ms.map_or_else(none, time),
        figures.first_content_ms.map_or_else(none, time),
        figures
            .tokens_per_second
            .map_or_else(none, |rate| format!("{rate:.0}")),
        figures.input_tokens.to_string(),
        figures.output_tokens.to_string(),
        figures.cost.as_ref().map_or_else(none, money),
    ]
}

fn none() -> String {
    "-".to_owned()
}

/// `12 ms`, `1.2 s`.
pub(super) fn time(milliseconds: f64) -> String {
    if milliseconds < 1000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}

/// `$0.0234`: to a hundredth of a cent.
pub(super) fn money(money: &Money) -> String {
    let tenths = (money.nanos.unsigned_abs() + 50_000) / 100_000;
    let amount = format!("{}.{:04}", tenths / 10_000, tenths % 10_000);
    if money.currency == "USD" {
        format!("${amount}")
    } else {
        format!("{amount} {}", money.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_for_people() {
        let cost = |nanos| Money {
            currency: "USD".to_owned(),
            nanos,
        };

        assert_eq!(money(&cost(23_449_999)), "$0.0234");
        assert_eq!(money(&cost(1_999_960_000)), "$2.0000");
        assert_eq!(time(999.4), "999 ms");
        assert_eq!(time(1_250.0), "1.2 s");
    }
}
