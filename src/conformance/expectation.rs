//! What must come of a call, beyond the rules that always hold. As it stands in case files.

use serde::Deserialize;
use serde_json::Value;

/// What must come of a call. What is not said is not asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectation {
    /// It fails, in this way.
    pub(super) error: Option<ExpectedError>,
    /// The text of the answer.
    pub(super) text: Option<ExpectedText>,
    /// Names of the stop reasons that are right. Empty: any.
    pub(super) stop_reason: Vec<String>,
    /// Kinds of blocks that the answer has: `text`, `tool_use`, `reasoning`, …
    pub(super) blocks: Vec<String>,
    /// The calls of tools.
    pub(super) tool_use: Option<ExpectedToolUse>,
    /// The tokens.
    pub(super) usage: Option<ExpectedUsage>,
    /// The ledger, attempt by attempt.
    pub(super) attempts: Option<Vec<ExpectedAttempt>>,
    /// Fields that were changed for the model which answered.
    pub(super) adjustments: Option<Vec<String>>,
    /// The events of a stream.
    pub(super) events: Option<ExpectedEvents>,
    /// The result of CountTokens.
    pub(super) input_tokens: Option<Range>,
    /// What both ways of a call must have in common.
    pub(super) same: Option<Same>,
    /// Of these, one is a part of what an emulator was sent. Only where one is known.
    pub(super) sent: Vec<Value>,
}

impl Expectation {
    /// The members that say something.
    pub(super) fn members(&self) -> Vec<&'static str> {
        let members = [
            ("error", self.error.is_some()),
            ("text", self.text.is_some()),
            ("stop_reason", !self.stop_reason.is_empty()),
            ("blocks", !self.blocks.is_empty()),
            ("tool_use", self.tool_use.is_some()),
            ("usage", self.usage.is_some()),
            ("attempts", self.attempts.is_some()),
            ("adjustments", self.adjustments.is_some()),
            ("events", self.events.is_some()),
            ("input_tokens", self.input_tokens.is_some()),
            ("same", self.same.is_some()),
            ("sent", !self.sent.is_empty()),
        ];
        let there = members.into_iter().filter(|(_, is_there)| *is_there);
        there.map(|(name, _)| name).collect()
    }

    /// The ranges that are set, by the members in which they stand.
    pub(super) fn ranges(&self) -> Vec<(&'static str, Range)> {
        let usage = self.usage.clone().unwrap_or_default();
        let events = self.events.clone().unwrap_or_default();
        let ranges = [
            ("usage.input_tokens", usage.input_tokens),
            ("usage.output_tokens", usage.output_tokens),
            ("events.deltas", events.deltas),
            ("events.heartbeats", events.heartbeats),
            ("events.discarded", events.discarded),
            ("input_tokens", self.input_tokens),
        ];
        let set = ranges.into_iter();
        set.filter_map(|(name, range)| Some((name, range?)))
            .collect()
    }
}

/// How a call fails.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedError {
    /// Name of the gRPC status code.
    pub(super) code: String,
    /// `ErrorInfo.reason`.
    pub(super) reason: String,
    /// Exactly the fields that `BadRequest` names, in any order.
    pub(super) fields: Option<Vec<String>>,
    /// Whether `RetryInfo` is there.
    pub(super) retry_delay: Option<bool>,
    /// `InvocationFailure.output_started`.
    pub(super) output_started: Option<bool>,
}

/// The text of an answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ExpectedText {
    /// Whether it is blank.
    pub(super) blank: Option<bool>,
    /// Exactly this.
    pub(super) equals: Option<String>,
    /// One of these is in it, upper and lower case alike. Empty: anything.
    pub(super) contains_any: Vec<String>,
    /// None of these is in it.
    pub(super) contains_none: Vec<String>,
    /// It is JSON that fits this schema.
    pub(super) json_schema: Option<Value>,
}

/// The calls of tools in an answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedToolUse {
    /// Name of the tool.
    pub(super) name: String,
    /// What the input of each call must fit.
    pub(super) input_schema: Option<Value>,
}

/// Tokens of an answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ExpectedUsage {
    /// `Usage.input_tokens`.
    pub(super) input_tokens: Option<Range>,
    /// `Usage.output_tokens`.
    pub(super) output_tokens: Option<Range>,
}

/// Bounds, both included.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Range {
    /// At least.
    pub(super) min: Option<i64>,
    /// At most.
    pub(super) max: Option<i64>,
}

/// One line of the ledger.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedAttempt {
    /// Registry name; may be a placeholder.
    pub(super) model: Option<String>,
    /// Name of `Attempt.State`.
    pub(super) state: String,
    /// Name of `ErrorReason`, without its prefix.
    pub(super) reason: Option<String>,
}

/// The events of a stream.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ExpectedEvents {
    /// Deltas.
    pub(super) deltas: Option<Range>,
    /// Heartbeats.
    pub(super) heartbeats: Option<Range>,
    /// Events that take back what came before.
    pub(super) discarded: Option<Range>,
}

/// What a whole answer and a streamed one must have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Same {
    /// Message, stop reason and usage: for models that always say the same.
    #[default]
    Content,
    /// Kinds of blocks, names of tools, stop reason and input tokens.
    Shape,
}
