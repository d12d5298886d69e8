//! Rules about Claude's thinking, and about thoughts in the history of any model.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Reasoning;
use crate::emulator::features::Replay;
use crate::emulator::signature;
use crate::emulator::validate::blocks;
use crate::emulator::validate::blocks::Block;
use crate::emulator::validate::fields;

/// Source: Anthropic's "Extended thinking", seen 2026-11-22.
const MIN_BUDGET_TOKENS: u64 = 1_024;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    for block in blocks::all(body).filter(|block| block.kind == "reasoningContent") {
        thought(&block, model)?;
    }
    if let Some(thinking) = body.pointer("/additionalModelRequestFields/thinking") {
        form(thinking, body, model)?;
    }
    if fields::thinks(body) || model.features.reasoning == Reasoning::AlwaysAdaptive {
        beside_thinking(body)?;
    }
    // One that thinks as it sees fit may have made the call without a thought.
    if fields::thinks_within_a_budget(body) {
        return open_tool_turn(body);
    }
    Ok(())
}

/// A thought in the history must be one that this model would have made.
fn thought(block: &Block<'_>, model: &Model) -> Result<(), Refusal> {
    let said = |name: &str| block.value.pointer(&format!("/reasoningText/{name}"));
    let signature = said("signature").and_then(Value::as_str);
    if model.features.reasoning_replay == Replay::None {
        let member = if signature.is_some() {
            "reasoningContent.reasoningText.signature"
        } else if said("text").is_some() {
            "reasoningContent.reasoningText"
        } else {
            "reasoningContent.redactedContent"
        };
        return Err(Refusal::unsupported_field(member));
    }
    let Some(text) = said("text").and_then(Value::as_str) else {
        // What is redacted nobody but the model can read.
        return Ok(());
    };
    match signature {
        None => Err(Refusal::from_model(format!(
            "{}.thinking.signature: Field required",
            block.place()
        ))),
        Some(given) if given != signature::of(&model.base_id, text) => Err(Refusal::from_model(
            format!("{}: Invalid `signature` in `thinking` block", block.place()),
        )),
        Some(_) => Ok(()),
    }
}

/// Which forms of `thinking` each generation takes.
fn form(thinking: &Value, body: &Value, model: &Model) -> Result<(), Refusal> {
    let (tags, expected): (&[&str], _) = match model.features.reasoning {
        Reasoning::Budget => (&["disabled", "enabled"], "'disabled', 'enabled'"),
        Reasoning::BudgetOrAdaptive => (
            &["adaptive", "disabled", "enabled"],
            "'adaptive', 'disabled', 'enabled'",
        ),
        Reasoning::Adaptive => (&["adaptive", "disabled"], "'adaptive', 'disabled'"),
        Reasoning::AlwaysAdaptive => (&["adaptive"], "'adaptive'"),
        // Refused already as a field that the model does not know.
        Reasoning::None
        | Reasoning::Effort
        | Reasoning::EffortOrNone
        | Reasoning::NestedEffort
        | Reasoning::NestedEffortOrNone
        | Reasoning::Qwen
        | Reasoning::Nova
        | Reasoning::Always => return Ok(()),
    };
    let tag = blocks::text(thinking, "type").unwrap_or_default();
    if !tags.contains(&tag) {
        return Err(Refusal::from_model(format!(
            "thinking: Input tag '{tag}' found using 'type' does not match any of the expected tags: \
             {expected}"
        )));
    }
    if tag == "enabled" {
        return budget(thinking, body, model);
    }
    if thinking.get("budget_tokens").is_some() {
        return Err(Refusal::from_model(format!(
            "thinking.{tag}.budget_tokens: Extra inputs are not permitted"
        )));
    }
    Ok(())
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
    let turns = blocks::turns(body);
    let [.., turn, last] = &turns[..] else {
        return Ok(());
    };
    if !last.blocks.iter().any(|block| block.kind == "toolResult") {
        return Ok(());
    }
    let found = match turn.blocks.first().map(|block| block.kind) {
        None | Some("reasoningContent") => return Ok(()),
        Some("toolUse") => "tool_use",
        Some(_) => "text",
    };
    Err(Refusal::from_model(format!(
        "messages.{}.content.0.type: Expected `thinking` or `redacted_thinking`, but found \
         `{found}`. When `thinking` is enabled, a final `assistant` message must start with a \
         thinking block.",
        turn.message
    )))
}
