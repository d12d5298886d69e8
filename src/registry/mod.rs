//! Which models exist: the file `aws-bedrock-models.json` as checked, typed data.
//!
//! Knows nothing of calls, health or time limits in force.

mod model;
mod price;
mod target;

pub use model::{Capabilities, Lifecycle, Limits, Model, ReasoningStyle, Sampling, Timeouts, TopK};
pub use price::Prices;
pub use target::Target;

use std::collections::HashMap;
use std::sync::Arc;

/// placeholder until merge
#[derive(Debug)]
pub struct Registry {
    models: Vec<Arc<Model>>,
    names: HashMap<String, usize>,
    removed: Vec<RemovedModel>,
}
/// gone
#[derive(Debug)]
pub struct RemovedModel {
    /// new
    pub replacement: String,
}
impl Registry {
    /// all
    pub fn from_models(models: Vec<Model>) -> Self {
        let mut models: Vec<_> = models.into_iter().map(Arc::new).collect();
        models.sort_by(|a, b| (a.priority, &a.name).cmp(&(b.priority, &b.name)));
        let names = models
            .iter()
            .enumerate()
            .map(|(i, m)| (m.name.clone(), i))
            .collect();
        Self {
            models,
            names,
            removed: vec![],
        }
    }
    /// all
    pub fn models(&self) -> &[Arc<Model>] {
        &self.models
    }
    /// one
    pub fn find(&self, name: &str) -> Option<&Arc<Model>> {
        self.names.get(name).and_then(|i| self.models.get(*i))
    }
    /// gone
    pub fn removed(&self, _name: &str) -> Option<&RemovedModel> {
        self.removed.first()
    }
}
