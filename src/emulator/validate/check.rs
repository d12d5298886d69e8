//! All rules, in the order in which they are tried.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Reasoning;
use crate::emulator::validate::caching;
use crate::emulator::validate::conversation;
use crate::emulator::validate::documents;
use crate::emulator::validate::fields;
use crate::emulator::validate::guardrails;
use crate::emulator::validate::inference;
use crate::emulator::validate::media;
use crate::emulator::validate::output;
use crate::emulator::validate::reasoning;
use crate::emulator::validate::stored_prompt;
use crate::emulator::validate::tool_history;
use crate::emulator::validate::tools;

/// Whether the model takes this Converse request.
pub(in crate::emulator) fn converse(
    body: &Value,
    model: &Model,
    is_streamed: bool,
) -> Result<(), Refusal> {
    if is_streamed && !model.features.streaming {
        return Err(Refusal::validation(
            "The model is unsupported for streaming. Use the Converse API instead.",
        ));
    }
    stored_prompt::check(body, model)?;
    prompt(body, model, is_streamed)?;
    guardrails::check(body, model)?;
    inference::check(body, model)?;
    output::check(body, model)
}

/// Whether the model takes this Converse request to count its tokens.
pub(in crate::emulator) fn counted(body: &Value, model: &Model) -> Result<(), Refusal> {
    prompt(body, model, false)
}

fn prompt(body: &Value, model: &Model, is_streamed: bool) -> Result<(), Refusal> {
    conversation::check(body, model)?;
    media::check(body, model)?;
    documents::check(body, model)?;
    caching::check(body, model)?;
    tools::check(body, model, is_streamed)?;
    tool_history::check(body, model)?;
    fields::check(body, model)?;
    reasoning::check(body, model)
}

/// Whether prompt and answer fit into the model's context window.
pub(in crate::emulator) fn tokens_fit(
    input_tokens: u64,
    max_tokens: Option<u64>,
    model: &Model,
) -> Result<(), Refusal> {
    let window = model.context_window;
    if input_tokens > window {
        return Err(if model.is_claude() {
            Refusal::from_model(format!(
                "prompt is too long: {input_tokens} tokens > {window} maximum"
            ))
        } else {
            Refusal::validation("Input is too long for requested model.")
        });
    }
    // Claude models from 3.7 on refuse a sum above the window; older ones answer shorter.
    let is_strict = model.is_claude() && model.features.reasoning != Reasoning::None;
    match max_tokens {
        Some(asked) if is_strict && input_tokens.saturating_add(asked) > window => {
            Err(Refusal::from_model(format!(
                "input length and `max_tokens` exceed context limit: {input_tokens} + {asked} > \
                 {window}, decrease input length or `max_tokens` and try again"
            )))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
