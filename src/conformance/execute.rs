//! Runs one case: its scenario, its calls, the rules, and what it expects.

use std::time::Duration;

use serde_json::Value;

use crate::client::join;
use crate::conformance::budget;
use crate::conformance::budget::Budget;
use crate::conformance::call::Client;
use crate::conformance::case::Call;
use crate::conformance::conversation;
use crate::conformance::expect;
use crate::conformance::expectation::Expectation;
use crate::conformance::messages;
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
use crate::conformance::scenarios::EmulatorControl;
use crate::proto::InvokeRequest;
use crate::proto::InvokeResponse;
use crate::proto::InvokeStreamRequest;
use crate::proto::Model;
use crate::proto::routing_config::FallbackMode;

/// Runs cases against one gateway.
pub(super) struct Executor<'a> {
    pub(super) client: Client,
    pub(super) models: &'a [Model],
    pub(super) budget: &'a Budget,
    pub(super) emulator: Option<&'a EmulatorControl>,
}

/// What a case has found so far.
struct Run<'a> {
    executor: &'a Executor<'a>,
    item: &'a Item<'a>,
    result: CaseResult,
    findings: Vec<Finding>,
    /// What was spent, as far as that is known.
    spent_nanos: i64,
    /// Whether something was spent that nobody knows the price of.
    spent_more: bool,
}

impl Executor<'_> {
    /// Runs one case to its end.
    pub(super) async fn run(&self, item: &Item<'_>) -> CaseResult {
        let mut result = CaseResult::of(item);
        if let Some(reason) = &item.skip {
            result.outcome = Outcome::Skipped {
                reason: reason.clone(),
            };
            return result;
        }
        let estimate = match self.estimate(item) {
            Ok(estimate) => estimate,
            Err(reason) => {
                result.outcome = Outcome::Skipped { reason };
                return result;
            }
        };
        let Some(reserved) = self.budget.reserve(estimate) else {
            result.outcome = Outcome::Skipped {
                reason: "budget: it might cost more than is left".to_owned(),
            };
            return result;
        };
        let mut run = Run {
            executor: self,
            item,
            result,
            findings: Vec::new(),
            spent_nanos: 0,
            spent_more: false,
        };
        if let Err(error) = run.play().await {
            run.findings
                .push(Finding::new("emulator", error.to_string()));
        }
        let least = if run.spent_more { estimate } else { 0 };
        self.budget.settle(reserved, run.spent_nanos.max(least));
        if !run.findings.is_empty() {
            run.result.outcome = Outcome::Failed {
                findings: run.findings,
            };
        }
        run.result
    }

    /// The most that the calls of a case may cost.
    fn estimate(&self, item: &Item<'_>) -> Result<i64, String> {
        // Refusals cost nothing. Should the gateway answer instead, that is counted.
        if !self.budget.is_limited()
            || !item.case.call.is_answered()
            || item.case.expect.error.is_some()
        {
            return Ok(0);
        }
        let request: InvokeRequest = messages::read(&item.request)?;
        let asked = Asked::new(request.clone(), Duration::ZERO);
        let answering: Vec<&Model> = match item.model {
            Some(model) if asked.only_this_model => vec![model],
            Some(_) | None => self.models.iter().collect(),
        };
        let one = budget::estimate(&request, answering.into_iter());
        let one =
            one.ok_or_else(|| format!("budget: no price in {} is known", budget::CURRENCY))?;
        let ways = if item.case.call == Call::InvokeAndStream {
            2
        } else {
            1
        };
        let mut all = one.saturating_mul(ways);
        for (number, _) in (2..).zip(&item.case.then) {
            // Each repeats what came before it.
            all = all.saturating_add(one.saturating_mul(number));
        }
        Ok(all)
    }
}

impl Asked {
    fn new(request: InvokeRequest, timeout: Duration) -> Self {
        let routing = request.routing_config.clone().unwrap_or_default();
        Self {
            only_this_model: routing.fallback_mode() == FallbackMode::Disabled,
            request,
            asks_models: true,
            timeout,
            ..Self::default()
        }
    }
}

