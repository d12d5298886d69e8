//! The last step: small calls of one model, some, or all.
//!
//! What costs more than one small call is said beforehand, and nothing is called until somebody
//! agreed.

use std::io;
use std::io::BufRead;
use std::io::Write;

use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;
use tonic::Request;
use tonic::Status;
use tonic::transport::Channel;

use super::args::CheckArgs;
use super::args::Choice;
use super::offer;
use super::offer::Offer;
use super::outcome::Outcome;
use super::reporter::Reporter;
use crate::app::Trial;
use crate::cli::exit_code::Exit;
use crate::cli::ledger;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::registry::total_cost;

/// Most calls at one time.
const PARALLEL_CALLS: usize = 4;

/// Why no model is called if nobody asked for it.
pub(super) const NOT_ASKED: &str = "no model was called: --free";

/// Who makes the calls.
pub(super) enum Callee {
    /// A gateway inside this process.
    Here(Trial),
    /// One that runs elsewhere.
    There(InferenceServiceClient<Channel>),
}

impl Callee {
    async fn invoke(&self, request: Request<InvokeRequest>) -> Result<InvokeResponse, Status> {
        match self {
            Self::Here(trial) => trial.invoke(request).await,
            Self::There(client) => {
                let mut client = client.clone();
                client
                    .invoke(request)
                    .await
                    .map(tonic::Response::into_inner)
            }
        }
    }

    async fn call(&self, name: String, args: &CheckArgs) -> Outcome {
        let mut request = Request::new(offer::request(&name));
        request.set_timeout(args.timeout);
        let start = Instant::now();
        let result = self.invoke(request).await.map_err(Box::new);
        Outcome {
            asked: name,
            latency: start.elapsed(),
            result,
        }
    }
}

/// Calls the models that were chosen, and reports what became of it.
pub(super) async fn run(
    args: &CheckArgs,
    callee: &Callee,
    offers: &[Offer],
    answers: Option<&mut dyn BufRead>,
    reporter: &mut Reporter<'_>,
    notes: &mut dyn Write,
) -> io::Result<()> {
    let names = match args.choice() {
        Choice::Nobody => return reporter.skipped(NOT_ASKED),
        Choice::Default => return calls(args, callee, &[String::new()], reporter).await,
        Choice::One(name) => return calls(args, callee, &[name], reporter).await,
        Choice::These(names) => {
            let is_known = |name: &String| offers.iter().any(|offer| offer.has_name(name));
            let (known, unknown): (Vec<_>, Vec<_>) = names.into_iter().partition(is_known);
            if !unknown.is_empty() {
                // Costs nothing, and who is asked knows best what to say.
                return calls(args, callee, &unknown, reporter).await;
            }
            known
        }
        Choice::All => callable(offers, reporter)?,
    };
    let chosen: Vec<&Offer> = offers
        .iter()
        .filter(|offer| names.iter().any(|name| offer.has_name(name)))
        .collect();
    if chosen.is_empty() {
        return reporter.failed("no model can be called", "", Exit::Configuration);
    }
    if !is_agreed(args, &chosen, answers, reporter, notes)? {
        return Ok(());
    }
    let names: Vec<String> = chosen.iter().map(|offer| offer.name.clone()).collect();
    calls(args, callee, &names, reporter).await
}

/// Names of the models that can be called; of the others, why not.
fn callable(offers: &[Offer], reporter: &mut Reporter<'_>) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for Offer {
        name, objection, ..
    } in offers
    {
        match objection {
            Some(objection) => reporter.skipped(&format!("{name}: {objection}"))?,
            None => names.push(name.clone()),
        }
    }
    Ok(names)
}

/// Says what the calls cost at most, and whether somebody agrees.
fn is_agreed(
    args: &CheckArgs,
    chosen: &[&Offer],
    answers: Option<&mut dyn BufRead>,
    reporter: &mut Reporter<'_>,
    notes: &mut dyn Write,
) -> io::Result<bool> {
    let called = chosen.iter().copied().filter(|offer| !offer.is_refused);
    let called: Vec<&Offer> = called.collect();
    let estimate = offer::estimate(called.iter().copied());
    let calls = match called.len() {
        // The gateway says why, which costs nothing.
        0 => return Ok(true),
        1 => "1 small call".to_owned(),
        count => format!("{count} small calls"),
    };
    let cost = estimate.cost.as_ref().map(ledger::money);
    let price = match (cost, estimate.unpriced) {
        (Some(cost), 0) => format!("at most {cost} if nothing is repeated"),
        (Some(cost), count) => {
            format!("at most {cost} if nothing is repeated, and {count} of unknown price")
        }
        (None, _) => "price unknown".to_owned(),
    };
    let text = format!("{calls}: {price}, by the prices of the registry");
    let cost = estimate.cost.as_ref().map(ledger::cost_json);
    reporter.fact(
        "estimate",
        json!({"calls": called.len(), "cost": cost, "withoutPrice": estimate.unpriced}),
    );
    if args.yes {
        reporter.note(&text)?;
        return Ok(true);
    }
    let Some(answers) = answers else {
        reporter.note(&text)?;
        let text = "no model was called: that costs money, and there is no terminal to ask at";
        reporter.failed(text, "agree with --yes", Exit::Usage)?;
        return Ok(false);
    };
    write!(notes, "{text}. Make them? [y/N] ")?;
    notes.flush()?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    if !reporter.is_text() {
        reporter.note(&text)?;
    }
    let is_yes = matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes");
    if !is_yes {
        reporter.skipped("no model was called: not agreed to")?;
    }
    Ok(is_yes)
}

/// Makes one call of each, a few at a time, and reports them in this order.
async fn calls(
    args: &CheckArgs,
    callee: &Callee,
    names: &[String],
    reporter: &mut Reporter<'_>,
) -> io::Result<()> {
    let calls = names.iter().map(|name| callee.call(name.clone(), args));
    let mut outcomes = Box::pin(stream::iter(calls).buffered(PARALLEL_CALLS));
    let (mut models, mut costs) = (Vec::new(), Vec::new());
    let mut is_refused = false;
    while let Some(outcome) = outcomes.next().await {
        outcome.report(reporter)?;
        models.push(outcome.json());
        costs.extend(outcome.total_cost());
        is_refused |= outcome.is_refused_by_aws();
    }
    let total = total_cost(&costs);
    if let (Some(total), true) = (&total, names.len() > 1) {
        reporter.note(&format!("{} in all", ledger::money(total)))?;
    }
    if is_refused && !args.verbose && matches!(callee, Callee::Here(_)) {
        reporter.note("with --verbose, the log has what AWS said")?;
    }
    reporter.fact("calls", Value::Array(models));
    let total = total.as_ref().map(ledger::cost_json);
    reporter.fact("totalCost", total.unwrap_or_default());
    Ok(())
}
