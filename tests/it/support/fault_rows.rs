//! The fault matrix as data: what goes wrong, in which ways it is met, and what must follow.

use bedrock_gateway::emulator::Fault;
use bedrock_gateway::emulator::Reply;
use bedrock_gateway::emulator::Scenario;
use serde::Deserialize;
use serde_json::Value;

/// Text of which any part tells by which upstream call it was said.
const NONCE: &str = "[{call}]";
/// How often it is said.
const NONCES: usize = 20;

/// `tests/fixtures/faults.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Matrix {
    /// What the emulator can play.
    pub(crate) rows: Vec<Row>,
    /// What it cannot.
    pub(crate) elsewhere: Vec<Elsewhere>,
}

/// A fault that has a test of its own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Elsewhere {
    /// Its name.
    pub(crate) fault: String,
    /// Where the test stands.
    pub(crate) file: String,
    /// Its name.
    pub(crate) test: String,
}

/// One fault, and what must follow from it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) fault: String,
    /// When it strikes.
    pub(crate) stages: Vec<Stage>,
    /// How the call is made that meets it.
    pub(crate) ways: Vec<Way>,
    /// Whether the next model's context window is larger or smaller.
    #[serde(default)]
    pub(crate) windows: Windows,
    /// Whether it ends only by a limit on time.
    #[serde(default)]
    pub(crate) hangs: bool,
    /// Members of the request, as proto JSON.
    #[serde(default)]
    pub(crate) request: Value,
    /// The emulator's fault; `"at"` stands for the number of frames before it.
    play: Value,
    /// The code if no model answers.
    pub(crate) code: String,
    /// The reason of each attempt, and of the call if no model answers.
    pub(crate) reason: String,
    /// Whether the caller is told when to come back.
    pub(crate) waits: bool,
    /// What becomes of the model's circuit.
    pub(crate) circuit: Circuit,
    /// Upstream calls if each of 1, 2, 3 models has the fault: `a` is the first model.
    pub(crate) calls: [String; 3],
    /// Upstream calls if the last of 2, 3 models is well, and answers. Without: no other model
    /// is asked.
    #[serde(default)]
    pub(crate) rescued: Option<[String; 2]>,
}

/// When a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Stage {
    /// Instead of the response.
    #[serde(rename = "before headers")]
    BeforeHeaders,
    /// In the body of a unary answer.
    #[serde(rename = "in the body")]
    InBody,
    /// In a stream, before its first content.
    #[serde(rename = "before commit")]
    BeforeCommit,
    /// In a stream, behind some content.
    #[serde(rename = "after commit")]
    AfterCommit,
}

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    /// Invoke over Converse.
    Unary,
    /// Invoke over ConverseStream.
    Gathered,
    /// InvokeStream.
    Stream,
    /// The same, and the caller lets it begin anew after content.
    Restarted,
}

/// How the context windows of the models of a case compare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Windows {
    /// Each is larger than the one before.
    #[default]
    Grow,
    /// Each is smaller.
    Shrink,
}

/// What becomes of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Circuit {
    /// The failure counts towards opening it.
    Counts,
    /// The model is left alone for a second or so, at once; too short to be looked at here.
    #[serde(rename = "cools briefly")]
    CoolsBriefly,
    /// The model is left alone for a while, at once.
    Cools,
    /// The model is left alone until somebody has had time to mend it, at once.
    Disables,
    /// Nothing.
    Ignores,
}

impl Matrix {
    /// Reads the file.
    pub(crate) fn read() -> Self {
        serde_json::from_str(include_str!("../../fixtures/faults.json")).unwrap()
    }
}

impl Row {
    /// What the emulator plays.
    pub(crate) fn scenario(&self, stage: Stage) -> Scenario {
        let mut play = self.play.clone();
        let members = play.as_object_mut().unwrap().values_mut();
        for member in members.filter_map(Value::as_object_mut).flatten() {
            if *member.1 == "at" {
                *member.1 = match stage {
                    Stage::BeforeHeaders => Value::Null,
                    Stage::InBody | Stage::BeforeCommit => Value::from(1),
                    Stage::AfterCommit => Value::from(5),
                };
            }
        }
        let fault: Fault = serde_json::from_value(play).unwrap();
        Scenario {
            fault: Some(fault),
            ..well()
        }
    }
}

/// A model that answers.
pub(crate) fn well() -> Scenario {
    Scenario {
        reply: Reply {
            text: Some(NONCE.repeat(NONCES)),
            ..Reply::default()
        },
        ..Scenario::default()
    }
}

/// What a model that answers says in the upstream call of this number.
pub(crate) fn said(call: u64) -> String {
    NONCE.replace("{call}", &call.to_string()).repeat(NONCES)
}
