use super::*;
use crate::bedrock::classify::name::Failure;
use crate::provider::ErrorKind;

const VALIDATION: &str = "ValidationException";

/// Texts by which models tell requests apart that another model takes, and what they mean. `Ok` is
/// a part of the request the model does not take, `Err` everything else.
#[rustfmt::skip]
const TEXTS: &[(&str, Result<Option<Refusable>, ErrorKind>)] = &[
    // Sampling.
    ("The model returned the following errors: `temperature` and `top_p` cannot both be specified for this model. Please use only one.", Ok(Some(Refusable::BothSamplings))),
    ("`temperature` is deprecated for this model.", Ok(Some(Refusable::Temperature))),
    ("`top_p` is deprecated for this model.", Ok(Some(Refusable::TopP))),
    ("`top_k` is deprecated for this model.", Ok(Some(Refusable::TopK))),
    ("`temperature` may only be set to 1 when thinking is enabled", Ok(None)),
    ("Malformed input request: #: extraneous key [top_k] is not permitted, please reformat your input and try again.", Ok(Some(Refusable::TopK))),
    ("Malformed input request: #/inferenceConfig: extraneous key [topK] is not permitted, please reformat your input and try again.", Ok(Some(Refusable::TopK))),
    ("This model doesn't support the stopSequences field. Remove stopSequences and try again.", Ok(Some(Refusable::StopSequences))),
    ("This model doesn't support the inferenceConfig.topP field. Remove inferenceConfig.topP and try again.", Ok(Some(Refusable::TopP))),
    ("stop_sequences: each stop sequence must contain non-whitespace", Err(ErrorKind::Validation)),
    ("The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.", Err(ErrorKind::Validation)),
    // Reasoning.
    ("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024", Err(ErrorKind::Validation)),
    ("`max_tokens` must be greater than `thinking.budget_tokens`", Err(ErrorKind::Validation)),
    ("Thinking may not be enabled when tool_choice forces tool use.", Ok(None)),
    ("Malformed input request: #: extraneous key [thinking] is not permitted, please reformat your input and try again.", Ok(Some(Refusable::Reasoning))),
    ("Malformed input request: #: extraneous key [reasoning_effort] is not permitted, please reformat your input and try again.", Ok(Some(Refusable::Reasoning))),
    ("Malformed input request: #: extraneous key [colour] is not permitted, please reformat your input and try again.", Ok(Some(Refusable::AdditionalFields))),
    ("This model doesn't support the outputConfig.effort field. Remove outputConfig.effort and try again.", Ok(Some(Refusable::Reasoning))),
    // Reasoning in the conversation.
    ("Expected `thinking` or `redacted_thinking`, but found `tool_use`.", Err(ErrorKind::Validation)),
    ("messages.1.content.0.thinking.signature: Field required", Err(ErrorKind::Validation)),
    ("messages.1.content.0: Invalid `signature` in `thinking` block", Err(ErrorKind::Validation)),
    ("User messages cannot contain reasoning content. Remove the reasoning content and try again.", Err(ErrorKind::Validation)),
    ("This model doesn't support the reasoningContent.reasoningText.signature field. Remove reasoningContent.reasoningText.signature and try again.", Ok(Some(Refusable::ReasoningBlocks))),
    ("This model doesn't support the reasoningContent field. Remove reasoningContent and try again.", Ok(Some(Refusable::ReasoningBlocks))),
    // Tools.
    ("This model doesn't support tool use.", Ok(Some(Refusable::Tools))),
    ("This model doesn\u{2019}t support tool use.", Ok(Some(Refusable::Tools))),
    ("This model doesn't support tool use in streaming mode.", Ok(Some(Refusable::StreamedTools))),
    ("This model doesn't support the toolConfig field. Remove toolConfig and try again.", Ok(Some(Refusable::Tools))),
    ("This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any and try again.", Ok(Some(Refusable::ToolChoiceAny))),
    ("This model doesn\u{2019}t support the toolConfig.toolChoice.tool field. Remove toolConfig.toolChoice.tool and try again.", Ok(Some(Refusable::ToolChoiceTool))),
    ("This model doesn't support the toolConfig.toolChoice.auto field. Remove toolConfig.toolChoice.auto and try again.", Ok(Some(Refusable::ToolChoiceAuto))),
    ("This model doesn't support the toolConfig.toolChoice field. Remove toolConfig.toolChoice and try again.", Ok(None)),
    ("This model doesn't support the toolConfig.tools.0.toolSpec.strict field. Remove it and try again.", Ok(None)),
    ("Expected toolResult blocks at messages.2.content for the following Ids: tooluse_1", Err(ErrorKind::Validation)),
    ("The toolConfig field must be defined when using toolUse and toolResult content blocks.", Err(ErrorKind::Validation)),
    ("Conversation blocks and tool result blocks cannot be provided in the same turn.", Ok(None)),
    ("This model doesn't support the status field. Remove status and try again.", Ok(Some(Refusable::ToolResultStatus))),
    ("The content field in toolResult cannot be empty when status value is error.", Err(ErrorKind::Validation)),
    // The conversation.
    ("This model doesn't support system messages. Try again without a system message or use a model that supports system messages.", Ok(Some(Refusable::System))),
    ("1 validation error detected: Value 'system' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]", Err(ErrorKind::Validation)),
    ("A conversation must start with a user message. Try again with a conversation that starts with a user message.", Err(ErrorKind::Validation)),
    ("The model that you are using requires the last turn in the conversation to be a user message. Add a user message to the conversation and try again.", Ok(Some(Refusable::Prefill))),
    ("This model does not support assistant message prefill.", Ok(Some(Refusable::Prefill))),
    ("messages: roles must alternate between \"user\" and \"assistant\"", Err(ErrorKind::Validation)),
    ("The text field in the ContentBlock object at messages.0.content.0 is blank. Add text to the text field, and try again.", Err(ErrorKind::Validation)),
    ("messages: text content blocks must contain non-whitespace text", Err(ErrorKind::Validation)),
    ("The content field in the Message object at messages.0 is empty. Add a ContentBlock object to the content field and try again.", Err(ErrorKind::Validation)),
    // Media and sources.
    ("This model doesn't support the image content block that you provided. Update the content block and try again.", Ok(Some(Refusable::Images))),
    ("This model doesn't support the document content block that you provided. Update the content block and try again.", Ok(Some(Refusable::Documents))),
    ("This model doesn't support the video content block that you provided. Update the content block and try again.", Ok(Some(Refusable::Video))),
    ("This model doesn't support the audio content block that you provided. Update the content block and try again.", Ok(Some(Refusable::Audio))),
    ("A text block must be included when using documents. Add a text block and retry your request.", Err(ErrorKind::Validation)),
    ("The detected filetype is PLAIN_TEXT, but the provided filetype was PDF.", Err(ErrorKind::Validation)),
    ("Unsupported MIME type: image/tiff", Err(ErrorKind::Validation)),
    ("This model doesn't support citations.", Ok(Some(Refusable::Citations))),
    // The rest.
    ("This model doesn't support the outputConfig field. Remove outputConfig and try again.", Ok(Some(Refusable::StructuredOutput))),
    ("This model doesn't support the outputConfig.textFormat field. Remove outputConfig.textFormat and try again.", Ok(Some(Refusable::StructuredOutput))),
    ("This model doesn't support the performanceConfig.latency field. Remove performanceConfig.latency and try again.", Ok(Some(Refusable::LatencyMode))),
    ("This model doesn't support the serviceTier field. Remove serviceTier and try again.", Ok(Some(Refusable::ServiceTier))),
    ("This model doesn't support the guardrailConfig field. Remove guardrailConfig and try again.", Ok(Some(Refusable::Guardrail))),
    ("The model is unsupported for streaming.", Ok(Some(Refusable::Streaming))),
    ("This model doesn't support the hologram field. Remove hologram and try again.", Ok(None)),
    ("This model doesn't support Mondays.", Ok(None)),
    ("The provided model doesn't support counting tokens.", Err(ErrorKind::CannotCount)),
    // Words about a value that mention a field, and texts of other kinds that sound like a refusal.
    ("The value of the temperature field must be at most 1.", Err(ErrorKind::Validation)),
    ("Invocation of model ID X with on-demand throughput isn\u{2019}t supported.", Err(ErrorKind::NeedsProfile)),
];

