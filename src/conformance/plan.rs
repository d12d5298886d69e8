//! What runs for which model, and what does not, with the reason.

use serde_json::Value;

use crate::conformance::case::Case;
use crate::conformance::case::Each;
use crate::conformance::messages::Message;
use crate::conformance::models;
use crate::conformance::placeholders::ALIAS;
use crate::conformance::placeholders::Names;
use crate::conformance::placeholders::OTHER;
use crate::proto::Model;
use crate::proto::routing_config::FallbackMode;

/// A case for one model, or for the gateway.
pub(super) struct Item<'a> {
    pub(super) case: &'a Case,
    pub(super) model: Option<&'a Model>,
    pub(super) names: Names,
    /// The request as it is sent, or why there is none.
    pub(super) message: Result<Message, String>,
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
    /// No more than so much may be spent.
    pub(super) has_budget: bool,
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
        alias: model.and_then(|model| model.aliases.first().cloned()),
        other: model.and_then(|model| other(case, model, all)),
    };
    let request = names.fill(&case.request);
    let skip = skip(case, model, &names, &request, circumstances);
    let message = Message::read(case.call, &request);
    Item {
        case,
        model,
        names,
        message: message.map(|message| addressed(message, case, model, circumstances)),
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
/// Within a budget, what is to be refused must not cost much if it is not.
fn addressed(
    mut message: Message,
    case: &Case,
    model: Option<&Model>,
    circumstances: Circumstances,
) -> Message {
    let name = |named: &mut String| {
        if let Some(model) = model
            && named.is_empty()
        {
            named.clone_from(&model.name);
        }
    };
    match &mut message {
        Message::Invoke(request) => {
            name(&mut request.model);
            if model.is_some() {
                let routing = request.routing_config.get_or_insert_default();
                let is_open = routing.fallback_mode() == FallbackMode::Unspecified;
                if is_open && routing.fallback_models.is_empty() {
                    routing.set_fallback_mode(FallbackMode::Disabled);
                }
            }
            if circumstances.has_budget && case.expect.error.is_some() {
                let config = request.inference_config.get_or_insert_default();
                config.max_tokens.get_or_insert(1);
            }
        }
        Message::CountTokens(request) => name(&mut request.model),
        Message::GetModel(request) => name(&mut request.name),
        Message::ListModels(_) => {}
    }
    message
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
    if case.mentions(ALIAS) && names.alias.is_none() {
        return Some("the model has no alias".to_owned());
    }
    (case.mentions(OTHER) && names.other.is_none()).then(|| "no other model suits".to_owned())
}
