//! Rules about tools: their definitions, the choice among them, and calls in the history.

use std::collections::HashSet;

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::validate::blocks;

pub(super) fn check(body: &Value, model: &Model, is_streamed: bool) -> Result<(), Refusal> {
    let config = body.get("toolConfig");
    if let Some(config) = config {
        support(model, is_streamed)?;
        definitions(config, model)?;
        choice(config, body, model)?;
    }
    let has_history =
        blocks::all(body).any(|block| ["toolUse", "toolResult"].contains(&block.kind));
    if has_history && config.is_none() {
        if !model.features.tools {
            return support(model, is_streamed);
        }
        return Err(Refusal::validation(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        ));
    }
    history(body)
}

fn support(model: &Model, is_streamed: bool) -> Result<(), Refusal> {
    if !model.features.tools {
        return Err(Refusal::validation("This model doesn't support tool use."));
    }
    if is_streamed && !model.features.streaming_tools {
        return Err(Refusal::validation(
            "This model doesn't support tool use in streaming mode.",
        ));
    }
    Ok(())
}

fn definitions(config: &Value, model: &Model) -> Result<(), Refusal> {
    let tools = blocks::list(config.get("tools"));
    let mut seen = HashSet::new();
    for (position, tool) in tools.iter().enumerate() {
        let Some(specification) = tool.get("toolSpec") else {
            continue;
        };
        let name = blocks::text(specification, "name").unwrap_or_default();
        if !seen.insert(name) {
            return Err(Refusal::from_model("tools: Tool names must be unique."));
        }
        let kind = specification.pointer("/inputSchema/json/type");
        if kind.and_then(Value::as_str) != Some("object") {
            return Err(Refusal::validation(format!(
                "The value at toolConfig.tools.{position}.toolSpec.inputSchema.json.type must be \
                 one of the following: object."
            )));
        }
        if specification.get("strict").is_some() && !model.features.structured_output {
            return Err(Refusal::unsupported_field(
                "toolConfig.tools.toolSpec.strict",
            ));
        }
    }
    Ok(())
}

fn choice(config: &Value, body: &Value, model: &Model) -> Result<(), Refusal> {
    let Some(choice) = config.get("toolChoice") else {
        return Ok(());
    };
    if body
        .pointer("/additionalModelRequestFields/tool_choice")
        .is_some()
    {
        return Err(Refusal::validation(
            "The additional field tool_choice conflicts with the existing field toolConfig.toolChoice. \
             Remove one of them and try again.",
        ));
    }
    if let Some(name) = choice.pointer("/tool/name").and_then(Value::as_str) {
        let is_offered = blocks::list(config.get("tools"))
            .iter()
            .any(|tool| tool.pointer("/toolSpec/name").and_then(Value::as_str) == Some(name));
        if !is_offered {
            return Err(Refusal::from_model(format!(
                "Tool '{name}' not found in provided tools"
            )));
        }
    }
    let is_forced = choice.get("any").is_some() || choice.get("tool").is_some();
    let is_thinking = body.pointer("/additionalModelRequestFields/thinking/type");
    let is_thinking = is_thinking
        .and_then(Value::as_str)
        .is_some_and(|kind| kind != "disabled");
    if is_forced && is_thinking && model.is_claude() {
        return Err(Refusal::from_model(
            "Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    Ok(())
}

/// Every call is answered in the next turn, and nothing else is.
fn history(body: &Value) -> Result<(), Refusal> {
    let messages = blocks::messages(body);
    let mut open: Vec<&str> = Vec::new();
    for (position, message) in messages.iter().enumerate() {
        let results = ids(position, message, "toolResult");
        let missing: Vec<&str> = open
            .iter()
            .copied()
            .filter(|id| !results.contains(id))
            .collect();
        expect_answered(position, &missing)?;
        if results.len() > open.len() {
            return Err(Refusal::validation(format!(
                "The number of toolResult blocks at messages.{position}.content exceeds the number \
                 of toolUse blocks of previous turn."
            )));
        }
        open = ids(position, message, "toolUse");
        let mut seen = HashSet::new();
        if let Some(twice) = open.iter().find(|id| !seen.insert(**id)) {
            return Err(Refusal::validation(format!(
                "The toolUse blocks at messages.{position}.content contain duplicate Ids: {twice}"
            )));
        }
    }
    expect_answered(messages.len(), &open)
}

fn expect_answered(position: usize, missing: &[&str]) -> Result<(), Refusal> {
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "Expected toolResult blocks at messages.{position}.content for the following Ids: {}",
        missing.join(", ")
    )))
}

fn ids<'a>(position: usize, message: &'a Value, kind: &str) -> Vec<&'a str> {
    blocks::of_message(position, message)
        .filter(|block| block.kind == kind)
        .filter_map(|block| blocks::text(block.value, "toolUseId"))
        .collect()
}
