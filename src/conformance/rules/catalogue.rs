//! Rules of the registry as callers see it, and of counts of tokens.

use std::collections::BTreeSet;

use crate::conformance::models;
use crate::conformance::result::Finding;
use crate::conformance::rules::Rule;
use crate::conformance::rules::holds;
use crate::conformance::rules::seen::CatalogueSeen;
use crate::conformance::rules::seen::CountSeen;
use crate::proto::Capability;
use crate::proto::Model;
use crate::proto::model::State;

/// The rule about a list that is asked for in pages.
pub(super) const PAGES: (&str, &str) = (
    "pages-are-the-list",
    "no page of ListModels has more models than asked for, and all pages together are the list",
);

/// What is wrong with a list in pages of so many.
pub(in crate::conformance) fn check_pages(
    pages: &[Vec<Model>],
    size: i32,
    models: &[Model],
) -> Option<Finding> {
    let longest = pages.iter().map(Vec::len).max().unwrap_or_default();
    let names = |models: &mut dyn Iterator<Item = &Model>| -> Vec<String> {
        models.map(|model| model.name.clone()).collect()
    };
    let problem = if usize::try_from(size).is_ok_and(|size| longest > size) {
        format!("a page has {longest} models, {size} were asked for")
    } else if names(&mut pages.iter().flatten()) == names(&mut models.iter()) {
        return None;
    } else {
        "together they are another list".to_owned()
    };
    Some(Finding::new(PAGES.0, problem))
}

/// Of CountTokens.
pub(super) fn count_rules<'a>() -> Vec<Rule<CountSeen<'a>>> {
    vec![
        Rule {
            name: "count-is-positive",
            promise: "CountTokens counts at least one token",
            check: |seen| {
                let count = seen.count.input_tokens;
                holds(count > 0, || format!("it counts {count}"))
            },
        },
        Rule {
            name: "count-names-the-model",
            promise: "CountTokens names the model that was asked for",
            check: count_names_the_model,
        },
    ]
}

/// Of ListModels and GetModel.
pub(super) fn rules<'a>() -> Vec<Rule<CatalogueSeen<'a>>> {
    vec![
        Rule {
            name: "models-in-order",
            promise: "models are listed by priority, then by name",
            check: is_in_order,
        },
        Rule {
            name: "models-unique",
            promise: "no two models share a name or an alias",
            check: is_unique,
        },
        Rule {
            name: "models-described",
            promise: "every model has a name, a state, and no ability or price that means nothing",
            check: is_described,
        },
        Rule {
            name: "model-as-listed",
            promise: "GetModel finds the model that was asked for, and says of it what ListModels says",
            check: is_as_listed,
        },
    ]
}

fn count_names_the_model(seen: &CountSeen<'_>) -> Result<(), String> {
    let Some(requested) = models::find(seen.models, &seen.asked.request.model) else {
        return Ok(());
    };
    holds(seen.count.model == requested.name, || {
        format!(
            "it names \"{}\" in the place of {}",
            seen.count.model, requested.name
        )
    })
}

fn is_in_order(seen: &CatalogueSeen<'_>) -> Result<(), String> {
    let key = |model: &Model| (model.priority, model.name.clone());
    holds(seen.listed.is_sorted_by_key(key), || {
        "they are not".to_owned()
    })
}

fn is_unique(seen: &CatalogueSeen<'_>) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for model in seen.listed {
        for name in [&model.name].into_iter().chain(&model.aliases) {
            holds(names.insert(name), || format!("{name} stands for two"))?;
        }
    }
    Ok(())
}

fn is_described(seen: &CatalogueSeen<'_>) -> Result<(), String> {
    for model in seen.listed {
        let name = &model.name;
        holds(!name.is_empty(), || "a model has no name".to_owned())?;
        holds(model.state() != State::Unspecified, || {
            format!("{name} has no state")
        })?;
        let nothing = model
            .capabilities()
            .any(|one| one == Capability::Unspecified);
        holds(!nothing, || {
            format!("{name} has an ability that means nothing")
        })?;
        let nameless = model
            .pricing
            .as_ref()
            .is_some_and(|pricing| pricing.currency_code.is_empty());
        holds(!nameless, || {
            format!("{name} has prices without a currency")
        })?;
    }
    Ok(())
}

fn is_as_listed(seen: &CatalogueSeen<'_>) -> Result<(), String> {
    let (Some(asked), [found]) = (seen.asked, seen.listed) else {
        return Ok(());
    };
    let Some(listed) = models::find(seen.models, asked) else {
        return Err(format!("\"{asked}\" is not listed, and found"));
    };
    holds(found.name == listed.name, || {
        format!(
            "it describes \"{}\" in the place of {}",
            found.name, listed.name
        )
    })?;
    // The state may have changed since.
    let mut listed = listed.clone();
    listed.state = found.state;
    listed
        .unsupported_fields
        .clone_from(&found.unsupported_fields);
    holds(listed == *found, || {
        format!("it says something else of {}", found.name)
    })
}
