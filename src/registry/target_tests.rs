use super::*;
use crate::registry::Registry;
use crate::registry::support::choices;

const PROFILE: &str = "us.anthropic.claude-opus-4-1-20250805-v1:0";
const BASE: &str = "anthropic.claude-opus-4-1-20250805-v1:0";

fn arn(account: &str) -> String {
    format!("arn:aws:bedrock:us-east-1:{account}:inference-profile/{PROFILE}")
}

fn target_in(model_id: &str, rest: &str, choices: &ParseChoices) -> Target {
    let text = format!(
        r#"{{"modelRegistry": {{"m": {{"modelId": "{model_id}", "priority": 1, {rest}}}}}}}"#
    );
    let registry = Registry::parse(&text, choices).unwrap();
    registry.find("m").unwrap().target.clone()
}

fn required(arn: &str) -> String {
    format!(r#""requiresInferenceProfile": true, "inferenceProfileArn": "{arn}""#)
}

#[test]
fn the_arn_is_called_when_a_profile_is_required() {
    let target = target_in(PROFILE, &required(&arn("394686422207")), &choices());

    assert_eq!(target.invocation_id, arn("394686422207"));
    assert_eq!(target.base_model_id, BASE);
    assert_eq!(target.region, "us-east-1");
}

#[test]
fn the_arn_may_stand_beside_the_plain_model_id() {
    let target = target_in(BASE, &required(&arn("394686422207")), &choices());

    assert_eq!(target.invocation_id, arn("394686422207"));
    assert_eq!(target.base_model_id, BASE);
}

#[test]
fn the_model_id_is_called_when_no_profile_is_required() {
    let rest = format!(r#""inferenceProfileArn": "{}""#, arn("394686422207"));

    let target = target_in(PROFILE, &rest, &choices());

    assert_eq!(target.invocation_id, PROFILE);
}

#[test]
fn the_model_id_is_called_when_it_is_that_of_a_profile_and_no_arn_is_there() {
    let rest = r#""requiresInferenceProfile": true, "inferenceProfileArn": null"#;

    let target = target_in(PROFILE, rest, &choices());

    assert_eq!(target.invocation_id, PROFILE);
    assert_eq!(target.base_model_id, BASE);
}

#[test]
fn another_account_takes_the_place_of_the_written_one() {
    let choices = ParseChoices {
        profile_account: ProfileAccount::Replace("111122223333".to_owned()),
        ..choices()
    };

    let target = target_in(PROFILE, &required(&arn("394686422207")), &choices);

    assert_eq!(target.invocation_id, arn("111122223333"));
}

#[test]
fn the_plain_profile_id_needs_neither_account_nor_region() {
    let choices = ParseChoices {
        profile_account: ProfileAccount::PlainId,
        region: "us-west-2".to_owned(),
    };

    let target = target_in(BASE, &required(&arn("394686422207")), &choices);

    assert_eq!(target.invocation_id, PROFILE);
    assert_eq!(target.region, "us-west-2");
}

#[test]
fn application_profiles_are_called_as_written_because_they_have_no_plain_id() {
    let own = "arn:aws:bedrock:us-east-1:394686422207:application-inference-profile/a1b2c3d4e5f6";
    for profile_account in [
        ProfileAccount::AsWritten,
        ProfileAccount::PlainId,
        ProfileAccount::Replace("111122223333".to_owned()),
    ] {
        let choices = ParseChoices {
            profile_account,
            ..choices()
        };

        let target = target_in(BASE, &required(own), &choices);

        assert_eq!(target.invocation_id, own);
        assert_eq!(target.base_model_id, BASE);
    }
}

#[test]
fn arns_of_other_partitions_and_kinds_can_be_model_ids() {
    for (region, id, base) in [
        (
            "us-gov-west-1",
            "arn:aws-us-gov:bedrock:us-gov-west-1:394686422207:inference-profile/us-gov.amazon.nova-pro-v1:0",
            "amazon.nova-pro-v1:0",
        ),
        (
            "us-east-1",
            "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0",
            "amazon.nova-pro-v1:0",
        ),
        (
            "us-east-1",
            "arn:aws:bedrock:us-east-1:394686422207:provisioned-model/abc",
            "arn:aws:bedrock:us-east-1:394686422207:provisioned-model/abc",
        ),
    ] {
        let choices = ParseChoices {
            region: region.to_owned(),
            ..choices()
        };

        let target = target_in(id, r#""enabled": true"#, &choices);

        assert_eq!(target.invocation_id, id);
        assert_eq!(target.base_model_id, base);
    }
}

#[test]
fn only_a_geography_is_taken_off_a_profile_id() {
    for (id, base) in [
        ("us.deepseek.r1-v1:0", "deepseek.r1-v1:0"),
        ("us-gov.amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("global.amazon.nova-2-lite-v1:0", "amazon.nova-2-lite-v1:0"),
        ("deepseek.v3.2", "deepseek.v3.2"),
        ("amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
    ] {
        assert_eq!(base_model_id(id), base);
    }
}

#[test]
fn a_stored_prompt_is_called_as_written_whatever_the_account_setting() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:2";
    for profile_account in [
        ProfileAccount::AsWritten,
        ProfileAccount::PlainId,
        ProfileAccount::Replace("999999999999".to_owned()),
    ] {
        let choices = ParseChoices {
            profile_account,
            ..choices()
        };

        let target = target_in(arn, r#""aliases": []"#, &choices);

        assert!(target.is_prompt);
        assert_eq!(target.invocation_id, arn);
        assert_eq!(target.base_model_id, arn);
    }
}

#[test]
fn a_prompt_router_is_no_stored_prompt() {
    for kind in ["prompt-router", "default-prompt-router"] {
        let arn = format!("arn:aws:bedrock:us-east-1:123456789012:{kind}/anthropic.claude:1");

        let target = target_in(&arn, r#""aliases": []"#, &choices());

        assert!(!target.is_prompt, "{kind}");
        assert_eq!(target.invocation_id, arn);
    }
}

#[test]
fn nothing_is_assumed_to_count_tokens_where_the_model_is_not_known() {
    let text = std::fs::read_to_string("tests/fixtures/registry/accepted/prompts_and_routers.json");

    let registry = Registry::parse(&text.unwrap(), &choices()).unwrap();

    for model in registry.models() {
        let can_count = model.can(crate::proto::Capability::TokenCounting);
        assert!(!can_count, "{}", model.name);
    }
}

#[test]
fn why_the_identifier_is_called_is_known() {
    let own = arn("111122223333");
    let account = ProfileAccount::Replace("111122223333".to_owned());
    for (model_id, rest, profile_account, reason) in [
        (
            PROFILE,
            required(&own),
            ProfileAccount::AsWritten,
            CallReason::RequiredProfile(ArnForm::AsWritten),
        ),
        (
            PROFILE,
            required(&own),
            account.clone(),
            CallReason::RequiredProfile(ArnForm::OtherAccount),
        ),
        (
            BASE,
            required(&own),
            ProfileAccount::PlainId,
            CallReason::RequiredProfile(ArnForm::PlainId),
        ),
        (
            PROFILE,
            r#""requiresInferenceProfile": true"#.to_owned(),
            account.clone(),
            CallReason::RequiredProfileId,
        ),
        (
            PROFILE,
            format!(r#""inferenceProfileArn": "{own}""#),
            ProfileAccount::AsWritten,
            CallReason::ModelId,
        ),
        (
            &own,
            r#""requiresInferenceProfile": true"#.to_owned(),
            account,
            CallReason::ModelArn(ArnForm::OtherAccount),
        ),
    ] {
        let choices = ParseChoices {
            profile_account,
            ..choices()
        };

        let target = target_in(model_id, &rest, &choices);

        assert_eq!(target.reason, reason, "{model_id} {rest}");
    }
}

#[test]
fn the_reason_is_a_phrase_that_names_what_decided() {
    let phrases = [
        CallReason::RequiredProfile(ArnForm::AsWritten),
        CallReason::RequiredProfile(ArnForm::OtherAccount),
        CallReason::RequiredProfile(ArnForm::PlainId),
        CallReason::RequiredProfileId,
        CallReason::ModelId,
        CallReason::ModelArn(ArnForm::AsWritten),
    ]
    .map(|reason| reason.to_string());

    assert_eq!(
        phrases,
        [
            "the ARN as written in inferenceProfileArn, because requiresInferenceProfile is true",
            "the ARN in inferenceProfileArn with the account of registry.profile_account, because \
             requiresInferenceProfile is true",
            "the profile id out of inferenceProfileArn, as registry.profile_account says, because \
             requiresInferenceProfile is true",
            "the profile id in modelId, because requiresInferenceProfile is true and there is no \
             inferenceProfileArn",
            "the modelId, because requiresInferenceProfile is not true",
            "the ARN as written in modelId",
        ]
    );
}
