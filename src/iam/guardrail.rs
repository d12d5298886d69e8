//! A guardrail that callers may name, as an operator writes it.

use std::str::FromStr;

use crate::registry::BedrockArn;

const ALLOWED: &str = "must be an id of lower-case letters and digits, or an ARN such as \
     arn:aws:bedrock:us-east-1:123456789012:guardrail/abc123 or, for guardrails that work across \
     regions, arn:aws:bedrock:us-east-2:123456789012:guardrail-profile/us.guardrail.v1:0";

/// A guardrail, or a profile over which one is applied in several regions.
///
/// Source of the forms: botocore 1.44.8, `GuardrailIdentifier` and
/// `GuardrailCrossRegionGuardrailProfileArn`, seen 2026-11-29.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guardrail {
    /// Of the account and region that are called.
    Id(String),
    /// Any.
    Arn(String),
}

impl FromStr for Guardrail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if !text.starts_with("arn:") {
            return if is_id(text) {
                Ok(Self::Id(text.to_owned()))
            } else {
                Err(format!("is not a guardrail; {ALLOWED}"))
            };
        }
        let arn = BedrockArn::parse(text)
            .map_err(|problems| format!("{}; {ALLOWED}", problems.join(", ")))?;
        let is_right = match arn.kind_name {
            "guardrail" => is_id(arn.id),
            "guardrail-profile" => is_profile(arn.id),
            _ => false,
        };
        if is_right {
            Ok(Self::Arn(text.to_owned()))
        } else {
            Err(format!("is not the ARN of a guardrail; {ALLOWED}"))
        }
    }
}

fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty() && text.bytes().all(allowed)
}

/// Whether this is like `us.guardrail.v1:0`.
fn is_profile(text: &str) -> bool {
    let Some((geography, version)) = text.split_once(".guardrail.v") else {
        return false;
    };
    let in_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let in_version = |byte: u8| byte.is_ascii_digit() || byte == b':';
    !geography.is_empty()
        && geography.bytes().all(in_name)
        && !version.is_empty()
        && version.bytes().all(in_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_arns_of_guardrails_are_taken() {
        let profile = "arn:aws:bedrock:us-east-2:123456789012:guardrail-profile/us.guardrail.v1:0";
        let guardrail = "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:guardrail/abc1";

        assert_eq!("gr1".parse(), Ok(Guardrail::Id("gr1".to_owned())));
        assert_eq!(guardrail.parse(), Ok(Guardrail::Arn(guardrail.to_owned())));
        assert_eq!(profile.parse(), Ok(Guardrail::Arn(profile.to_owned())));
    }

    #[test]
    fn anything_else_is_refused_with_what_is_allowed() {
        for text in [
            "",
            "*",
            "Upper",
            "arn:aws:bedrock:us-east-1:123456789012:guardrail/*",
            "arn:aws:bedrock:us-east-1:123456789012:guardrail/ABC",
            "arn:aws:bedrock:us-east-1::guardrail/abc",
            "arn:aws:bedrock:*:123456789012:guardrail/abc",
            "arn:aws:bedrock:us-east-1:123456789012:guardrail-profile/us.guardrail.v",
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
        ] {
            let refusal = text.parse::<Guardrail>().unwrap_err();

            assert!(refusal.contains("must be"), "{text}: {refusal}");
        }
    }
}
