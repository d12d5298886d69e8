//! Makes the calls of a case, and holds them against the rules and what the case expects.

use std::time::Duration;

use tonic_types::StatusExt as _;

use crate::client::join;
use crate::conformance::budget;
use crate::conformance::case::Call;
use crate::conformance::conversation;
use crate::conformance::execute::Executor;
use crate::conformance::expect;
use crate::conformance::expectation::Expectation;
use crate::conformance::messages::Message;
use crate::conformance::models;
use crate::conformance::observation::Asked;
use crate::conformance::observation::Ended;
use crate::conformance::observation::Observed;
use crate::conformance::observation::invocation_failure;
use crate::conformance::plan::Item;
use crate::conformance::result::CallFigures;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Finding;
use crate::conformance::result::Money;
use crate::conformance::result::Outcome;
use crate::conformance::rules;
use crate::conformance::scenarios::ControlError;
use crate::conformance::sent;
use crate::proto::Attempt;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::attempt::State;
use crate::proto::routing_config::FallbackMode;

/// The calls of a case, and what was found so far.
pub(super) struct Calls<'a> {
    executor: &'a Executor<'a>,
    item: &'a Item<'a>,
    result: CaseResult,
    findings: Vec<Finding>,
    /// The last call that the emulator saw before the first of these.
    seen_before: u64,
    /// What was spent, as far as that is known.
    spent_nanos: i64,
    /// Whether something was spent that nobody knows the price of.
    spent_more: bool,
}

impl<'a> Calls<'a> {
    pub(super) fn of(executor: &'a Executor<'a>, item: &'a Item<'a>) -> Self {
        Self {
            executor,
            item,
            result: CaseResult::of(item),
            findings: Vec::new(),
            seen_before: 0,
            spent_nanos: 0,
            spent_more: false,
        }
    }

