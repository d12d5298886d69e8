//! Rules about turns: who speaks, in which order, and that something is said.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::validate::blocks;
use crate::emulator::validate::blocks::Block;

const FIRST_TURN: &str = "A conversation must start with a user message. Try again with a \
    conversation that starts with a user message.";

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    let messages = blocks::messages(body);
    roles(messages, model)?;
    for (position, message) in messages.iter().enumerate() {
        if blocks::list(message.get("content")).is_empty() {
            return Err(Refusal::validation(format!(
                "The content field in the Message object at messages.{position} is empty. Add a \
                 ContentBlock object to the content field and try again."
            )));
        }
    }
    for block in blocks::all(body) {
        if block.kind == "text" && is_blank(block.value.as_str()) {
            return Err(Refusal::validation(format!(
                "The text field in the ContentBlock object at {} is blank. Add text to the text \
                 field, and try again.",
                block.place()
            )));
        }
        speaker(&block)?;
    }
    last_turn(body, model)?;
    system(body, model)
}

fn roles(messages: &[Value], model: &Model) -> Result<(), Refusal> {
    let of_system = messages
        .iter()
        .position(|message| blocks::role(message) == "system");
    if let Some(position) = of_system.filter(|_| !model.features.system_messages) {
        return Err(Refusal::validation(format!(
            "1 validation error detected: Value 'system' at 'messages.{}.member.role' failed to \
             satisfy constraint: Member must satisfy enum value set: [user, assistant]",
            position + 1
        )));
    }
    match messages.first().map(blocks::role) {
        Some("user") => Ok(()),
        Some("assistant") if model.features.assistant_first => Ok(()),
        // It brings its own.
        None if model.is_stored_prompt() => Ok(()),
        _ => Err(Refusal::validation(FIRST_TURN)),
    }
}

/// Some blocks stand in the messages of one speaker only.
fn speaker(block: &Block<'_>) -> Result<(), Refusal> {
    let speakers: &[&str] = match block.kind {
        "toolAddition" | "toolRemoval" => &["system"],
        "text" | "cachePoint" => return Ok(()),
        "guardContent" => &["user", "system"],
        "toolUse" | "reasoningContent" | "citationsContent" => &["assistant"],
        // The service's own tools are answered in the turn of the model.
        "toolResult" => &["user", "assistant"],
        // A model that draws gets its own pictures back.
        "image" | "audio" => &["user", "assistant"],
        _ => &["user"],
    };
    if speakers.contains(&block.role) {
        return Ok(());
    }
    Err(match (block.kind, block.role) {
        ("reasoningContent", "user") => Refusal::validation(
            "User messages cannot contain reasoning content. Remove the reasoning content and try \
             again.",
        ),
        (kind, role) => Refusal::validation(format!(
            "The {kind} content block at {} is not supported in {role} messages. Remove the content \
             block and try again.",
            block.place()
        )),
    })
}

/// Not every model takes the beginning of its own answer.
fn last_turn(body: &Value, model: &Model) -> Result<(), Refusal> {
    let is_assistant = blocks::turns(body)
        .last()
        .is_some_and(|last| last.role == "assistant");
    if is_assistant && !model.features.prefill {
        return Err(Refusal::validation(
            "The model that you are using requires the last turn in the conversation to be a user \
             message. Add a user message to the conversation and try again.",
        ));
    }
    Ok(())
}

fn system(body: &Value, model: &Model) -> Result<(), Refusal> {
    let system = blocks::list(body.get("system"));
    if !system.is_empty() && !model.features.system {
        return Err(Refusal::validation(
            "This model doesn't support system messages. Try again without a system message or \
             use a model that supports system messages.",
        ));
    }
    for (position, block) in system.iter().enumerate() {
        if block.get("text").is_some() && is_blank(blocks::text(block, "text")) {
            return Err(Refusal::validation(format!(
                "The text field in the SystemContentBlock object at system.{position} is blank. \
                 Add text to the text field, and try again."
            )));
        }
    }
    Ok(())
}

fn is_blank(text: Option<&str>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}
