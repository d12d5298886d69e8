//! Whether Bedrock's endpoint can be reached, step by step, without a call that costs anything.

use std::error::Error;
use std::io;
use std::time::Duration;

use aws_sdk_bedrockruntime::config::endpoint::DefaultResolver;
use aws_sdk_bedrockruntime::config::endpoint::Params;
use aws_sdk_bedrockruntime::config::endpoint::ResolveEndpoint;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use jiff::SignedDuration;
use tokio::net::TcpStream;
use tokio::net::lookup_host;
use tokio::time::Instant;
use tokio::time::timeout;
use url::Host;
use url::Url;

use super::client;
use super::client::BedrockConfig;
use super::verdicts;

/// How long names may take to be resolved, and the endpoint to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An endpoint that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Where it is.
    pub url: String,
    /// How long its name took to be resolved.
    pub resolved_in: Duration,
    /// How long TCP took to connect.
    pub connected_in: Duration,
    /// How long a fresh connection took to answer a bare GET, TLS included.
    pub answered_in: Duration,
    /// The HTTP status of the answer. Bedrock refuses a bare GET; that it does is the answer.
    pub status: u16,
    /// How far the clock of this machine is ahead of the endpoint's; negative if it is behind.
    /// `None` if the answer has no date.
    pub clock_ahead: Option<SignedDuration>,
    /// The region in the endpoint's name, if it has one and it is not the region that is called.
    pub other_region: Option<String>,
}

impl Reached {
    /// Whether the clock of this machine is so wrong that AWS refuses signatures made by it.
    pub fn is_clock_wrong(&self) -> bool {
        let ahead = self.clock_ahead;
        ahead.is_some_and(|ahead| ahead.abs() >= verdicts::SKEW)
    }
}

/// Why the endpoint cannot be reached: a fragment that follows "failed to".
#[derive(Debug, thiserror::Error)]
pub enum Unreachable {
    /// There is no such endpoint.
    #[error("find the endpoint of Bedrock in {region}: {cause}")]
    Endpoint {
        /// The region that is called.
        region: String,
        /// What the SDK says.
        cause: String,
    },
    /// Its name has no address.
    #[error("resolve {host}: {cause}")]
    Name {
        /// The name.
        host: String,
        /// What the resolver says.
        cause: String,
    },
    /// Nothing listens at its addresses, or packets do not come through.
    #[error("connect to {host} port {port}: {cause}")]
    Connection {
        /// The name.
        host: String,
        /// The port.
        port: u16,
        /// What the system says.
        cause: String,
    },
    /// It does not speak as it should.
    #[error("get an answer from {url}: {cause}")]
    Answer {
        /// Where it is.
        url: String,
        /// What was wrong with it, or with its certificate.
        cause: String,
    },
}

impl BedrockConfig {
    /// Reaches for the endpoint: resolves its name, connects, and asks a fresh connection for
    /// anything at all, unsigned. Costs nothing.
    ///
    /// # Errors
    /// [`Unreachable`] says which of these failed.
    pub async fn reach(&self) -> Result<Reached, Unreachable> {
        let region = self.sdk_config().region().map(AsRef::as_ref);
        let region: &str = region.unwrap_or_default();
        let url = self.endpoint_url(region).await?;
        let (host, port) = address(&url, region)?;

        let start = Instant::now();
        let unresolved = |cause: String| Unreachable::Name {
            host: host.clone(),
            cause,
        };
        let addresses: Vec<_> = timeout(PATIENCE, lookup_host((host.as_str(), port)))
            .await
            .map_err(|_elapsed| unresolved(late(PATIENCE)))?
            .map_err(|error| unresolved(error.to_string()))?
            .collect();
        let resolved_in = start.elapsed();

        let start = Instant::now();
        let unconnected = |cause: String| Unreachable::Connection {
            host: host.clone(),
            port,
            cause,
        };
        let limit = self.connect_timeout();
        timeout(limit, TcpStream::connect(&*addresses))
            .await
            .map_err(|_elapsed| unconnected(late(limit)))?
            .map_err(|error| unconnected(error.to_string()))?;
        let connected_in = start.elapsed();

        let start = Instant::now();
        let (status, date) = self.ask(&url).await?;
        Ok(Reached {
            resolved_in,
            connected_in,
            answered_in: start.elapsed(),
            status,
            clock_ahead: date.as_deref().and_then(verdicts::skew),
            other_region: region_of(&host)
                .filter(|named| *named != region)
                .map(str::to_owned),
            url: url.as_str().trim_end_matches('/').to_owned(),
        })
    }

