//! Two runs beside each other: what broke, what was mended, what got slower or dearer.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::conformance::figures;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Money;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;

/// Differences below this are noise, in milliseconds.
const NOISE_MS: f64 = 50.0;

/// What changed. Times and costs are of the cases that passed in both runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// In what else the runs differ, so that numbers may not compare.
    pub differences: Vec<String>,
    /// Failed now, and did not before: passed, did not run, or was not there.
    pub newly_failing: Vec<String>,
    /// Failed before, passed now.
    pub mended: Vec<String>,
    /// Passed or failed before, did not run now or is not there.
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
    let mut comparison = Comparison {
        differences: differences(before, now),
        ..Comparison::default()
    };
    let (old, new) = (by_key(before), by_key(now));
    let keys: BTreeSet<Key<'_>> = old.keys().chain(new.keys()).copied().collect();
    let mut both: BTreeMap<&str, Vec<(&CaseResult, &CaseResult)>> = BTreeMap::new();
    for key in keys {
        let (old, new) = (old.get(&key).copied(), new.get(&key).copied());
        let outcomes = (
            old.map_or(Ran::Not, CaseResult::ran),
            new.map_or(Ran::Not, CaseResult::ran),
        );
        match outcomes {
            (Ran::Passed | Ran::Not, Ran::Failed) => comparison.newly_failing.push(name(key)),
            (Ran::Failed, Ran::Passed) => comparison.mended.push(name(key)),
            (Ran::Passed | Ran::Failed, Ran::Not) => comparison.no_longer_run.push(name(key)),
            (Ran::Passed, Ran::Passed) => {
                if let (Some(model), Some(old), Some(new)) = (key.0, old, new) {
                    both.entry(model).or_default().push((old, new));
                }
            }
            (Ran::Failed, Ran::Failed) | (Ran::Not, Ran::Passed | Ran::Not) => {}
        }
    }
    let allowed = 1.0 + f64::from(tolerance_percent) / 100.0;
    for (model, pairs) in both {
        let change = |(before, now)| Change {
            model: model.to_owned(),
            before,
            now,
        };
        let (old, new): (Vec<&CaseResult>, Vec<&CaseResult>) = pairs.into_iter().unzip();
        let medians = median(&old).zip(median(&new));
        let is_slower = |(old, new): &(f64, f64)| *new > old * allowed && new - old > NOISE_MS;
        comparison
            .slower
            .extend(medians.filter(is_slower).map(change));
        let costs = cost(&old).zip(cost(&new));
        let of_one = costs.filter(|(old, new)| old.currency == new.currency);
        let costs = of_one.map(|(old, new)| (micros(&old), micros(&new)));
        let is_dearer = |(old, new): &(f64, f64)| *new > old * allowed;
        comparison
            .dearer
            .extend(costs.filter(is_dearer).map(change));
    }
    comparison
}

/// What became of a case.
#[derive(Clone, Copy)]
enum Ran {
    Passed,
    Failed,
    Not,
}

impl CaseResult {
    fn ran(&self) -> Ran {
        match self.outcome {
            Outcome::Passed => Ran::Passed,
            Outcome::Failed { .. } => Ran::Failed,
            Outcome::Skipped { .. } => Ran::Not,
        }
    }
}

/// In what the circumstances differ.
fn differences(before: &Report, now: &Report) -> Vec<String> {
    let currency = |report: &Report| match &report.totals.cost {
        Some(cost) => cost.currency.clone(),
        None => "none".to_owned(),
    };
    let facts = [
        (
            "scenarios played",
            before.emulated.to_string(),
            now.emulated.to_string(),
        ),
        ("--quick", before.quick.to_string(), now.quick.to_string()),
        ("currency", currency(before), currency(now)),
        (
            "interrupted",
            before.interrupted.to_string(),
            now.interrupted.to_string(),
        ),
    ];
    let differ = facts.into_iter().filter(|(_, before, now)| before != now);
    differ
        .map(|(what, before, now)| format!("not alike: {what}, {before} before, {now} now"))
        .collect()
}

fn by_key(report: &Report) -> BTreeMap<Key<'_>, &CaseResult> {
    let results = report.results.iter();
    results
        .map(|one| ((one.model.as_deref(), one.case.as_str()), one))
        .collect()
}

fn name(key: Key<'_>) -> String {
    match key {
        (Some(model), case) => format!("{model}/{case}"),
        (None, case) => case.to_owned(),
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

fn cost(results: &[&CaseResult]) -> Option<Money> {
    let calls = results.iter().flat_map(|result| &result.calls);
    let costs: Vec<_> = calls.filter_map(|call| call.cost.as_ref()).collect();
    figures::sum(&costs)
}

/// In billionths, to the thousandth of a cent: that is exact enough, and fits.
fn micros(cost: &Money) -> f64 {
    i32::try_from(cost.nanos / 1_000).map_or(f64::MAX, |micros| f64::from(micros) * 1_000.0)
}
