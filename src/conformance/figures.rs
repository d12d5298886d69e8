//! Sums and times of a model, or of all.

use serde::Deserialize;
use serde::Serialize;

use crate::conformance::result::CallFigures;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Money;
use crate::conformance::result::Outcome;

/// What a run says of one model, of the gateway, or of all together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// The model; none for the gateway, and for all together.
    pub model: Option<String>,
    /// Cases that passed.
    pub passed: u32,
    /// Cases that failed.
    pub failed: u32,
    /// Cases that did not run.
    pub skipped: u32,
    /// Median time of an answer, in milliseconds. Without those whose time a scenario made.
    pub median_ms: Option<f64>,
    /// Time that 95 of 100 answers kept, in milliseconds.
    pub p95_ms: Option<f64>,
    /// Median time to the first piece of content of a stream, in milliseconds.
    pub first_content_ms: Option<f64>,
    /// Tokens generated per second of all answers.
    pub tokens_per_second: Option<f64>,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens generated.
    pub output_tokens: i64,
    /// Price of all calls, as far as it is known; none if there is none, or in several currencies.
    pub cost: Option<Money>,
}

impl Figures {
    /// Sums up these results.
    pub(super) fn of<'a>(
        model: Option<&str>,
        results: impl Iterator<Item = &'a CaseResult>,
    ) -> Self {
        let mut figures = Self {
            model: model.map(str::to_owned),
            ..Self::default()
        };
        let (mut times, mut first, mut timed_tokens) = (Vec::new(), Vec::new(), 0.0);
        let mut costs = Vec::new();
        for result in results {
            match &result.outcome {
                Outcome::Passed => figures.passed += 1,
                Outcome::Failed { .. } => figures.failed += 1,
                Outcome::Skipped { .. } => figures.skipped += 1,
            }
            for call in &result.calls {
                figures.input_tokens += call.input_tokens;
                figures.output_tokens += call.output_tokens;
                costs.extend(call.cost.as_ref());
                if call.answered && !result.played {
                    times.push(call.took_ms);
                    first.extend(call.first_content_ms);
                    timed_tokens += tokens(call);
                }
            }
        }
        let seconds: f64 = times.iter().sum::<f64>() / 1000.0;
        figures.tokens_per_second = (seconds > 0.0).then(|| timed_tokens / seconds);
        figures.median_ms = rank(&mut times, 50);
        figures.p95_ms = rank(&mut times, 95);
        figures.first_content_ms = rank(&mut first, 50);
        figures.cost = sum(&costs);
        figures
    }
}

fn tokens(call: &CallFigures) -> f64 {
    i32::try_from(call.output_tokens).map_or(0.0, f64::from)
}

/// The nearest-rank percentile.
pub(super) fn rank(values: &mut [f64], percent: usize) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let place = (values.len() * percent).div_ceil(100);
    values.get(place.checked_sub(1)?).copied()
}

/// The sum, if all are of one currency.
pub(super) fn sum(costs: &[&Money]) -> Option<Money> {
    let currency = costs.first()?.currency.clone();
    let is_one = costs.iter().all(|cost| cost.currency == currency);
    is_one.then(|| Money {
        currency,
        nanos: costs.iter().map(|cost| cost.nanos).sum(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let mut values: Vec<f64> = (1..=20).rev().map(f64::from).collect();

        assert_eq!(rank(&mut values, 50), Some(10.0));
        assert_eq!(rank(&mut values, 95), Some(19.0));
        assert_eq!(rank(&mut [7.0], 95), Some(7.0));
        assert_eq!(rank(&mut [], 50), None);
    }

    #[test]
    fn amounts_of_two_currencies_have_no_sum() {
        let money = |currency: &str| Money {
            currency: currency.to_owned(),
            nanos: 2,
        };

        assert_eq!(sum(&[&money("USD"), &money("USD")]).unwrap().nanos, 4);
        assert_eq!(sum(&[&money("USD"), &money("EUR")]), None);
    }
}
