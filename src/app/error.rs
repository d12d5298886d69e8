//! Why the gateway could not start.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use crate::registry::RegistryErrors;

/// Why the gateway could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The registry has problems; the message lists all of them.
    #[error("the registry cannot be used:\n{0}")]
    Registry(#[from] RegistryErrors),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The Bedrock client could not be made.
    #[error("cannot make the Bedrock client: {0}")]
    Bedrock(String),
    /// The embedded emulator could not be started.
    #[error("cannot start the emulator: {0}")]
    Emulator(String),
    /// A thread could not be started.
    #[error("cannot start a worker: {0}")]
    Worker(#[source] io::Error),
    /// A worker ended before it could take connections.
    #[error("a worker ended while it was started")]
    WorkerDied,
    /// The descriptors for reflection are broken.
    #[error("cannot offer reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
}
