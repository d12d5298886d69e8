//! One case of the fault matrix: a row, in one way, with some models. Runs it, and says all that is
//! not as it must be.

use std::fmt;

use bedrock_gateway::emulator::JournalEntry;
use bedrock_gateway::emulator::Scenario;
use bedrock_gateway::proto::attempt::State;
use serde_json::Value;
use serde_json::json;
use tonic::Code;
use tonic::Status;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_types::StatusExt as _;

use crate::health::check;
use crate::support::Gateway;
use crate::support::failure;
use crate::support::fault_call::PROMPT;
use crate::support::fault_call::Seen;
use crate::support::fault_call::call;
use crate::support::fault_rows::Circuit;
use crate::support::fault_rows::Row;
use crate::support::fault_rows::Stage;
use crate::support::fault_rows::Way;
use crate::support::fault_rows::Windows;
use crate::support::fault_rows::said;
use crate::support::fault_rows::well;

/// Failures in a row that open a circuit.
const OPENS_AFTER: usize = 5;
/// Bound on the details of a status.
const MAX_DETAILS_BYTES: usize = 4_096;

/// Which models have the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ill {
    /// All, all the time.
    All,
    /// All but the last.
    AllButLast,
    /// All, for one call.
    Once,
}

/// One case.
pub(crate) struct Case<'a> {
    row: &'a Row,
    stage: Stage,
    way: Way,
    ill: Ill,
    /// Names of the models, in the order of their letters.
    models: Vec<String>,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row, stage, way, ..
        } = self;
        let (ill, count) = (self.ill, self.models.len());
        write!(f, "{:?} {stage:?}, {way:?}, {ill:?} of {count}", row.fault)
    }
}

/// All cases of a row. `next_model` counts on, so that each has models of its own.
pub(crate) fn cases<'a>(row: &'a Row, next_model: &mut usize) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for &stage in &row.stages {
        for &way in &row.ways {
            if way == Way::Restarted && stage != Stage::AfterCommit {
                // There is nothing to begin anew.
                continue;
            }
            for (count, ill) in [
                (1, Ill::All),
                (1, Ill::Once),
                (2, Ill::All),
                (2, Ill::AllButLast),
                (3, Ill::All),
                (3, Ill::AllButLast),
            ] {
                if ill == Ill::Once && row.calls[0].len() == 1 {
                    // No call is made that could be answered.
                    continue;
                }
                let number = *next_model;
                *next_model += 1;
                let name = |letter| format!("m{number}{letter}");
                cases.push(Case {
                    row,
                    stage,
                    way,
                    ill,
                    models: ["a", "b", "c"].into_iter().take(count).map(name).collect(),
                });
            }
        }
    }
    cases
}

