//! What the calls of one model ask AWS for: actions on resources, under conditions.
//!
//! The rules are those of the Bedrock user guide (prerequisites for inference profiles; geographic
//! and global cross-region inference) and of the service authorization reference, seen 2026-11-22:
//! Converse and ConverseStream have no actions of their own, a call of a profile is checked on the
//! profile and again on the model in the region where it runs, and a call of a global profile also
//! on an ARN without a region.

use super::guardrail::Guardrail;
use super::listed_profiles::ListedProfiles;
use super::resources::Place;
use crate::proto::Capability;
use crate::registry::BedrockArn;
use crate::registry::Model;
use crate::registry::ResourceKind;
use crate::registry::geography;

/// One resource that must be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// Name of the model; empty if it is for all of them.
    pub(super) model: String,
    pub(super) purpose: Purpose,
    pub(super) resource: String,
    /// The profile through which the resource is reached.
    pub(super) profile: Option<String>,
}

/// What a resource is needed for. Needs of the same purpose share a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An inference profile is called.
    Profiles { streams: bool },
    /// A model is called without a profile.
    Models { streams: bool },
    /// Something else is called: provisioned throughput, an imported model, a router.
    Others { streams: bool },
    /// A profile runs a call in one of these regions.
    BehindProfiles {
        /// "us", "global", "application".
        scope: String,
        regions: Vec<String>,
        streams: bool,
    },
    /// A global profile runs a call anywhere.
    Anywhere { streams: bool },
    /// A stored prompt is called.
    Prompts,
    /// Tokens are counted.
    Counting,
    /// A guardrail is named in a call.
    Guardrails,
    /// Calls are signed by a bearer key.
    BearerKey,
}

/// What the needs of one model are found from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis<'a> {
    pub(super) place: Place<'a>,
    pub(super) listed: Option<&'a ListedProfiles>,
}

/// Needs of one model, and what the operator should know about them.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) needs: Vec<Need>,
    pub(super) warnings: Vec<String>,
    /// Destination regions that are not known but taken from elsewhere; empty if they are known.
    pub(super) assumed_regions: Vec<String>,
    /// Whether its destination regions are those of the registry.
    pub(super) uses_registry: bool,
}

impl Found {
    fn need(&mut self, model: &Model, purpose: Purpose, resource: String) {
        self.need_through(model, purpose, resource, None);
    }

    fn need_through(
        &mut self,
        model: &Model,
        purpose: Purpose,
        resource: String,
        profile: Option<&str>,
    ) {
        self.needs.push(Need {
            model: model.name.clone(),
            purpose,
            resource,
            profile: profile.map(str::to_owned),
        });
    }
}

/// Everything that calls of a model need.
pub(super) fn needs_of(model: &Model, basis: Basis<'_>) -> Found {
    let mut found = Found::default();
    let called = &model.target.invocation_id;
    match BedrockArn::parse(called) {
        Ok(arn) => needs_of_arn(model, &arn, basis, &mut found),
        Err(_not_an_arn) if geography(called).is_some() => {
            let arn = basis.place.own(&format!("inference-profile/{called}"));
            needs_of_system_profile(model, called, &arn, basis, &mut found);
        }
        Err(_not_an_arn) => {
            let streams = streams(model);
            let arn = basis.place.model(called);
            found.need(model, Purpose::Models { streams }, arn);
        }
    }
    needs_of_counting(model, basis, &mut found);
    found
}

/// What naming these guardrails in calls needs.
pub(super) fn needs_of_guardrails(guardrails: &[Guardrail], place: Place<'_>) -> Vec<Need> {
    let arns = guardrails.iter().map(|guardrail| match guardrail {
        Guardrail::Id(id) => place.own(&format!("guardrail/{id}")),
        Guardrail::Arn(arn) => arn.clone(),
    });
    arns.map(|resource| of_all_models(Purpose::Guardrails, resource))
        .collect()
}

/// What signing with a bearer key needs. The action knows no resources.
pub(super) fn need_of_bearer_key() -> Need {
    of_all_models(Purpose::BearerKey, "*".to_owned())
}

fn of_all_models(purpose: Purpose, resource: String) -> Need {
    Need {
        model: String::new(),
        purpose,
        resource,
        profile: None,
    }
}

