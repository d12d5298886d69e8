//! IAM's decision on a call, from the text of policies alone.
//!
//! Knows the part of IAM's language that may stand in such policies, and fails on the rest instead
//! of guessing. Source: "Policy evaluation logic" and "IAM JSON policy elements" of the IAM user
//! guide, seen 2026-11-29.

use std::collections::HashSet;

use serde_json::Value;

/// What AWS asks IAM before it does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) action: &'static str,
    pub(super) resource: String,
    /// Keys and values that the policies' conditions may look at.
    pub(super) context: Vec<(&'static str, String)>,
}

/// Whether a role with these policies may do this. What nothing allows is denied.
pub(super) fn allows(policies: &[Value], question: &Question) -> bool {
    let statements: Vec<&Value> = policies.iter().flat_map(statements).collect();
    let decides = |effect: &str| {
        statements
            .iter()
            .any(|statement| statement["Effect"] == effect && matches(statement, question))
    };
    decides("Allow") && !decides("Deny")
}

/// Everything in which a least policy is not as IAM wants it, or wider than it has to be.
pub(super) fn mistakes(policy: &Value) -> Vec<String> {
    let mut mistakes = Vec::new();
    let size = policy
        .to_string()
        .chars()
        .filter(|c| !c.is_whitespace())
        .count();
    if size > 6144 {
        mistakes.push(format!("{size} characters are too many"));
    }
    if policy["Version"] != "2012-10-17" {
        mistakes.push("Version is not that of today's language".to_owned());
    }
    let mut sids = HashSet::new();
    for statement in statements(policy) {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let is_plain = !sid.is_empty() && sid.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_plain || !sids.insert(sid) {
            mistakes.push(format!("Sid {sid:?} is not alphanumeric, or there twice"));
        }
        let actions = texts(&statement["Action"]);
        let resources = texts(&statement["Resource"]);
        if actions.is_empty() || resources.is_empty() {
            mistakes.push(format!("{sid} is empty"));
        }
        // The only action here that knows no resources.
        let is_for_all = actions == ["bedrock:CallWithBearerToken"] && resources == ["*"];
        for text in actions.iter().chain(&resources) {
            if text.contains(['*', '?']) && !is_for_all {
                mistakes.push(format!("{sid} has a wildcard: {text}"));
            }
        }
        for list in [&actions, &resources] {
            if list.iter().collect::<HashSet<_>>().len() < list.len() {
                mistakes.push(format!("{sid} says something twice"));
            }
        }
    }
    mistakes
}

fn statements(policy: &Value) -> &Vec<Value> {
    policy["Statement"]
        .as_array()
        .expect("a list of statements")
}

fn matches(statement: &Value, question: &Question) -> bool {
    for key in statement.as_object().unwrap().keys() {
        let is_known = matches!(
            &**key,
            "Sid" | "Effect" | "Action" | "Resource" | "Condition"
        );
        assert!(is_known, "{key} cannot be judged");
    }
    let action = question.action.to_lowercase();
    texts(&statement["Action"])
        .iter()
        .any(|pattern| is_like(&action, &pattern.to_lowercase()))
        && texts(&statement["Resource"])
            .iter()
            .any(|pattern| is_like(&question.resource, pattern))
        && fulfils(&statement["Condition"], question)
}

/// Every operator, and every key of it, must agree; any of a key's values will do. A key that the
/// call does not have agrees with nothing.
fn fulfils(condition: &Value, question: &Question) -> bool {
    let Some(operators) = condition.as_object() else {
        return condition.is_null();
    };
    operators.iter().all(|(operator, keys)| {
        assert_eq!(operator, "StringEquals", "cannot be judged");
        keys.as_object().unwrap().iter().all(|(key, values)| {
            let given = question.context.iter().find(|(name, _)| name == key);
            given.is_some_and(|(_, given)| texts(values).iter().any(|value| value == given))
        })
    })
}

fn is_like(text: &str, pattern: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return text == pattern;
    }
    match pattern.split_at_checked(1) {
        None => text.is_empty(),
        Some(("*", rest)) => {
            text.char_indices()
                .any(|(index, _)| text.get(index..).is_some_and(|text| is_like(text, rest)))
                || rest.is_empty()
        }
        Some(("?", rest)) => text.get(1..).is_some_and(|text| is_like(text, rest)),
        Some((letter, rest)) => text
            .strip_prefix(letter)
            .is_some_and(|text| is_like(text, rest)),
    }
}

/// One text or a list of them.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => {
            let texts = texts.iter().map(|text| text.as_str().unwrap().to_owned());
            texts.collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_judge_knows_right_from_wrong() {
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "A", "Effect": "Allow",
        "Action": ["bedrock:InvokeModel"],
        "Resource": ["arn:aws:bedrock:us-east-1::foundation-model/a", "arn:aws:bedrock:us-west-*"],
        "Condition": {"StringEquals": {"bedrock:InferenceProfileArn": ["p", "q"]}},
    }]});
    let question = |action, resource: &str, profile: &[&str]| Question {
        action,
        resource: resource.to_owned(),
        context: profile
            .iter()
            .map(|arn| ("bedrock:InferenceProfileArn", (*arn).to_owned()))
            .collect(),
    };
    let model = "arn:aws:bedrock:us-east-1::foundation-model/a";
    let judged = |question: Question| allows(std::slice::from_ref(&policy), &question);

    assert!(judged(question("bedrock:InvokeModel", model, &["q"])));
    assert!(judged(question(
        "bedrock:InvokeModel",
        "arn:aws:bedrock:us-west-2::x",
        &["p"]
    )));
    assert!(!judged(question("bedrock:InvokeModel", model, &["r"])));
    assert!(!judged(question("bedrock:InvokeModel", model, &[])));
    assert!(!judged(question("bedrock:CountTokens", model, &["q"])));
    assert!(!judged(question(
        "bedrock:InvokeModel",
        "arn:aws:bedrock:us-east-1::b",
        &["q"]
    )));
    assert_eq!(mistakes(&policy).len(), 1, "the wildcard");
}
