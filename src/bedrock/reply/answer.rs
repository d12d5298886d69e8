//! A whole answer of Converse.

use aws_sdk_bedrockruntime::operation::RequestId;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types as sdk;

use super::completion::completion;
use super::completion::stop_reason;
use super::content::Answer;
use super::content::content;
use super::raw_answer::RawAnswer;
use crate::bedrock::document::document_to_struct;
use crate::proto::Message;
use crate::proto::Role;
use crate::provider::ErrorKind;
use crate::provider::ProviderError;
use crate::provider::Reply;

/// Converts an answer. `body` is the answer's own bytes; `model` is the registry's name.
///
/// # Errors
/// [`ErrorKind::BadAnswer`] if there is no message, or its JSON cannot be read.
pub(in crate::bedrock) fn reply(
    output: ConverseOutput,
    body: Option<&[u8]>,
    model: &str,
) -> Result<Reply, ProviderError> {
    let request_id = output.request_id().unwrap_or_default().to_owned();
    let bad_answer = || ProviderError {
        request_id: request_id.clone(),
        ..ProviderError::new(
            ErrorKind::BadAnswer,
            "Bedrock's answer holds no message that could be read",
        )
    };
    let Some(sdk::ConverseOutput::Message(message)) = output.output else {
        return Err(bad_answer());
    };
    // Read a second time only for what the SDK cannot give exactly, or has no name for.
    let needs_raw = message.content.iter().any(|block| {
        matches!(
            block,
            sdk::ContentBlock::ToolUse(_) | sdk::ContentBlock::ToolResult(_)
        ) || block.is_unknown()
    });
    let raw = match body {
        Some(body) if needs_raw => RawAnswer::parse(body).map_err(|_| bad_answer())?,
        _ => RawAnswer::default(),
    };
    let content = content(message.content, &Answer { raw: &raw, model });
    let (stop_reason, raw_stop_reason) = stop_reason(&output.stop_reason);
    let (guardrail, prompt_router) = match output.trace {
        Some(trace) => (trace.guardrail, trace.prompt_router),
        None => (None, None),
    };
    Ok(Reply {
        message: Message {
            role: Role::Assistant.into(),
            content,
        },
        stop_reason,
        raw_stop_reason,
        additional_model_response_fields: output
            .additional_model_response_fields
            .map(document_to_struct),
        completion: completion(
            output.usage,
            output.metrics.map(|metrics| metrics.latency_ms),
            output.performance_config.as_ref(),
            output.service_tier.as_ref(),
            guardrail,
            prompt_router,
        ),
        request_id,
    })
}
