//! What somebody wants to allow, and the policies that come of it.

use std::sync::Arc;

use super::broad::broad;
use super::guardrail::Guardrail;
use super::listed_profiles::ListedProfiles;
use super::needs::Basis;
use super::needs::Found;
use super::needs::Need;
use super::needs::need_of_bearer_key;
use super::needs::needs_of;
use super::needs::needs_of_guardrails;
use super::pack::pack;
use super::policy::Policy;
use super::resources::OWN_ACCOUNT;
use super::resources::Place;
use crate::registry::BedrockArn;
use crate::registry::Model;
use crate::registry::ResourceKind;

/// What a gateway shall be allowed.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The models it calls.
    pub models: Vec<Arc<Model>>,
    /// AWS region that it calls.
    pub region: String,
    /// Account of 12 digits whose profiles it calls by their plain ids, if known.
    pub account: Option<String>,
    /// What stands behind the profiles, if it was listed.
    pub profiles: Option<ListedProfiles>,
    /// Guardrails that callers may name.
    pub guardrails: Vec<Guardrail>,
    /// Whether its credentials are a Bedrock API key.
    pub bearer_key: bool,
}

/// Policies, and what the operator should know about them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// In order; all of them are needed.
    pub policies: Vec<Policy>,
    /// What may make the policies wrong.
    pub warnings: Vec<String>,
    /// Names of models whose destination regions are those of the registry.
    pub by_registry: Vec<String>,
}

/// A resource that is too long for a policy of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy for one resource of model {model} is larger than IAM allows: {resource}")]
pub struct TooLarge {
    /// Registry name of the model.
    pub model: String,
    /// The ARN.
    pub resource: String,
}

impl TooLarge {
    pub(super) fn of(need: &Need) -> Self {
        Self {
            model: need.model.clone(),
            resource: need.resource.clone(),
        }
    }
}

impl Wanted {
    /// The policies that allow this and nothing else.
    ///
    /// # Errors
    /// [`TooLarge`] if the ARNs of the registry are too long for IAM.
    pub fn least(&self) -> Result<Draft, TooLarge> {
        let (mut draft, mut groups) = self.needs();
        groups.push(self.needs_of_all());
        draft.policies = pack(groups)?;
        Ok(draft)
    }

    /// One policy that allows this and everything of the same kind.
    pub fn broad(&self) -> Draft {
        let (mut draft, mut groups) = self.needs();
        groups.push(self.needs_of_all());
        draft.policies = vec![broad(&groups.concat())];
        draft
    }

    /// The account whose profiles the registry names by ARN, if it is one.
    pub fn account_of_profiles(models: &[Arc<Model>]) -> Option<String> {
        let mut accounts: Vec<&str> = profile_arns(models).map(|(_, arn)| arn.account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        match accounts.as_slice() {
            [account] => Some((*account).to_owned()),
            _ => None,
        }
    }

    /// Models whose profiles are called in another account than this, with that account.
    pub fn in_other_accounts(models: &[Arc<Model>], account: &str) -> Vec<(String, String)> {
        profile_arns(models)
            .filter(|(_, arn)| arn.account != account)
            .map(|(model, arn)| (model.name.clone(), arn.account.to_owned()))
            .collect()
    }

    fn needs(&self) -> (Draft, Vec<Vec<Need>>) {
        let basis = Basis {
            place: self.place(),
            listed: self.profiles.as_ref(),
        };
        let mut draft = Draft::default();
        let mut groups = Vec::new();
        let mut assumed: Vec<(Vec<String>, Vec<&str>)> = Vec::new();
        for model in &self.models {
            let Found {
                needs,
                warnings,
                assumed_regions,
                uses_registry,
            } = needs_of(model, basis);
            groups.push(needs);
            draft.warnings.extend(warnings);
            if !assumed_regions.is_empty() {
                match assumed
                    .iter_mut()
                    .find(|(known, _)| *known == assumed_regions)
                {
                    Some((_, models)) => models.push(&model.name),
                    None => assumed.push((assumed_regions, vec![&model.name])),
                }
            }
            if uses_registry {
                draft.by_registry.push(model.name.clone());
            }
        }
        let assumptions = assumed
            .iter()
            .map(|(regions, models)| assumption(models, regions));
        draft.warnings.extend(assumptions);
        (draft, groups)
    }

    /// What is needed whichever model is called.
    fn needs_of_all(&self) -> Vec<Need> {
        let mut needs = needs_of_guardrails(&self.guardrails, self.place());
        if self.bearer_key {
            needs.push(need_of_bearer_key());
        }
        needs
    }

    fn place(&self) -> Place<'_> {
        Place {
            region: &self.region,
            account: self.account.as_deref().unwrap_or(OWN_ACCOUNT),
        }
    }
}

fn assumption(models: &[&str], regions: &[String]) -> String {
    format!(
        "{}: the registry does not say to which regions an inference profile may send a call; \
         taken are those from which the model is called: {}. If that is too few, AWS denies some \
         calls; give --profiles, or destinationRegions in the registry",
        models.join(", "),
        regions.join(", ")
    )
}

/// The models that are called by the ARN of a profile that AWS defined.
fn profile_arns(models: &[Arc<Model>]) -> impl Iterator<Item = (&Model, BedrockArn<'_>)> {
    models.iter().filter_map(|model| {
        let arn = BedrockArn::parse(&model.target.invocation_id).ok()?;
        (arn.kind == ResourceKind::InferenceProfile).then_some((model.as_ref(), arn))
    })
}
