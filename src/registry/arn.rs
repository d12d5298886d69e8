//! ARNs of things that Bedrock can call.

use std::fmt;

use crate::registry::values::is_region;

/// An ARN of Bedrock, taken apart: `arn:{partition}:bedrock:{region}:{account}:{kind}/{id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BedrockArn<'a> {
    partition: &'a str,
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) kind_name: &'a str,
    pub(crate) kind: ResourceKind,
    pub(crate) id: &'a str,
}

/// What an ARN names, as far as it makes a difference here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResourceKind {
    /// A profile that AWS defined, the same in every account.
    InferenceProfile,
    /// A profile that an account made.
    ApplicationInferenceProfile,
    /// A model itself. Belongs to no account.
    FoundationModel,
    /// A prompt that an account stored, or one version of it.
    Prompt,
    /// Provisioned throughput, an imported model, a prompt router and the like.
    Other,
}

impl ResourceKind {
    fn of(name: &str) -> Self {
        match name {
            "inference-profile" => Self::InferenceProfile,
            "application-inference-profile" => Self::ApplicationInferenceProfile,
            "foundation-model" => Self::FoundationModel,
            "prompt" => Self::Prompt,
            _ => Self::Other,
        }
    }
}

impl<'a> BedrockArn<'a> {
    /// Takes an ARN apart, or says everything that is wrong with it and what is allowed.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Vec<String>> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next().unwrap_or_default();
        let (scheme, partition, service) = (next(), next(), next());
        let (region, account, resource) = (next(), next(), next());
        if scheme != "arn" || resource.is_empty() {
            return Err(vec![
                "is not an ARN; must be arn:aws:bedrock:{region}:{account}:inference-profile/{id}"
                    .to_owned(),
            ]);
        }
        let (kind_name, id) = resource.split_once('/').unwrap_or((resource, ""));
        let arn = Self {
            partition,
            region,
            account,
            kind_name,
            kind: ResourceKind::of(kind_name),
            id,
        };
        let mut wrong = arn.wrong_region();
        if service != "bedrock" {
            wrong.push(format!("has service {service:?}; must be \"bedrock\""));
        }
        wrong.extend(arn.wrong_account());
        wrong.extend(arn.wrong_resource());
        if wrong.is_empty() {
            Ok(arn)
        } else {
            Err(wrong)
        }
    }

    fn wrong_region(&self) -> Vec<String> {
        let Self {
            partition, region, ..
        } = self;
        if !is_region(region) {
            return vec![format!("has region {region:?}; must be one like us-east-1")];
        }
        let right = partition_of(region);
        if *partition != right {
            return vec![format!(
                "has partition {partition:?}; must be {right:?} for region {region}"
            )];
        }
        Vec::new()
    }

    fn wrong_account(&self) -> Option<String> {
        let account = self.account;
        let is_number = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
        let (is_right, allowed) = match self.kind {
            ResourceKind::FoundationModel => (account.is_empty(), "empty"),
            ResourceKind::InferenceProfile
            | ResourceKind::ApplicationInferenceProfile
            | ResourceKind::Prompt
            | ResourceKind::Other => (is_number, "12 digits"),
        };
        (!is_right).then(|| format!("has account {account:?}; must be {allowed}"))
    }

    fn wrong_resource(&self) -> Option<String> {
        let Self { kind_name, id, .. } = self;
        let allowed =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '/' | '-');
        let is_named = !kind_name.is_empty() && !id.is_empty() && id.chars().all(allowed);
        let (is_right, form) = match self.kind {
            ResourceKind::Prompt => (
                is_prompt(id),
                "prompt/{id} with 10 letters and digits, or prompt/{id}:{version} with a number",
            ),
            ResourceKind::Other if !kind_name.is_empty() => (is_named, "the kind, a slash, an id"),
            ResourceKind::InferenceProfile
            | ResourceKind::ApplicationInferenceProfile
            | ResourceKind::FoundationModel
            | ResourceKind::Other => (
                is_named,
                "inference-profile/{id} or application-inference-profile/{id}",
            ),
        };
        let resource = format!("{kind_name}/{id}");
        (!is_right).then(|| format!("has resource {resource:?}; must be {form}"))
    }

    /// The same resource in another account.
    pub(super) fn with_account(&self, account: &str) -> String {
        BedrockArn {
            account,
            ..self.clone()
        }
        .to_string()
    }
}

impl fmt::Display for BedrockArn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
            kind_name,
            id,
            ..
        } = self;
        write!(
            f,
            "arn:{partition}:bedrock:{region}:{account}:{kind_name}/{id}"
        )
    }
}

/// Whether this names a stored prompt, with or without a version.
///
/// Source: botocore 1.44.5, `ConversationalModelId`, seen 2026-11-22.
fn is_prompt(id: &str) -> bool {
    let (prompt, version) = match id.split_once(':') {
        Some((prompt, version)) => (prompt, Some(version)),
        None => (id, None),
    };
    let is_version = |version: &str| {
        (1..=5).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_digit())
    };
    prompt.len() == 10
        && prompt.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && version.is_none_or(is_version)
}

/// The partition in ARNs of a region.
pub(crate) fn partition_of(region: &str) -> &'static str {
    if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else if region.starts_with("cn-") {
        "aws-cn"
    } else {
        "aws"
    }
}
