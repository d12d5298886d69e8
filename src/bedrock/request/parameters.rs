//! Sampling, output form, guardrail, tier and the additional fields, as input.

use std::collections::HashMap;

use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_types::Document;

use super::reasoning::Reasoning;
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
use crate::registry::TopK;

/// Most tokens to generate, as sent.
pub(super) fn max_tokens(request: &InvokeRequest, sending: &Sending<'_>) -> Option<i32> {
    let asked = request
        .inference_config
        .as_ref()
        .and_then(|config| config.max_tokens);
    match sending.adaptation.max_tokens {
        adapted @ 1.. => Some(adapted),
        _ => asked,
    }
}

/// Sampling parameters, or `None` if none is set.
///
/// The SDK widens floats to doubles and would send 0.7 as 0.699999988079071; in that case the
/// member is written here.
pub(super) fn inference_config(
    request: &InvokeRequest,
    sending: &mut Sending<'_>,
) -> Option<sdk::InferenceConfiguration> {
    let max_tokens = max_tokens(request, sending);
    let asked = request.inference_config.as_ref();
    let adaptation = sending.adaptation;
    let temperature = asked
        .and_then(|config| config.temperature)
        .filter(|_| !adaptation.omit_temperature);
    let top_p = asked
        .and_then(|config| config.top_p)
        .filter(|_| !adaptation.omit_top_p);
    let stop_sequences = asked.map_or(&[][..], |config| &config.stop_sequences);
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
                .set_stop_sequences((!stop_sequences.is_empty()).then(|| stop_sequences.to_vec()))
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

/// What only some models understand: the caller's own fields and those we translate.
pub(super) fn additional_fields(
    request: &InvokeRequest,
    reasoning: &Reasoning,
    sending: &mut Sending<'_>,
) -> Result<Option<Document>, Refused> {
    const PATH: &str = "additional_model_request_fields";
    let own = request
        .additional_model_request_fields
        .as_ref()
        .filter(|own| !own.fields.is_empty() && !sending.adaptation.omit_additional_fields);
    let mut translated: Vec<(&str, String)> = Vec::new();
    if let Some(thinking) = &reasoning.thinking {
        translated.push(("thinking", thinking.clone()));
    }
    let top_k = request
        .inference_config
        .as_ref()
        .and_then(|config| config.top_k)
        .filter(|_| !sending.adaptation.omit_top_k);
    if let Some(top_k) = top_k {
        translated.push(match sending.model.capabilities.top_k {
            TopK::Anthropic => ("top_k", top_k.to_string()),
            TopK::Nova => ("inferenceConfig", format!(r#"{{"topK":{top_k}}}"#)),
            TopK::None => {
                return Err(Refused::unsupported(
                    "inference_config.top_k",
                    "this model takes no top_k",
                ));
            }
        });
    }
    if let Some(own) = own
        && let Some((name, _)) = translated
            .iter()
            .find(|(name, _)| own.fields.contains_key(*name))
    {
        return Err(Refused::invalid(
            format!("{PATH}.{name}"),
            "is also set by a field of its own",
        ));
    }
    let mut json = match own {
        Some(own) => document::struct_to_json(own).map_err(|refused| refused.within(PATH))?,
        None if translated.is_empty() => return Ok(None),
        None => "{}".to_owned(),
    };
    for (name, value) in translated {
        json.pop();
        let separator = if json.len() > 1 { "," } else { "" };
        json.push_str(&format!("{separator}\"{name}\":{value}}}"));
    }
    Ok(Some(sending.json.placeholder(json)))
}

/// The form of the answer and the effort spent on it.
pub(super) fn output_config(
    request: &InvokeRequest,
    reasoning: &Reasoning,
) -> Result<Option<sdk::OutputConfig>, Refused> {
    let format = request
        .output_config
        .as_ref()
        .and_then(|config| config.text_format.as_ref());
    if format.is_none() && reasoning.effort.is_none() {
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
            .set_effort(reasoning.effort.map(str::to_owned))
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
pub(super) fn service_tier(request: &InvokeRequest) -> Result<Option<sdk::ServiceTier>, Refused> {
    let tier = match known::<ServiceTier>(request.service_tier, "service_tier")? {
        ServiceTier::Unspecified => return Ok(None),
        ServiceTier::Default => sdk::ServiceTierType::Default,
        ServiceTier::Priority => sdk::ServiceTierType::Priority,
        ServiceTier::Flex => sdk::ServiceTierType::Flex,
        ServiceTier::Reserved => sdk::ServiceTierType::Reserved,
    };
    Ok(Some(sdk::ServiceTier::builder().r#type(tier).build()?))
}
