//! What a valid request asks for, as far as an answer depends on it.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::features::Reasoning;
use crate::emulator::seed::Seed;
use crate::emulator::tokens;

/// A tool the answer has to call.
#[derive(Debug, Clone)]
pub(super) struct ForcedTool {
    pub(super) name: String,
    pub(super) schema: Value,
}

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
    pub(super) json_schema: Option<Value>,
    pub(super) thinking: Thinking,
    /// `/stop_sequence` stands among the response fields asked for.
    pub(super) wants_stop_sequence: bool,
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
        Self {
            max_tokens: max_tokens.unwrap_or(model.max_output_tokens),
            stop_sequences: strings(stop_sequences),
            forced_tool: forced_tool(body),
            json_schema: body
                .pointer("/outputConfig/textFormat/structure/jsonSchema/schema")
                .and_then(Value::as_str)
                .and_then(|schema| serde_json::from_str(schema).ok()),
            thinking: thinking(body, model),
            wants_stop_sequence: strings(body.get("additionalModelResponseFieldPaths"))
                .iter()
                .any(|path| path == "/stop_sequence"),
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
            json_schema: None,
            thinking: Thinking::Off,
            wants_stop_sequence: false,
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

fn forced_tool(body: &Value) -> Option<ForcedTool> {
    let config = body.get("toolConfig")?;
    let choice = config.get("toolChoice")?;
    let tools = config.get("tools")?.as_array()?;
    let name_of = |tool: &Value| Some(tool.pointer("/toolSpec/name")?.as_str()?.to_owned());
    let tool = match choice.pointer("/tool/name").and_then(Value::as_str) {
        Some(name) => tools
            .iter()
            .find(|tool| name_of(tool).as_deref() == Some(name))?,
        None if choice.get("any").is_some() => {
            tools.iter().find(|tool| tool.get("toolSpec").is_some())?
        }
        None => return None,
    };
    Some(ForcedTool {
        name: name_of(tool)?,
        schema: tool.pointer("/toolSpec/inputSchema/json")?.clone(),
    })
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
