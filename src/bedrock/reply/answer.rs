//! A whole answer of Converse.

use aws_sdk_bedrockruntime::operation::RequestId;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types as sdk;

use super::completion::completion;
use super::completion::stop_reason;
use super::content::content;
use crate::bedrock::document::document_to_struct;
use crate::bedrock::reading::Reading;
use crate::proto::Message;
use crate::proto::Role;
use crate::provider::ErrorKind;
use crate::provider::ProviderError;
use crate::provider::Reply;

/// Converts an answer. `reading` has the answer's own bytes.
///
/// # Errors
/// [`ErrorKind::BadAnswer`] if there is no message, or its JSON cannot be read.
pub(in crate::bedrock) fn reply(
    output: ConverseOutput,
    reading: &Reading<'_>,
) -> Result<Reply, ProviderError> {
    let request_id = output.request_id().unwrap_or_default().to_owned();
    let content = match output.output {
        Some(sdk::ConverseOutput::Message(message)) => Some(content(message.content, reading)),
        _ => None,
    };
    let at = reading.top();
    let (stop_reason, raw_stop_reason) = stop_reason(&output.stop_reason, &at);
    let (guardrail, prompt_router) = match output.trace {
        Some(trace) => (trace.guardrail, trace.prompt_router),
        None => (None, None),
    };
    let mut completion = completion(
        output.usage,
        output.metrics.map(|metrics| metrics.latency_ms),
        output.performance_config.as_ref(),
        output.service_tier.as_ref(),
        guardrail,
        prompt_router,
        &at,
    );
    let Some(content) = content.filter(|_| !reading.has_lost_json()) else {
        return Err(ProviderError {
            request_id,
            completion: Some(Box::new(completion)),
            ..ProviderError::new(
                ErrorKind::BadAnswer,
                "Bedrock's answer holds no message that could be read",
            )
        });
    };
    completion.omitted_members = reading.take_omitted();
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
        completion,
        request_id,
    })
}
