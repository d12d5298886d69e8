//! Parameters that are no part of Converse: the caller's own, and those that typed fields become.

use std::borrow::Cow;

use aws_smithy_types::Document;
use prost_types::Struct;
use prost_types::value::Kind;

use super::refused::Refused;
use super::sending::Sending;
use crate::bedrock::document;
use crate::proto::InvokeRequest;
use crate::registry::TopK;

const PATH: &str = "additional_model_request_fields";

/// All of them as one object, or `None` if there are none. `reasoning` is the member that asks the
/// model to reason, with its JSON.
pub(super) fn additional_fields(
    request: &InvokeRequest,
    reasoning: Option<(&'static str, String)>,
    sending: &mut Sending<'_>,
) -> Result<Option<Document>, Refused> {
    let mut own = request
        .additional_model_request_fields
        .as_ref()
        .filter(|own| !own.fields.is_empty() && !sending.adaptation.omit_additional_fields)
        .map(Cow::Borrowed);
    let mut translated = Vec::from_iter(reasoning);
    let top_k = request
        .inference_config
        .as_ref()
        .and_then(|config| config.top_k)
        .filter(|_| !sending.adaptation.omit_top_k);
    if let Some(top_k) = top_k {
        translated.push(match sending.model.capabilities.top_k {
            TopK::Anthropic => ("top_k", top_k.to_string()),
            TopK::Nova => ("inferenceConfig", nova_top_k(top_k, &mut own)?),
            TopK::None => {
                return Err(Refused::unsupported(
                    "inference_config.top_k",
                    "this model takes no top_k",
                ));
            }
        });
    }
    let mut json = match &own {
        Some(own) => document::struct_to_json(own).map_err(|refused| refused.within(PATH))?,
        None if translated.is_empty() => return Ok(None),
        None => "{}".to_owned(),
    };
    for (name, value) in translated {
        if own
            .as_ref()
            .is_some_and(|own| own.fields.contains_key(name))
        {
            return Err(set_twice(name));
        }
        add_member(&mut json, name, &value);
    }
    Ok(Some(sending.json.placeholder(json)))
}

/// Nova's own object of parameters, with what the caller put into it.
fn nova_top_k(top_k: i32, own: &mut Option<Cow<'_, Struct>>) -> Result<String, Refused> {
    let is_object = |own: &Cow<'_, Struct>| {
        let member = own.fields.get("inferenceConfig");
        member.is_some_and(|member| matches!(member.kind, Some(Kind::StructValue(_))))
    };
    let mut json = "{}".to_owned();
    if let Some(own) = own.as_mut().filter(|own| is_object(own))
        && let Some(member) = own.to_mut().fields.remove("inferenceConfig")
        && let Some(Kind::StructValue(given)) = member.kind
    {
        if given.fields.contains_key("topK") {
            return Err(set_twice("inferenceConfig.topK"));
        }
        json = document::struct_to_json(&given)
            .map_err(|refused| refused.within("inferenceConfig").within(PATH))?;
    }
    add_member(&mut json, "topK", &top_k.to_string());
    Ok(json)
}

/// Adds a member to the JSON of an object.
fn add_member(object: &mut String, name: &str, value: &str) {
    object.pop();
    let separator = if object.len() > 1 { "," } else { "" };
    object.push_str(&format!("{separator}\"{name}\":{value}}}"));
}

fn set_twice(name: &str) -> Refused {
    Refused::invalid(
        format!("{PATH}.{name}"),
        "is also set by a field of its own",
    )
}

#[cfg(test)]
#[path = "additional_fields_tests.rs"]
mod tests;
