//! Runs one case: whether it may run now, what it may cost, and its scenario.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::conformance::budget;
use crate::conformance::budget::Budget;
use crate::conformance::call::Client;
use crate::conformance::calls::Calls;
use crate::conformance::estimate::estimate;
use crate::conformance::messages::Message;
use crate::conformance::observation::Ended;
use crate::conformance::placeholders::OTHER;
use crate::conformance::plan::Item;
use crate::conformance::result::CaseResult;
use crate::conformance::result::Finding;
use crate::conformance::result::Outcome;
use crate::conformance::scenarios::ControlError;
use crate::conformance::scenarios::EmulatorControl;
use crate::proto::GetModelRequest;
use crate::proto::Model;
use crate::proto::model::State;
use crate::proto::routing_config::FallbackMode;

/// How long a model that the gateway passes over is waited for, and how often it is asked about.
const RECOVERY: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);

/// Time to be told of a model. The gateway answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why what was left did not run.
const INTERRUPTED: &str = "interrupted";

/// Runs cases against one gateway.
pub(super) struct Executor<'a> {
    pub(super) client: Client,
    /// For lists in pages, which a client does not make.
    pub(super) channel: Channel,
    pub(super) models: &'a [Model],
    pub(super) budget: &'a Budget,
    pub(super) emulator: Option<&'a EmulatorControl>,
    /// Nothing is begun any more, and what runs is broken off.
    pub(super) interrupted: &'a CancellationToken,
}

impl Executor<'_> {
    /// Runs one case to its end.
    pub(super) async fn run(&self, item: &Item<'_>) -> CaseResult {
        if let Some(reason) = &item.skip {
            return CaseResult::skipped(item, reason);
        }
        // Faults that were played before may have made the gateway pass over the model.
        let is_played = item.case.scenarios.is_some();
        let was_suspended = is_played && self.is_suspended(item).await;
        let result = self.run_once(item).await;
        let has_failed = matches!(result.outcome, Outcome::Failed { .. });
        if !(was_suspended && has_failed) {
            return result;
        }
        let limit = Instant::now() + RECOVERY;
        while self.is_suspended(item).await {
            if Instant::now() > limit || self.interrupted.is_cancelled() {
                let reason = "the gateway passes over the model after the faults before";
                return CaseResult::skipped(item, reason);
            }
            sleep(LOOK).await;
        }
        self.run_once(item).await
    }

    /// Whether the gateway passes over a model of the case.
    async fn is_suspended(&self, item: &Item<'_>) -> bool {
        let other = item.names.other.iter();
        let other = other.filter(|_| item.case.mentions(OTHER));
        for name in item.names.model.iter().chain(other) {
            let name = name.clone();
            let observed = self.client.model(GetModelRequest { name }, TIMEOUT).await;
            if let Ended::Model(model) = observed.ended
                && model.state() == State::Suspended
            {
                return true;
            }
        }
        false
    }

    async fn run_once(&self, item: &Item<'_>) -> CaseResult {
        if self.interrupted.is_cancelled() {
            return CaseResult::skipped(item, INTERRUPTED);
        }
        let Some(estimate) = self.estimate(item) else {
            let reason = format!("budget: no price in {} is known", budget::CURRENCY);
            return CaseResult::skipped(item, &reason);
        };
        let Some(reserved) = self.budget.reserve(estimate).await else {
            return CaseResult::skipped(item, "budget: it might cost more than is left");
        };
        let mut calls = Calls::of(self, item);
        let is_whole = match self.play(item, &mut calls).await {
            Ok(is_whole) => is_whole,
            Err(error) => {
                calls.note(Finding::new("emulator", error.to_string()));
                true
            }
        };
        self.budget
            .settle(reserved, calls.spent(is_whole, estimate));
        calls.into_result(is_whole, INTERRUPTED)
    }

    /// The most that the calls of a case may cost; none if a price is not known.
    fn estimate(&self, item: &Item<'_>) -> Option<i64> {
        let (true, Ok(Message::Invoke(request))) = (self.budget.is_limited(), &item.message) else {
            return Some(0);
        };
        let routing = request.routing_config.clone().unwrap_or_default();
        let answering: Vec<&Model> = match item.model {
            Some(model) if routing.fallback_mode() == FallbackMode::Disabled => vec![model],
            Some(_) | None => self.models.iter().collect(),
        };
        estimate(item.case, request, &item.names, answering.into_iter())
    }

    /// Makes the calls while the emulator plays its part. Whether it came to their end.
    async fn play(&self, item: &Item<'_>, calls: &mut Calls<'_>) -> Result<bool, ControlError> {
        let scenarios = item.case.scenarios.iter().flatten();
        let scenarios: Vec<(String, &Value)> = scenarios
            .map(|(name, scenario)| (item.names.fill_text(name), scenario))
            .collect();
        let Some(emulator) = self.emulator.filter(|_| !scenarios.is_empty()) else {
            return self.call(calls).await;
        };
        let played = emulator.begin(scenarios).await?;
        let called = self.call(calls).await;
        emulator.end(played).await?;
        called
    }

    async fn call(&self, calls: &mut Calls<'_>) -> Result<bool, ControlError> {
        tokio::select! {
            made = calls.make() => made.map(|()| true),
            () = self.interrupted.cancelled() => Ok(false),
        }
    }
}
