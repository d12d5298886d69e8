//! A case: one thing that is asked of a gateway, and what must come of it.
//!
//! `docs/conformance.md` describes the files; `case_file` reads them.

use std::iter;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

use crate::conformance::expectation::Expectation;
use crate::proto::Capability;
use crate::proto::StreamOptions;

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name of its file, without the ending. Unique.
    pub name: String,
    /// What it shows, as a sentence.
    pub title: String,
    /// What it is about.
    pub family: Family,
    /// How the gateway is called.
    pub call: Call,
    /// How often it runs.
    pub each: Each,
    /// What a model must be able to do.
    pub needs: Vec<Capability>,
    /// The request as proto JSON, placeholders included.
    pub(super) request: Value,
    /// `InvokeStreamRequest.stream_options`.
    pub(super) stream_options: Option<StreamOptions>,
    /// Deadline of each call.
    pub(super) timeout: Duration,
    /// What models of the emulator do meanwhile, in the emulator's own language.
    pub(super) scenarios: Option<Map<String, Value>>,
    /// What must come of the first call.
    pub(super) expect: Expectation,
    /// Calls that go on with the conversation.
    pub(super) then: Vec<Step>,
}

/// A call that goes on with the conversation: the answer before it is repeated, then comes this.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// What the user says.
    pub(super) prompt: Option<String>,
    /// What every tool that the answer called has returned, as `ToolResultBlock.content`.
    pub(super) tool_result: Option<Value>,
    /// Fields of the request that replace those of the call before, as proto JSON.
    pub(super) request: Value,
    /// What must come of it.
    pub(super) expect: Expectation,
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Whole answers.
    Unary,
    /// Streamed answers.
    Streaming,
    /// Inference parameters, instructions, conversations.
    Variations,
    /// Calls of tools.
    Tools,
    /// Pictures.
    Images,
    /// Files.
    Documents,
    /// Reasoning.
    Reasoning,
    /// Answers that fit a JSON schema.
    StructuredOutput,
    /// Counting tokens.
    TokenCounting,
    /// Errors on purpose.
    Errors,
    /// What the registry says.
    Models,
    /// Retries, fallback and broken answers, played by an emulator.
    Faults,
}

impl Family {
    /// As in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::Streaming => "streaming",
            Self::Variations => "variations",
            Self::Tools => "tools",
            Self::Images => "images",
            Self::Documents => "documents",
            Self::Reasoning => "reasoning",
            Self::StructuredOutput => "structured_output",
            Self::TokenCounting => "token_counting",
            Self::Errors => "errors",
            Self::Models => "models",
            Self::Faults => "faults",
        }
    }
}

/// How the gateway is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `InferenceService.Invoke`.
    Invoke,
    /// `InferenceService.InvokeStream`.
    Stream,
    /// Both, with the same request.
    InvokeAndStream,
    /// `InferenceService.CountTokens`.
    CountTokens,
    /// `ModelService.ListModels`.
    ListModels,
    /// `ModelService.GetModel`.
    GetModel,
}

impl Call {
    /// Whether it streams, if not only that.
    pub(super) fn streams(self) -> bool {
        matches!(self, Self::Stream | Self::InvokeAndStream)
    }
}

/// How often a case runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// Once for each model.
    #[default]
    Model,
    /// Once for the gateway.
    Gateway,
}

impl Case {
    /// Whether `--quick` leaves it out.
    #[must_use]
    pub fn is_slow(&self) -> bool {
        self.call.streams() || matches!(self.family, Family::Streaming | Family::Variations)
    }

    /// What must come of each of its calls.
    pub(super) fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        let steps = self.then.iter().map(|step| &step.expect);
        iter::once(&self.expect).chain(steps)
    }

    /// Whether it looks at what an emulator was sent.
    pub(super) fn reads_the_journal(&self) -> bool {
        self.expectations().any(|expect| !expect.sent.is_empty())
    }

    /// Whether a placeholder stands in a text that is filled in.
    pub(super) fn mentions(&self, placeholder: &str) -> bool {
        let attempts = self.expectations().flat_map(|expect| &expect.attempts);
        let models = attempts.flatten().filter_map(|one| one.model.clone());
        let scenarios = self.scenarios.iter().flat_map(Map::keys).cloned();
        let steps = self.then.iter().flat_map(|step| {
            let result = step.tool_result.as_ref().map(Value::to_string);
            let texts = [step.prompt.clone(), result, Some(step.request.to_string())];
            texts.into_iter().flatten()
        });
        iter::once(self.request.to_string())
            .chain(models)
            .chain(scenarios)
            .chain(steps)
            .any(|text| text.contains(placeholder))
    }
}
