//! The least policy allows what the configured models need, and nothing else.

use std::slice;

use bedrock_gateway::iam::Wanted;
use bedrock_gateway::iam::select;
use bedrock_gateway::registry::ParseChoices;
use bedrock_gateway::registry::Registry;
use bedrock_gateway::settings::ProfileAccount;
use jiff::civil::date;
use serde_json::Value;

use super::calls::Called;
use super::calls::INVOKE;
use super::calls::STREAM;
use super::evaluator::allows;
use super::evaluator::mistakes;

pub(super) const REGION: &str = "us-east-1";
/// The account in the profile ARNs of the shipped registry.
pub(super) const ACCOUNT: &str = "394686422207";

const SHIPPED: [&str; 2] = [
    include_str!("../../../config/aws-bedrock-models.json"),
    include_str!("../../../config/aws-bedrock-models.2026-11.json"),
];

/// The least policies for these models of a registry; for all if there are none.
pub(super) fn least(text: &str, names: &[String]) -> Vec<Value> {
    let choices = ParseChoices {
        region: REGION.to_owned(),
        profile_account: ProfileAccount::AsWritten,
    };
    let registry = Registry::parse(text, &choices).unwrap();
    let selection = select(&registry, names, REGION, date(2026, 11, 22), true).unwrap();
    let wanted = Wanted {
        models: selection.models,
        region: REGION.to_owned(),
        account: Some(ACCOUNT.to_owned()),
        ..Wanted::default()
    };
    let policies = wanted.least().unwrap().policies;
    policies.iter().map(|policy| policy.document()).collect()
}

/// Fails unless the policies let `called` be called as configured and in no other way.
#[track_caller]
pub(super) fn assert_allowed(policies: &[Value], called: &Called) {
    for question in called.needed() {
        assert!(
            allows(policies, &question),
            "{}: not allowed: {question:?}\n{policies:#?}",
            called.name
        );
    }
    let mut others = Vec::new();
    if called.has_profile() {
        others.extend([called.directly(INVOKE), called.directly(STREAM)]);
    }
    if !called.streams() {
        others.extend(called.converse(STREAM));
    }
    if !called.counts() {
        others.push(called.count());
    }
    for question in others {
        assert!(
            !allows(policies, &question),
            "{}: allowed without need: {question:?}",
            called.name
        );
    }
}

/// Fails if the policies let anything of `called` happen.
#[track_caller]
pub(super) fn assert_denied(policies: &[Value], called: &Called) {
    let questions = [INVOKE, STREAM]
        .into_iter()
        .flat_map(|a| called.converse(a));
    let direct = [
        called.directly(INVOKE),
        called.directly(STREAM),
        called.count(),
    ];
    for question in questions.chain(direct) {
        assert!(
            !allows(policies, &question),
            "{}: allowed without need: {question:?}",
            called.name
        );
    }
}

#[track_caller]
pub(super) fn assert_sound(policies: &[Value]) {
    for policy in policies {
        let mistakes = mistakes(policy);
        assert!(mistakes.is_empty(), "{mistakes:#?}\n{policy:#}");
    }
}

#[test]
fn every_shipped_model_is_allowed_as_configured_and_in_no_other_way() {
    for text in SHIPPED {
        let registry: Value = serde_json::from_str(text).unwrap();

        let policies = least(text, &[]);

        assert_sound(&policies);
        for called in Called::all(&registry, REGION, ACCOUNT) {
            assert_allowed(&policies, &called);
        }
    }
}

#[test]
fn models_that_were_not_named_are_denied() {
    for text in SHIPPED {
        let registry: Value = serde_json::from_str(text).unwrap();
        let all = Called::all(&registry, REGION, ACCOUNT);
        for named in &all {
            let policies = least(text, slice::from_ref(&named.name));

            assert_eq!(policies.len(), 1);
            assert_sound(&policies);
            for called in &all {
                if called.name == named.name {
                    assert_allowed(&policies, called);
                } else {
                    assert_denied(&policies, called);
                }
            }
        }
    }
}

#[test]
fn the_same_registry_gives_the_same_text() {
    for text in SHIPPED {
        assert_eq!(least(text, &[]), least(text, &[]));
    }
}

#[test]
fn order_of_names_makes_no_difference() {
    let names = |names: [&str; 2]| names.map(str::to_owned).to_vec();

    let forth = least(SHIPPED[0], &names(["deepseek-r1", "claude-opus-4-1"]));
    let back = least(SHIPPED[0], &names(["claude-opus-4.1", "deepseek-r1"]));

    assert_eq!(forth, back);
}
