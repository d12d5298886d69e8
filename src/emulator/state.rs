//! What all connections of one emulator share.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use jiff::SignedDuration;
use jiff::Timestamp;
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

/// Read from the options; catalog, scenarios, journal and prompt cache change while it runs.
pub(super) struct State {
    catalog: RwLock<Offered>,
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
    clock_ahead: SignedDuration,
}

impl State {
    pub(super) fn read(options: Options) -> Result<Self, OptionsError> {
        let offered = Offered::read(options.registry, &options.region, options.account)?;
        let authenticator = options
            .check_credentials
            .then(|| Authenticator::new(options.credentials, options.region));
        let state = Self {
            catalog: RwLock::new(offered),
            shapes: Shapes::read(),
            scenarios: Scenarios::default(),
            journal: Arc::default(),
            prompt_cache: PromptCache::default(),
            authenticator,
            ordinary: Arc::default(),
            framing: options.framing,
            enforces_lifecycle: options.enforce_lifecycle,
            today: options.today,
            clock_ahead: options.clock_ahead,
        };
        if let Some(text) = &options.scenarios {
            let plans = scenario_json::read_file(text).map_err(OptionsError::Scenario)?;
            for (model, plan) in plans {
                state.scenarios.replace(&state.scenario_name(&model), plan);
            }
        }
        Ok(state)
    }

    /// The time by its own clock.
    pub(super) fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.saturating_add(self.clock_ahead).unwrap_or(now)
    }

    /// The models that can be called now.
    pub(super) fn catalog(&self) -> Arc<Catalog> {
        let offered = self.catalog.read();
        Arc::clone(&offered.unwrap_or_else(PoisonError::into_inner).catalog)
    }

    /// Offers the models of a registry, and still those that were offered last.
    pub(super) fn offer(&self, registry: String) -> Result<(), OptionsError> {
        let mut offered = self.catalog.write().unwrap_or_else(PoisonError::into_inner);
        let registries = offered.registries.last().cloned().into_iter();
        let registries = registries.chain([registry]).collect();
        *offered = Offered::read(registries, &offered.region, offered.account.clone())?;
        Ok(())
    }

    /// The name under which scenarios of a model are kept: its registry key where it has one.
    pub(super) fn scenario_name(&self, model: &str) -> String {
        let catalog = self.catalog();
        catalog.key_of(model).unwrap_or(model).to_owned()
    }
}

/// What is on offer, and what it was read from.
struct Offered {
    catalog: Arc<Catalog>,
    registries: Vec<String>,
    region: String,
    account: Option<String>,
}

impl Offered {
    fn read(
        registries: Vec<String>,
        region: &str,
        account: Option<String>,
    ) -> Result<Self, OptionsError> {
        let catalog = Catalog::read(&registries, region, account.as_deref());
        Ok(Self {
            catalog: Arc::new(catalog.map_err(OptionsError::Registry)?),
            registries,
            region: region.to_owned(),
            account,
        })
    }
}
