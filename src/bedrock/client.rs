//! How clients of Bedrock are made: what is shared by the process, and what each worker has.
//!
//! Does not choose regions or credentials; settings do, or the SDK's own chain.

use std::sync::Arc;
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::Region;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::Config;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::ReconnectMode;

use super::exchange::BodyInterceptor;
use super::identity::Identities;
use super::omissions::Omissions;
use crate::settings::BedrockSettings;
use crate::telemetry::Metrics;

/// How long an unused connection is kept. AWS closes idle connections after a minute or more; one
/// that we close first never fails a call.
const IDLE_CONNECTION: Duration = Duration::from_secs(20);

/// Where credentials come from.
#[derive(Clone)]
pub enum Credentials {
    /// The SDK's default chain: environment, profile, web identity, container, instance. A bearer
    /// token in `AWS_BEARER_TOKEN_BEDROCK` goes before all of them.
    Chain,
    /// These, and the chain is never asked: for the emulator and tests.
    Static {
        /// The access key's identifier.
        access_key_id: String,
        /// The secret.
        secret_access_key: String,
        /// The token of temporary credentials.
        session_token: Option<String>,
    },
}

/// What all workers share: region, credentials and their cache, endpoint, connect timeout, counts.
#[derive(Clone)]
pub struct BedrockConfig {
    sdk_config: SdkConfig,
    omissions: Arc<Omissions>,
    identities: Identities,
    endpoint: Option<String>,
    connect_timeout: Duration,
}

/// No credentials could be had. The text names what to do, and no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsNotReady {
    /// The chain has nothing.
    #[error(
        "find AWS credentials: set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
         AWS_BEARER_TOKEN_BEDROCK, or give the task, pod or instance a role"
    )]
    NotFound,
    /// What is configured cannot be used.
    #[error("use the AWS credentials that are configured: check the profile, role or token file")]
    Invalid,
    /// A source of credentials did not answer in time.
    #[error("reach the source of AWS credentials in time: check the network path to STS or IMDS")]
    TimedOut,
    /// A source of credentials answered with an error.
    #[error("get AWS credentials: their source (STS, SSO, IMDS or a process) refused or failed")]
    Refused,
}

impl BedrockConfig {
    /// Loads what is shared. With [`Credentials::Chain`] this reads the environment and the AWS
    /// profile files; it makes no call.
    pub async fn load(
        settings: &BedrockSettings,
        credentials: Credentials,
        metrics: Arc<Metrics>,
    ) -> Self {
        let region = Region::new(settings.region.clone());
        let version = BehaviorVersion::v2026_01_12();
        let identities = Identities::new();
        let sdk_config = match credentials {
            Credentials::Chain => {
                aws_config::defaults(version)
                    .region(region)
                    .identity_cache(identities.clone())
                    .load()
                    .await
            }
            Credentials::Static {
                access_key_id,
                secret_access_key,
                session_token,
            } => {
                let credentials = aws_credential_types::Credentials::new(
                    access_key_id,
                    secret_access_key,
                    session_token,
                    None,
                    "settings",
                );
                SdkConfig::builder()
                    .behavior_version(version)
                    .region(region)
                    .identity_cache(identities.clone())
                    .credentials_provider(SharedCredentialsProvider::new(credentials))
                    .build()
            }
        };
        Self {
            sdk_config,
            omissions: Arc::new(Omissions::new(metrics)),
            identities,
            endpoint: settings.endpoint.as_ref().map(ToString::to_string),
            connect_timeout: settings.connect_timeout,
        }
    }

    /// Resolves credentials once, so that a gateway without any is not ready.
    ///
    /// # Errors
    /// No credentials; the text says what to do. Trying again later can help.
    pub async fn credentials_ready(&self) -> Result<(), CredentialsNotReady> {
        if self.uses_bearer_token() {
            return Ok(());
        }
        let provider = self
            .sdk_config
            .credentials_provider()
            .ok_or(CredentialsNotReady::NotFound)?;
        match provider.provide_credentials().await {
            Ok(_) => Ok(()),
            Err(CredentialsError::CredentialsNotLoaded(_)) => Err(CredentialsNotReady::NotFound),
            Err(CredentialsError::InvalidConfiguration(_)) => Err(CredentialsNotReady::Invalid),
            Err(CredentialsError::ProviderTimedOut(_)) => Err(CredentialsNotReady::TimedOut),
            Err(_) => Err(CredentialsNotReady::Refused),
        }
    }

    /// Whether calls carry a Bedrock API key instead of a signature. Worth a line in the log: a
    /// stray variable in the environment changes the identity.
    pub fn uses_bearer_token(&self) -> bool {
        Config::from(&self.sdk_config)
            .auth_scheme_preference()
            .is_some_and(|preference| {
                preference
                    .clone()
                    .into_iter()
                    .next()
                    .is_some_and(|first| first == HTTP_BEARER_AUTH_SCHEME_ID)
            })
    }

    /// What is left out of answers.
    pub(super) fn omissions(&self) -> Arc<Omissions> {
        Arc::clone(&self.omissions)
    }

    /// The cache of credentials.
    pub(super) fn identities(&self) -> Identities {
        self.identities.clone()
    }

    /// Connections for the runtime that will use them.
    pub(super) fn http_client(&self) -> SharedHttpClient {
        let mut builder = Builder::new()
            .pool_idle_timeout(IDLE_CONNECTION)
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::AwsLc,
            ));
        if self.is_plain_http()
            && let Ok(context) = tls::TlsContext::builder()
                .with_trust_store(tls::TrustStore::empty())
                .build()
        {
            // The machine's certificates would be loaded for nothing.
            builder = builder.tls_context(context);
        }
        builder.build_https()
    }

    /// A client over these connections, for this region or, without one, the gateway's own.
    pub(super) fn client(&self, http_client: SharedHttpClient, region: Option<&str>) -> Client {
        let config = self.client_config(http_client, region);
        Client::from_conf(config.interceptor(BodyInterceptor).build())
    }

    /// How the SDK is set up, before the adapter takes part in its calls.
    pub(super) fn client_config(
        &self,
        http_client: SharedHttpClient,
        region: Option<&str>,
    ) -> aws_sdk_bedrockruntime::config::Builder {
        let mut config = aws_sdk_bedrockruntime::config::Builder::from(&self.sdk_config)
            .http_client(http_client)
            // Routing repeats calls. A status such as 503 says nothing against the connection.
            .retry_config(
                RetryConfig::disabled().with_reconnect_mode(ReconnectMode::ReuseAllConnections),
            )
            // Routing limits time; models pause longer than the protection allows.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(self.connect_timeout)
                    .build(),
            );
        // Also takes back what the environment says.
        config.set_endpoint_url(self.endpoint.clone());
        if let Some(region) = region {
            config.set_region(Some(Region::new(region.to_owned())));
        }
        config
    }

    /// Whether calls for this region need a client of their own. A fixed endpoint is in the
    /// gateway's region, whatever a model's target says.
    pub(super) fn is_foreign(&self, region: &str) -> bool {
        let home = self.sdk_config.region().map(Region::as_ref);
        self.endpoint.is_none() && !region.is_empty() && Some(region) != home
    }

    fn is_plain_http(&self) -> bool {
        let endpoint = self.endpoint.as_deref();
        endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"))
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
