//! Which credentials were found, and by which provider of the SDK's chain, as far as an operator
//! may see it: no secret, and of the key's id no more than tells it from others.

use std::fmt;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_smithy_runtime_api::client::identity::Identity;

/// Letters of a key's id that are shown at its beginning and at its end.
const SHOWN_LETTERS: usize = 4;

/// Credentials, without what is secret about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCredentials {
    /// Who provided them.
    pub source: CredentialSource,
    /// Beginning and end of the access key's id; `None` for a bearer token.
    pub key_id: Option<String>,
    /// When they expire, if they do.
    pub expiry: Option<SystemTime>,
    /// The account they belong to, if their source says.
    pub account: Option<String>,
}

/// Who provides credentials: a link of the SDK's chain, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialSource {
    /// An API key of Bedrock, which goes before the chain.
    BearerToken,
    /// Keys in variables.
    Environment,
    /// Keys in a profile.
    Profile,
    /// A role that a profile assumes.
    AssumedRole,
    /// A session of IAM Identity Center.
    Sso,
    /// A session of `aws login`.
    Login,
    /// A process that a profile names.
    Process,
    /// A role for which a token file vouches, as with IRSA.
    WebIdentity,
    /// The role of an ECS task or an EKS pod.
    Container,
    /// The role of an EC2 instance.
    Instance,
    /// The program itself, for the emulator.
    BuiltIn,
    /// A link of the chain that this program does not know.
    Other,
}

impl CredentialSource {
    /// The name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BearerToken => "bearerToken",
            Self::Environment => "environment",
            Self::Profile => "profile",
            Self::AssumedRole => "assumedRole",
            Self::Sso => "sso",
            Self::Login => "login",
            Self::Process => "process",
            Self::WebIdentity => "webIdentity",
            Self::Container => "container",
            Self::Instance => "instance",
            Self::BuiltIn => "builtIn",
            Self::Other => "other",
        }
    }

    /// Whether a profile of the AWS files led there.
    pub const fn is_in_profile(self) -> bool {
        match self {
            Self::Profile | Self::AssumedRole | Self::Sso | Self::Login | Self::Process => true,
            Self::BearerToken
            | Self::Environment
            | Self::WebIdentity
            | Self::Container
            | Self::Instance
            | Self::BuiltIn
            | Self::Other => false,
        }
    }

    /// What the SDK's providers leave on what they provide. The profile's provider marks whatever
    /// it led to, so its own mark says something only when it stands alone.
    fn of(features: &[Feature]) -> Self {
        let others = features.iter().rev().find_map(|feature| match feature {
            Feature::CredentialsEnvVars => Some(Self::Environment),
            Feature::CredentialsEnvVarsStsWebIdToken
            | Feature::CredentialsStsAssumeRoleWebId
            | Feature::CredentialsProfileStsWebIdToken => Some(Self::WebIdentity),
            Feature::CredentialsStsAssumeRole | Feature::CredentialsStsAssumeRoleSaml => {
                Some(Self::AssumedRole)
            }
            Feature::CredentialsSso | Feature::CredentialsProfileSso => Some(Self::Sso),
            Feature::CredentialsLogin | Feature::CredentialsProfileLogin => Some(Self::Login),
            Feature::CredentialsProcess | Feature::CredentialsProfileProcess => Some(Self::Process),
            Feature::CredentialsHttp => Some(Self::Container),
            Feature::CredentialsImds => Some(Self::Instance),
            _ => None,
        });
        let is_profile = features.contains(&Feature::CredentialsProfile);
        others.unwrap_or(if is_profile {
            Self::Profile
        } else {
            Self::Other
        })
    }
}

impl fmt::Display for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BearerToken => "the API key in AWS_BEARER_TOKEN_BEDROCK",
            Self::Environment => "the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            Self::Profile => "keys of a profile",
            Self::AssumedRole => "a role that a profile assumes",
            Self::Sso => "a session of IAM Identity Center",
            Self::Login => "a session of aws login",
            Self::Process => "the credential_process of a profile",
            Self::WebIdentity => "web identity (IRSA)",
            Self::Container => "the role of the ECS task or EKS pod",
            Self::Instance => "the role of the instance (IMDS)",
            Self::BuiltIn => "the emulator's own",
            Self::Other => "another provider of the AWS SDK",
        })
    }
}

