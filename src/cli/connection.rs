//! Connects to a running gateway.
//!
//! In the clear only: a gateway behind TLS is reached with grpcurl or a client of one's own.

use std::error::Error;
use std::time::Duration;

use tonic::Status;
use tonic::transport::Channel;
use tonic::transport::Endpoint;

/// Where a gateway listens unless told otherwise.
pub(super) const DEFAULT_ADDRESS: &str = "http://127.0.0.1:50051";

/// Longest wait for the connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Nobody answers at the address.
#[derive(Debug, thiserror::Error)]
#[error(
    "no {what} answers at {address}: {cause}\n\
     is it running? start one with: bedrock-gateway {start}"
)]
pub(super) struct Unreachable {
    what: &'static str,
    address: String,
    cause: String,
    start: &'static str,
}

impl Unreachable {
    /// Nobody at all at this address, where a gateway should be.
    pub(super) fn unconnected(address: &str, error: &dyn Error) -> Self {
        Self {
            what: "gateway",
            address: address.to_owned(),
            cause: innermost(error),
            start: "serve --emulator",
        }
    }

    /// What answers at this address is no gateway, or one that is ending.
    pub(super) fn gateway(address: &str, status: &Status) -> Self {
        let cause = match status.source() {
            Some(_) => innermost(status),
            None => format!("{:?}: {}", status.code(), status.message()),
        };
        Self {
            what: "gateway",
            address: address.to_owned(),
            cause: format!("{cause}; is this a gateway?"),
            start: "serve --emulator",
        }
    }

    /// The emulator at this address.
    pub(super) fn emulator(address: &str, cause: String) -> Self {
        Self {
            what: "emulator",
            address: address.to_owned(),
            cause,
            start: "emulate",
        }
    }
}

/// Reads an address; the scheme may be left out.
pub(super) fn parse_address(text: &str) -> Result<String, String> {
    let url = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    if url.starts_with("https://") {
        return Err("this command speaks plain http only; use grpcurl for https".to_owned());
    }
    let is_address = url.starts_with("http://")
        && url::Url::parse(&url).is_ok_and(|url| url.has_host() && url.path() == "/");
    if is_address {
        Ok(url)
    } else {
        Err(format!(
            "write a host and a port, such as {DEFAULT_ADDRESS}"
        ))
    }
}

/// Connects.
///
/// # Errors
/// [`Unreachable`].
pub(super) async fn connect(address: &str) -> Result<Channel, Unreachable> {
    let unreachable = |error: tonic::transport::Error| Unreachable::unconnected(address, &error);
    Endpoint::from_shared(address.to_owned())
        .map_err(unreachable)?
        .connect_timeout(CONNECT_TIMEOUT)
        .connect()
        .await
        .map_err(unreachable)
}

/// The cause that says most: "connection refused" rather than "transport error".
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_may_be_left_out() {
        let full = parse_address("http://127.0.0.1:50051").unwrap();

        assert_eq!(parse_address("127.0.0.1:50051").unwrap(), full);
        assert_eq!(
            parse_address("gateway:50051").unwrap(),
            "http://gateway:50051"
        );
    }

    #[test]
    fn what_cannot_be_reached_by_this_command_is_refused() {
        for text in [
            "https://gateway:50051",
            "ftp://gateway",
            "http://",
            "gateway/path",
            "",
        ] {
            assert!(parse_address(text).is_err(), "{text}");
        }
    }
}
