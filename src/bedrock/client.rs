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
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::Config;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::ReconnectMode;

use super::credentials::Chain;
use super::credentials::CredentialsNotReady;
use super::credentials::KeptCredentials;
use super::exchange::BodyInterceptor;
use super::found::FoundCredentials;
use super::omissions::Omissions;
use super::verdicts::Verdicts;
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
    credentials: KeptCredentials,
    verdicts: Arc<Verdicts>,
    endpoint: Option<String>,
    connect_timeout: Duration,
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
        let (credentials, sdk_config) = match credentials {
            Credentials::Chain => {
                let source = SharedCredentialsProvider::new(Chain(region.clone()));
                let config = aws_config::defaults(version).region(region);
                let config = config.credentials_provider(source.clone()).load().await;
                let kept = KeptCredentials::from_source(source, Arc::clone(&metrics));
                (kept, config)
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
                let provider = SharedCredentialsProvider::new(credentials.clone());
                let config = SdkConfig::builder()
                    .behavior_version(version)
                    .region(region)
                    .credentials_provider(provider)
                    .build();
                let kept = KeptCredentials::fixed(credentials, Arc::clone(&metrics));
                (kept, config)
            }
        };
        let uses_bearer_token = uses_bearer_token(&sdk_config);
        Self {
            sdk_config,
            omissions: Arc::new(Omissions::new(Arc::clone(&metrics))),
            credentials,
            verdicts: Arc::new(Verdicts::new(metrics, uses_bearer_token)),
            endpoint: settings.endpoint.as_ref().map(ToString::to_string),
            connect_timeout: settings.connect_timeout,
        }
    }

    /// Gets credentials, and others when these expire or are rejected. Never ends: a task of the
    /// process, without which there are none.
    pub async fn keep_credentials(&self) {
        if self.uses_bearer_token() {
            std::future::pending::<()>().await;
        }
        self.credentials.keep().await;
    }

    /// Waits until there are credentials.
    pub async fn wait_for_credentials(&self) {
        if !self.uses_bearer_token() {
            self.credentials.wait().await;
        }
    }

    /// Which credentials there are, as soon as that is known. Needs
    /// [`BedrockConfig::keep_credentials`] beside it.
    ///
    /// # Errors
    /// [`CredentialsNotReady`]: there are none yet.
    pub async fn found_credentials(&self) -> Result<FoundCredentials, CredentialsNotReady> {
        if self.uses_bearer_token() {
            return Ok(FoundCredentials::bearer_token());
        }
        let identity = self.credentials.outcome().await?;
        let found = FoundCredentials::of(&identity);
        Ok(if self.credentials.are_fixed() {
            found.built_in()
        } else {
            found
        })
    }

    /// Whether calls carry a Bedrock API key instead of a signature. Worth a line in the log: a
    /// stray variable in the environment changes the identity.
    pub fn uses_bearer_token(&self) -> bool {
        uses_bearer_token(&self.sdk_config)
    }

    /// What is left out of answers.
    pub(super) fn omissions(&self) -> Arc<Omissions> {
        Arc::clone(&self.omissions)
    }

    /// What AWS says about the credentials.
    pub(super) fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// AWS rejected the credentials: others are got from their source.
    pub(super) fn replace_credentials(&self) {
        self.credentials.replace();
    }

    /// Connections for the runtime that will use them.
    pub(super) fn http_client(&self) -> SharedHttpClient {
        let mut builder = Builder::new()
            .pool_idle_timeout(IDLE_CONNECTION)
            .tls_provider(tls_provider());
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
        if !self.uses_bearer_token() {
            config.set_identity_cache(self.credentials.clone());
        }
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

    /// How the SDK is set up for the process.
    pub(super) fn sdk_config(&self) -> &SdkConfig {
        &self.sdk_config
    }

    /// The endpoint instead of the region's own.
    pub(super) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Limit on setting up a connection.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.connect_timeout
    }

    fn is_plain_http(&self) -> bool {
        let endpoint = self.endpoint.as_deref();
        endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"))
    }
}

/// The one TLS stack of the program.
pub(super) fn tls_provider() -> tls::Provider {
    tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc)
}

fn uses_bearer_token(sdk_config: &SdkConfig) -> bool {
    Config::from(sdk_config)
        .auth_scheme_preference()
        .is_some_and(|preference| {
            preference
                .clone()
                .into_iter()
                .next()
                .is_some_and(|first| first == HTTP_BEARER_AUTH_SCHEME_ID)
        })
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