    /// Adds a finding.
    pub(super) fn note(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// What was spent, in billionths of a dollar: at least the estimate where nobody knows.
    pub(super) fn spent(&self, is_whole: bool, estimate: i64) -> i64 {
        if is_whole && !self.spent_more {
            self.spent_nanos
        } else {
            self.spent_nanos.max(estimate)
        }
    }

    /// What came of the case; skipped for this reason if it was broken off.
    pub(super) fn into_result(mut self, is_whole: bool, why: &str) -> CaseResult {
        if !self.findings.is_empty() {
            self.result.outcome = Outcome::Failed {
                findings: self.findings,
            };
        } else if !is_whole {
            self.result.outcome = Outcome::Skipped {
                reason: why.to_owned(),
            };
        }
        self.result
    }

    /// Makes them.
    ///
    /// # Errors
    /// The emulator does not tell what it was sent.
    pub(super) async fn make(&mut self) -> Result<(), ControlError> {
        let (item, client) = (self.item, &self.executor.client);
        if item.case.reads_the_journal()
            && let Some(emulator) = self.executor.emulator
        {
            self.seen_before = emulator.last_call().await?;
        }
        let (timeout, expected) = (item.case.timeout, &item.case.expect);
        let message = match &item.message {
            Ok(message) => message.clone(),
            Err(problem) => {
                self.note(Finding::new("request", problem.clone()));
                return Ok(());
            }
        };
        match message {
            Message::Invoke(request) => {
                let asked = self.asked(*request);
                match item.case.call {
                    Call::InvokeAndStream => self.both_ways(&asked).await?,
                    Call::Invoke
                    | Call::Stream
                    | Call::CountTokens
                    | Call::ListModels
                    | Call::GetModel => self.conversation(asked).await?,
                }
            }
            Message::CountTokens(message) => {
                let asked = asked_for(&message.model, timeout);
                let observed = client.count_tokens(message, timeout).await;
                self.judge(&asked, &observed, expected);
            }
            Message::ListModels(message) if message.page_size > 0 => {
                let models = self.executor.models;
                let size = message.page_size;
                match models::pages(self.executor.channel.clone(), size).await {
                    Ok(pages) => self
                        .findings
                        .extend(rules::check_pages(&pages, size, models)),
                    Err(error) => self.note(Finding::new("expect.answer", error.to_string())),
                }
            }
            Message::ListModels(message) => {
                let observed = client.list_models(message, timeout).await;
                self.judge(&asked_for("", timeout), &observed, expected);
            }
            Message::GetModel(message) => {
                let asked = asked_for(&message.name, timeout);
                let observed = client.model(message, timeout).await;
                self.judge(&asked, &observed, expected);
            }
        }
        Ok(())
    }

    async fn both_ways(&mut self, asked: &Asked) -> Result<(), ControlError> {
        let (client, expected) = (&self.executor.client, &self.item.case.expect);
        let whole = client.invoke(asked).await;
        let streamed = client.stream(asked).await;
        let answers = [whole, streamed].map(|observed| self.judge(asked, &observed, expected));
        if let [Some(whole), Some(joined)] = answers {
            let same = expected.same.unwrap_or_default();
            self.findings
                .extend(rules::compare_ways(&whole, &joined, same));
        }
        self.check_sent(expected).await
    }

    /// Calls until the conversation is over, or something is wrong.
    async fn conversation(&mut self, mut asked: Asked) -> Result<(), ControlError> {
        let case = self.item.case;
        let mut steps = case.then.iter();
        let mut expected = &case.expect;
        loop {
            let observed = if case.call == Call::Stream {
                self.executor.client.stream(&asked).await
            } else {
                self.executor.client.invoke(&asked).await
            };
            let answer = self.judge(&asked, &observed, expected);
            self.check_sent(expected).await?;
            let (Some(answer), Some(step)) = (answer, steps.next()) else {
                return Ok(());
            };
            if !self.findings.is_empty() {
                return Ok(());
            }
            let message = answer.message.unwrap_or_default();
            match conversation::next(&asked.request, &message, step, &self.item.names) {
                Ok(request) => asked.request = request,
                Err(problem) => {
                    self.note(Finding::new("expect.then", problem));
                    return Ok(());
                }
            }
            expected = &step.expect;
        }
    }

    fn asked(&self, request: InvokeRequest) -> Asked {
        let routing = request.routing_config.clone().unwrap_or_default();
        Asked {
            only_this_model: routing.fallback_mode() == FallbackMode::Disabled,
            request,
            stream_options: self.item.case.stream_options.unwrap_or_default(),
            asks_models: true,
            timeout: self.item.case.timeout,
        }
    }

    /// Holds a call against the rules and the case; gives the answer, if there is one.
    fn judge(
        &mut self,
        asked: &Asked,
        observed: &Observed,
        expected: &Expectation,
    ) -> Option<InvokeResponse> {
        self.findings.extend(observed.findings.iter().cloned());
        let findings = rules::check(asked, observed, self.executor.models);
        self.findings.extend(findings);
        self.findings
            .extend(expect::check(expected, observed, &self.item.names));
        let answer = match &observed.ended {
            Ended::Answer(answer) => Some((**answer).clone()),
            Ended::Stream(events) => Some(join(events)),
            Ended::Count(_)
            | Ended::Models(_)
            | Ended::Model(_)
            | Ended::Failed(..)
            | Ended::Late => None,
        };
        let figures = figures(observed, answer.as_ref());
        match &figures.cost {
            Some(cost) if cost.currency == budget::CURRENCY => self.spent_nanos += cost.nanos,
            Some(_) | None => self.spent_more |= may_have_cost(observed),
        }
        self.result.calls.push(figures);
        self.result
            .answers
            .extend(answer.as_ref().map(|answer| answer.text.clone()));
        answer
    }

    /// Holds what the emulator was sent against the case.
    async fn check_sent(&mut self, expected: &Expectation) -> Result<(), ControlError> {
        let Some(emulator) = self.executor.emulator.filter(|_| !expected.sent.is_empty()) else {
            return Ok(());
        };
        let sent = emulator.sent_after(self.seen_before).await?;
        if !sent::is_any_in(&expected.sent, &sent) {
            let problem = "no call that the emulator saw has what was due in it";
            self.note(Finding::new("expect.sent", problem.to_owned()));
        }
        Ok(())
    }
}

/// Of calls that no model answers.
fn asked_for(model: &str, timeout: Duration) -> Asked {
    let request = InvokeRequest {
        model: model.to_owned(),
        ..InvokeRequest::default()
    };
    Asked {
        request,
        timeout,
        ..Asked::default()
    }
}

/// Whether a model may have worked although nobody says at what price.
fn may_have_cost(observed: &Observed) -> bool {
    let was_made = |attempt: &Attempt| match attempt.state() {
        State::Skipped => false,
        State::Unspecified
        | State::Running
        | State::Succeeded
        | State::Failed
        | State::Cancelled => true,
    };
    match &observed.ended {
        Ended::Answer(_) | Ended::Stream(_) | Ended::Late => true,
        Ended::Failed(status, _) => match invocation_failure(status) {
            Some(failure) => failure
                .metadata
                .is_some_and(|metadata| metadata.attempts.iter().any(was_made)),
            // What is no refusal of the gateway says nothing of what went before.
            None => status.get_details_error_info().is_none(),
        },
        Ended::Count(_) | Ended::Models(_) | Ended::Model(_) => false,
    }
}

fn figures(observed: &Observed, answer: Option<&InvokeResponse>) -> CallFigures {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let metadata = observed.metadata().unwrap_or_default();
    let usages = metadata
        .attempts
        .iter()
        .filter_map(|attempt| attempt.usage.as_ref());
    let mut figures = CallFigures {
        answered: answer.is_some(),
        took_ms: milliseconds(observed.took),
        first_content_ms: observed.first_content.map(milliseconds),
        input_tokens: 0,
        output_tokens: 0,
        cost: metadata.total_cost.map(|cost| Money {
            currency: cost.currency_code,
            nanos: cost.total_nanos,
        }),
    };
    for usage in usages {
        figures.input_tokens += i64::from(usage.input_tokens)
            + i64::from(usage.cache_read_input_tokens)
            + i64::from(usage.cache_write_input_tokens);
        figures.output_tokens += i64::from(usage.output_tokens);
    }
    figures
}
