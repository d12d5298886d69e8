//! Where Bedrock runs a model: the identifier that is called, and its region.

use crate::registry::arn::BedrockArn;
use crate::registry::arn::ResourceKind;
use crate::registry::call_reason::ArnForm;
use crate::registry::call_reason::CallReason;
use crate::registry::file::ModelEntry;
use crate::registry::object::member_path;
use crate::registry::problem::Problems;
use crate::settings::ProfileAccount;

/// What a system-defined inference profile's id may begin with: the geography within which it
/// spreads calls.
///
/// Source: the AWS documentation of inference profiles and the ids in use, seen 2026-11-22.
const GEOGRAPHIES: [&str; 9] = [
    "us", "eu", "apac", "jp", "au", "ca", "global", "us-gov", "in",
];

/// What goes into the `modelId` of a call, parsed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What is called: an inference profile ARN, a profile id, a model id, or the ARN of anything
    /// else that Bedrock can call.
    pub invocation_id: String,
    /// The foundation model behind it, without a profile's prefix. CountTokens wants this. The ARN
    /// if that does not say which model is behind it.
    pub base_model_id: String,
    /// Whether it is a stored prompt, which brings its own instructions, tools and inference
    /// parameters.
    pub is_prompt: bool,
    /// Why this identifier is called.
    pub reason: CallReason,
    /// AWS region that is called.
    pub region: String,
    /// Regions to which the inference profile may send a call; empty if unknown or no profile.
    pub destination_regions: Vec<String>,
}

/// What the operator chose that decides how models are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseChoices {
    /// AWS region that is called.
    pub region: String,
    /// How the account in inference profile ARNs is treated.
    pub profile_account: ProfileAccount,
}

impl Target {
    /// Decides what is called for an entry: the ARN if a profile is required and an ARN is there,
    /// the model id otherwise. An ARN is checked even if it is not called. `None`, with a problem,
    /// if there is no telling.
    pub(super) fn of(
        entry: &ModelEntry,
        path: &str,
        choices: &ParseChoices,
        problems: &Problems,
    ) -> Option<Self> {
        let arn_path = member_path(path, "inferenceProfileArn");
        let model_id = entry.model_id.as_deref();
        // Both are looked at before either is missed, so that all problems are found.
        let model = model_id.map(|id| {
            let path = member_path(path, "modelId");
            called_model(id, &path, choices, problems)
        });
        let profile = entry
            .inference_profile_arn
            .as_deref()
            .map(|text| called_profile(text, model_id, &arn_path, choices, problems));
        let called_model = model??;
        let called_profile = match profile {
            Some(profile) => Some(profile?),
            None => None,
        };

        let requires_profile = entry.requires_inference_profile.unwrap_or_default();
        let called = match (requires_profile, called_profile) {
            // An opaque profile does not say which model is behind it, the model id does.
            (true, Some(profile)) => Callable {
                base_model_id: called_model.base_model_id,
                ..profile
            },
            (true, None) if !called_model.is_profile => {
                problems.add(
                    &arn_path,
                    "is missing; must be there because requiresInferenceProfile is true and the \
                     modelId is not that of a profile, such as us.anthropic.claude-…",
                );
                return None;
            }
            (true, None) if called_model.reason == CallReason::ModelId => Callable {
                reason: CallReason::RequiredProfileId,
                ..called_model
            },
            (_, _) => called_model,
        };
        Some(Self {
            invocation_id: called.invocation_id,
            base_model_id: called.base_model_id,
            is_prompt: called.is_prompt,
            reason: called.reason,
            region: choices.region.clone(),
            destination_regions: entry.destination_regions.clone(),
        })
    }
}

/// One way to call a model.
struct Callable {
    invocation_id: String,
    base_model_id: String,
    is_profile: bool,
    is_prompt: bool,
    reason: CallReason,
}

impl Callable {
    fn of_id(id: &str) -> Self {
        Self {
            invocation_id: id.to_owned(),
            base_model_id: base_model_id(id).to_owned(),
            is_profile: base_model_id(id) != id,
            is_prompt: false,
            reason: CallReason::ModelId,
        }
    }

