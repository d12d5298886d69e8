//! What runs for which model, and what does not, with the reason.

use serde_json::Value;
use serde_json::json;

use crate::conformance::case::Call;
use crate::conformance::case::Case;
use crate::conformance::case::Each;
use crate::conformance::models;
use crate::conformance::placeholders::Names;
use crate::conformance::placeholders::OTHER;
use crate::proto::Model;

/// A case for one model, or for the gateway.
pub(super) struct Item<'a> {
    pub(super) case: &'a Case,
    pub(super) model: Option<&'a Model>,
    pub(super) names: Names,
    /// The request as it is sent, in proto JSON.
    pub(super) request: Value,
    /// Why it does not run.
    pub(super) skip: Option<String>,
}

/// What decides beside the cases and the models.
#[derive(Clone, Copy)]
pub(super) struct Circumstances {
    /// Slow cases are left out.
    pub(super) quick: bool,
    /// An emulator plays scenarios.
    pub(super) emulated: bool,
}

/// Everything, in the order of the report: the gateway's cases, then model by model.
pub(super) fn plan<'a>(
    cases: &'a [Case],
    chosen: &[&'a Model],
    all: &'a [Model],
    circumstances: Circumstances,
) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    let of = |each| cases.iter().filter(move |case| case.each == each);
    for case in of(Each::Gateway) {
        items.push(item(case, None, all, circumstances));
    }
    for model in chosen {
        for case in of(Each::Model) {
            items.push(item(case, Some(model), all, circumstances));
        }
    }
    items
}

fn item<'a>(
    case: &'a Case,
    model: Option<&'a Model>,
    all: &'a [Model],
    circumstances: Circumstances,
) -> Item<'a> {
    let names = Names {
        model: model.map(|model| model.name.clone()),
        other: model.and_then(|model| other(case, model, all)),
    };
    let request = request(case, model, &names);
    let skip = skip(case, model, &names, &request, circumstances);
    Item {
        case,
        model,
        names,
        request,
        skip,
    }
}

/// Another model that could run the case as well.
fn other(case: &Case, model: &Model, all: &[Model]) -> Option<String> {
    let suits = |other: &&Model| {
        other.name != model.name
            && models::not_callable(other).is_none()
            && models::lacking(other, &case.needs).is_empty()
            && models::refused_field(other, &case.request).is_none()
    };
    all.iter().find(suits).map(|other| other.name.clone())
}

/// The request of a model's case names the model, and no other may answer, unless the case says so.
fn request(case: &Case, model: Option<&Model>, names: &Names) -> Value {
    let mut request = names.fill(&case.request);
    if let (Some(model), Some(members)) = (model, request.as_object_mut()) {
        let field = match case.call {
            Call::GetModel => "name",
            Call::Invoke
            | Call::Stream
            | Call::InvokeAndStream
            | Call::CountTokens
            | Call::ListModels => "model",
        };
        members
            .entry(field)
            .or_insert_with(|| Value::from(model.name.clone()));
        if case.call.is_answered() {
            let routing = members.entry("routing_config").or_insert_with(|| json!({}));
            if let Some(routing) = routing.as_object_mut()
                && !routing.contains_key("fallback_models")
            {
                routing
                    .entry("fallback_mode")
                    .or_insert_with(|| Value::from("FALLBACK_MODE_DISABLED"));
            }
        }
    }
    request
}

fn skip(
    case: &Case,
    model: Option<&Model>,
    names: &Names,
    request: &Value,
    circumstances: Circumstances,
) -> Option<String> {
    if circumstances.quick && case.is_slow() {
        return Some("left out by --quick".to_owned());
    }
    if case.scenarios.is_some() && !circumstances.emulated {
        return Some("needs an emulator that plays scenarios".to_owned());
    }
    let model = model?;
    if let Some(why) = models::not_callable(model) {
        return Some(why.to_owned());
    }
    let lacking = models::lacking(model, &case.needs);
    if !lacking.is_empty() {
        return Some(format!("the model lacks {}", lacking.join(", ")));
    }
    if let Some(field) = models::refused_field(model, request) {
        return Some(format!("the model takes no {field}"));
    }
    let wants_other = case.request.to_string().contains(OTHER);
    (wants_other && names.other.is_none()).then(|| "no other model suits".to_owned())
}
