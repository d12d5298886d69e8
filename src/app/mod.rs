//! The composition root: builds everything from the settings, runs it, and ends it in order.
//!
//! No other module makes objects of more than its own kind, and nothing is global.

mod acceptor;
mod changes;
mod configuration;
mod connection;
mod error;
mod fingerprint;
mod inbound;
mod listen;
mod preflight;
mod reload;
mod running;
mod socket;
mod start;
mod upkeep;
mod upstream;
mod worker;

pub use crate::bedrock::{
    CredentialSource, CredentialsNotReady, FoundCredentials, Reached, Unreachable,
    advice_on_credentials, advice_on_target, region_of_profile,
};
pub use error::StartError;
pub use listen::listen;
pub use preflight::{Candidates, Preflight, Trial};
pub use running::CUT_TIME;
pub use running::Running;
pub use start::start;
