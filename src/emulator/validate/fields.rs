//! Rules about additional fields: which of them a model's own API knows, and how it is told to think.

use serde_json::Map;
use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Reasoning;
use crate::emulator::features::Sampling;
use crate::emulator::features::TopK;
use crate::emulator::validate::blocks;

/// Fields of Anthropic's own API that Converse hands through.
const CLAUDE_FIELDS: [&str; 5] = [
    "anthropic_beta",
    "tool_choice",
    "output_config",
    "context_management",
    "metadata",
];
/// Additional fields that say what a field of Converse says, too.
const SHADOWS: [(&str, &str, &str); 2] = [
    (
        "tool_choice",
        "toolConfig.toolChoice",
        "/toolConfig/toolChoice",
    ),
    ("output_config", "outputConfig", "/outputConfig"),
];

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    let fields = match body.get("additionalModelRequestFields") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(fields)) => fields,
        Some(_) => {
            return Err(Refusal::from_model(
                "Malformed input request: expected type: JSONObject, please reformat your input \
                 and try again.",
            ));
        }
    };
    for (name, value) in fields {
        known(name, value, model)?;
    }
    for (field, member, pointer) in SHADOWS {
        if fields.contains_key(field) && body.pointer(pointer).is_some_and(|value| !value.is_null())
        {
            return Err(Refusal::validation(format!(
                "The additional field {field} conflicts with the existing field {member}. Remove one \
                 of them and try again."
            )));
        }
    }
    Ok(())
}

/// Whether a request of a Claude model says that it shall think within a budget.
pub(super) fn thinks_within_a_budget(body: &Value) -> bool {
    let kind = body.pointer("/additionalModelRequestFields/thinking/type");
    kind.and_then(Value::as_str) == Some("enabled")
}

/// Whether a request of a Claude model says that it shall think.
pub(super) fn thinks(body: &Value) -> bool {
    let kind = body.pointer("/additionalModelRequestFields/thinking/type");
    kind.and_then(Value::as_str)
        .is_some_and(|kind| kind != "disabled")
}

fn known(name: &str, value: &Value, model: &Model) -> Result<(), Refusal> {
    let features = &model.features;
    match name {
        "top_k" if features.top_k == TopK::Anthropic => Ok(()),
        "top_k" if model.is_claude() && features.sampling == Sampling::None => {
            Err(Refusal::from_model("`top_k` is deprecated for this model."))
        }
        "inferenceConfig" if features.top_k == TopK::Nova => only(value, name, &["topK"]),
        _ if model.is_claude() && CLAUDE_FIELDS.contains(&name) => Ok(()),
        _ => reasoning(name, value, features.reasoning),
    }
}

/// The one field by which each family is told to think; `thinking` has more rules elsewhere.
fn reasoning(name: &str, value: &Value, style: Reasoning) -> Result<(), Refusal> {
    const EFFORTS: [&str; 3] = ["low", "medium", "high"];
    const EFFORTS_OR_NONE: [&str; 4] = ["none", "low", "medium", "high"];
    const NESTED: [&str; 5] = ["minimal", "low", "medium", "high", "xhigh"];
    const NESTED_OR_NONE: [&str; 6] = ["none", "minimal", "low", "medium", "high", "xhigh"];
    match (style, name) {
        (
            Reasoning::Budget
            | Reasoning::BudgetOrAdaptive
            | Reasoning::Adaptive
            | Reasoning::AlwaysAdaptive,
            "thinking",
        ) => Ok(()),
        (Reasoning::Effort, "reasoning_effort") => one_of(Some(value), name, &EFFORTS),
        (Reasoning::EffortOrNone, "reasoning_effort") | (Reasoning::Qwen, "reasoning_config") => {
            one_of(Some(value), name, &EFFORTS_OR_NONE)
        }
        (Reasoning::NestedEffort, "reasoning") => {
            one_of(value.get("effort"), "reasoning.effort", &NESTED)
        }
        (Reasoning::NestedEffortOrNone, "reasoning") => {
            one_of(value.get("effort"), "reasoning.effort", &NESTED_OR_NONE)
        }
        (Reasoning::Nova, "reasoningConfig") => {
            only(value, name, &["type", "maxReasoningEffort"])?;
            let place = "reasoningConfig.type";
            one_of(value.get("type"), place, &["enabled", "disabled"])?;
            let effort = value.get("maxReasoningEffort");
            if blocks::text(value, "type") == Some("enabled") || effort.is_some() {
                one_of(effort, "reasoningConfig.maxReasoningEffort", &EFFORTS)?;
            }
            Ok(())
        }
        _ => Err(extraneous("#", name)),
    }
}

fn one_of(value: Option<&Value>, place: &str, allowed: &[&str]) -> Result<(), Refusal> {
    if value
        .and_then(Value::as_str)
        .is_some_and(|value| allowed.contains(&value))
    {
        return Ok(());
    }
    Err(Refusal::from_model(format!(
        "{place}: Input should be one of '{}'",
        allowed.join("', '")
    )))
}

/// Whether an object has no other members than these.
fn only(value: &Value, name: &str, members: &[&str]) -> Result<(), Refusal> {
    let given = value.as_object().map(Map::keys).into_iter().flatten();
    match given
        .into_iter()
        .find(|given| !members.contains(&given.as_str()))
    {
        Some(other) => Err(extraneous(&format!("#/{name}"), other)),
        None => Ok(()),
    }
}

fn extraneous(place: &str, name: &str) -> Refusal {
    Refusal::from_model(format!(
        "Malformed input request: {place}: extraneous key [{name}] is not permitted, please \
         reformat your input and try again."
    ))
}
