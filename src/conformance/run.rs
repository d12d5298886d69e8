//! Runs the cases, and keeps to the order of the report whatever ends first.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use tokio::time::Instant;
use tonic::Status;
use tonic::transport::Channel;

use crate::conformance::budget::Budget;
use crate::conformance::call::Client;
use crate::conformance::case::Case;
use crate::conformance::client_program::ClientProgram;
use crate::conformance::execute::Executor;
use crate::conformance::figures::Figures;
use crate::conformance::models;
use crate::conformance::plan::Circumstances;
use crate::conformance::plan::Item;
use crate::conformance::plan::plan;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Outcome;
use crate::conformance::result::Report;
use crate::conformance::result::VERSION;
use crate::conformance::scenarios::EmulatorControl;
use crate::proto::Model;

/// How a run is done.
pub struct Options {
    /// The gateway's address, for the report.
    pub gateway: String,
    /// Names or aliases of the models; all that can be called if empty.
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
}

/// Hears of what has ended.
pub trait Progress {
    /// So many cases are about to run.
    fn begins(&self, cases: usize);
    /// One has ended.
    fn ended(&self, result: &CaseResult);
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The gateway does not list its models.
    #[error("list the models of the gateway: {}", .0.message())]
    NoModels(Box<Status>),
    /// The gateway has no such models.
    #[error("the gateway has no model {}; it has {}", unknown.join(", "), known.join(", "))]
    UnknownModels {
        /// The names asked for.
        unknown: Vec<String>,
        /// The names there are.
        known: Vec<String>,
    },
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
    let all = models::list(channel.clone()).await;
    let all = all.map_err(|status| RunError::NoModels(Box::new(status)))?;
    let chosen = choose(&all, &options.models)?;
    let circumstances = Circumstances {
        quick: options.quick,
        emulated: options.emulator.is_some(),
    };
    let items = plan(cases, &chosen, &all, circumstances);
    progress.begins(items.len());
    let budget = Budget::new(options.budget_nanos);
    let executor = Executor {
        client: Client::new(channel, options.client.clone()),
        models: &all,
        budget: &budget,
        emulator: options.emulator.as_ref(),
    };
    let results = execute(&executor, items, options.jobs, progress).await;
    Ok(report(
        results,
        &chosen,
        options,
        started_at,
        begun.elapsed(),
    ))
}

fn choose<'a>(all: &'a [Model], names: &[String]) -> Result<Vec<&'a Model>, RunError> {
    if names.is_empty() {
        let callable = all
            .iter()
            .filter(|model| models::not_callable(model).is_none());
        return Ok(callable.collect());
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

/// First what can run side by side, then one by one what changes the emulator. Of the latter each
/// case for all models: the last ones make a gateway pass over models for a while.
async fn execute(
    executor: &Executor<'_>,
    items: Vec<Item<'_>>,
    jobs: usize,
    progress: &dyn Progress,
) -> Vec<CaseResult> {
    let numbered = items.iter().enumerate();
    let (mut alone, together): (Vec<_>, Vec<_>) =
        numbered.partition(|(_, item)| item.case.scenarios.is_some());
    alone.sort_by_key(|(_, item)| &item.case.name);
    let run = |(place, item)| async move {
        let result = executor.run(item).await;
        progress.ended(&result);
        (place, result)
    };
    let mut results: Vec<(usize, CaseResult)> = stream::iter(together)
        .map(run)
        .buffer_unordered(jobs)
        .collect()
        .await;
    results.extend(stream::iter(alone).then(run).collect::<Vec<_>>().await);
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

fn report(
    results: Vec<CaseResult>,
    chosen: &[&Model],
    options: &Options,
    started_at: Timestamp,
    took: Duration,
) -> Report {
    let names = [None]
        .into_iter()
        .chain(chosen.iter().map(|model| Some(model.name.as_str())));
    let models: Vec<Figures> = names
        .map(|name| {
            let own = results
                .iter()
                .filter(|result| result.model.as_deref() == name);
            Figures::of(name, own)
        })
        .filter(|figures| figures.passed + figures.failed + figures.skipped > 0)
        .collect();
    Report {
        version: VERSION,
        gateway: options.gateway.clone(),
        started_at,
        took_ms: took.as_secs_f64() * 1000.0,
        emulated: options.emulator.is_some(),
        quick: options.quick,
        totals: Figures::of(None, results.iter()),
        models,
        results,
        comparison: None,
    }
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
}