impl Run<'_> {
    /// Makes the calls while the emulator plays its part.
    async fn play(&mut self) -> Result<(), ControlError> {
        let scenarios = self.item.case.scenarios.iter().flatten();
        let scenarios: Vec<(String, &Value)> = scenarios
            .map(|(name, scenario)| (self.item.names.fill_text(name), scenario))
            .collect();
        let Some(emulator) = self.executor.emulator.filter(|_| !scenarios.is_empty()) else {
            self.calls().await;
            return Ok(());
        };
        for (model, scenario) in &scenarios {
            emulator.set(model, scenario).await?;
        }
        self.calls().await;
        for (model, _) in &scenarios {
            emulator.clear(model).await?;
        }
        Ok(())
    }

    async fn calls(&mut self) {
        let item = self.item;
        let (client, timeout) = (&self.executor.client, item.case.timeout);
        let expected = &item.case.expect;
        match item.case.call {
            Call::Invoke | Call::Stream => self.conversation().await,
            Call::InvokeAndStream => {
                let Some(asked) = self.asked() else { return };
                let whole = client.invoke(&asked).await;
                let streamed = client.stream(&asked).await;
                let answers =
                    [whole, streamed].map(|observed| self.judge(&asked, &observed, expected));
                if let [Some(whole), Some(joined)] = answers {
                    self.findings
                        .extend(rules::compare_ways(&whole, &joined, expected.same));
                }
            }
            Call::CountTokens => {
                if let Some(message) = self.message() {
                    let asked = self.asked_for_model();
                    let observed = client.count_tokens(message, timeout).await;
                    self.judge(&asked, &observed, expected);
                }
            }
            Call::ListModels => {
                if let Some(message) = self.message() {
                    let observed = client.list_models(message, timeout).await;
                    self.judge(&self.asked_for_model(), &observed, expected);
                }
            }
            Call::GetModel => {
                if let Some(message) = self.message() {
                    let observed = client.model(message, timeout).await;
                    self.judge(&self.asked_for_model(), &observed, expected);
                }
            }
        }
    }

    /// Calls until the conversation is over, or something is wrong.
    async fn conversation(&mut self) {
        let case = self.item.case;
        let Some(mut asked) = self.asked() else {
            return;
        };
        let mut steps = case.then.iter();
        let mut expected = &case.expect;
        loop {
            let observed = if case.call == Call::Stream {
                self.executor.client.stream(&asked).await
            } else {
                self.executor.client.invoke(&asked).await
            };
            let answer = self.judge(&asked, &observed, expected);
            let (Some(answer), Some(step)) = (answer, steps.next()) else {
                return;
            };
            if !self.findings.is_empty() {
                return;
            }
            match conversation::next(&asked.request, &answer.message.unwrap_or_default(), step) {
                Ok(request) => asked.request = request,
                Err(problem) => {
                    self.findings.push(Finding::new("expect.then", problem));
                    return;
                }
            }
            expected = &step.expect;
        }
    }

    /// The request of a model, and its stream options.
    fn asked(&mut self) -> Option<Asked> {
        let case = self.item.case;
        let request = self.message()?;
        let mut asked = Asked::new(request, case.timeout);
        if case.call.streams() {
            let stream =
                messages::with_stream_options(&self.item.request, case.stream_options.as_ref());
            let stream: InvokeStreamRequest = self.read(&stream)?;
            asked.stream_options = stream.stream_options.unwrap_or_default();
        }
        Some(asked)
    }

    /// Of calls that no model answers.
    fn asked_for_model(&self) -> Asked {
        let name = self
            .item
            .request
            .get("model")
            .or_else(|| self.item.request.get("name"));
        let request = InvokeRequest {
            model: name.and_then(Value::as_str).unwrap_or_default().to_owned(),
            ..InvokeRequest::default()
        };
        Asked {
            request,
            timeout: self.item.case.timeout,
            asks_models: false,
            ..Asked::default()
        }
    }

    fn message<T: prost::Message + prost::Name + Default>(&mut self) -> Option<T> {
        self.read(&self.item.request)
    }

    /// A case that was read has a message; a name of a model could still spoil it.
    fn read<T: prost::Message + prost::Name + Default>(&mut self, value: &Value) -> Option<T> {
        match messages::read(value) {
            Ok(message) => Some(message),
            Err(problem) => {
                self.findings.push(Finding::new("request", problem));
                None
            }
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
            Some(cost) => self.spent_nanos += cost.nanos,
            None => self.spent_more |= may_have_cost(observed),
        }
        self.result.calls.push(figures);
        self.result
            .answers
            .extend(answer.as_ref().map(|answer| answer.text.clone()));
        answer
    }
}

/// Whether a model may have worked although nobody says at what price.
fn may_have_cost(observed: &Observed) -> bool {
    match &observed.ended {
        Ended::Answer(_) | Ended::Stream(_) | Ended::Late => true,
        Ended::Failed(status, _) => {
            invocation_failure(status).is_some_and(|failure| failure.output_started)
        }
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
