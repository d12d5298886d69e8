//! What the emulator knows of each model, read from the registry's JSON by code of its own.
//!
//! The reading is loose on purpose: members it does not know are skipped, missing ones get what
//! models of their family can do. Whether a registry file is right is not for a witness to say.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use crate::emulator::errors::Refusal;
use crate::emulator::features::Families;
use crate::emulator::features::Features;
use crate::emulator::features::MediaLimits;

/// Prefixes of cross-region inference profiles.
///
/// Source: the AWS page "Supported Regions and models for inference profiles", seen 2026-11-22.
const PROFILE_PREFIXES: [&str; 10] = [
    "us.", "eu.", "apac.", "jp.", "au.", "ca.", "in.", "global.", "us-gov.", "sa.",
];

/// What the ARNs of prompt routers have in common.
const ROUTER: &str = "prompt-router/";

/// One model, as the emulator plays it.
#[derive(Debug)]
pub(super) struct Model {
    /// Key in the registry.
    pub(super) key: String,
    /// Id without a profile's prefix, or the ARN of something that is no model itself.
    pub(super) base_id: String,
    /// The beginning of this tells the family: the base id, or what a prompt router is named after.
    family_id: String,
    /// Tokens of prompt and answer together.
    pub(super) context_window: u64,
    pub(super) max_output_tokens: u64,
    pub(super) features: Features,
    pub(super) media: MediaLimits,
    /// A bare id is refused.
    requires_profile: bool,
    end_of_life: Option<Date>,
}

impl Model {
    /// Claude models speak Anthropic's dialect in errors, additional fields and raw bodies.
    pub(super) fn is_claude(&self) -> bool {
        self.family_id.starts_with("anthropic.")
    }

    pub(super) fn is_deepseek(&self) -> bool {
        self.family_id.starts_with("deepseek.")
    }

    pub(super) fn is_nova(&self) -> bool {
        self.family_id.starts_with("amazon.nova-")
    }

    /// Called by the ARN of a prompt, whatever model is behind it.
    pub(super) fn is_stored_prompt(&self) -> bool {
        self.base_id.contains(":prompt/")
    }

    fn is_prompt_router(&self) -> bool {
        self.base_id.contains(ROUTER)
    }

    /// Whether the model's answers have ended for good on that day.
    pub(super) fn is_ended(&self, today: Date) -> bool {
        self.end_of_life.is_some_and(|end| end <= today)
    }
}

/// Every model, by every id it can be called by.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    by_id: HashMap<String, Arc<Model>>,
    by_key: HashMap<String, Arc<Model>>,
    region: String,
    account: Option<String>,
}

impl Catalog {
    /// Reads the registry texts; a later entry replaces an earlier one of the same key.
    pub(super) fn read(
        registries: &[String],
        region: &str,
        account: Option<&str>,
    ) -> Result<Self, serde_json::Error> {
        let mut catalog = Self {
            region: region.to_owned(),
            account: account.map(str::to_owned),
            ..Self::default()
        };
        let families = Families::read();
        for text in registries {
            let registry: Value = serde_json::from_str(text)?;
            let entries = registry.get("modelRegistry").and_then(Value::as_object);
            for (key, entry) in entries.into_iter().flatten() {
                catalog.add(key, entry, &families);
            }
        }
        Ok(catalog)
    }

    fn add(&mut self, key: &str, entry: &Value, families: &Families) {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let profile_of_arn = text("inferenceProfileArn").and_then(profile_in_arn);
        let Some(model_id) = text("modelId").or(profile_of_arn) else {
            return;
        };
        let model_id = model_in_arn(model_id).unwrap_or(model_id);
        let base_id = without_profile_prefix(model_id);
        let family_id = base_id.split_once(ROUTER).map_or(base_id, |(_, name)| name);
        let date = |name: &str| {
            let written = entry.get("lifecycle")?.get(name)?.as_str()?;
            written.get(..10)?.parse::<Date>().ok()
        };
        let model = Arc::new(Model {
            key: key.to_owned(),
            base_id: base_id.to_owned(),
            family_id: family_id.to_owned(),
            context_window: limit(entry, "contextWindow").unwrap_or(200_000),
            max_output_tokens: limit(entry, "maxOutputTokens").unwrap_or(4_096),
            features: Features::read(family_id, entry.get("features"), families),
            media: MediaLimits::read(entry.get("mediaLimits")),
            requires_profile: entry
                .get("requiresInferenceProfile")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            end_of_life: date("endOfLifeDate"),
        });
        for id in [Some(model_id), profile_of_arn, Some(base_id)]
            .into_iter()
            .flatten()
        {
            self.by_id.insert(id.to_owned(), Arc::clone(&model));
        }
        self.by_key.insert(key.to_owned(), model);
    }

