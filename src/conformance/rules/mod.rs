//! What holds for every answer of every gateway, whatever was asked: one small function for each
//! promise, under a name that reports give.
//!
//! A rule looks at one thing, so that one defect breaks one rule. Rules of a stream come first: only
//! events in order tell an answer, which is then held against the rules of answers.

mod answer;
mod catalogue;
mod content;
mod cost;
mod failure;
mod ledger;
mod seen;
mod stream;
mod twice;

use crate::client::join;
use crate::conformance::client_reply;
use crate::conformance::observation::Asked;
use crate::conformance::observation::Ended;
use crate::conformance::observation::Observed;
use crate::conformance::result::Finding;
use crate::proto::InvokeResponse;
use crate::proto::Model;
use seen::AnswerSeen;
use seen::CatalogueSeen;
use seen::CountSeen;
use seen::FailureSeen;
use seen::StreamSeen;

pub(super) use catalogue::check_pages;
pub(super) use twice::compare_ways;

/// A rule about something seen.
struct Rule<T> {
    /// The name in reports.
    name: &'static str,
    /// What is promised.
    promise: &'static str,
    /// Says what is wrong.
    check: fn(&T) -> Result<(), String>,
}

/// The rule about calls that do not end.
const ENDS_IN_TIME: (&str, &str) = (
    "ends-by-its-deadline",
    "a call ends by its deadline, with an answer or with a status of the gateway",
);

/// The rule about parts without which there is no answer.
const IS_WHOLE: (&str, &str) = ("answer-is-whole", "an answer has a message and metadata");

/// Name and promise of every rule.
pub fn promises() -> Vec<(&'static str, &'static str)> {
    fn pairs<T>(rules: Vec<Rule<T>>) -> Vec<(&'static str, &'static str)> {
        rules.iter().map(|rule| (rule.name, rule.promise)).collect()
    }
    let mut all = vec![
        client_reply::REPLIES,
        client_reply::COLLECTS,
        client_reply::TELLS,
        ENDS_IN_TIME,
        IS_WHOLE,
    ];
    all.extend(pairs(stream::rules()));
    all.extend(pairs(answer::rules()));
    all.extend(pairs(content::rules()));
    all.extend(pairs(ledger::rules()));
    all.extend(pairs(cost::rules()));
    all.push((twice::NAME, twice::PROMISE));
    all.extend(pairs(failure::rules()));
    all.extend(pairs(catalogue::count_rules()));
    all.extend(pairs(catalogue::rules()));
    all.push((catalogue::PAGES.0, catalogue::PAGES.1));
    all
}

/// Which rules a call broke.
pub(super) fn check(asked: &Asked, observed: &Observed, models: &[Model]) -> Vec<Finding> {
    match &observed.ended {
        Ended::Answer(answer) => check_answer(asked, observed, answer, models),
        Ended::Stream(events) => {
            let seen = StreamSeen {
                asked,
                events,
                is_complete: true,
            };
            let broken = broken(stream::rules(), &seen);
            if broken.is_empty() {
                check_answer(asked, observed, &join(events), models)
            } else {
                broken
            }
        }
        Ended::Count(count) => broken(
            catalogue::count_rules(),
            &CountSeen {
                asked,
                count,
                models,
            },
        ),
        Ended::Models(listed) => broken(
            catalogue::rules(),
            &CatalogueSeen {
                asked: None,
                listed,
                models: &[],
            },
        ),
        Ended::Model(model) => {
            let listed = std::slice::from_ref(&**model);
            let seen = CatalogueSeen {
                asked: Some(&asked.request.model),
                listed,
                models,
            };
            broken(catalogue::rules(), &seen)
        }
        Ended::Failed(status, events) => {
            let stream = StreamSeen {
                asked,
                events,
                is_complete: false,
            };
            let mut findings = broken(stream::rules(), &stream);
            let seen = FailureSeen::new(asked, status, events, &observed.headers);
            findings.extend(broken(failure::rules(), &seen));
            findings
        }
        Ended::Late => {
            let problem = format!("nothing came within {:?} and a second more", asked.timeout);
            vec![Finding::new(ENDS_IN_TIME.0, problem)]
        }
    }
}

fn check_answer(
    asked: &Asked,
    observed: &Observed,
    answer: &InvokeResponse,
    models: &[Model],
) -> Vec<Finding> {
    let Some(seen) = AnswerSeen::new(asked, observed, answer, models) else {
        let problem = "the answer has no message or no metadata";
        return vec![Finding::new(IS_WHOLE.0, problem.to_owned())];
    };
    let tables = [
        answer::rules(),
        content::rules(),
        ledger::rules(),
        cost::rules(),
    ];
    tables
        .into_iter()
        .flat_map(|rules| broken(rules, &seen))
        .collect()
}

fn broken<T>(rules: Vec<Rule<T>>, seen: &T) -> Vec<Finding> {
    rules
        .into_iter()
        .filter_map(|rule| {
            let problem = (rule.check)(seen).err()?;
            Some(Finding::new(rule.name, problem))
        })
        .collect()
}

/// `Ok` if it holds, else the problem.
fn holds(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}
