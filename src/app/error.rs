//! Why the gateway could not start.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use crate::registry::LoadError;

/// Why the gateway could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The registry cannot be read or has problems; the message lists all of them.
    #[error(transparent)]
    Registry(#[from] LoadError),
    /// The default model is not in the registry.
    #[error("registry.default_model is \"{0}\", which the registry does not have")]
    UnknownDefaultModel(String),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The embedded emulator could not be started.
    #[cfg(feature = "emulator")]
    #[error("cannot start the emulator: {0}")]
    Emulator(#[from] crate::emulator::OptionsError),
    /// This build has no emulator.
    #[cfg(not(feature = "emulator"))]
    #[error("this build has no emulator")]
    NoEmulator,
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
