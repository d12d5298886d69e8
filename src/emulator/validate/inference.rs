//! Rules about inference parameters and how the request is to be served.

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Sampling;
use crate::emulator::validate::blocks;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    if let Some(config) = body.get("inferenceConfig") {
        max_tokens(config, model)?;
        sampling(config, model)?;
        stop_sequences(config, model)?;
    }
    serving(body, model)
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
    let is_given = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
    match model.features.sampling {
        Sampling::One if is_given("temperature") && is_given("topP") => Err(Refusal::from_model(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one.",
        )),
        Sampling::None if is_given("temperature") => Err(Refusal::from_model(
            "`temperature` is deprecated for this model.",
        )),
        Sampling::None if is_given("topP") => {
            Err(Refusal::from_model("`top_p` is deprecated for this model."))
        }
        Sampling::Both | Sampling::One | Sampling::None => Ok(()),
    }
}

fn stop_sequences(config: &Value, model: &Model) -> Result<(), Refusal> {
    let sequences = blocks::list(config.get("stopSequences"));
    let limit = model.features.max_stop_sequences;
    if !sequences.is_empty() && limit == 0 {
        return Err(Refusal::unsupported_field("stopSequences"));
    }
    if sequences.len() > limit {
        return Err(Refusal::validation(format!(
            "1 validation error detected: Value at 'inferenceConfig.stopSequences' failed to satisfy \
             constraint: Member must have length less than or equal to {limit}"
        )));
    }
    let is_blank = |sequence: &Value| sequence.as_str().is_some_and(|text| text.trim().is_empty());
    if !model.features.blank_stop_sequences && sequences.iter().any(is_blank) {
        return Err(Refusal::from_model(
            "stop_sequences: each stop sequence must contain non-whitespace",
        ));
    }
    Ok(())
}

/// Tiers and latency; what is the default anyway is taken by every model.
fn serving(body: &Value, model: &Model) -> Result<(), Refusal> {
    let said = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let features = &model.features;
    let is_offered = |tier: &str| {
        tier == "default" || features.service_tiers.iter().any(|offered| offered == tier)
    };
    if said("/serviceTier/type").is_some_and(|tier| !is_offered(tier)) {
        return Err(Refusal::unsupported_field("serviceTier"));
    }
    if said("/performanceConfig/latency") == Some("optimized") && !features.optimized_latency {
        return Err(Refusal::unsupported_field("performanceConfig.latency"));
    }
    Ok(())
}
