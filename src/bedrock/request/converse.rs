//! A whole request for Converse or ConverseStream, which differ only in the guardrail.

use std::collections::HashMap;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::operation::converse_stream::builders::ConverseStreamFluentBuilder;
use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_types::Document;

use super::additional_fields::additional_fields;
use super::messages;
use super::parameters;
use super::reasoning::Spelled;
use super::reasoning::spell;
use super::refused::Refused;
use super::sending::Sending;
use super::tools;
use crate::bedrock::raw_json::RawJson;
use crate::proto::GuardrailConfig;
use crate::proto::stream_options::GuardrailProcessingMode;
use crate::provider::Call;

/// A converted request.
pub(in crate::bedrock) struct Prepared<'a> {
    /// The JSON that stands outside the SDK's input.
    pub(in crate::bedrock) json: RawJson,
    model_id: &'a str,
    messages: Option<Vec<sdk::Message>>,
    system: Option<Vec<sdk::SystemContentBlock>>,
    inference_config: Option<sdk::InferenceConfiguration>,
    tool_config: Option<sdk::ToolConfiguration>,
    guardrail: Option<(&'a GuardrailConfig, sdk::GuardrailTrace)>,
    guardrail_processing_mode: GuardrailProcessingMode,
    additional_fields: Option<Document>,
    response_field_paths: Option<Vec<String>>,
    prompt_variables: Option<HashMap<String, sdk::PromptVariableValues>>,
    request_metadata: Option<HashMap<String, String>>,
    performance_config: Option<sdk::PerformanceConfiguration>,
    service_tier: Option<sdk::ServiceTier>,
    output_config: Option<sdk::OutputConfig>,
}

/// Converts a call's request for its model.
pub(in crate::bedrock) fn prepare<'a>(call: &Call<'a>) -> Result<Prepared<'a>, Refused> {
    let request = call.request;
    let mut sending = Sending {
        model: call.model,
        adaptation: call.adaptation,
        json: RawJson::default(),
    };
    let messages = messages::messages(&request.messages, &request.prompt, &mut sending)?;
    let system = messages::system(&request.system, &sending)?;
    let reasoning = call
        .adaptation
        .reasoning
        .map_or_else(Spelled::default, |reasoning| {
            spell(reasoning, call.model.capabilities.reasoning)
        });
    let tool_config = request
        .tool_config
        .as_ref()
        .map(|config| tools::tool_config(config, &mut sending))
        .transpose()
        .map_err(|refused| refused.within("tool_config"))?;
    let guardrail = match &request.guardrail_config {
        Some(config) => Some((config, parameters::guardrail_trace(config)?)),
        None => None,
    };
    let metadata = &request.request_metadata;
    let paths = &request.additional_model_response_field_paths;
    Ok(Prepared {
        model_id: &call.model.target.invocation_id,
        messages: (!messages.is_empty()).then_some(messages),
        system: (!system.is_empty()).then_some(system),
        inference_config: parameters::inference_config(request, &mut sending),
        tool_config,
        guardrail,
        guardrail_processing_mode: call.guardrail_processing_mode,
        additional_fields: additional_fields(request, reasoning.additional, &mut sending)?,
        response_field_paths: (!paths.is_empty()).then(|| paths.clone()),
        prompt_variables: parameters::prompt_variables(request)?,
        // Bedrock wants at least one entry.
        request_metadata: (!metadata.is_empty()).then(|| metadata.clone().into_iter().collect()),
        performance_config: parameters::performance_config(request, &sending)?,
        service_tier: parameters::service_tier(request, &sending)?,
        output_config: parameters::output_config(request, reasoning.effort)?,
        json: sending.json,
    })
}

impl Prepared<'_> {
    /// Input of Converse, and the JSON to put into it.
    pub(in crate::bedrock) fn converse(self, client: &Client) -> (ConverseFluentBuilder, RawJson) {
        let guardrail = self.guardrail.map(|(config, trace)| {
            sdk::GuardrailConfiguration::builder()
                .guardrail_identifier(&config.guardrail_identifier)
                .guardrail_version(&config.guardrail_version)
                .trace(trace)
                .build()
        });
        let operation = client
            .converse()
            .model_id(self.model_id)
            .set_messages(self.messages)
            .set_system(self.system)
            .set_inference_config(self.inference_config)
            .set_tool_config(self.tool_config)
            .set_guardrail_config(guardrail)
            .set_additional_model_request_fields(self.additional_fields)
            .set_prompt_variables(self.prompt_variables)
            .set_additional_model_response_field_paths(self.response_field_paths)
            .set_request_metadata(self.request_metadata)
            .set_performance_config(self.performance_config)
            .set_service_tier(self.service_tier)
            .set_output_config(self.output_config);
        (operation, self.json)
    }

    /// Input of ConverseStream, and the JSON to put into it.
    pub(in crate::bedrock) fn converse_stream(
        self,
        client: &Client,
    ) -> (ConverseStreamFluentBuilder, RawJson) {
        let mode = match self.guardrail_processing_mode {
            GuardrailProcessingMode::Unspecified | GuardrailProcessingMode::Sync => {
                sdk::GuardrailStreamProcessingMode::Sync
            }
            GuardrailProcessingMode::Async => sdk::GuardrailStreamProcessingMode::Async,
        };
        let guardrail = self.guardrail.map(|(config, trace)| {
            sdk::GuardrailStreamConfiguration::builder()
                .guardrail_identifier(&config.guardrail_identifier)
                .guardrail_version(&config.guardrail_version)
                .trace(trace)
                .stream_processing_mode(mode)
                .build()
        });
        let operation = client
            .converse_stream()
            .model_id(self.model_id)
            .set_messages(self.messages)
            .set_system(self.system)
            .set_inference_config(self.inference_config)
            .set_tool_config(self.tool_config)
            .set_guardrail_config(guardrail)
            .set_additional_model_request_fields(self.additional_fields)
            .set_prompt_variables(self.prompt_variables)
            .set_additional_model_response_field_paths(self.response_field_paths)
            .set_request_metadata(self.request_metadata)
            .set_performance_config(self.performance_config)
            .set_service_tier(self.service_tier)
            .set_output_config(self.output_config);
        (operation, self.json)
    }
}

#[cfg(test)]
#[path = "converse_tests.rs"]
mod tests;
