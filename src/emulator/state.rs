//! What all connections of one emulator share.

use std::sync::Arc;

use jiff::civil::Date;

use crate::emulator::auth::Authenticator;
use crate::emulator::catalog::Catalog;
use crate::emulator::journal::Journal;
use crate::emulator::options::Framing;
use crate::emulator::options::Options;
use crate::emulator::options::OptionsError;
use crate::emulator::prompt_cache::PromptCache;
use crate::emulator::scenario::Scenario;
use crate::emulator::scenario_json;
use crate::emulator::scenarios::Scenarios;
use crate::emulator::shapes::Shapes;

/// Read once from the options; scenarios, journal and prompt cache change while it runs.
pub(super) struct State {
    pub(super) catalog: Catalog,
    pub(super) shapes: Shapes,
    pub(super) scenarios: Scenarios,
    pub(super) journal: Arc<Journal>,
    pub(super) prompt_cache: PromptCache,
    /// `None` lets everybody in.
    pub(super) authenticator: Option<Authenticator>,
    /// What happens where no scenario is set.
    pub(super) ordinary: Arc<Scenario>,
    pub(super) framing: Framing,
    pub(super) enforces_lifecycle: bool,
    pub(super) today: Option<Date>,
}

impl State {
    pub(super) fn read(options: Options) -> Result<Self, OptionsError> {
        let catalog = Catalog::read(
            &options.registry,
            &options.region,
            options.account.as_deref(),
        )
        .map_err(OptionsError::Registry)?;
        let authenticator = options
            .check_credentials
            .then(|| Authenticator::new(options.credentials, options.region));
        let state = Self {
            catalog,
            shapes: Shapes::read(),
            scenarios: Scenarios::default(),
            journal: Arc::default(),
            prompt_cache: PromptCache::default(),
            authenticator,
            ordinary: Arc::default(),
            framing: options.framing,
            enforces_lifecycle: options.enforce_lifecycle,
            today: options.today,
        };
        if let Some(text) = &options.scenarios {
            let plans = scenario_json::read_file(text).map_err(OptionsError::Scenario)?;
            for (model, plan) in plans {
                state.scenarios.replace(state.scenario_name(&model), plan);
            }
        }
        Ok(state)
    }

    /// The name under which scenarios of a model are kept: its registry key where it has one.
    pub(super) fn scenario_name<'a>(&'a self, model: &'a str) -> &'a str {
        self.catalog.key_of(model).unwrap_or(model)
    }
}