    fn of_arn(
        arn: &BedrockArn<'_>,
        choices: &ParseChoices,
        reason: fn(ArnForm) -> CallReason,
    ) -> Self {
        // Other profiles belong to the account that made them and have no plain id.
        let is_system_profile = arn.kind == ResourceKind::InferenceProfile;
        let (invocation_id, form) = match &choices.profile_account {
            ProfileAccount::Replace(account) if is_system_profile => {
                (arn.with_account(account), ArnForm::OtherAccount)
            }
            ProfileAccount::PlainId if is_system_profile => (arn.id.to_owned(), ArnForm::PlainId),
            ProfileAccount::Replace(_) | ProfileAccount::PlainId | ProfileAccount::AsWritten => {
                (arn.to_string(), ArnForm::AsWritten)
            }
        };
        let base_model_id = match arn.kind {
            ResourceKind::InferenceProfile | ResourceKind::FoundationModel => {
                base_model_id(arn.id).to_owned()
            }
            ResourceKind::ApplicationInferenceProfile
            | ResourceKind::Prompt
            | ResourceKind::Other => arn.to_string(),
        };
        Self {
            invocation_id,
            base_model_id,
            is_profile: matches!(
                arn.kind,
                ResourceKind::InferenceProfile | ResourceKind::ApplicationInferenceProfile
            ),
            is_prompt: arn.kind == ResourceKind::Prompt,
            reason: reason(form),
        }
    }
}

/// The id of the foundation model: what is left without a profile's geography.
pub(super) fn base_model_id(id: &str) -> &str {
    geography(id).map_or(id, |(_, model)| model)
}

/// The geography of a system-defined profile's id, and the model behind it; `None` for any other id.
pub(crate) fn geography(id: &str) -> Option<(&str, &str)> {
    id.split_once('.')
        .filter(|(geography, _)| GEOGRAPHIES.contains(geography))
}

/// The way to call what `modelId` names.
fn called_model(
    model_id: &str,
    path: &str,
    choices: &ParseChoices,
    problems: &Problems,
) -> Option<Callable> {
    if !model_id.starts_with("arn:") {
        return Some(Callable::of_id(model_id));
    }
    let arn = parsed_arn(model_id, path, problems)?;
    fits_region(&arn, path, choices, problems)
        .then(|| Callable::of_arn(&arn, choices, CallReason::ModelArn))
}

/// The way to call what `inferenceProfileArn` names.
fn called_profile(
    text: &str,
    model_id: Option<&str>,
    path: &str,
    choices: &ParseChoices,
    problems: &Problems,
) -> Option<Callable> {
    let arn = parsed_arn(text, path, problems)?;
    let fits_region = fits_region(&arn, path, choices, problems);
    let fits_model = model_id
        .is_none_or(|model_id| model_id == text || fits_model(&arn, model_id, path, problems));
    (fits_region && fits_model)
        .then(|| Callable::of_arn(&arn, choices, CallReason::RequiredProfile))
}

fn parsed_arn<'a>(text: &'a str, path: &str, problems: &Problems) -> Option<BedrockArn<'a>> {
    match BedrockArn::parse(text) {
        Ok(arn) => Some(arn),
        Err(wrong) => {
            for problem in wrong {
                problems.add(path, format!("{problem}, in {text:?}"));
            }
            None
        }
    }
}

/// Checks an ARN against the configured region.
fn fits_region(
    arn: &BedrockArn<'_>,
    path: &str,
    choices: &ParseChoices,
    problems: &Problems,
) -> bool {
    // The plain id has no region, so that of the ARN does not matter.
    let has_plain_id = arn.kind == ResourceKind::InferenceProfile;
    let becomes_plain = has_plain_id && choices.profile_account == ProfileAccount::PlainId;
    let fits = arn.region == choices.region || becomes_plain;
    if !fits {
        let unless = if has_plain_id {
            ", unless registry.profile_account is plain-id"
        } else {
            ""
        };
        let BedrockArn { region, .. } = arn;
        let configured = &choices.region;
        let message = format!(
            "has region {region}; must have {configured}, the configured AWS region{unless}"
        );
        problems.add(path, message);
    }
    fits
}

/// Checks an `inferenceProfileArn` against the model id beside it.
fn fits_model(arn: &BedrockArn<'_>, model_id: &str, path: &str, problems: &Problems) -> bool {
    match arn.kind {
        ResourceKind::InferenceProfile => {
            let fits = arn.id == model_id || base_model_id(arn.id) == model_id;
            if !fits {
                problems.add(
                    path,
                    format!(
                        "has profile {}; must be that of modelId {model_id}: the same, or the \
                         same after a geography such as \"us.\"",
                        arn.id
                    ),
                );
            }
            fits
        }
        // Its id is opaque: nothing to compare.
        ResourceKind::ApplicationInferenceProfile => true,
        ResourceKind::FoundationModel | ResourceKind::Prompt | ResourceKind::Other => {
            problems.add(
                path,
                "is not an inference profile; must have the resource inference-profile/… or \
                 application-inference-profile/…",
            );
            false
        }
    }
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
