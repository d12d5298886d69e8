//! Sampling, output form, guardrail, tier and the additional fields, as input.

use std::collections::HashMap;

use aws_sdk_bedrockruntime::types as sdk;

use super::refused::Refused;
use super::refused::known;
use super::refused::non_empty;
use super::refused::required;
use super::sending::Sending;
use crate::bedrock::document;
use crate::bedrock::raw_json;
use crate::proto::GuardrailConfig;
use crate::proto::InvokeRequest;
use crate::proto::JsonSchemaFormat;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::guardrail_config::TraceMode;
use crate::proto::json_schema_format::SchemaForm;
use crate::proto::output_config::TextFormat;
use crate::proto::prompt_variable_value::Value;
use crate::provider::Adaptation;

/// Most tokens to generate, as sent.
fn max_tokens(request: &InvokeRequest, adaptation: &Adaptation) -> Option<i32> {
    let asked = request
        .inference_config
        .as_ref()
        .and_then(|config| config.max_tokens);
    match adaptation.max_tokens {
        _ if adaptation.omit_max_tokens => None,
        adapted @ 1.. => Some(adapted),
        _ => asked,
    }
}

/// Strings that end the answer, as sent.
fn stop_sequences(request: &InvokeRequest, adaptation: &Adaptation) -> Vec<String> {
    let limit = adaptation.max_stop_sequences.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    let asked = request.inference_config.iter();
    asked
        .flat_map(|config| &config.stop_sequences)
        .filter(|text| !(adaptation.omit_blank_stop_sequences && text.trim().is_empty()))
        .take(limit)
        .cloned()
        .collect()
}

