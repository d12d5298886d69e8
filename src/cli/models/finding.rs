//! What is to be said about a registry file: problems and warnings, each with its place.

use jiff::civil::Date;
use serde_json::Value;
use serde_json::json;

use crate::cli::models::registry_file::RegistryFile;
use crate::registry::Places;
use crate::registry::Position;
use crate::settings::Settings;

/// Everything that is to be said about a file.
pub(super) struct Findings {
    /// How many models it has; `None` if it cannot be used.
    pub(super) models: Option<usize>,
    /// What is to be said, in the order of the file.
    pub(super) all: Vec<Finding>,
}

/// One thing to be said about a file.
pub(super) struct Finding {
    /// What kind of warning it is; `None` if it is a problem, which keeps the file from being used.
    pub(super) warning: Option<&'static str>,
    /// The value it is about; empty for the file as a whole.
    pub(super) path: String,
    /// Where that stands.
    pub(super) position: Option<Position>,
    /// What it is.
    pub(super) message: String,
}

impl Findings {
    /// Checks a file as a gateway with these settings would on this day.
    pub(super) fn of(file: &RegistryFile, settings: &Settings, today: Date) -> Self {
        let places = Places::of(&file.text);
        let (models, mut all) = match file.parse(settings) {
            Ok(registry) => {
                let warnings = registry.warnings(today).into_iter().map(|warning| {
                    let path = warning.path();
                    Finding {
                        warning: Some(warning.kind.name()),
                        position: places.find(&path),
                        message: warning.to_string(),
                        path,
                    }
                });
                (Some(registry.models().len()), warnings.collect::<Vec<_>>())
            }
            Err(errors) => {
                let problems = errors.problems().iter().map(|problem| Finding {
                    warning: None,
                    position: places.find(&problem.path),
                    message: problem.message.clone(),
                    path: problem.path.clone(),
                });
                (None, problems.collect())
            }
        };
        all.sort_by_key(|finding| {
            let position = finding.position;
            position.map(|position| (position.line, position.column))
        });
        Self { models, all }
    }

    /// How many keep the file from being used.
    pub(super) fn problems(&self) -> usize {
        let problems = self.all.iter().filter(|finding| finding.warning.is_none());
        problems.count()
    }

    /// How many do not.
    pub(super) fn warnings(&self) -> usize {
        self.all.len() - self.problems()
    }
}

impl Finding {
    /// For programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "severity": if self.warning.is_some() { "WARNING" } else { "ERROR" },
            "kind": self.warning.unwrap_or("INVALID"),
            "path": self.path,
            "line": self.position.map(|position| position.line),
            "column": self.position.map(|position| position.column),
            "message": self.message,
        })
    }
}
