//! What a valid request asks for, as far as an answer depends on it.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::citations;
use crate::emulator::citations::Source;
use crate::emulator::features::Reasoning;
use crate::emulator::guardrail::Guardrail;
use crate::emulator::offer::ForcedTool;
use crate::emulator::offer::Offer;
use crate::emulator::seed::Seed;
use crate::emulator::tokens;

/// Whether the answer begins with a thought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thinking {
    Off,
    /// At most so many tokens, with a signature.
    Signed(u64),
    Unsigned,
}

/// Everything an answer is made from.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) max_tokens: u64,
    pub(super) stop_sequences: Vec<String>,
    pub(super) input_tokens: u64,
    pub(super) message_count: usize,
    pub(super) forced_tool: Option<ForcedTool>,
    /// A tool that the service runs before it answers.
    pub(super) service_tool: Option<String>,
    /// What the answer cites.
    pub(super) sources: Vec<Source>,
    pub(super) json_schema: Option<Value>,
    pub(super) thinking: Thinking,
    pub(super) guardrail: Option<Guardrail>,
    /// Values of a stored prompt's variables, by name.
    pub(super) variables: Vec<(String, String)>,
    /// JSON pointers into the reply of the model's own API.
    pub(super) response_paths: Vec<String>,
    pub(super) seed: Seed,
}

impl Asked {
    /// Reads a Converse request that passed validation.
    pub(super) fn of_converse(body: &Value, model: &Model) -> Self {
        let config = body.get("inferenceConfig");
        let max_tokens = config
            .and_then(|all| all.get("maxTokens"))
            .and_then(Value::as_u64);
        let stop_sequences = config.and_then(|all| all.get("stopSequences"));
        let offer = Offer::of(body);
        Self {
            max_tokens: max_tokens.unwrap_or(model.max_output_tokens),
            stop_sequences: strings(stop_sequences),
            forced_tool: offer.forced(),
            service_tool: offer.of_service().map(str::to_owned),
            sources: citations::sources(body),
            json_schema: body
                .pointer("/outputConfig/textFormat/structure/jsonSchema/schema")
                .and_then(Value::as_str)
                .and_then(|schema| serde_json::from_str(schema).ok()),
            thinking: thinking(body, model),
            guardrail: Guardrail::of(body),
            variables: variables(body, model),
            response_paths: strings(body.get("additionalModelResponseFieldPaths")),
            ..Self::plain(body, model)
        }
    }

    /// A request for text and nothing else, of any form that `tokens::prompt` can count.
    pub(super) fn plain(body: &Value, model: &Model) -> Self {
        let messages = body.get("messages").and_then(Value::as_array);
        let message_count = messages.map_or(1, Vec::len);
        let input_tokens = tokens::prompt(body);
        let last = messages
            .and_then(|all| all.last())
            .or_else(|| body.get("prompt"));
        let last_text = last.and_then(first_text).unwrap_or_default();
        // Not of the body's bytes: clients differ, even with themselves, in the order of members.
        let spoken = format!(
            "{} {message_count} {input_tokens} {last_text}",
            model.base_id
        );
        Self {
            max_tokens: model.max_output_tokens,
            stop_sequences: Vec::new(),
            input_tokens,
            message_count,
            forced_tool: None,
            service_tool: None,
            sources: Vec::new(),
            json_schema: None,
            thinking: Thinking::Off,
            guardrail: None,
            variables: Vec::new(),
            response_paths: Vec::new(),
            seed: Seed::of(spoken.as_bytes()),
        }
    }
}

/// All strings of an array.
pub(super) fn strings(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .map(|all| {
            all.iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default()
}

fn first_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) => items.iter().find_map(first_text),
        Value::Object(members) => members
            .get("text")
            .or_else(|| members.get("content"))
            .and_then(first_text),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Sorted by name, as clients send them in any order. Models that are no prompt ignore them.
fn variables(body: &Value, model: &Model) -> Vec<(String, String)> {
    if !model.is_stored_prompt() {
        return Vec::new();
    }
    let given = body.get("promptVariables").and_then(Value::as_object);
    let mut variables: Vec<(String, String)> = given
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.get("text")?.as_str()?.to_owned())))
        .collect();
    variables.sort();
    variables
}

/// Whether and how the model thinks, by the words of its family.
fn thinking(body: &Value, model: &Model) -> Thinking {
    let fields = body.get("additionalModelRequestFields");
    let field = |pointer: &str| fields.and_then(|all| all.pointer(pointer));
    let is_said = |pointer: &str| {
        let said = field(pointer).and_then(Value::as_str);
        said.is_some_and(|word| !["none", "disabled"].contains(&word))
    };
    let unsigned_if = |is_on: bool| match is_on {
        true => Thinking::Unsigned,
        false => Thinking::Off,
    };
    match model.features.reasoning {
        Reasoning::None => Thinking::Off,
        Reasoning::AlwaysAdaptive => Thinking::Signed(u64::MAX),
        Reasoning::Budget | Reasoning::BudgetOrAdaptive | Reasoning::Adaptive => {
            let budget = field("/thinking/budget_tokens").and_then(Value::as_u64);
            match is_said("/thinking/type") {
                true => Thinking::Signed(budget.unwrap_or(u64::MAX)),
                false => Thinking::Off,
            }
        }
        Reasoning::Effort | Reasoning::NestedEffort | Reasoning::Always => Thinking::Unsigned,
        Reasoning::EffortOrNone => unsigned_if(is_said("/reasoning_effort")),
        Reasoning::NestedEffortOrNone => unsigned_if(is_said("/reasoning/effort")),
        Reasoning::Qwen => unsigned_if(is_said("/reasoning_config")),
        Reasoning::Nova => unsigned_if(is_said("/reasoningConfig/type")),
    }
}
