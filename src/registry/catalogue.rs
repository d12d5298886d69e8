//! The registry as the rest of the program uses it.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fs;
use std::iter;
use std::sync::Arc;

use jiff::civil::Date;

use crate::registry::file::RegistryFile;
use crate::registry::model::Model;
use crate::registry::parse;
use crate::registry::problem::LoadError;
use crate::registry::problem::Problems;
use crate::registry::problem::RegistryErrors;
use crate::registry::read;
use crate::registry::removed::RemovedModel;
use crate::registry::target::ParseChoices;
use crate::registry::warning::Warning;
use crate::registry::warning::warnings_of;
use crate::settings::RegistrySource;

/// The registry that comes with the program, so that it works wherever it is started.
const EMBEDDED: &str = include_str!("../../config/aws-bedrock-models.json");

/// Which models exist, and which no longer do. Does not change once it is made.
#[derive(Clone, Debug)]
pub struct Registry {
    region: String,
    models: Vec<Arc<Model>>,
    by_name: HashMap<String, Arc<Model>>,
    removed: HashMap<String, RemovedModel>,
    deprecation_notes: HashMap<String, String>,
    destinations_sources: HashMap<String, String>,
}

impl Registry {
    /// Reads the text of a registry file.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each problem with its place.
    pub fn parse(text: &str, choices: &ParseChoices) -> Result<Self, RegistryErrors> {
        let problems = Problems::default();
        let file = read::registry_file(text, &problems).unwrap_or_default();
        let registry = Self::new(&file, choices, &problems);
        problems.unless_any(registry)
    }

    fn new(file: &RegistryFile, choices: &ParseChoices, problems: &Problems) -> Self {
        let models = parse::models(file, choices, problems);
        let by_name = models.iter().flat_map(|model| {
            let names = iter::once(&model.name).chain(&model.aliases);
            names.map(|name| (name.clone(), Arc::clone(model)))
        });
        let removed = parse::removed_models(file).into_iter().flat_map(|removed| {
            let names = iter::once(removed.model_id.clone()).chain(removed.name.clone());
            names
                .map(|name| (name, removed.clone()))
                .collect::<Vec<_>>()
        });
        let notes = file.model_registry.iter().filter_map(|entry| {
            let note = entry.value.deprecation_note.clone()?;
            Some((entry.name.clone(), note))
        });
        let sources = file.model_registry.iter().filter_map(|entry| {
            let source = entry.value.destination_regions_source.clone()?;
            Some((entry.name.clone(), source))
        });
        Self {
            region: choices.region.clone(),
            by_name: by_name.collect(),
            removed: removed.collect(),
            deprecation_notes: notes.collect(),
            destinations_sources: sources.collect(),
            models,
        }
    }

    /// Reads the registry that the operator chose.
    ///
    /// # Errors
    /// [`LoadError::Unreadable`] if the file cannot be read, [`LoadError::Invalid`] with everything
    /// that is wrong with it otherwise.
    pub fn load(source: &RegistrySource, choices: &ParseChoices) -> Result<Self, LoadError> {
        let text = Self::text(source)?;
        Self::parse(&text, choices).map_err(|errors| LoadError::Invalid {
            source_name: source.to_string(),
            errors,
        })
    }

    /// The text of the registry that the operator chose.
    ///
    /// # Errors
    /// [`LoadError::Unreadable`] if the file cannot be read.
    pub fn text(source: &RegistrySource) -> Result<String, LoadError> {
        match source {
            RegistrySource::Embedded => Ok(EMBEDDED.to_owned()),
            RegistrySource::File(path) => {
                fs::read_to_string(path).map_err(|error| LoadError::Unreadable {
                    path: path.clone(),
                    source: error,
                })
            }
        }
    }

    /// A registry of these models.
    #[cfg(test)]
    pub(crate) fn from_models(mut models: Vec<Model>) -> Self {
        models.sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
        let models: Vec<Arc<Model>> = models.into_iter().map(Arc::new).collect();
        Self {
            region: "us-east-1".to_owned(),
            by_name: models
                .iter()
                .map(|model| (model.name.clone(), Arc::clone(model)))
                .collect(),
            removed: HashMap::new(),
            deprecation_notes: HashMap::new(),
            destinations_sources: HashMap::new(),
            models,
        }
    }

    /// All models in the order of attempts: by priority, then by name. Those that are disabled or
    /// past their end of life are among them.
    pub fn models(&self) -> &[Arc<Model>] {
        &self.models
    }

    /// The model with this name or alias.
    pub fn find(&self, name_or_alias: &str) -> Option<&Arc<Model>> {
        self.by_name.get(name_or_alias)
    }

    /// The removed model that had this name or has this Bedrock id.
    pub fn removed(&self, name_or_id: &str) -> Option<&RemovedModel> {
        self.removed.get(name_or_id)
    }

    /// Where the destination regions of the model with this name are from, and when they were seen,
    /// if the file says so.
    pub fn destinations_source(&self, name: &str) -> Option<&str> {
        self.destinations_sources.get(name).map(String::as_str)
    }

    /// All removed models, by Bedrock's id.
    pub fn removed_models(&self) -> Vec<&RemovedModel> {
        let by_id: BTreeMap<&str, &RemovedModel> = self
            .removed
            .values()
            .map(|removed| (removed.model_id.as_str(), removed))
            .collect();
        by_id.into_values().collect()
    }

    /// What the operator should know about the models on this day, in the order of attempts.
    /// Disabled models are left out.
    pub fn warnings(&self, today: Date) -> Vec<Warning> {
        let enabled = self.models.iter().filter(|model| !model.disabled);
        enabled
            .flat_map(|model| {
                let note = self.deprecation_notes.get(&model.name);
                warnings_of(model, &self.region, note.map(String::as_str), today)
            })
            .collect()
    }
}
