//! Rules about turns: who speaks, in which order, and that something is said.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Reasoning;
use crate::emulator::validate::blocks;

const FIRST_TURN: &str = "A conversation must start with a user message. Try again with a \
    conversation that starts with a user message.";

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    let messages = blocks::messages(body);
    roles(messages)?;
    for (position, message) in messages.iter().enumerate() {
        if blocks::list(message.get("content")).is_empty() {
            return Err(Refusal::validation(format!(
                "The content field in the Message object at messages.{position} is empty. Add a \
                 ContentBlock object to the content field and try again."
            )));
        }
    }
    for block in blocks::all(body) {
        if block.kind == "text" && is_blank(Some(block.value)) {
            return Err(Refusal::validation(format!(
                "The text field in the ContentBlock object at {} is blank. Add text to the text \
                 field, and try again.",
                block.place()
            )));
        }
    }
    last_turn(messages, model)?;
    system(body, model)
}

fn roles(messages: &[Value]) -> Result<(), Refusal> {
    for (position, message) in messages.iter().enumerate() {
        let role = blocks::role(message);
        if !["user", "assistant"].contains(&role) {
            return Err(Refusal::validation(format!(
                "1 validation error detected: Value '{role}' at 'messages.{}.member.role' failed \
                 to satisfy constraint: Member must satisfy enum value set: [user, assistant]",
                position + 1
            )));
        }
    }
    match messages.first() {
        Some(first) if blocks::role(first) == "user" => Ok(()),
        _ => Err(Refusal::validation(FIRST_TURN)),
    }
}

/// Models from Claude 4.6 on take no beginning of their own answer.
fn last_turn(messages: &[Value], model: &Model) -> Result<(), Refusal> {
    let is_assistant = messages
        .last()
        .is_some_and(|last| blocks::role(last) == "assistant");
    if is_assistant && model.is_claude() && model.features.reasoning == Reasoning::Adaptive {
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
        if block.get("text").is_some() && is_blank(block.get("text")) {
            return Err(Refusal::validation(format!(
                "The text field in the SystemContentBlock object at system.{position} is blank. \
                 Add text to the text field, and try again."
            )));
        }
    }
    Ok(())
}

fn is_blank(text: Option<&Value>) -> bool {
    text.and_then(Value::as_str)
        .is_none_or(|text| text.trim().is_empty())
}
