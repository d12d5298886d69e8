//! The cache of resolved credentials, which can be emptied when AWS rejects what it holds.
//!
//! The SDK's own cache keeps credentials until they expire by our clock; AWS may end them before.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::identity::IdentityFuture;
use aws_smithy_runtime_api::client::identity::ResolveCachedIdentity;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::time::Instant;

/// Least time between two emptyings, so that credentials that stay rejected do not turn every
/// call into a call of STS.
const PAUSE: Duration = Duration::from_secs(10);

/// Credentials shared by all workers until they expire or AWS rejects them.
#[derive(Clone)]
pub(super) struct Identities(Arc<Mutex<State>>);

struct State {
    cache: SharedIdentityCache,
    emptied: Option<Instant>,
}

impl Identities {
    /// Empty.
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            cache: IdentityCache::lazy().build().into_shared(),
            emptied: None,
        })))
    }

    /// Forgets all credentials, unless that was done a moment ago.
    pub(super) fn forget(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if state
            .emptied
            .is_none_or(|emptied| now.duration_since(emptied) >= PAUSE)
        {
            state.emptied = Some(now);
            state.cache = IdentityCache::lazy().build().into_shared();
        }
    }

    fn cache(&self) -> SharedIdentityCache {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.cache.clone()
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identities").finish_non_exhaustive()
    }
}

impl ResolveCachedIdentity for Identities {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        runtime_components: &'a RuntimeComponents,
        config_bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let cache = self.cache();
        IdentityFuture::new(async move {
            cache
                .resolve_cached_identity(resolver, runtime_components, config_bag)
                .await
        })
    }

    fn validate_base_client_config(
        &self,
        runtime_components: &RuntimeComponentsBuilder,
        config_bag: &ConfigBag,
    ) -> Result<(), BoxError> {
        ResolveCachedIdentity::validate_base_client_config(
            &self.cache(),
            runtime_components,
            config_bag,
        )
    }

    fn validate_final_config(
        &self,
        runtime_components: &RuntimeComponents,
        config_bag: &ConfigBag,
    ) -> Result<(), BoxError> {
        ResolveCachedIdentity::validate_final_config(&self.cache(), runtime_components, config_bag)
    }
}
