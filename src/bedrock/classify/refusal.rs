//! What of a request a model refused, read off the upstream's words.
//!
//! Only words that were seen count, and only about what a model does not take: a value that is
//! wrong, or a conversation that is malformed, stays a plain failure of validation. A refusal in
//! words nobody knows is still one, without a name.

use crate::provider::Refusable;

/// What stands around the field in "This model doesn't support the {field} field. Remove {field}
/// and try again."
const FIELD: (&str, &str) = ("doesn't support the ", " field");

/// Ends of the paths that stand there, in lower case. The first match counts; a path that has none
/// here is refused without a name.
///
/// Source: texts quoted in public traces of Bedrock's answers up to 2026-11-22, and members of the
/// service model 2023-09-30.
const FIELDS: &[(&str, Refusable)] = &[
    ("toolconfig", Refusable::Tools),
    ("toolchoice.auto", Refusable::ToolChoiceAuto),
    ("toolchoice.any", Refusable::ToolChoiceAny),
    ("toolchoice.tool", Refusable::ToolChoiceTool),
    ("status", Refusable::ToolResultStatus),
    ("temperature", Refusable::Temperature),
    ("topp", Refusable::TopP),
    ("topk", Refusable::TopK),
    ("stopsequences", Refusable::StopSequences),
    ("system", Refusable::System),
    ("reasoningcontent", Refusable::ReasoningBlocks),
    ("reasoningtext", Refusable::ReasoningBlocks),
    ("reasoningtext.signature", Refusable::ReasoningBlocks),
    ("redactedcontent", Refusable::ReasoningBlocks),
    ("citations", Refusable::Citations),
    ("outputconfig.effort", Refusable::Reasoning),
    ("outputconfig", Refusable::StructuredOutput),
    ("textformat", Refusable::StructuredOutput),
    ("jsonschema", Refusable::StructuredOutput),
    ("guardrailconfig", Refusable::Guardrail),
    ("performanceconfig", Refusable::LatencyMode),
    ("performanceconfig.latency", Refusable::LatencyMode),
    ("servicetier", Refusable::ServiceTier),
    ("servicetier.type", Refusable::ServiceTier),
    ("additionalmodelrequestfields", Refusable::AdditionalFields),
];

/// Fragments of other texts, in lower case with straight apostrophes and short forms. The first
/// match counts. `None` is a refusal of something that has no name of its own, or that the model
/// takes under other circumstances and must not be remembered for.
///
/// Source: as above.
const PHRASES: &[(&str, Option<Refusable>)] = &[
    (
        "doesn't support tool use in streaming mode",
        Some(Refusable::StreamedTools),
    ),
    ("doesn't support tool use", Some(Refusable::Tools)),
    ("doesn't support system messages", Some(Refusable::System)),
    (
        "doesn't support the image content block",
        Some(Refusable::Images),
    ),
    (
        "doesn't support the document content block",
        Some(Refusable::Documents),
    ),
    (
        "doesn't support the video content block",
        Some(Refusable::Video),
    ),
    (
        "doesn't support the audio content block",
        Some(Refusable::Audio),
    ),
    ("doesn't support citations", Some(Refusable::Citations)),
    (
        "doesn't support assistant message prefill",
        Some(Refusable::Prefill),
    ),
    (
        "requires the last turn in the conversation to be a user message",
        Some(Refusable::Prefill),
    ),
    ("unsupported for streaming", Some(Refusable::Streaming)),
    (
        "`temperature` and `top_p` cannot both be specified",
        Some(Refusable::BothSamplings),
    ),
    (
        "`temperature` is deprecated for this model",
        Some(Refusable::Temperature),
    ),
    (
        "`top_p` is deprecated for this model",
        Some(Refusable::TopP),
    ),
    (
        "`top_k` is deprecated for this model",
        Some(Refusable::TopK),
    ),
    ("extraneous key [top_k]", Some(Refusable::TopK)),
    ("extraneous key [topk]", Some(Refusable::TopK)),
    ("extraneous key [thinking]", Some(Refusable::Reasoning)),
    (
        "extraneous key [reasoning_effort]",
        Some(Refusable::Reasoning),
    ),
    (
        "extraneous key [reasoning_config]",
        Some(Refusable::Reasoning),
    ),
    (
        "extraneous key [reasoningconfig]",
        Some(Refusable::Reasoning),
    ),
    ("extraneous key", Some(Refusable::AdditionalFields)),
    // Taken without reasoning.
    ("`temperature` may only be set to 1 when thinking", None),
    ("thinking may not be enabled when tool_choice", None),
    // Taken in turns of their own.
    (
        "conversation blocks and tool result blocks cannot be provided in the same turn",
        None,
    ),
    ("deprecated for this model", None),
    ("cannot both be specified", None),
    ("doesn't support", None),
];

/// A part of a request that a model does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What it is, if that is known.
    pub(super) part: Option<Refusable>,
}

/// Whether the words refuse a part of a request, and which. `message` is in lower case with
/// straight apostrophes.
pub(super) fn refusal(message: &str) -> Option<Refusal> {
    let message = message.replace("does not support", "doesn't support");
    if let Some(path) = refused_field(&message) {
        let names = |name: &str| {
            path.strip_suffix(name)
                .is_some_and(|above| above.is_empty() || above.ends_with('.'))
        };
        let field = FIELDS.iter().find(|(name, _)| names(name));
        return Some(Refusal {
            part: field.map(|(_, part)| *part),
        });
    }
    let phrase = PHRASES
        .iter()
        .find(|(fragment, _)| message.contains(fragment));
    phrase.map(|(_, part)| Refusal { part: *part })
}

fn refused_field(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(FIELD.0)?;
    let (path, _) = rest.split_once(FIELD.1)?;
    (!path.contains(' ')).then_some(path)
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