/// Sampling parameters, or `None` if none is set.
///
/// The SDK widens floats to doubles and would send 0.7 as 0.699999988079071; in that case the
/// member is written here.
pub(super) fn inference_config(
    request: &InvokeRequest,
    sending: &mut Sending<'_>,
) -> Option<sdk::InferenceConfiguration> {
    let adaptation = sending.adaptation;
    let max_tokens = max_tokens(request, adaptation);
    let asked = request.inference_config.as_ref();
    let temperature = asked
        .and_then(|config| config.temperature)
        .filter(|_| !adaptation.omit_temperature);
    let top_p = asked
        .and_then(|config| config.top_p)
        .filter(|_| !adaptation.omit_top_p);
    let stop_sequences = stop_sequences(request, adaptation);
    let has_any = max_tokens.is_some()
        || temperature.is_some()
        || top_p.is_some()
        || !stop_sequences.is_empty();
    if !has_any {
        return None;
    }
    if temperature.is_none_or(is_exact) && top_p.is_none_or(is_exact) {
        return Some(
            sdk::InferenceConfiguration::builder()
                .set_max_tokens(max_tokens)
                .set_temperature(temperature)
                .set_top_p(top_p)
                .set_stop_sequences((!stop_sequences.is_empty()).then_some(stop_sequences))
                .build(),
        );
    }
    let mut members = Vec::new();
    members.extend(max_tokens.map(|tokens| format!(r#""maxTokens":{tokens}"#)));
    members.extend(temperature.map(|value| format!(r#""temperature":{value}"#)));
    members.extend(top_p.map(|value| format!(r#""topP":{value}"#)));
    if !stop_sequences.is_empty() {
        let sequences = serde_json::Value::from(stop_sequences);
        members.push(format!(r#""stopSequences":{sequences}"#));
    }
    let json = format!("{{{}}}", members.join(","));
    sending.json.leading_member("inferenceConfig", &json);
    None
}

/// Whether a float keeps its shortest spelling as a double. Not finite: refused by validation.
fn is_exact(value: f32) -> bool {
    !value.is_finite() || value.to_string() == f64::from(value).to_string()
}

/// The form of the answer and the effort spent on it.
pub(super) fn output_config(
    request: &InvokeRequest,
    effort: Option<&'static str>,
) -> Result<Option<sdk::OutputConfig>, Refused> {
    let format = request
        .output_config
        .as_ref()
        .and_then(|config| config.text_format.as_ref());
    if format.is_none() && effort.is_none() {
        return Ok(None);
    }
    let text_format = match format {
        Some(TextFormat::JsonSchema(schema)) => Some(
            json_schema(schema).map_err(|refused| refused.within("output_config.json_schema"))?,
        ),
        None => None,
    };
    Ok(Some(
        sdk::OutputConfig::builder()
            .set_text_format(text_format)
            .set_effort(effort.map(str::to_owned))
            .build(),
    ))
}

fn json_schema(format: &JsonSchemaFormat) -> Result<sdk::OutputFormat, Refused> {
    let schema = match required(format.schema_form.as_ref(), "schema_form")? {
        SchemaForm::Schema(schema) => {
            document::struct_to_json(schema).map_err(|refused| refused.within("schema"))?
        }
        SchemaForm::SchemaJson(text) => {
            raw_json::checked(text).map_err(|problem| Refused::invalid("schema_json", problem))?;
            text.clone()
        }
    };
    let definition = sdk::JsonSchemaDefinition::builder()
        .schema(schema)
        .set_name(non_empty(&format.name))
        .set_description(non_empty(&format.description))
        .build()?;
    Ok(sdk::OutputFormat::builder()
        .r#type(sdk::OutputFormatType::JsonSchema)
        .structure(sdk::OutputFormatStructure::JsonSchema(definition))
        .build()?)
}

/// How much a guardrail reports.
pub(super) fn guardrail_trace(config: &GuardrailConfig) -> Result<sdk::GuardrailTrace, Refused> {
    Ok(
        match known(config.trace_mode, "guardrail_config.trace_mode")? {
            TraceMode::Unspecified | TraceMode::Disabled => sdk::GuardrailTrace::Disabled,
            TraceMode::Enabled => sdk::GuardrailTrace::Enabled,
            TraceMode::EnabledFull => sdk::GuardrailTrace::EnabledFull,
        },
    )
}

/// Values for the variables of a stored prompt.
pub(super) fn prompt_variables(
    request: &InvokeRequest,
) -> Result<Option<HashMap<String, sdk::PromptVariableValues>>, Refused> {
    let mut variables = HashMap::with_capacity(request.prompt_variables.len());
    for (name, variable) in &request.prompt_variables {
        let Value::Text(text) = required(variable.value.as_ref(), "value")
            .map_err(|refused| refused.within(format!("prompt_variables[\"{name}\"]")))?;
        variables.insert(name.clone(), sdk::PromptVariableValues::Text(text.clone()));
    }
    Ok((!variables.is_empty()).then_some(variables))
}

/// Whether to ask for the latency-optimized variant.
pub(super) fn performance_config(
    request: &InvokeRequest,
    sending: &Sending<'_>,
) -> Result<Option<sdk::PerformanceConfiguration>, Refused> {
    let latency = match known::<LatencyMode>(request.latency_mode, "latency_mode")? {
        _ if sending.adaptation.omit_latency_mode => return Ok(None),
        LatencyMode::Unspecified => return Ok(None),
        LatencyMode::Standard => sdk::PerformanceConfigLatency::Standard,
        LatencyMode::Optimized => sdk::PerformanceConfigLatency::Optimized,
    };
    Ok(Some(
        sdk::PerformanceConfiguration::builder()
            .latency(latency)
            .build(),
    ))
}

/// The capacity tier to run on.
pub(super) fn service_tier(
    request: &InvokeRequest,
    sending: &Sending<'_>,
) -> Result<Option<sdk::ServiceTier>, Refused> {
    let tier = match known::<ServiceTier>(request.service_tier, "service_tier")? {
        _ if sending.adaptation.omit_service_tier => return Ok(None),
        ServiceTier::Unspecified => return Ok(None),
        ServiceTier::Default => sdk::ServiceTierType::Default,
        ServiceTier::Priority => sdk::ServiceTierType::Priority,
        ServiceTier::Flex => sdk::ServiceTierType::Flex,
        ServiceTier::Reserved => sdk::ServiceTierType::Reserved,
    };
    Ok(Some(sdk::ServiceTier::builder().r#type(tier).build()?))
}
