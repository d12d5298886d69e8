use super::*;
use crate::proto::RoutingConfig;
use crate::proto::attempt::State;
use crate::routing::bench::policy_of;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;

fn models() -> Vec<Model> {
    vec![model("c", 9), model("a", 1), model("b", 2)]
}

/// Names of the candidates in order, and the names in the ledger.
fn candidates(
    request: &InvokeRequest,
    models: Vec<Model>,
    default_model: Option<&str>,
) -> Result<Vec<String>, RouteError> {
    let policy = Policy {
        default_model: default_model.map(str::to_owned),
        ..policy_of(models)
    };
    let mut plan = Plan::new(Arc::new(request.clone()), Wanted::Message, Arc::new(policy))?;
    let mut ledger = Ledger::default();
    let mut names = Vec::new();
    while let Some((model, ..)) = plan.next(&mut ledger) {
        names.push(model.name.clone());
    }
    Ok(names)
}

fn with_fallbacks(models: &[&str]) -> InvokeRequest {
    InvokeRequest {
        routing_config: Some(RoutingConfig {
            fallback_models: models.iter().map(|name| (*name).to_owned()).collect(),
            ..RoutingConfig::default()
        }),
        ..prompt()
    }
}

#[test]
fn without_a_name_the_order_is_priority() {
    assert_eq!(
        candidates(&prompt(), models(), None).unwrap(),
        ["a", "b", "c"]
    );
}

#[test]
fn default_model_comes_first_and_once() {
    assert_eq!(
        candidates(&prompt(), models(), Some("b")).unwrap(),
        ["b", "a", "c"]
    );
}

#[test]
fn named_model_beats_the_default() {
    let request = InvokeRequest {
        model: "c".to_owned(),
        ..prompt()
    };

    assert_eq!(
        candidates(&request, models(), Some("b")).unwrap(),
        ["c", "a", "b"]
    );
}

#[test]
fn callers_fallbacks_replace_the_order_and_repeat_nothing() {
    let request = InvokeRequest {
        model: "b".to_owned(),
        ..with_fallbacks(&["c", "b", "c"])
    };

    assert_eq!(candidates(&request, models(), None).unwrap(), ["b", "c"]);
}

#[test]
fn where_fallback_is_off_callers_who_name_fallbacks_get_those_and_nobody_else_any() {
    let mut policy = policy_of(models());
    policy.settings.fallback = false;
    let named = |request: InvokeRequest| InvokeRequest {
        model: "b".to_owned(),
        ..request
    };

    let chosen = order(&named(with_fallbacks(&["c"])), &policy).unwrap();
    let none = order(&named(prompt()), &policy).unwrap();

    let name = |index: usize| policy.registry.models()[index].name.as_str();
    assert_eq!(chosen.into_iter().map(name).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(none.into_iter().map(name).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn unknown_fallback_is_refused_with_its_place() {
    let error = candidates(&with_fallbacks(&["a", "z"]), models(), None).unwrap_err();

    assert_eq!(error.reason, ErrorReason::ModelNotFound);
    assert!(
        error
            .facts
            .contains(&("field", "routing_config.fallback_models[1]".to_owned()))
    );
}

#[test]
fn models_passed_over_are_in_the_ledger_before_the_one_that_is_called() {
    let mut off = model("a", 1);
    off.disabled = true;
    let policy = policy_of(vec![off, model("b", 2)]);
    let mut plan = Plan::new(Arc::new(prompt()), Wanted::Message, Arc::new(policy)).unwrap();
    let mut ledger = Ledger::default();

    let (next, ..) = plan.next(&mut ledger).unwrap();

    assert_eq!(next.name, "b");
    let skipped = &ledger.attempts()[0];
    assert_eq!(skipped.state(), State::Skipped);
    assert_eq!(
        skipped.error.as_ref().unwrap().reason(),
        ErrorReason::ModelDisabled
    );
}

#[test]
fn without_name_and_fallback_the_first_model_that_is_there_is_the_candidate() {
    let mut off = model("a", 1);
    off.disabled = true;
    let models = vec![off, model("b", 2), model("c", 3)];
    let request = InvokeRequest {
        routing_config: Some(RoutingConfig {
            fallback_mode: FallbackMode::Disabled.into(),
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    assert_eq!(candidates(&request, models, None).unwrap(), ["b"]);
}
