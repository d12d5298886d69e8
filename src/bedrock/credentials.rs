//! The credentials that calls are signed with: one task gets them ahead of need, calls take what is
//! there.
//!
//! The SDK's own cache makes calls wait for the source of credentials, however long it takes, and
//! keeps what it has until it expires by our clock; AWS may end credentials before. Its chain reads
//! the profile files once. Here, a source that hangs or fails delays nobody while there are
//! credentials, and what AWS rejects is read anew from wherever it comes.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use aws_config::Region;
use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::imds::client::error::ImdsError;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_runtime_api::client::identity::IdentityFuture;
use aws_smithy_runtime_api::client::identity::ResolveCachedIdentity;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::timeout;
use tokio::time::timeout_at;
use tracing::error;

use super::classify;
use crate::telemetry::LogLimit;
use crate::telemetry::Metrics;

/// How long a source of credentials may take.
const SOURCE_TIMEOUT: Duration = Duration::from_secs(30);

/// Pause after a source failed.
const RETRY: Duration = Duration::from_secs(5);

/// Time between two lines of the log about a source that fails.
const LOG_INTERVAL: Duration = Duration::from_secs(30);

/// How long before they expire credentials are replaced.
const AHEAD: Duration = Duration::from_secs(300);

/// Least time between two replacements for that reason: some sources give what expires soon.
const LEAST_LIFE: Duration = Duration::from_secs(30);

/// How long a call waits for the first credentials, or for others after a rejection.
const PATIENCE: Duration = Duration::from_secs(1);

/// Least time between two replacements because of a rejection, so that credentials that stay
/// rejected do not turn every call into a call of STS.
const PAUSE: Duration = Duration::from_secs(10);

/// No credentials could be had. The text names what to do, and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsNotReady {
    /// The chain has nothing.
    #[error(
        "find AWS credentials: set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
         AWS_BEARER_TOKEN_BEDROCK, or give the task, pod or instance a role"
    )]
    NotFound,
    /// What is configured cannot be used.
    #[error(
        "use the AWS credentials that are configured: check the profile, role or token file{0}"
    )]
    Invalid(Cause),
    /// A source of credentials did not answer in time.
    #[error("reach the source of AWS credentials in time: check the network path to STS or IMDS")]
    TimedOut,
    /// A source of credentials answered with an error.
    #[error("get AWS credentials: their source (STS, SSO, IMDS or a process) refused or failed{0}")]
    Refused(Cause),
}

/// What a source of credentials said, as far as it may be shown: a clause behind a colon, or
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause(String);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_str() {
            "" => Ok(()),
            text => write!(f, ": {text}"),
        }
    }
}

/// Credentials shared by all workers.
#[derive(Clone)]
pub(super) struct KeptCredentials(Arc<Shared>);

struct Shared {
    /// `None`: what is kept stays.
    source: Option<SharedCredentialsProvider>,
    kept: watch::Sender<Kept>,
    metrics: Arc<Metrics>,
    failures: LogLimit,
}

#[derive(Clone)]
struct Kept {
    identity: Option<Identity>,
    problem: Option<CredentialsNotReady>,
    /// Whether calls should wait for others, until then.
    awaited_until: Option<Instant>,
    /// When they were replaced for a rejection.
    rejected: Option<Instant>,
}

impl KeptCredentials {
    /// None yet: [`KeptCredentials::keep`] gets them from there.
    pub(super) fn from_source(source: SharedCredentialsProvider, metrics: Arc<Metrics>) -> Self {
        let kept = Kept {
            identity: None,
            problem: None,
            awaited_until: Some(Instant::now() + PATIENCE),
            rejected: None,
        };
        Self::new(Some(source), kept, metrics)
    }

    /// These, for good.
    pub(super) fn fixed(credentials: Credentials, metrics: Arc<Metrics>) -> Self {
        metrics.credentials_valid.set(true);
        let kept = Kept {
            identity: Some(credentials.into()),
            problem: None,
            awaited_until: None,
            rejected: None,
        };
        Self::new(None, kept, metrics)
    }

    fn new(source: Option<SharedCredentialsProvider>, kept: Kept, metrics: Arc<Metrics>) -> Self {
        Self(Arc::new(Shared {
            source,
            kept: watch::Sender::new(kept),
            metrics,
            failures: LogLimit::one_per(LOG_INTERVAL),
        }))
    }

    /// Gets credentials, and others before these expire or when AWS rejected them. Never ends.
    pub(super) async fn keep(&self) {
        let Some(source) = &self.0.source else {
            return std::future::pending().await;
        };
        let mut rejections = self.0.kept.subscribe();
        loop {
            let got = timeout(SOURCE_TIMEOUT, source.provide_credentials()).await;
            let got = got.unwrap_or_else(|_elapsed| {
                Err(CredentialsError::provider_timed_out(SOURCE_TIMEOUT))
            });
            let pause = match &got {
                Ok(credentials) => credentials.expiry().map(time_to_replacement),
                Err(_) => Some(RETRY),
            };
            rejections.mark_unchanged();
            self.take(got);
            let rejected = rejections.wait_for(Kept::is_awaited);
            let rejected = async { rejected.await.is_ok() };
            match pause {
                Some(pause) => drop(timeout(pause, rejected).await),
                None => drop(rejected.await),
            }
        }
    }

    /// Waits until there are credentials.
    pub(super) async fn wait(&self) {
        let mut kept = self.0.kept.subscribe();
        // The sender lives as long as `self`.
        let _ = kept.wait_for(|kept| kept.identity.is_some()).await;
    }

