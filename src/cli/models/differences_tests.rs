use super::*;
use crate::registry::ParseChoices;
use crate::settings::ProfileAccount;

const GUIDE: &str = include_str!("../../../config/aws-bedrock-models.json");
const LIVING: &str = include_str!("../../../config/aws-bedrock-models.2026-11.json");

fn registry(text: &str) -> Registry {
    let choices = ParseChoices {
        region: "us-east-1".to_owned(),
        profile_account: ProfileAccount::AsWritten,
    };
    Registry::parse(text, &choices).unwrap()
}

fn between(old: &str, new: &str) -> Differences {
    Differences::between(&registry(old), &registry(new))
}

/// A registry of one model with these members.
fn one(members: &str) -> String {
    format!(r#"{{"modelRegistry": {{"m": {{"modelId": "acme.m", "priority": 1{members}}}}}}}"#)
}

fn changed(old: &str, new: &str) -> Vec<(String, String, String)> {
    let differences = between(&one(old), &one(new));
    let changes = differences.changed.into_iter();
    changes
        .flat_map(|change| change.members)
        .map(|one| (one.path, one.old.to_string(), one.new.to_string()))
        .collect()
}

#[test]
fn a_registry_does_not_differ_from_itself() {
    assert!(between(GUIDE, GUIDE).is_empty());
    assert!(between(LIVING, LIVING).is_empty());
}

#[test]
fn how_a_file_is_written_makes_no_difference() {
    let spelled_out = r#", "maxOutputTokens": 4096, "enabled": true, "displayName": "m",
        "features": {"streaming": true}, "prices": {"outputPerMillion": "1.50", "inputPerMillion": 5e-1}"#;
    let terse = r#", "prices": {"inputPerMillion": 0.5, "outputPerMillion": 1.5}"#;

    assert_eq!(changed(spelled_out, terse), []);
}

#[test]
fn every_member_that_changes_is_named_with_both_values() {
    for (old, new, path, values) in [
        ("", r#", "enabled": false"#, "enabled", ["true", "false"]),
        ("", r#", "aliases": ["a"]"#, "aliases", ["[]", r#"["a"]"#]),
        (
            "",
            r#", "deprecated": true"#,
            "deprecated",
            ["false", "true"],
        ),
        (
            "",
            r#", "contextWindow": 9000"#,
            "contextWindow",
            ["null", "9000"],
        ),
        (
            "",
            r#", "regions": ["eu-west-1"]"#,
            "regions",
            ["[]", r#"["eu-west-1"]"#],
        ),
        (
            r#", "lifecycle": {"endOfLifeDate": "2027-01-01"}"#,
            r#", "lifecycle": {}"#,
            "lifecycle.endOfLifeDate",
            [r#""2027-01-01""#, "null"],
        ),
        (
            "",
            r#", "mediaLimits": {"maxImages": 3}"#,
            "mediaLimits.maxImages",
            ["20", "3"],
        ),
        (
            "",
            r#", "timeouts": {"idleMs": 500}"#,
            "timeouts.idleMs",
            ["null", "500"],
        ),
        (
            "",
            r#", "features": {"tools": true}"#,
            "features.tools",
            ["false", "true"],
        ),
        (
            "",
            r#", "requiresInferenceProfile": true, "inferenceProfileArn":
               "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc""#,
            "calledAs",
            [
                r#""acme.m""#,
                r#""arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc""#,
            ],
        ),
    ] {
        let [old_value, new_value] = values.map(str::to_owned);

        assert_eq!(changed(old, new), [(path.to_owned(), old_value, new_value)]);
    }
}

#[test]
fn another_model_behind_the_same_profile_is_seen() {
    let behind = |id: &str| {
        format!(
            r#"{{"modelRegistry": {{"m": {{"modelId": "{id}", "priority": 1,
                "provider": "Acme", "requiresInferenceProfile": true, "inferenceProfileArn":
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"}}}}}}"#
        )
    };

    let differences = between(&behind("acme.m-v1"), &behind("acme.m-v2"));

    let members = &differences.changed[0].members;
    let [member] = members.as_slice() else {
        panic!("{members:?}");
    };
    assert_eq!(
        (member.path.as_str(), &member.old, &member.new),
        ("modelId", &json!("acme.m-v1"), &json!("acme.m-v2"))
    );
}

#[test]
fn models_come_and_go() {
    let differences = between(GUIDE, LIVING);

    assert_eq!(differences.added.len(), 16);
    assert_eq!(differences.added[0], "claude-opus-5-5");
    assert_eq!(differences.gone.len(), 8);
    assert_eq!(differences.gone[7], "deepseek-r1");
    assert!(differences.changed.is_empty());
    assert!(differences.order.is_none());
    assert_eq!(differences.removed_models[0].path, "anthropic.claude-v2:1");
}

#[test]
fn an_alias_is_not_the_model_of_that_name() {
    let old = r#"{"modelRegistry": {"a": {"modelId": "x.a", "priority": 1, "aliases": ["b"]}}}"#;
    let new = r#"{"modelRegistry": {"b": {"modelId": "x.a", "priority": 1}}}"#;

    let differences = between(old, new);

    assert_eq!(
        (differences.added, differences.gone),
        (vec!["b".to_owned()], vec!["a".to_owned()])
    );
}

#[test]
fn another_order_of_attempts_is_seen_only_where_it_is_one() {
    let three = |a: i32, b: i32, c: i32| {
        format!(
            r#"{{"modelRegistry": {{
                "a": {{"modelId": "x.a", "priority": {a}}},
                "b": {{"modelId": "x.b", "priority": {b}}},
                "c": {{"modelId": "x.c", "priority": {c}}}}}}}"#
        )
    };

    let spread = between(&three(1, 2, 3), &three(10, 20, 30));
    let turned = between(&three(1, 2, 3), &three(4, 2, 3));

    assert_eq!((spread.changed.len(), spread.order.is_none()), (3, true));
    let names = |names: [&str; 3]| names.map(str::to_owned).to_vec();
    assert_eq!(
        turned.order,
        Some((names(["a", "b", "c"]), names(["b", "c", "a"])))
    );
}