impl FoundCredentials {
    /// The API key; nothing of it is shown.
    pub(super) fn bearer_token() -> Self {
        Self {
            source: CredentialSource::BearerToken,
            key_id: None,
            expiry: None,
            account: None,
        }
    }

    /// The same, from the program itself.
    pub(super) fn built_in(self) -> Self {
        Self {
            source: CredentialSource::BuiltIn,
            ..self
        }
    }

    /// What calls are signed with.
    pub(super) fn of(identity: &Identity) -> Self {
        let credentials = identity.data::<Credentials>();
        let features = credentials.and_then(|found| found.get_property::<Vec<Feature>>());
        let account = credentials.and_then(Credentials::account_id);
        Self {
            source: CredentialSource::of(features.map_or(&[], Vec::as_slice)),
            key_id: credentials.map(|found| shortened(found.access_key_id())),
            expiry: identity.expiration(),
            account: account.map(|account| account.as_str().to_owned()),
        }
    }
}

/// `AKIA…0000`. Of an id too short to hide anything in the middle, nothing is shown.
fn shortened(key_id: &str) -> String {
    let letters: Vec<char> = key_id.chars().collect();
    match (
        letters.first_chunk::<SHOWN_LETTERS>(),
        letters.last_chunk::<SHOWN_LETTERS>(),
    ) {
        (Some(first), Some(last)) if letters.len() >= 3 * SHOWN_LETTERS => {
            let (first, last) = (String::from_iter(first), String::from_iter(last));
            format!("{first}…{last}")
        }
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(features: &[Feature]) -> FoundCredentials {
        let mut credentials = Credentials::new(
            "ASIAEXAMPLE00007777",
            "badger/in/the/secret/key",
            Some("heron/in/the/session/token".to_owned()),
            Some(SystemTime::UNIX_EPOCH),
            "Test",
        );
        credentials.set_property(features.to_vec());
        FoundCredentials::of(&credentials.into())
    }

    #[test]
    fn every_provider_of_the_chain_is_told_from_the_others() {
        for (features, source) in [
            (
                vec![Feature::CredentialsEnvVars],
                CredentialSource::Environment,
            ),
            (vec![Feature::CredentialsProfile], CredentialSource::Profile),
            (
                vec![Feature::CredentialsSso, Feature::CredentialsProfile],
                CredentialSource::Sso,
            ),
            (
                vec![Feature::CredentialsProcess, Feature::CredentialsProfile],
                CredentialSource::Process,
            ),
            (
                vec![
                    Feature::CredentialsStsAssumeRole,
                    Feature::CredentialsProfile,
                ],
                CredentialSource::AssumedRole,
            ),
            (
                vec![Feature::CredentialsProfileStsWebIdToken],
                CredentialSource::WebIdentity,
            ),
            (vec![Feature::CredentialsHttp], CredentialSource::Container),
            (vec![Feature::CredentialsImds], CredentialSource::Instance),
            (vec![], CredentialSource::Other),
        ] {
            assert_eq!(found(&features).source, source, "{features:?}");
        }
    }

    #[test]
    fn nothing_secret_is_left() {
        let found = found(&[Feature::CredentialsEnvVars]);

        let text = format!("{found:?}");
        assert_eq!(found.key_id.as_deref(), Some("ASIA…7777"));
        assert_eq!(found.expiry, Some(SystemTime::UNIX_EPOCH));
        for secret in ["badger", "heron", "EXAMPLE"] {
            assert!(!text.contains(secret), "{text}");
        }
    }

    #[test]
    fn short_key_id_is_not_shown_at_all() {
        assert_eq!(shortened("AKIA1234"), "…");
        assert_eq!(shortened(""), "…");
    }
}
