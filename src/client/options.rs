//! How a client connects, and what goes along with each call.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tonic::metadata::AsciiMetadataKey;
use tonic::metadata::AsciiMetadataValue;
use tonic::metadata::MetadataMap;

use super::error::Error;
use super::service_config::ServiceConfig;

/// Largest message that is read unless told otherwise: 32 MiB, as much as the gateway reads.
const MAX_MESSAGE_BYTES: usize = 32 << 20;

/// How a client connects and calls. The defaults suit most programs.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) user_agent: String,
    pub(super) connect_timeout: Duration,
    pub(super) keep_alive_interval: Duration,
    pub(super) keep_alive_timeout: Duration,
    pub(super) max_message_bytes: usize,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) service_config: ServiceConfig,
    pub(super) tls: Tls,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            user_agent: concat!("bedrock-gateway-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(5),
            // gRFC A8: not much more often than once a minute, or proxies take it for a flood.
            keep_alive_interval: Duration::from_secs(60),
            keep_alive_timeout: Duration::from_secs(10),
            max_message_bytes: MAX_MESSAGE_BYTES,
            addresses: Vec::new(),
            service_config: ServiceConfig::shipped(),
            tls: Tls::default(),
        }
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the program calls itself, in front of the name of this library.
    #[must_use]
    pub fn user_agent(mut self, name: &str) -> Self {
        self.user_agent = format!("{name} {}", self.user_agent);
        self
    }

    /// Longest wait for a connection, TLS included: 5 s unless told otherwise.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How often a connection that has calls is asked whether it still lives, and how long an
    /// answer may take: 60 s and 10 s unless told otherwise. Idle ones are not asked.
    #[must_use]
    pub fn keep_alive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.keep_alive_interval = interval;
        self.keep_alive_timeout = timeout;
        self
    }

    /// Largest message that is read, in bytes: 32 MiB unless told otherwise. Only answers with
    /// images come near.
    #[must_use]
    pub fn max_message_bytes(mut self, limit: usize) -> Self {
        self.max_message_bytes = limit;
        self
    }

    /// Where to connect to, in place of what DNS says of the address's host. The host is still what
    /// the gateway and TLS are told.
    #[must_use]
    pub fn addresses(mut self, addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.addresses = addresses.into_iter().collect();
        self
    }

    /// Time limits and retries, in place of [`ServiceConfig::shipped`].
    #[must_use]
    pub fn service_config(mut self, config: ServiceConfig) -> Self {
        self.service_config = config;
        self
    }

    /// Trusts these certificates, as PEM, in place of the system's. For `https://` only.
    #[must_use]
    pub fn ca_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.tls.ca_certificates = Some(pem.into());
        self
    }

    /// Shows this certificate, with its chain, and proves it with its key; both as PEM. For
    /// `https://` only.
    #[must_use]
    pub fn client_certificate(
        mut self,
        certificates: impl Into<Vec<u8>>,
        key: impl Into<Vec<u8>>,
    ) -> Self {
        self.tls.identity = Some((certificates.into(), key.into()));
        self
    }
}

/// Whom to trust, and who one is.
#[derive(Clone, Default)]
pub(super) struct Tls {
    pub(super) ca_certificates: Option<Vec<u8>>,
    pub(super) identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given = |is_given| if is_given { "given" } else { "none" };
        f.debug_struct("Tls")
            .field("ca_certificates", &given(self.ca_certificates.is_some()))
            .field("identity", &given(self.identity.is_some()))
            .finish()
    }
}

/// What goes along with a call.
#[derive(Clone, Default)]
pub(super) struct CallOptions {
    pub(super) timeout: Option<Duration>,
    pub(super) metadata: MetadataMap,
}

impl CallOptions {
    /// Sets a key, in place of an earlier value.
    ///
    /// # Errors
    /// [`Cause::Input`](super::Cause::Input) if one of both is no text that HTTP/2 carries. The
    /// value is not repeated.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let name: AsciiMetadataKey = key
            .parse()
            .map_err(|_invalid| Error::input(format!("{key:?} cannot be a key of metadata")))?;
        let mut value: AsciiMetadataValue = value.parse().map_err(|_invalid| {
            Error::input(format!("the value of {key} is no visible ASCII text"))
        })?;
        value.set_sensitive(true);
        self.metadata.insert(name, value);
        Ok(())
    }
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.metadata.as_ref().keys().collect();
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("metadata", &keys)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_reach_debug() {
        let options = Options::new().client_certificate("CERTIFICATE", "canary-key");
        let mut call = CallOptions::default();
        call.set("authorization", "Bearer canary-token").unwrap();

        let text = format!("{options:?} {call:?}");

        assert!(text.contains("authorization"), "{text}");
        assert!(!text.contains("canary") && !text.contains("[99"), "{text}");
    }

    #[test]
    fn metadata_that_cannot_be_sent_is_refused_without_its_value() {
        let mut call = CallOptions::default();

        let value = call.set("authorization", "canary\n").unwrap_err();
        let key = call.set("two words", "x").unwrap_err();

        let text = value.to_string();
        assert!(text.contains("authorization") && !text.contains("canary"));
        assert!(key.to_string().contains("two words"));
    }
}