impl Case<'_> {
    /// Whether it ends only by a limit on time.
    pub(crate) fn hangs(&self) -> bool {
        self.row.hangs
    }

    /// Its models as entries of a registry.
    pub(crate) fn registry(&self) -> impl Iterator<Item = (String, Value)> {
        self.models.iter().enumerate().map(|(position, name)| {
            let larger = match self.row.windows {
                Windows::Grow => position,
                Windows::Shrink => 3 - position,
            };
            let entry = json!({
                "modelId": format!("anthropic.claude-{name}-v1:0"),
                "displayName": name,
                "provider": "anthropic",
                "capabilities": [],
                "contextWindow": 100_000 + 10_000 * larger,
                "maxOutputTokens": 8_192,
                "requiresInferenceProfile": false,
                "priority": 1,
                "features": {
                    "tools": true, "streamingTools": true, "promptCaching": true, "sampling": "both",
                },
            });
            (name.clone(), entry)
        })
    }

    /// Runs it, and names what is wrong, with what was expected.
    pub(crate) async fn run(&self, gateway: &Gateway) -> Vec<String> {
        self.set_scenarios(gateway);
        let seen = call(gateway, self.way, &self.models, &self.row.request).await;
        let journal = self.journal(gateway);
        let mut problems = seen.problems.clone();
        self.check_calls(&seen, &journal, &mut problems);
        self.check_end(&seen, &mut problems);
        check_text(&seen, &journal, &mut problems);
        if let Err(status) = &seen.end {
            self.check_details(status, &seen, &mut problems);
        }
        if self.ill == Ill::All {
            self.check_health(gateway, &mut problems).await;
        }
        problems
            .into_iter()
            .map(|problem| format!("{self}: {problem}"))
            .collect()
    }

    fn set_scenarios(&self, gateway: &Gateway) {
        let emulator = gateway.emulator();
        let ill: Scenario = self.row.scenario(self.stage);
        let last = self.models.len() - 1;
        for (position, model) in self.models.iter().enumerate() {
            let is_well = self.ill == Ill::Once || self.ill == Ill::AllButLast && position == last;
            emulator.set_scenario(model, if is_well { well() } else { ill.clone() });
            if self.ill == Ill::Once {
                emulator.push_scenario(model, ill.clone());
            }
        }
    }

    /// The upstream calls of this case, in order.
    fn journal(&self, gateway: &Gateway) -> Vec<JournalEntry> {
        let mut journal = gateway.emulator().journal();
        journal.retain(|entry| {
            let model = entry.model.as_ref();
            model.is_some_and(|model| self.models.contains(model))
        });
        journal
    }

    /// Whether content reached the caller before the fault.
    fn is_committed(&self) -> bool {
        let is_streamed = match self.way {
            Way::Stream | Way::Restarted => true,
            Way::Unary | Way::Gathered => false,
        };
        is_streamed && self.stage == Stage::AfterCommit
    }

    /// Whether nothing may follow on the fault.
    fn is_final(&self) -> bool {
        self.is_committed() && self.way == Way::Stream
    }

    /// The upstream calls that must be made, as letters.
    fn expected_calls(&self) -> String {
        let row = self.row;
        if self.is_final() {
            return "a".to_owned();
        }
        let of_all = &row.calls[self.models.len() - 1];
        match (self.ill, &row.rescued) {
            (Ill::All, _) | (Ill::AllButLast, None) => of_all.clone(),
            (Ill::AllButLast, Some(rescued)) => rescued[self.models.len() - 2].clone(),
            (Ill::Once, _) => of_all.chars().take(2).collect(),
        }
    }

    fn is_answered(&self) -> bool {
        let is_answered = match self.ill {
            Ill::All => false,
            Ill::AllButLast => self.row.rescued.is_some(),
            Ill::Once => self.row.calls[0].len() > 1,
        };
        is_answered && !self.is_final()
    }

    fn check_calls(&self, seen: &Seen, journal: &[JournalEntry], problems: &mut Vec<String>) {
        let letters = |models: Vec<&str>| -> String {
            models
                .iter()
                .filter_map(|model| model.chars().last())
                .collect()
        };
        let made = letters(journal.iter().filter_map(|e| e.model.as_deref()).collect());
        let told = seen.attempts.iter();
        let told = told.filter(|attempt| attempt.state() != State::Skipped);
        let told = letters(told.map(|attempt| attempt.model.as_str()).collect());
        expect(problems, "upstream calls", &self.expected_calls(), &made);
        expect(problems, "ledger, beside the upstream calls", &made, &told);
    }

    fn check_end(&self, seen: &Seen, problems: &mut Vec<String>) {
        let expected = match (self.is_answered(), self.is_committed()) {
            (true, _) => "OK".to_owned(),
            (false, true) => "ABORTED STREAM_INTERRUPTED".to_owned(),
            (false, false) => format!("{} {}", self.row.code, self.row.reason),
        };
        let actual = match &seen.end {
            Ok(()) => "OK".to_owned(),
            Err(status) => {
                let info = status.get_details_error_info();
                let reason = info.map_or_else(String::new, |info| info.reason);
                format!("{} {reason}", code_name(status.code()))
            }
        };
        expect(problems, "end", &expected, &actual);
        let failures = seen.attempts.iter();
        for attempt in failures.filter(|attempt| attempt.state() == State::Failed) {
            let reason = attempt.error.clone().unwrap_or_default().reason();
            let expected = format!("ERROR_REASON_{}", self.row.reason);
            expect(problems, "cause", expected.as_str(), reason.as_str_name());
        }
    }

    async fn check_health(&self, gateway: &Gateway, problems: &mut Vec<String>) {
        let is_alone = self.models.len() == 1;
        let calls = self.expected_calls();
        for model in &self.models {
            let letter = model.chars().last().unwrap();
            let called = calls.matches(letter).count();
            let expected = match self.row.circuit {
                _ if called == 0 => ServingStatus::Serving,
                Circuit::Ignores | Circuit::Counts => ServingStatus::Serving,
                Circuit::CoolsBriefly => continue,
                Circuit::Cools | Circuit::Disables => ServingStatus::NotServing,
            };
            let health = check(gateway, &format!("models/{model}")).await;
            expect(problems, "health of the model", &expected, &health);
        }
        if is_alone && self.row.circuit == Circuit::Counts {
            self.check_opening(gateway, calls.len(), problems).await;
        }
        if is_alone {
            for name in ["", "liveness"] {
                let health = check(gateway, name).await;
                expect(
                    problems,
                    "health of the gateway",
                    &ServingStatus::Serving,
                    &health,
                );
            }
        }
    }

    /// Calls until a circuit must be open.
    async fn check_opening(&self, gateway: &Gateway, calls: usize, problems: &mut Vec<String>) {
        let mut failures = calls;
        while failures < OPENS_AFTER {
            call(gateway, self.way, &self.models, &self.row.request).await;
            failures += calls;
        }
        let health = check(gateway, &format!("models/{}", self.models[0])).await;
        let what = format!("health of the model after {failures} failures");
        expect(problems, &what, &ServingStatus::NotServing, &health);
    }

    fn check_details(&self, status: &Status, seen: &Seen, problems: &mut Vec<String>) {
        let waits = self.row.waits && !self.is_committed();
        let hints = [
            status.get_details_retry_info().is_some(),
            status.metadata().get("grpc-retry-pushback-ms").is_some(),
        ];
        expect(problems, "RetryInfo and pushback", &[waits; 2], &hints);
        let failure = failure(status);
        let started = failure.output_started;
        expect(problems, "output_started", &self.is_committed(), &started);
        expect(
            problems,
            "content was sent",
            &started,
            &!seen.text.is_empty(),
        );
        let size = status.details().len();
        expect(
            problems,
            "small details",
            &true,
            &(size <= MAX_DETAILS_BYTES),
        );
        let details = String::from_utf8_lossy(status.details()).into_owned();
        let told = details.contains(PROMPT) || status.message().contains(PROMPT);
        expect(problems, "prompt in the status", &false, &told);
    }
}

/// What came must have been said in the last call, and all of it if the call was answered.
fn check_text(seen: &Seen, journal: &[JournalEntry], problems: &mut Vec<String>) {
    let said = journal
        .last()
        .map_or_else(String::new, |last| said(last.number));
    match &seen.end {
        Ok(()) => expect(
            problems,
            "all of the last call's text",
            &true,
            &(said == seen.text),
        ),
        Err(_) if !said.starts_with(&seen.text) => {
            problems.push("text of another call than the last".to_owned());
        }
        Err(_) => {}
    }
}

fn expect<T: PartialEq + fmt::Debug + ?Sized>(
    problems: &mut Vec<String>,
    what: &str,
    expected: &T,
    actual: &T,
) {
    if expected != actual {
        problems.push(format!("{what}: expected {expected:?}, was {actual:?}"));
    }
}

/// A code as gRPC spells it.
fn code_name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_uppercase());
    }
    name
}
