//! Rules about tools: whether the model has them, their definitions, and the choice among them.

use std::collections::HashSet;

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::offer;
use crate::emulator::offer::Offer;
use crate::emulator::validate::blocks;
use crate::emulator::validate::fields;

pub(super) fn check(body: &Value, model: &Model, is_streamed: bool) -> Result<(), Refusal> {
    let config = body.get("toolConfig").filter(|config| !config.is_null());
    let is_in_history = |kind: &str| ["toolUse", "toolResult"].contains(&kind);
    match config {
        Some(config) => {
            support(model, is_streamed)?;
            definitions(config, model)?;
            choice(config, body, model)?;
            changes(config, body)
        }
        None if blocks::all(body).any(|block| is_in_history(block.kind)) => {
            support(model, is_streamed)?;
            Err(Refusal::validation(
                "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
            ))
        }
        None => Ok(()),
    }
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
    let mut seen = HashSet::new();
    for (position, tool) in blocks::list(config.get("tools")).iter().enumerate() {
        if let Some(name) = offer::name(tool)
            && !seen.insert(name)
        {
            return Err(Refusal::from_model("tools: Tool names must be unique."));
        }
        let Some(specification) = tool.get("toolSpec") else {
            continue;
        };
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
    let choice = config.get("toolChoice").and_then(Value::as_object);
    let Some(kind) = choice.and_then(|choice| choice.keys().next()) else {
        return Ok(());
    };
    if !model.features.tool_choice.contains(kind) {
        return Err(Refusal::unsupported_field(&format!(
            "toolConfig.toolChoice.{kind}"
        )));
    }
    if kind == "auto" {
        return Ok(());
    }
    let chosen = config
        .pointer("/toolChoice/tool/name")
        .and_then(Value::as_str);
    if let Some(chosen) = chosen.filter(|chosen| !Offer::of(body).has(chosen)) {
        return Err(Refusal::from_model(format!(
            "Tool '{chosen}' not found in provided tools"
        )));
    }
    if model.is_claude() && fields::thinks_within_a_budget(body) {
        return Err(Refusal::from_model(
            "Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    Ok(())
}

/// Tools are added and taken away by names that were declared.
fn changes(config: &Value, body: &Value) -> Result<(), Refusal> {
    let declared: Vec<&str> = blocks::list(config.get("tools"))
        .iter()
        .filter_map(offer::name)
        .collect();
    let changes = blocks::all(body).filter(|block| block.kind.starts_with("tool"));
    for block in changes.filter(|block| ["toolAddition", "toolRemoval"].contains(&block.kind)) {
        let tool = block.value.get("tool");
        let known = |name: &str| tool.and_then(|tool| blocks::text(tool, name));
        // Those of a server are its own business.
        if known("serverName").is_none()
            && !known("name").is_some_and(|name| declared.contains(&name))
        {
            return Err(Refusal::validation(format!(
                "The tool at {} is not declared in toolConfig.tools.",
                block.place()
            )));
        }
    }
    Ok(())
}
