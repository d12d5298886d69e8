//! What of a request a model can refuse by name.

/// A part of a request that Bedrock named when it refused the request for one model.
///
/// The adapter reads it off the refusal; routing remembers it for the model and treats it from
/// then on like something the registry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusable {
    /// `inference_config.temperature`.
    Temperature,
    /// `inference_config.top_p`.
    TopP,
    /// `inference_config.top_p` beside `temperature`.
    BothSamplings,
    /// `inference_config.top_k`.
    TopK,
    /// `inference_config.stop_sequences`.
    StopSequences,
    /// `reasoning_config`.
    Reasoning,
    /// Reasoning blocks in the conversation.
    ReasoningBlocks,
    /// `tool_config`, and tool blocks in the conversation.
    Tools,
    /// Tools in a stream.
    StreamedTools,
    /// `tool_config.tool_choice.auto`, spelled out.
    ToolChoiceAuto,
    /// `tool_config.tool_choice.any`.
    ToolChoiceAny,
    /// `tool_config.tool_choice.tool`.
    ToolChoiceTool,
    /// The status of a tool's result.
    ToolResultStatus,
    /// `system`.
    System,
    /// Images.
    Images,
    /// Documents.
    Documents,
    /// Video.
    Video,
    /// Sound recordings.
    Audio,
    /// Citations of a document or search result.
    Citations,
    /// `output_config.json_schema`.
    StructuredOutput,
    /// `guardrail_config`.
    Guardrail,
    /// Cache points.
    CachePoints,
    /// `latency_mode`.
    LatencyMode,
    /// `service_tier`.
    ServiceTier,
    /// Streams.
    Streaming,
    /// A beginning of the model's own answer as the last message.
    Prefill,
    /// A member of `additional_model_request_fields`.
    AdditionalFields,
}
