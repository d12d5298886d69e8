//! What a run found: case by case, and in sum. The JSON report is this, and reads back.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use crate::conformance::case::Family;
use crate::conformance::compare::Comparison;
use crate::conformance::figures::Figures;

/// Version of the JSON report. Another one is refused.
pub(super) const VERSION: u32 = 2;

/// A rule or an expectation that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Name of the rule; `expect.` and a member for what the case itself asks for.
    pub rule: String,
    /// What is wrong. Says nothing of what was asked or answered.
    pub problem: String,
}

impl Finding {
    pub(super) fn new(rule: &str, problem: String) -> Self {
        Self {
            rule: rule.to_owned(),
            problem,
        }
    }
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing was broken.
    Passed,
    /// Something was.
    Failed {
        /// What, at least one.
        findings: Vec<Finding>,
    },
    /// It did not run.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// An amount of money, by the registry's prices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// ISO 4217 code.
    pub currency: String,
    /// Billionths of the unit.
    pub nanos: i64,
}

/// One call of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallFigures {
    /// Whether a model answered.
    pub answered: bool,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// When the content of a stream began, in milliseconds.
    pub first_content_ms: Option<f64>,
    /// Tokens read, those in the cache included.
    pub input_tokens: i64,
    /// Tokens generated.
    pub output_tokens: i64,
    /// Price of all attempts, if it is known.
    pub cost: Option<Money>,
}

/// What came of one case, for one model or for the gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The model; none if the case is about the gateway.
    pub model: Option<String>,
    /// Name of the case.
    pub case: String,
    /// What it is about.
    pub family: Family,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Whether an emulator played a scenario, so that times say nothing of the model.
    pub played: bool,
    /// Its calls.
    pub calls: Vec<CallFigures>,
    /// Texts of the answers, for those who want to see them. In no report but on request.
    #[serde(skip)]
    pub answers: Vec<String>,
}

/// What became of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spending {
    /// What might be spent, in billionths of a dollar.
    pub budget_nanos: i64,
    /// What was spent, by the registry's prices; where nobody knows, what was set aside.
    pub spent_nanos: i64,
    /// Cases that did not run because they might have exceeded it.
    pub refused: u32,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Version of this format.
    pub version: u32,
    /// What was called: an address, or what stands behind a gateway of the command's own.
    pub gateway: String,
    /// When the run began.
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: f64,
    /// Whether an emulator was known, so that scenarios were played.
    pub emulated: bool,
    /// Whether slow cases were left out.
    pub quick: bool,
    /// Whether the run was interrupted before its end.
    pub interrupted: bool,
    /// What became of the budget, if there was one.
    pub budget: Option<Spending>,
    /// Models that the gateway passed over after failures when the run began.
    pub suspended: Vec<String>,
    /// Everything together.
    pub totals: Figures,
    /// Each model; one without a name for the gateway's own cases.
    pub models: Vec<Figures>,
    /// Case by case, in the order of models and names.
    pub results: Vec<CaseResult>,
    /// What changed since an earlier report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

impl Report {
    /// Reads a JSON report.
    ///
    /// # Errors
    /// What is wrong with it; first of all, another version.
    pub fn read(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let head: Head = serde_json::from_str(text)
            .map_err(|error| format!("is no JSON report of conformance: {error}"))?;
        if head.version != VERSION {
            return Err(format!(
                "is of version {}; this program reads version {VERSION}",
                head.version
            ));
        }
        serde_json::from_str(text)
            .map_err(|error| format!("is no JSON report of conformance: {error}"))
    }

    /// Whether the run must not count as passed: something failed, got worse or was left alone by
    /// the gateway, nothing passed, or of the cases for models none ran.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        let got_worse = self.comparison.as_ref().is_some_and(Comparison::is_worse);
        let totals = &self.totals;
        let is_empty = totals.passed == 0 || self.leaves_out_models();
        let is_whole = self.suspended.is_empty() && !self.interrupted;
        totals.failed > 0 || is_empty || got_worse || !is_whole
    }

    /// Whether there were cases for models, and none of them ran.
    pub(super) fn leaves_out_models(&self) -> bool {
        let mut of_models = self.results.iter().filter(|result| result.model.is_some());
        let did_not_run = |result: &CaseResult| matches!(result.outcome, Outcome::Skipped { .. });
        of_models.clone().next().is_some() && of_models.all(did_not_run)
    }
}
