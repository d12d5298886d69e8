//! Two runs beside each other: what broke, what was mended, what got slower or dearer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::conformance::figures;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;

/// Differences below this are noise, in milliseconds.
const NOISE_MS: f64 = 50.0;

/// What changed. Times and costs are of the cases that passed in both runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Passed before, failed now.
    pub newly_failing: Vec<String>,
    /// Failed before, passed now.
    pub mended: Vec<String>,
    /// Passed or failed before, did not run now.
    pub no_longer_run: Vec<String>,
    /// Models whose median time grew by more than the tolerance, in milliseconds.
    pub slower: Vec<Change>,
    /// Models whose cost grew by more than the tolerance, in billionths of the currency unit.
    pub dearer: Vec<Change>,
}

/// A number of one model that grew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The model.
    pub model: String,
    /// The number before.
    pub before: f64,
    /// The number now.
    pub now: f64,
}

impl Comparison {
    /// Whether something got worse.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        !(self.newly_failing.is_empty() && self.slower.is_empty() && self.dearer.is_empty())
    }
}

type Key<'a> = (Option<&'a str>, &'a str);

/// Compares two runs. A number is worse if it grew by more than `tolerance_percent`.
#[must_use]
pub fn compare(before: &Report, now: &Report, tolerance_percent: u32) -> Comparison {
    let old: BTreeMap<Key<'_>, &CaseResult> =
        before.results.iter().map(|one| (key(one), one)).collect();
    let mut comparison = Comparison::default();
    let mut both: BTreeMap<&str, Vec<(&CaseResult, &CaseResult)>> = BTreeMap::new();
    for result in &now.results {
        let Some(earlier) = old.get(&key(result)) else {
            continue;
        };
        let name = name(result);
        match (&earlier.outcome, &result.outcome) {
            (Outcome::Passed, Outcome::Failed { .. }) => comparison.newly_failing.push(name),
            (Outcome::Failed { .. }, Outcome::Passed) => comparison.mended.push(name),
            (Outcome::Passed | Outcome::Failed { .. }, Outcome::Skipped { .. }) => {
                comparison.no_longer_run.push(name);
            }
            (Outcome::Passed, Outcome::Passed) => {
                if let Some(model) = &result.model {
                    both.entry(model).or_default().push((earlier, result));
                }
            }
            (Outcome::Failed { .. }, Outcome::Failed { .. }) | (Outcome::Skipped { .. }, _) => {}
        }
    }
    let allowed = 1.0 + f64::from(tolerance_percent) / 100.0;
    for (model, pairs) in both {
        let change = |(before, now)| Change {
            model: model.to_owned(),
            before,
            now,
        };
        let old: Vec<&CaseResult> = pairs.iter().map(|(old, _)| *old).collect();
        let new: Vec<&CaseResult> = pairs.iter().map(|(_, new)| *new).collect();
        let medians = median(&old).zip(median(&new));
        let is_slower = |(old, new): &(f64, f64)| *new > old * allowed && new - old > NOISE_MS;
        comparison
            .slower
            .extend(medians.filter(is_slower).map(change));
        let costs = cost(&old).zip(cost(&new));
        let is_dearer = |(old, new): &(f64, f64)| *new > old * allowed;
        comparison
            .dearer
            .extend(costs.filter(is_dearer).map(change));
    }
    comparison
}

fn key(result: &CaseResult) -> Key<'_> {
    (result.model.as_deref(), &result.case)
}

fn name(result: &CaseResult) -> String {
    match &result.model {
        Some(model) => format!("{model}/{}", result.case),
        None => result.case.clone(),
    }
}

fn median(results: &[&CaseResult]) -> Option<f64> {
    let timed = results.iter().filter(|result| !result.played);
    let calls = timed.flat_map(|result| &result.calls);
    let mut times: Vec<f64> = calls
        .filter_map(|call| call.answered.then_some(call.took_ms))
        .collect();
    figures::rank(&mut times, 50)
}

fn cost(results: &[&CaseResult]) -> Option<f64> {
    let calls = results.iter().flat_map(|result| &result.calls);
    let costs: Vec<_> = calls.filter_map(|call| call.cost.as_ref()).collect();
    let nanos = figures::sum(&costs)?.nanos;
    // Whole thousandths of a cent are exact enough, and fit.
    i32::try_from(nanos / 1_000)
        .ok()
        .map(|micros| f64::from(micros) * 1_000.0)
}
