//! Rules for `additional_model_request_fields`: JSON that no typed field also produces.
//!
//! Bedrock refuses some members that are set both ways, and lets others override each other. Here
//! one rule holds for all: a member is refused if the request sets the field that produces it.
//! `inference_config.max_tokens` is always sent, so its spellings are always refused.

use prost_types::Struct;
use prost_types::value::Kind;

use crate::grpc::validate::json;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::InvokeRequest;

/// A field of the API that becomes a member of some model's native request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    LatencyMode,
    MaxTokens,
    Messages,
    OutputConfig,
    ReasoningConfig,
    ServiceTier,
    StopSequences,
    System,
    Temperature,
    ToolChoice,
    ToolConfig,
    TopK,
    TopP,
}

/// Members of models' native requests, and the field that produces each: the spellings of Claude,
/// of Nova, and of the models that follow OpenAI's format. Not complete, and cannot be: a spelling
/// that is missing here is passed on.
const SHADOWS: &[(&str, &str, Typed)] = &[
    ("inferenceConfig", "maxTokens", Typed::MaxTokens),
    ("inferenceConfig", "stopSequences", Typed::StopSequences),
    ("inferenceConfig", "temperature", Typed::Temperature),
    ("inferenceConfig", "topK", Typed::TopK),
    ("inferenceConfig", "topP", Typed::TopP),
    ("max_completion_tokens", "", Typed::MaxTokens),
    ("max_tokens", "", Typed::MaxTokens),
    ("messages", "", Typed::Messages),
    ("output_config", "effort", Typed::ReasoningConfig),
    ("output_config", "format", Typed::OutputConfig),
    ("performanceConfig", "", Typed::LatencyMode),
    ("reasoning", "", Typed::ReasoningConfig),
    ("reasoningConfig", "", Typed::ReasoningConfig),
    ("reasoning_config", "", Typed::ReasoningConfig),
    ("reasoning_effort", "", Typed::ReasoningConfig),
    ("response_format", "", Typed::OutputConfig),
    ("service_tier", "", Typed::ServiceTier),
    ("stop", "", Typed::StopSequences),
    ("stop_sequences", "", Typed::StopSequences),
    ("system", "", Typed::System),
    ("temperature", "", Typed::Temperature),
    ("thinking", "", Typed::ReasoningConfig),
    ("toolConfig", "", Typed::ToolConfig),
    ("tool_choice", "", Typed::ToolChoice),
    ("tools", "", Typed::ToolConfig),
    ("top_k", "", Typed::TopK),
    ("top_p", "", Typed::TopP),
];

impl Typed {
    const fn field(self) -> &'static str {
        match self {
            Self::LatencyMode => "latency_mode",
            Self::MaxTokens => "inference_config.max_tokens",
            Self::Messages => "messages",
            Self::OutputConfig => "output_config",
            Self::ReasoningConfig => "reasoning_config",
            Self::ServiceTier => "service_tier",
            Self::StopSequences => "inference_config.stop_sequences",
            Self::System => "system",
            Self::Temperature => "inference_config.temperature",
            Self::ToolChoice => "tool_config.tool_choice",
            Self::ToolConfig => "tool_config",
            Self::TopK => "inference_config.top_k",
            Self::TopP => "inference_config.top_p",
        }
    }

    /// Whether the gateway will send what the field stands for.
    pub(super) fn is_sent_by(self, request: &InvokeRequest) -> bool {
        let sampling = request.inference_config.as_ref();
        let tools = request.tool_config.as_ref();
        match self {
            Self::MaxTokens | Self::Messages => true,
            Self::LatencyMode => request.latency_mode != 0,
            Self::OutputConfig => request
                .output_config
                .as_ref()
                .is_some_and(|config| config.text_format.is_some()),
            Self::ReasoningConfig => request.reasoning_config.is_some(),
            Self::ServiceTier => request.service_tier != 0,
            Self::StopSequences => sampling.is_some_and(|config| !config.stop_sequences.is_empty()),
            Self::System => !request.system.is_empty(),
            Self::Temperature => sampling.is_some_and(|config| config.temperature.is_some()),
            Self::ToolChoice => tools.is_some_and(|config| config.tool_choice.is_some()),
            Self::ToolConfig => tools.is_some(),
            Self::TopK => sampling.is_some_and(|config| config.top_k.is_some()),
            Self::TopP => sampling.is_some_and(|config| config.top_p.is_some()),
        }
    }
}

/// `is_sent` tells whether the gateway will send what a typed field stands for.
pub(super) fn additional_fields(
    found: &mut Violations,
    path: &Path<'_>,
    fields: &Struct,
    is_sent: impl Fn(Typed) -> bool,
) {
    json::json_struct(found, path, fields);
    for (outer, inner, typed) in SHADOWS {
        let Some(value) = fields.fields.get(*outer) else {
            continue;
        };
        let path = path.field(outer);
        let path = if inner.is_empty() {
            path
        } else if holds(value.kind.as_ref(), inner) {
            path.field(inner)
        } else {
            continue;
        };
        if is_sent(*typed) {
            let field = typed.field();
            let text = format_args!("is produced by {field}; leave it out here");
            found.add(&path, Reason::Conflict, text);
        }
    }
}

fn holds(kind: Option<&Kind>, member: &str) -> bool {
    matches!(kind, Some(Kind::StructValue(object)) if object.fields.contains_key(member))
}
