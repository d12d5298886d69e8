//! The requests of the inference service: which rules apply to which field.

use prost_types::Struct;

use crate::grpc::validate::additional_fields::Typed;
use crate::grpc::validate::additional_fields::additional_fields;
use crate::grpc::validate::conversation::Conversation;
use crate::grpc::validate::conversation::conversation;
use crate::grpc::validate::parameters;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::prompt_variables::prompt_variables;
use crate::grpc::validate::routing;
use crate::grpc::validate::scalar;
use crate::grpc::validate::scalar::MODEL_NAME;
use crate::grpc::validate::violation::Valid;
use crate::grpc::validate::violation::Violations;
use crate::proto::CountTokensRequest;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::StreamOptions;

const ROOT: &Path<'_> = &Path::Root;

/// The rules for `Invoke`.
///
/// # Errors
/// Every rule the request breaks; the caller has to change the request.
pub fn invoke(request: InvokeRequest) -> Result<Valid<InvokeRequest>, Violations> {
    let mut found = Violations::default();
    check(&mut found, &request);
    Valid::new(request, found)
}

/// The rules for `InvokeStream`: those for `Invoke`, and those for the stream's settings. Splits
/// the request into the two without copying.
///
/// # Errors
/// Every rule the request breaks; the caller has to change the request.
pub fn invoke_stream(
    request: InvokeStreamRequest,
) -> Result<(Valid<InvokeRequest>, StreamOptions), Violations> {
    let (request, options) = split(request);
    let mut found = Violations::default();
    check(&mut found, &request);
    routing::check_stream_options(&mut found, &ROOT.field("stream_options"), &options);
    Valid::new(request, found).map(|request| (request, options))
}

/// The rules for `CountTokens`.
///
/// # Errors
/// Every rule the request breaks; the caller has to change the request.
pub fn count_tokens(request: CountTokensRequest) -> Result<Valid<CountTokensRequest>, Violations> {
    let mut found = Violations::default();
    model(&mut found, &request.model);
    let read = Conversation {
        prompt: &request.prompt,
        messages: &request.messages,
        system: &request.system,
        tool_config: request.tool_config.as_ref(),
        is_for_prompt: false,
    };
    conversation(&mut found, &read);
    if let Some(fields) = &request.additional_model_request_fields {
        let tools = request.tool_config.as_ref();
        vendor_fields(&mut found, fields, |typed| match typed {
            Typed::Messages => true,
            Typed::System => !request.system.is_empty(),
            Typed::ToolConfig => tools.is_some(),
            Typed::ToolChoice => tools.is_some_and(|config| config.tool_choice.is_some()),
            // A request to count has no such fields.
            Typed::LatencyMode
            | Typed::MaxTokens
            | Typed::OutputConfig
            | Typed::ReasoningConfig
            | Typed::ServiceTier
            | Typed::StopSequences
            | Typed::Temperature
            | Typed::TopK
            | Typed::TopP => false,
        });
    }
    Valid::new(request, found)
}

fn split(request: InvokeStreamRequest) -> (InvokeRequest, StreamOptions) {
    // Written out, so that a new field cannot be forgotten.
    let InvokeStreamRequest {
        model,
        prompt,
        messages,
        system,
        inference_config,
        tool_config,
        reasoning_config,
        output_config,
        guardrail_config,
        routing_config,
        request_metadata,
        additional_model_request_fields,
        additional_model_response_field_paths,
        prompt_variables,
        latency_mode,
        service_tier,
        stream_options,
    } = request;
    let request = InvokeRequest {
        model,
        prompt,
        messages,
        system,
        inference_config,
        tool_config,
        reasoning_config,
        output_config,
        guardrail_config,
        routing_config,
        request_metadata,
        additional_model_request_fields,
        additional_model_response_field_paths,
        prompt_variables,
        latency_mode,
        service_tier,
    };
    (request, stream_options.unwrap_or_default())
}

fn check(found: &mut Violations, request: &InvokeRequest) {
    model(found, &request.model);
    let read = Conversation {
        prompt: &request.prompt,
        messages: &request.messages,
        system: &request.system,
        tool_config: request.tool_config.as_ref(),
        is_for_prompt: !request.prompt_variables.is_empty(),
    };
    conversation(found, &read);
    configs(found, request);

    let path = ROOT.field("request_metadata");
    parameters::request_metadata(found, &path, &request.request_metadata);
    if let Some(fields) = &request.additional_model_request_fields {
        vendor_fields(found, fields, |typed| typed.is_sent_by(request));
    }
    let pointers = &request.additional_model_response_field_paths;
    let path = ROOT.field("additional_model_response_field_paths");
    parameters::response_field_paths(found, &path, pointers);
    let path = ROOT.field("prompt_variables");
    prompt_variables(found, &path, &request.prompt_variables);
    let path = ROOT.field("latency_mode");
    scalar::known::<LatencyMode>(found, &path, request.latency_mode);
    let path = ROOT.field("service_tier");
    scalar::known::<ServiceTier>(found, &path, request.service_tier);
}

fn configs(found: &mut Violations, request: &InvokeRequest) {
    let sampling = request.inference_config.as_ref();
    if let Some(config) = sampling {
        parameters::inference_config(found, &ROOT.field("inference_config"), config);
    }
    if let Some(config) = &request.reasoning_config {
        let max_tokens = sampling.and_then(|sampling| sampling.max_tokens);
        let path = ROOT.field("reasoning_config");
        parameters::reasoning_config(found, &path, config, max_tokens);
    }
    if let Some(config) = &request.output_config {
        parameters::output_config(found, &ROOT.field("output_config"), config);
    }
    if let Some(config) = &request.guardrail_config {
        parameters::guardrail_config(found, &ROOT.field("guardrail_config"), config);
    }
    if let Some(config) = &request.routing_config {
        routing::routing_config(found, &ROOT.field("routing_config"), config);
    }
}

fn model(found: &mut Violations, name: &str) {
    if !name.is_empty() {
        scalar::name(found, &ROOT.field("model"), name, &MODEL_NAME);
    }
}

fn vendor_fields(found: &mut Violations, fields: &Struct, is_sent: impl Fn(Typed) -> bool) {
    let path = ROOT.field("additional_model_request_fields");
    additional_fields(found, &path, fields, is_sent);
}
