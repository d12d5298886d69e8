//! Rules about inference parameters, additional fields and the form of the output.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Reasoning;
use crate::emulator::features::Sampling;
use crate::emulator::features::TopK;
use crate::emulator::validate::blocks;

/// Stop sequences the API takes. Source: the API model in botocore 1.44.5.
const MAX_STOP_SEQUENCES: usize = 2_500;
/// Fields of Anthropic's own API that Converse hands through.
const CLAUDE_FIELDS: [&str; 5] = [
    "anthropic_beta",
    "tool_choice",
    "output_config",
    "context_management",
    "metadata",
];

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    if let Some(config) = body.get("inferenceConfig") {
        max_tokens(config, model)?;
        sampling(config, model)?;
        stop_sequences(config, model)?;
    }
    additional_fields(body, model)?;
    output(body, model)
}

fn max_tokens(config: &Value, model: &Model) -> Result<(), Refusal> {
    let asked = config.get("maxTokens").and_then(Value::as_u64);
    let limit = model.max_output_tokens;
    if asked.is_some_and(|asked| asked > limit) {
        return Err(Refusal::validation(format!(
            "The maximum tokens you requested exceeds the model limit of {limit}. Try again with a \
             maximum tokens value that is lower than {limit}."
        )));
    }
    Ok(())
}

fn sampling(config: &Value, model: &Model) -> Result<(), Refusal> {
    let given = |name: &str| config.get(name).filter(|value| !value.is_null());
    match model.features.sampling {
        Sampling::Both => Ok(()),
        Sampling::One if given("temperature").is_some() && given("topP").is_some() => {
            Err(Refusal::from_model(
                "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
            ))
        }
        Sampling::One => Ok(()),
        Sampling::None if given("temperature").is_some() => Err(Refusal::from_model(
            "`temperature` is deprecated for this model.",
        )),
        Sampling::None if given("topP").is_some() => {
            Err(Refusal::from_model("`top_p` is deprecated for this model."))
        }
        Sampling::None => Ok(()),
    }
}

fn stop_sequences(config: &Value, model: &Model) -> Result<(), Refusal> {
    let sequences = blocks::list(config.get("stopSequences"));
    let limit = if model.base_id.starts_with("amazon.nova") {
        4
    } else if model.is_deepseek() || model.base_id.starts_with("mistral.") {
        10
    } else {
        MAX_STOP_SEQUENCES
    };
    if sequences.len() > limit {
        return Err(Refusal::validation(format!(
            "1 validation error detected: Value at 'inferenceConfig.stopSequences' failed to satisfy \
             constraint: Member must have length less than or equal to {limit}"
        )));
    }
    for sequence in sequences.iter().filter_map(Value::as_str) {
        if model.is_claude() && sequence.trim().is_empty() {
            return Err(Refusal::from_model(
                "stop_sequences: each stop sequence must contain non-whitespace",
            ));
        }
    }
    Ok(())
}

fn additional_fields(body: &Value, model: &Model) -> Result<(), Refusal> {
    let fields = body
        .get("additionalModelRequestFields")
        .and_then(Value::as_object);
    for (name, _) in fields.into_iter().flatten() {
        if !is_known_field(name, model) {
            return Err(Refusal::validation(format!(
                "Malformed input request: #: extraneous key [{name}] is not permitted, please \
                 reformat your input and try again."
            )));
        }
    }
    Ok(())
}

fn is_known_field(name: &str, model: &Model) -> bool {
    let reasoning = model.features.reasoning;
    match name {
        "top_k" => model.features.top_k == TopK::Anthropic,
        "inferenceConfig" => model.features.top_k == TopK::Nova,
        "thinking" => {
            model.is_claude() && matches!(reasoning, Reasoning::Budget | Reasoning::Adaptive)
        }
        "reasoning_effort" | "reasoning_config" | "reasoningConfig" => {
            !model.is_claude() && !matches!(reasoning, Reasoning::None | Reasoning::Always)
        }
        _ => model.is_claude() && CLAUDE_FIELDS.contains(&name),
    }
}

fn output(body: &Value, model: &Model) -> Result<(), Refusal> {
    let Some(config) = body.get("outputConfig") else {
        return Ok(());
    };
    if config.get("effort").is_some() && model.features.reasoning != Reasoning::Adaptive {
        return Err(Refusal::unsupported_field("outputConfig.effort"));
    }
    if config.get("textFormat").is_none() {
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
