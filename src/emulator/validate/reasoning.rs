//! Rules about thinking, and about thoughts in the history.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Reasoning;
use crate::emulator::signature;
use crate::emulator::validate::blocks;
use crate::emulator::validate::blocks::Block;

/// Source: Anthropic's "Extended thinking", seen 2026-11-22.
const MIN_BUDGET_TOKENS: u64 = 1_024;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    for block in blocks::all(body).filter(|block| block.kind == "reasoningContent") {
        thought(&block, model)?;
    }
    let Some(thinking) = body.pointer("/additionalModelRequestFields/thinking") else {
        return Ok(());
    };
    match blocks::text(thinking, "type") {
        Some("enabled") => budget(thinking, body, model)?,
        Some("adaptive") if model.features.reasoning == Reasoning::Adaptive => {}
        Some("disabled") => return Ok(()),
        other => {
            return Err(Refusal::from_model(format!(
                "thinking: Input tag '{}' found using 'type' does not match any of the expected \
                 tags: 'disabled', 'enabled'",
                other.unwrap_or_default()
            )));
        }
    }
    beside_thinking(body)?;
    open_tool_turn(body)
}

/// A thought in the history must be one that this model would have made.
fn thought(block: &Block<'_>, model: &Model) -> Result<(), Refusal> {
    if block.role == "user" {
        return Err(Refusal::validation(
            "User messages cannot contain reasoning content. Remove the reasoning content and try again.",
        ));
    }
    let signed = block
        .value
        .pointer("/reasoningText/signature")
        .and_then(Value::as_str);
    if !model.is_claude() {
        let member = if signed.is_some() {
            "reasoningContent.reasoningText.signature"
        } else {
            "reasoningContent.reasoningText"
        };
        return Err(Refusal::unsupported_field(member));
    }
    if model.features.reasoning == Reasoning::None {
        return Err(Refusal::unsupported_field("reasoningContent.reasoningText"));
    }
    let Some(text) = block
        .value
        .pointer("/reasoningText/text")
        .and_then(Value::as_str)
    else {
        return Ok(());
    };
    match signed {
        None => Err(Refusal::from_model(format!(
            "{}.thinking.signature: Field required",
            block.place()
        ))),
        Some(signature) if signature != signature::of(text) => Err(Refusal::from_model(format!(
            "{}: Invalid `signature` in `thinking` block",
            block.place()
        ))),
        Some(_) => Ok(()),
    }
}

fn budget(thinking: &Value, body: &Value, model: &Model) -> Result<(), Refusal> {
    // A budget of `1024.0` is refused as the model's API refuses it: it wants an integer.
    let budget = thinking
        .get("budget_tokens")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    if budget < MIN_BUDGET_TOKENS {
        return Err(Refusal::from_model(
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ));
    }
    let max_tokens = body
        .pointer("/inferenceConfig/maxTokens")
        .and_then(Value::as_u64)
        .unwrap_or(model.max_output_tokens);
    if max_tokens <= budget {
        return Err(Refusal::from_model(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our \
             documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
        ));
    }
    Ok(())
}

fn beside_thinking(body: &Value) -> Result<(), Refusal> {
    let temperature = body
        .pointer("/inferenceConfig/temperature")
        .and_then(Value::as_f64);
    if temperature.is_some_and(|value| (value - 1.0).abs() > f64::EPSILON) {
        return Err(Refusal::from_model(
            "`temperature` may only be set to 1 when thinking is enabled. Please consult our \
             documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking",
        ));
    }
    if body
        .pointer("/additionalModelRequestFields/top_k")
        .is_some()
    {
        return Err(Refusal::from_model(
            "`top_k` must be unset when thinking is enabled.",
        ));
    }
    Ok(())
}

/// While a tool call is open, the turn that made it must begin with its thought.
fn open_tool_turn(body: &Value) -> Result<(), Refusal> {
    let messages = blocks::messages(body);
    let last_is_result = messages
        .last()
        .is_some_and(|last| blocks::of_message(0, last).any(|block| block.kind == "toolResult"));
    if !last_is_result {
        return Ok(());
    }
    let position = messages.len().saturating_sub(2);
    let Some(turn) = messages.get(position) else {
        return Ok(());
    };
    let first = blocks::of_message(position, turn).next();
    if first.is_none_or(|block| block.kind == "reasoningContent") {
        return Ok(());
    }
    let found = first.map_or("text", |block| {
        if block.kind == "toolUse" {
            "tool_use"
        } else {
            "text"
        }
    });
    Err(Refusal::from_model(format!(
        "messages.{position}.content.0.type: Expected `thinking` or `redacted_thinking`, but found \
         `{found}`. When `thinking` is enabled, a final `assistant` message must start with a thinking block."
    )))
}
