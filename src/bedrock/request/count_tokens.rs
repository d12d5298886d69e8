//! A request for CountTokens.

use aws_sdk_bedrockruntime::types as sdk;

use super::messages;
use super::refused::Refused;
use super::sending::Sending;
use super::tools;
use crate::bedrock::document;
use crate::bedrock::raw_json::RawJson;
use crate::provider::Call;

/// Input of CountTokens, and the JSON to put into it. The conversation is what the model would be
/// sent, so that what can be asked can be counted.
pub(in crate::bedrock) fn count_tokens_input(
    call: &Call<'_>,
) -> Result<(sdk::CountTokensInput, RawJson), Refused> {
    let request = call.request;
    let mut sending = Sending {
        model: call.model,
        adaptation: call.adaptation,
        json: RawJson::default(),
    };
    let messages = messages::messages(&request.messages, &request.prompt, &mut sending)?;
    let system = messages::system(&request.system, &sending)?;
    let tool_config = request
        .tool_config
        .as_ref()
        .map(|config| tools::tool_config(config, &mut sending))
        .transpose()
        .map_err(|refused| refused.within("tool_config"))?;
    let additional_fields = request
        .additional_model_request_fields
        .as_ref()
        .filter(|fields| !fields.fields.is_empty())
        .map(document::struct_to_json)
        .transpose()
        .map_err(|refused| refused.within("additional_model_request_fields"))?
        .map(|json| sending.json.placeholder(json));
    let input = sdk::ConverseTokensRequest::builder()
        .set_messages((!messages.is_empty()).then_some(messages))
        .set_system((!system.is_empty()).then_some(system))
        .set_tool_config(tool_config)
        .set_additional_model_request_fields(additional_fields)
        .build();
    Ok((sdk::CountTokensInput::Converse(input), sending.json))
}
