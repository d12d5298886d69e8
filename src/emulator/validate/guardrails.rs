//! Rules about guardrails and the content they guard.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::validate::blocks;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    let Some(config) = body
        .get("guardrailConfig")
        .filter(|config| !config.is_null())
    else {
        return unguarded(body);
    };
    if !model.features.guardrails {
        return Err(Refusal::unsupported_field("guardrailConfig"));
    }
    let has = |name: &str| blocks::text(config, name).is_some_and(|text| !text.is_empty());
    // Without both, those that the account enforces apply.
    if has("guardrailIdentifier") != has("guardrailVersion") {
        return Err(Refusal::validation(
            "The guardrail identifier and version must be provided together.",
        ));
    }
    for block in blocks::all(body).filter(|block| block.kind == "guardContent") {
        let text = block.value.pointer("/text/text").and_then(Value::as_str);
        if text.is_some_and(|text| text.trim().is_empty()) {
            return Err(Refusal::validation(format!(
                "The text field in the GuardrailConverseTextBlock object at {} is blank. Add text to \
                 the text field, and try again.",
                block.place()
            )));
        }
    }
    Ok(())
}

fn unguarded(body: &Value) -> Result<(), Refusal> {
    let in_system = blocks::list(body.get("system"));
    let is_guarded = in_system
        .iter()
        .any(|block| block.get("guardContent").is_some())
        || blocks::all(body).any(|block| block.kind == "guardContent");
    if is_guarded {
        return Err(Refusal::validation(
            "The guardContent content block can only be used with a guardrail. Add guardrailConfig \
             and try again.",
        ));
    }
    Ok(())
}
