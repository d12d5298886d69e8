//! The adapter to Amazon Bedrock: Converse, ConverseStream and CountTokens on the AWS SDK.
//!
//! The only place that names a type of the SDK. Each call is one HTTP request: the SDK's retries,
//! its timeouts and its protection against stalled streams are off, because routing does all three.

mod provider;

mod client;
mod clients;
mod credentials;
mod found;
mod reach;
mod verdicts;

mod exchange;
mod request;

mod reply;
mod reading;
mod omissions;

mod blocks;
mod deltas;
mod events;

mod classify;

mod document;
mod limited_body;
mod media_type;
mod raw_frames;
mod raw_json;

#[cfg(feature = "in-memory-upstream")]
mod in_memory;
#[cfg(test)]
mod test_server;

pub use classify::{advice as advice_on_credentials, advice_on_target};
pub use client::{BedrockConfig, Credentials};
pub use credentials::{CredentialsNotReady, region_of_profile};
pub use found::{CredentialSource, FoundCredentials};
#[cfg(feature = "in-memory-upstream")]
#[doc(hidden)]
pub use in_memory::{Answer, InMemoryUpstream, Sent};
pub use provider::Bedrock;
pub use reach::{Reached, Unreachable};