fn needs_of_arn(model: &Model, arn: &BedrockArn<'_>, basis: Basis<'_>, found: &mut Found) {
    let streams = streams(model);
    let text = arn.to_string();
    match arn.kind {
        ResourceKind::InferenceProfile => {
            needs_of_system_profile(model, arn.id, &text, basis, found);
        }
        ResourceKind::ApplicationInferenceProfile => {
            needs_of_application_profile(model, &text, basis, found);
        }
        ResourceKind::FoundationModel => found.need(model, Purpose::Models { streams }, text),
        ResourceKind::Prompt => {
            found.need(model, Purpose::Prompts, text);
            found.warnings.push(format!(
                "{}: the policy allows the stored prompt, not the model it names, which the \
                 registry does not say; list that model too",
                model.name
            ));
        }
        ResourceKind::Other => {
            if arn.kind_name.ends_with("prompt-router") {
                found.warnings.push(format!(
                    "{}: the policy allows the router, not the models it chooses from, which the \
                     registry does not say; list them too",
                    model.name
                ));
            }
            found.need(model, Purpose::Others { streams }, text);
        }
    }
}

fn needs_of_system_profile(
    model: &Model,
    id: &str,
    arn: &str,
    basis: Basis<'_>,
    found: &mut Found,
) {
    let streams = streams(model);
    found.need(model, Purpose::Profiles { streams }, arn.to_owned());
    // Without a geography there is no telling which model it is; its registry entry says it.
    let (scope, model_id) = geography(id).unwrap_or(("other", &model.target.base_model_id));
    if scope == "global" {
        let place = basis.place;
        let here = vec![place.model(model_id)];
        needs_behind(model, scope, here, arn, found);
        let purpose = Purpose::Anywhere { streams };
        found.need_through(model, purpose, place.model_anywhere(model_id), Some(arn));
        return;
    }
    let behind = listed(model, id, basis, found)
        .unwrap_or_else(|| models_by_registry(model, model_id, basis, found));
    needs_behind(model, scope, behind, arn, found);
}

fn needs_of_application_profile(model: &Model, arn: &str, basis: Basis<'_>, found: &mut Found) {
    let streams = streams(model);
    found.need(model, Purpose::Profiles { streams }, arn.to_owned());
    if let Some(behind) = listed(model, arn, basis, found) {
        needs_behind(model, "application", behind, arn, found);
    } else if model.target.base_model_id.starts_with("arn:") {
        found.warnings.push(format!(
            "{}: the policy allows the application inference profile, not the models behind it, \
             which the registry does not say; put the model's id into modelId, or give --profiles",
            model.name
        ));
    } else {
        let behind = models_by_registry(model, &model.target.base_model_id, basis, found);
        needs_behind(model, "application", behind, arn, found);
    }
}

fn needs_behind(
    model: &Model,
    scope: &str,
    mut behind: Vec<String>,
    profile: &str,
    found: &mut Found,
) {
    let streams = streams(model);
    behind.sort();
    behind.dedup();
    let region = |arn: &String| arn.split(':').nth(3).unwrap_or_default().to_owned();
    let regions: Vec<String> = behind.iter().map(region).collect();
    for (arn, region) in behind.into_iter().zip(&regions) {
        let purpose = if region.is_empty() {
            Purpose::Anywhere { streams }
        } else {
            Purpose::BehindProfiles {
                scope: scope.to_owned(),
                regions: regions.iter().filter(|r| !r.is_empty()).cloned().collect(),
                streams,
            }
        };
        found.need_through(model, purpose, arn, Some(profile));
    }
}

/// The models behind a profile by the operator's list, if that has it.
fn listed(
    model: &Model,
    profile: &str,
    basis: Basis<'_>,
    found: &mut Found,
) -> Option<Vec<String>> {
    let problem = match basis.listed?.behind(profile) {
        // Without a model, every call would be denied.
        Some([]) => format!("has no models behind {profile}"),
        Some(behind) => return Some(behind.to_vec()),
        None => {
            let region = basis.place.region;
            format!("does not have {profile}; Bedrock may not offer it in {region}")
        }
    };
    let model = &model.name;
    let warning = format!("{model}: the list of --profiles {problem}");
    found.warnings.push(warning);
    None
}

/// The model in the destination regions that the registry knows or suggests.
fn models_by_registry(
    model: &Model,
    model_id: &str,
    basis: Basis<'_>,
    found: &mut Found,
) -> Vec<String> {
    let known = &model.target.destination_regions;
    let mut regions = known.clone();
    if known.is_empty() {
        regions.clone_from(&model.regions);
        regions.push(basis.place.region.to_owned());
        regions.sort();
        regions.dedup();
        found.assumed_regions.clone_from(&regions);
    } else {
        found.uses_registry = true;
    }
    let arns = regions.iter().map(|r| basis.place.model_in(r, model_id));
    arns.collect()
}

fn needs_of_counting(model: &Model, basis: Basis<'_>, found: &mut Found) {
    // CountTokens takes a model's plain id, never a profile.
    let id = &model.target.base_model_id;
    if model.can(Capability::TokenCounting) && !id.starts_with("arn:") {
        found.need(model, Purpose::Counting, basis.place.model(id));
    }
}

fn streams(model: &Model) -> bool {
    model.can(Capability::Streaming)
}