    /// Whether they are kept for good.
    pub(super) fn are_fixed(&self) -> bool {
        self.0.source.is_none()
    }

    /// The first outcome: credentials, or why there are none yet.
    pub(super) async fn outcome(&self) -> Result<Identity, CredentialsNotReady> {
        let mut kept = self.0.kept.subscribe();
        let is_settled = |kept: &Kept| kept.identity.is_some() || kept.problem.is_some();
        // The sender lives as long as `self`.
        let _ = kept.wait_for(is_settled).await;
        let kept = kept.borrow();
        let missing = || kept.problem.clone();
        let missing = || missing().unwrap_or(CredentialsNotReady::TimedOut);
        kept.identity.clone().ok_or_else(missing)
    }

    /// AWS rejected the credentials: others are got, unless that was done a moment ago.
    pub(super) fn replace(&self) {
        if self.0.source.is_none() {
            return;
        }
        self.0.kept.send_if_modified(|kept| {
            let now = Instant::now();
            let is_due = kept
                .rejected
                .is_none_or(|then| now.duration_since(then) >= PAUSE);
            if is_due {
                kept.rejected = Some(now);
                kept.awaited_until = Some(now + PATIENCE);
            }
            is_due
        });
    }

    fn take(&self, got: Result<Credentials, CredentialsError>) {
        let metrics = &self.0.metrics;
        self.0.kept.send_modify(|kept| {
            kept.awaited_until = None;
            match got {
                Ok(credentials) => {
                    if kept.identity.is_none() {
                        metrics.credentials_valid.set(true);
                    }
                    kept.identity = Some(credentials.into());
                    kept.problem = None;
                }
                // Those that were had may still be good.
                Err(error) => {
                    let problem = why(&error);
                    if self.0.failures.allows(Instant::now()) {
                        error!("failed to {problem}");
                    }
                    kept.problem = Some(problem);
                }
            }
        });
    }

    async fn awaited(self) -> Result<Identity, CredentialsError> {
        let mut changes = self.0.kept.subscribe();
        let until = changes.borrow().awaited_until;
        if let Some(until) = until {
            let settled = changes.wait_for(|kept| !kept.is_awaited());
            let is_late = timeout_at(until, settled).await.is_err();
            if is_late {
                // Nobody else waits for the same.
                self.0.kept.send_if_modified(|kept| {
                    let is_same = kept.awaited_until == Some(until);
                    if is_same {
                        kept.awaited_until = None;
                    }
                    is_same
                });
            }
        }
        changes.borrow().now()
    }
}

impl Kept {
    fn is_awaited(&self) -> bool {
        self.awaited_until.is_some()
    }

    fn now(&self) -> Result<Identity, CredentialsError> {
        self.identity.clone().ok_or_else(|| {
            let problem = self.problem.clone();
            CredentialsError::provider_error(problem.unwrap_or(CredentialsNotReady::TimedOut))
        })
    }
}

/// Whether credentials expire is AWS's to say: ours may be the wrong clock.
impl ResolveCachedIdentity for KeptCredentials {
    fn resolve_cached_identity<'a>(
        &'a self,
        _resolver: SharedIdentityResolver,
        _components: &'a RuntimeComponents,
        _config: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let kept = self.0.kept.borrow();
        if kept.is_awaited() {
            let awaited = self.clone().awaited();
            return IdentityFuture::new(async move { Ok(awaited.await?) });
        }
        IdentityFuture::ready(kept.now().map_err(Into::into))
    }
}

impl fmt::Debug for KeptCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptCredentials").finish_non_exhaustive()
    }
}

/// The SDK's default chain, begun anew each time: it reads files only once.
#[derive(Debug)]
pub(super) struct Chain(pub(super) Region);

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let chain = DefaultCredentialsChain::builder().region(self.0.clone());
            chain.build().await.provide_credentials().await
        })
    }
}

fn time_to_replacement(expiry: SystemTime) -> Duration {
    let left = expiry.duration_since(SystemTime::now()).unwrap_or_default();
    left.saturating_sub(AHEAD).max(LEAST_LIFE)
}

fn why(error: &CredentialsError) -> CredentialsNotReady {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => CredentialsNotReady::NotFound,
        CredentialsError::InvalidConfiguration(_) => CredentialsNotReady::Invalid(cause(error)),
        CredentialsError::ProviderTimedOut(_) => CredentialsNotReady::TimedOut,
        _ => CredentialsNotReady::Refused(cause(error)),
    }
}

/// What lies deepest. Not the words of a provider itself: these quote what a program printed or
/// what a server answered, which may be secret.
fn cause(error: &CredentialsError) -> Cause {
    let is_configuration = matches!(error, CredentialsError::InvalidConfiguration(_));
    let (mut above, mut deepest): (&dyn Error, &dyn Error) = (error, error);
    while let Some(deeper) = deepest.source() {
        (above, deepest) = (deepest, deeper);
    }
    if let Some(ImdsError::ErrorResponse(answer)) = deepest.downcast_ref() {
        let status = answer.response().status();
        return Cause(format!("IMDS answered with HTTP status {status}"));
    }
    let is_of_provider = above.is::<CredentialsError>() && !deepest.is::<io::Error>();
    if is_of_provider && !is_configuration {
        return Cause::default();
    }
    Cause(classify::trimmed(&deepest.to_string()))
}

/// The region of the AWS profile, in which the SDK would call but the gateway does not.
pub async fn region_of_profile() -> Option<String> {
    let region = ProfileFileRegionProvider::new().region().await;
    region.map(|region| region.to_string())
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