#[test]
fn a_refusal_names_what_the_model_does_not_take() {
    for (text, expected) in TEXTS {
        let failure = Failure {
            name: VALIDATION,
            message: text,
            original_status: None,
            status: Some(400),
        };

        let (kind, refused) = failure.verdict();

        let expected = match expected {
            Ok(part) => (ErrorKind::FieldRefused, *part),
            Err(kind) => (*kind, None),
        };
        assert_eq!((kind, refused), expected, "{text}");
    }
}

#[test]
fn words_of_other_exceptions_refuse_nothing() {
    for name in ["ModelErrorException", "ThrottlingException", "Teapot"] {
        let failure = Failure {
            name,
            message: "This model doesn't support tool use.",
            original_status: None,
            status: Some(424),
        };

        let (kind, refused) = failure.verdict();

        assert_ne!(kind, ErrorKind::FieldRefused, "{name}");
        assert_eq!(refused, None, "{name}");
    }
}

#[test]
fn fragments_are_written_as_they_are_looked_for() {
    let fragments = PHRASES.iter().map(|(fragment, _)| fragment);
    let fields = FIELDS.iter().map(|(field, _)| field);

    for text in fragments.chain(fields) {
        assert_eq!(*text, text.to_lowercase());
        assert!(!text.contains('\u{2019}') && !text.contains("does not"));
    }
}
