//! Rules about the form of the output, and about fields of the model's own reply.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Reasoning;
use crate::emulator::validate::blocks;

/// Source: documentation of `OutputConfig.effort` in botocore 1.44.8.
const EFFORTS: [&str; 5] = ["low", "medium", "high", "xhigh", "max"];

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    if let Some(config) = body.get("outputConfig") {
        effort(config, model)?;
        text_format(config, model)?;
    }
    let paths = blocks::list(body.get("additionalModelResponseFieldPaths"));
    for path in paths.iter().filter_map(Value::as_str) {
        if !is_pointer(path) {
            return Err(Refusal::validation(format!(
                "The value '{path}' in additionalModelResponseFieldPaths is not a valid JSON Pointer."
            )));
        }
    }
    Ok(())
}

fn effort(config: &Value, model: &Model) -> Result<(), Refusal> {
    let Some(effort) = blocks::text(config, "effort") else {
        return Ok(());
    };
    match model.features.reasoning {
        Reasoning::BudgetOrAdaptive | Reasoning::Adaptive | Reasoning::AlwaysAdaptive => {}
        Reasoning::None
        | Reasoning::Budget
        | Reasoning::Effort
        | Reasoning::EffortOrNone
        | Reasoning::NestedEffort
        | Reasoning::NestedEffortOrNone
        | Reasoning::Qwen
        | Reasoning::Nova
        | Reasoning::Always => return Err(Refusal::unsupported_field("outputConfig.effort")),
    }
    if EFFORTS.contains(&effort) {
        return Ok(());
    }
    Err(Refusal::from_model(format!(
        "output_config.effort: Input should be one of '{}'",
        EFFORTS.join("', '")
    )))
}

fn text_format(config: &Value, model: &Model) -> Result<(), Refusal> {
    if config.get("textFormat").is_none_or(Value::is_null) {
        return Ok(());
    }
    if !model.features.structured_output {
        return Err(Refusal::unsupported_field("outputConfig.textFormat"));
    }
    let schema = config
        .pointer("/textFormat/structure/jsonSchema/schema")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if serde_json::from_str::<Value>(schema).is_err() {
        return Err(Refusal::validation(
            "The value at outputConfig.textFormat.structure.jsonSchema.schema is not valid JSON.",
        ));
    }
    Ok(())
}

/// RFC 6901: every part begins with a slash, and `~` escapes only itself and the slash.
fn is_pointer(path: &str) -> bool {
    let mut after_tilde = path.split('~').skip(1);
    path.starts_with('/') && after_tilde.all(|rest| rest.starts_with(['0', '1']))
}