    /// The key under which scenarios of this model are kept: of any id or ARN, or a key itself.
    pub(super) fn key_of(&self, name: &str) -> Option<&str> {
        let model = self
            .by_key
            .get(name)
            .or_else(|| self.by_id.get(name))
            .or_else(|| self.by_id.get(name.rsplit_once('/')?.1))?;
        Some(&model.key)
    }

    #[cfg(test)]
    pub(super) fn of_key(&self, key: &str) -> Option<&Model> {
        self.by_key.get(key).map(AsRef::as_ref)
    }

    #[cfg(test)]
    pub(super) fn models(&self) -> impl Iterator<Item = &Model> {
        self.by_key.values().map(AsRef::as_ref)
    }

    /// The model behind an id as it stood in the request path, decoded.
    pub(super) fn resolve(&self, id: &str) -> Result<&Arc<Model>, Refusal> {
        let id = if id.starts_with("arn:") {
            self.resource_in_arn(id)?
        } else {
            id
        };
        let model = self.by_id.get(id).ok_or_else(unknown_model)?;
        if model.requires_profile && id == model.base_id {
            return Err(Refusal::validation(format!(
                "Invocation of model ID {id} with on-demand throughput isn\u{2019}t supported. \
                 Retry your request with the ID or ARN of an inference profile that contains this model."
            )));
        }
        Ok(model)
    }

    /// The ARN of the model to which a prompt router sends every request: the first of those that it is
    /// named after, or of all. `None` if the model is no router.
    pub(super) fn routes_to(&self, model: &Model) -> Option<String> {
        if !model.is_prompt_router() {
            return None;
        }
        let named_after = model.family_id.split(':').next().unwrap_or_default();
        let models = self
            .by_key
            .values()
            .filter(|model| !model.base_id.starts_with("arn:"));
        // The first of false and true is false.
        let rank =
            |model: &&Arc<Model>| (!model.base_id.starts_with(named_after), model.key.clone());
        let chosen = &models.min_by_key(rank)?.base_id;
        let region = &self.region;
        Some(format!(
            "arn:aws:bedrock:{region}::foundation-model/{chosen}"
        ))
    }

    /// The model that CountTokens means: by its base id only, profile or not.
    pub(super) fn resolve_for_counting(&self, id: &str) -> Result<&Arc<Model>, Refusal> {
        let model = self.by_id.get(id).filter(|model| model.base_id == id);
        let model = model.ok_or_else(unknown_model)?;
        if !model.features.token_counting {
            return Err(Refusal::validation(
                "The provided model doesn't support counting tokens.",
            ));
        }
        Ok(model)
    }

    /// Profile id or foundation-model id at the end of an ARN, or the ARN of anything else that can be
    /// called, if this region and account have it.
    fn resource_in_arn<'a>(&self, arn: &'a str) -> Result<&'a str, Refusal> {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (Some("bedrock"), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(unknown_model());
        };
        if region != self.region {
            return Err(unknown_model());
        }
        let Some((kind, id)) = resource.split_once('/') else {
            return Err(unknown_model());
        };
        let is_own = self.account.as_deref().is_none_or(|own| own == account);
        match kind {
            "foundation-model" if account.is_empty() => Ok(id),
            "inference-profile" if is_own => Ok(id),
            _ if is_own => Ok(arn),
            _ if !account.is_empty() => {
                let own = self.account.as_deref().unwrap_or_default();
                Err(Refusal::new(
                    "AccessDeniedException",
                    format!(
                        "User: arn:aws:iam::{own}:user/emulator is not authorized to perform: \
                         bedrock:InvokeModel on resource: {arn} because no resource-based policy \
                         allows the bedrock:InvokeModel action"
                    ),
                ))
            }
            _ => Err(unknown_model()),
        }
    }
}

fn unknown_model() -> Refusal {
    Refusal::validation("The provided model identifier is invalid.")
}

/// The hard limit where one is given, otherwise the configured one.
fn limit(entry: &Value, name: &str) -> Option<u64> {
    entry
        .get("hardLimits")
        .and_then(|limits| limits.get(name))
        .or_else(|| entry.get(name))
        .and_then(Value::as_u64)
}

fn profile_in_arn(arn: &str) -> Option<&str> {
    Some(arn.split_once(":inference-profile/")?.1)
}

/// The id at the end of an ARN of a profile or a model.
fn model_in_arn(arn: &str) -> Option<&str> {
    profile_in_arn(arn).or_else(|| Some(arn.split_once(":foundation-model/")?.1))
}

fn without_profile_prefix(id: &str) -> &str {
    PROFILE_PREFIXES
        .iter()
        .find_map(|prefix| id.strip_prefix(prefix))
        .unwrap_or(id)
}

#[cfg(test)]
#[path = "catalog_tests.rs"]
mod tests;
