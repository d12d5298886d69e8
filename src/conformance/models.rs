//! The models of a gateway: listing them, and what each can do.

use std::time::Duration;

use serde_json::Value;
use tonic::Request;
use tonic::Status;
use tonic::transport::Channel;

use crate::proto::Capability;
use crate::proto::ListModelsRequest;
use crate::proto::Model;
use crate::proto::model::State;
use crate::proto::model_service_client::ModelServiceClient;

/// Time for one page. The gateway answers from memory.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most models of one page, and most pages; a server that never ends its list is broken.
const PAGE_SIZE: i32 = 1000;
const MAX_PAGES: usize = 1000;

/// Why there is no list of models.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// A page was refused, or did not come.
    #[error("{}", .0.message())]
    Refused(Box<Status>),
    /// There is always one page more.
    #[error("the list of models does not end")]
    Endless,
}

/// All models, in the gateway's order.
///
/// # Errors
/// [`ListError`].
pub async fn list_models(channel: Channel) -> Result<Vec<Model>, ListError> {
    Ok(pages(channel, PAGE_SIZE).await?.concat())
}

/// The same, in pages of so many.
///
/// # Errors
/// [`ListError`].
pub(super) async fn pages(channel: Channel, size: i32) -> Result<Vec<Vec<Model>>, ListError> {
    let mut client = ModelServiceClient::new(channel);
    let mut pages = Vec::new();
    let mut page_token = String::new();
    for _ in 0..MAX_PAGES {
        let mut request = Request::new(ListModelsRequest {
            page_size: size,
            page_token,
        });
        request.set_timeout(TIMEOUT);
        let page = client.list_models(request).await;
        let page = page
            .map_err(|status| ListError::Refused(Box::new(status)))?
            .into_inner();
        pages.push(page.models);
        if page.next_page_token.is_empty() {
            return Ok(pages);
        }
        page_token = page.next_page_token;
    }
    Err(ListError::Endless)
}

/// The model that has this name or alias.
pub(super) fn find<'a>(models: &'a [Model], name: &str) -> Option<&'a Model> {
    models
        .iter()
        .find(|model| model.name == name || model.aliases.iter().any(|alias| alias == name))
}

/// Why a model cannot be called now.
pub(super) fn not_callable(model: &Model) -> Option<&'static str> {
    match model.state() {
        State::Active => None,
        State::Unspecified => Some("the model is in no known state"),
        State::Suspended => Some("the model is suspended after failures"),
        State::Disabled => Some("the model is disabled"),
        State::Retired => Some("the model is retired"),
    }
}

/// Which of these abilities the model lacks, by the short names of the API.
pub(super) fn lacking(model: &Model, needs: &[Capability]) -> Vec<&'static str> {
    needs
        .iter()
        .filter(|needed| !model.capabilities().any(|one| one == **needed))
        .map(|needed| {
            let name = needed.as_str_name();
            name.strip_prefix("CAPABILITY_").unwrap_or(name)
        })
        .collect()
}

/// The first field of the request that the model is known to refuse.
pub(super) fn refused_field<'a>(model: &'a Model, request: &Value) -> Option<&'a str> {
    let mut refused = model.unsupported_fields.iter().map(String::as_str);
    refused.find(|path| is_set(request, path))
}

/// Whether a request has something at a dotted path; lists stand for each of their items.
fn is_set(value: &Value, path: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| is_set(item, path)),
        Value::Object(members) => {
            let (name, rest) = path
                .split_once('.')
                .map_or((path, None), |(name, rest)| (name, Some(rest)));
            let member = members.get(name).or_else(|| members.get(&camel_case(name)));
            match (member, rest) {
                (None, _) => false,
                (Some(_), None) => true,
                (Some(member), Some(rest)) => is_set(member, rest),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The name that proto JSON gives to a field.
fn camel_case(name: &str) -> String {
    let mut pieces = name.split('_');
    let mut camel = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let mut letters = piece.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_found_within_lists_and_in_either_spelling() {
        let request = json!({
            "messages": [{"content": [{"text": "Hi"}, {"image": {}}]}],
            "inferenceConfig": {"topK": 5},
        });

        assert!(is_set(&request, "messages.content.image"));
        assert!(is_set(&request, "inference_config.top_k"));
        assert!(is_set(&request, "inference_config"));
        assert!(!is_set(&request, "inference_config.top_p"));
        assert!(!is_set(&request, "messages.content.text.image"));
    }
}
