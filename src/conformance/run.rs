//! Runs the cases, and keeps to the order of the report whatever ends first.

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::conformance::budget::Budget;
use crate::conformance::call::Client;
use crate::conformance::case::Case;
use crate::conformance::client_program::ClientProgram;
use crate::conformance::execute::Executor;
use crate::conformance::figures::Figures;
use crate::conformance::models;
use crate::conformance::models::ListError;
use crate::conformance::plan::Circumstances;
use crate::conformance::plan::Item;
use crate::conformance::plan::plan;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;
use crate::conformance::result::VERSION;
use crate::conformance::scenarios::EmulatorControl;
use crate::proto::Model;
use crate::proto::model::State;

/// How a run is done.
pub struct Options {
    /// What is called, for the report: an address, or what stands behind a gateway of one's own.
    pub gateway: String,
    /// Names or aliases of the models; all if empty.
    pub models: Vec<String>,
    /// Whether streams and variations are left out.
    pub quick: bool,
    /// How many cases run at the same time.
    pub jobs: usize,
    /// The most that may be spent, in billionths of a dollar.
    pub budget_nanos: Option<i64>,
    /// The emulator behind the gateway, if it is known.
    pub emulator: Option<EmulatorControl>,
    /// The program that makes the calls, if it is not this one.
    pub client: Option<ClientProgram>,
    /// Ends the run: nothing is begun any more, and what runs is broken off.
    pub interrupted: CancellationToken,
}

/// Hears of what has ended.
pub trait Progress {
    /// So many cases are about to run.
    fn begins(&self, cases: usize);
    /// One begins.
    fn started(&self, model: Option<&str>, case: &str);
    /// One has ended.
    fn ended(&self, result: &CaseResult);
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The gateway does not list its models.
    #[error("list the models of the gateway: {0}")]
    NoModels(ListError),
    /// The gateway has no such models.
    #[error("the gateway has no model {}; it has {}", quoted(unknown), known.join(", "))]
    UnknownModels {
        /// The names asked for.
        unknown: Vec<String>,
        /// The names there are.
        known: Vec<String>,
    },
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    quoted.join(", ")
}

/// Runs the cases against the gateway behind the channel.
///
/// # Errors
/// [`RunError`]. What cases find is in the report.
pub async fn run(
    channel: Channel,
    cases: &[Case],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report, RunError> {
    let (started_at, begun) = (Timestamp::now(), Instant::now());
    let all = models::list_models(channel.clone()).await;
    let all = all.map_err(RunError::NoModels)?;
    let chosen = choose(&all, &options.models)?;
    let circumstances = Circumstances {
        quick: options.quick,
        emulated: options.emulator.is_some(),
        has_budget: options.budget_nanos.is_some(),
    };
    let items = plan(cases, &chosen, &all, circumstances);
    progress.begins(items.len());
    let budget = Budget::new(options.budget_nanos);
    let executor = Executor {
        client: Client::new(channel.clone(), options.client.clone()),
        channel,
        models: &all,
        budget: &budget,
        emulator: options.emulator.as_ref(),
        interrupted: &options.interrupted,
    };
    let results = execute(&executor, items, options.jobs, progress).await;
    let totals = Figures::of(None, results.iter());
    Ok(Report {
        version: VERSION,
        gateway: options.gateway.clone(),
        started_at,
        took_ms: begun.elapsed().as_secs_f64() * 1000.0,
        emulated: options.emulator.is_some(),
        quick: options.quick,
        interrupted: options.interrupted.is_cancelled(),
        budget: budget.spending(),
        suspended: suspended(&chosen),
        totals,
        models: by_model(&results, &chosen),
        results,
        comparison: None,
    })
}

fn suspended(chosen: &[&Model]) -> Vec<String> {
    let suspended = chosen
        .iter()
        .filter(|model| model.state() == State::Suspended);
    suspended.map(|model| model.name.clone()).collect()
}

fn choose<'a>(all: &'a [Model], names: &[String]) -> Result<Vec<&'a Model>, RunError> {
    if names.is_empty() {
        return Ok(all.iter().collect());
    }
    let unknown: Vec<String> = names
        .iter()
        .filter(|name| models::find(all, name).is_none())
        .cloned()
        .collect();
    if !unknown.is_empty() {
        let known = all.iter().map(|model| model.name.clone()).collect();
        return Err(RunError::UnknownModels { unknown, known });
    }
    let is_chosen = |model: &&Model| {
        names
            .iter()
            .any(|name| *name == model.name || model.aliases.contains(name))
    };
    Ok(all.iter().filter(is_chosen).collect())
}

/// First one by one what looks at all that the emulator was sent; then what can run side by side;
/// then one by one what changes the emulator. Of the latter each case for all models: the last ones
/// make a gateway pass over models for a while.
async fn execute(
    executor: &Executor<'_>,
    items: Vec<Item<'_>>,
    jobs: usize,
    progress: &dyn Progress,
) -> Vec<CaseResult> {
    let (mut first, mut together, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for (place, item) in items.iter().enumerate() {
        if item.case.scenarios.is_some() {
            last.push((place, item));
        } else if item.case.reads_the_journal() && executor.emulator.is_some() {
            first.push((place, item));
        } else {
            together.push((place, item));
        }
    }
    last.sort_by_key(|(_, item)| &item.case.name);
    let run = async |(place, item): (usize, &Item<'_>)| {
        progress.started(item.model.map(|model| &*model.name), &item.case.name);
        let result = executor.run(item).await;
        progress.ended(&result);
        (place, result)
    };
    let mut results: Vec<(usize, CaseResult)> = Vec::new();
    for (items, jobs) in [(first, 1), (together, jobs), (last, 1)] {
        let ran = stream::iter(items).map(run).buffer_unordered(jobs);
        results.extend(ran.collect::<Vec<_>>().await);
    }
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The figures of the gateway's own cases, and of each model.
fn by_model(results: &[CaseResult], chosen: &[&Model]) -> Vec<Figures> {
    let names = [None]
        .into_iter()
        .chain(chosen.iter().map(|model| Some(model.name.as_str())));
    names
        .map(|name| {
            let own = results
                .iter()
                .filter(|result| result.model.as_deref() == name);
            Figures::of(name, own)
        })
        .filter(|figures| figures.passed + figures.failed + figures.skipped > 0)
        .collect()
}

impl CaseResult {
    /// Of an item, as if it had passed.
    pub(super) fn of(item: &Item<'_>) -> Self {
        Self {
            model: item.model.map(|model| model.name.clone()),
            case: item.case.name.clone(),
            family: item.case.family,
            outcome: Outcome::Passed,
            played: item.case.scenarios.is_some(),
            calls: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Of an item that did not run.
    pub(super) fn skipped(item: &Item<'_>, reason: &str) -> Self {
        let mut result = Self::of(item);
        result.outcome = Outcome::Skipped {
            reason: reason.to_owned(),
        };
        result
    }
}