    /// The endpoint that calls go to: the operator's, or what the SDK knows of the region.
    async fn endpoint_url(&self, region: &str) -> Result<Url, Unreachable> {
        let unknown = |cause: String| Unreachable::Endpoint {
            region: region.to_owned(),
            cause,
        };
        if let Some(endpoint) = self.endpoint() {
            return Url::parse(endpoint).map_err(|error| unknown(error.to_string()));
        }
        let config = self.sdk_config();
        let params = Params::builder()
            .region(region)
            .set_use_fips(config.use_fips())
            .set_use_dual_stack(config.use_dual_stack())
            .build()
            .map_err(|error| unknown(error.to_string()))?;
        let endpoint = DefaultResolver::new();
        let endpoint = ResolveEndpoint::resolve_endpoint(&endpoint, &params).await;
        let endpoint = endpoint.map_err(|error| unknown(error.to_string()))?;
        Url::parse(endpoint.url()).map_err(|error| unknown(error.to_string()))
    }

    /// Status and date of the answer to a bare GET.
    async fn ask(&self, url: &Url) -> Result<(u16, Option<String>), Unreachable> {
        let wrong = |cause: String| Unreachable::Answer {
            url: url.to_string(),
            cause,
        };
        let limits = HttpConnectorSettings::builder()
            .connect_timeout(self.connect_timeout())
            .read_timeout(PATIENCE);
        let builder = Connector::builder().connector_settings(limits.build());
        // In the clear, the machine's certificates would be loaded for nothing.
        let connector = if url.scheme() == "http" {
            builder.build_http()
        } else {
            builder.tls_provider(client::tls_provider()).build()
        };
        let request = HttpRequest::get(url.as_str()).map_err(|error| wrong(error.to_string()))?;
        let answer = connector.call(request).await;
        let answer = answer.map_err(|error| wrong(innermost(&error)))?;
        let date = answer.headers().get("date").map(str::to_owned);
        Ok((answer.status().as_u16(), date))
    }
}

/// Host and port, as the resolver wants them.
fn address(url: &Url, region: &str) -> Result<(String, u16), Unreachable> {
    let host = match url.host() {
        Some(Host::Domain(name)) => Some(name.to_owned()),
        Some(Host::Ipv4(address)) => Some(address.to_string()),
        Some(Host::Ipv6(address)) => Some(address.to_string()),
        None => None,
    };
    host.zip(url.port_or_known_default())
        .ok_or_else(|| Unreachable::Endpoint {
            region: region.to_owned(),
            cause: format!("{url} has no host or no port"),
        })
}

fn late(limit: Duration) -> String {
    format!("nothing came within {limit:?}")
}

/// The region that a host of AWS has in its name, as in `bedrock-runtime.us-east-1.amazonaws.com`.
fn region_of(host: &str) -> Option<&str> {
    let is_aws = host.ends_with(".amazonaws.com")
        || host.ends_with(".amazonaws.com.cn")
        || host.ends_with(".api.aws");
    let is_region = |label: &&str| {
        let mut parts = label.split('-');
        let geography = parts.next().is_some_and(|part| part.len() == 2);
        let number = parts.next_back().unwrap_or_default();
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        geography && is_number && parts.next().is_some()
    };
    host.split('.').find(|label| is_aws && is_region(label))
}

/// The cause that says most: "invalid peer certificate" rather than "connector error".
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    loop {
        // What an I/O error was made of is not its source, but its content.
        let deeper = match cause.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
        match deeper {
            Some(deeper) => cause = deeper,
            None => return cause.to_string(),
        }
    }
}

#[cfg(test)]
#[path = "reach_tests.rs"]
mod tests;
