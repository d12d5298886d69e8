//! Which model answers, how often it is called and how long it may take.
//!
//! The only loop of the program that calls a provider more than once. Knows nothing of Bedrock or
//! of gRPC messages on the wire.

mod abilities;
mod adapt;
mod attempt;
mod availability;
mod backoff;
mod bound;
mod cancelled;
mod breaker;
mod circuit;
mod circuits;
mod cooldown;
mod decision;
mod error;
mod estimate;
mod failover;
mod gather;
mod synthesize;
mod learned;
mod ledger;
mod media;
mod needs;
mod plan;
mod policy;
mod progress;
mod reports;
mod retry_budget;
mod router;
mod silence;
mod stream;
mod turn;
mod window;

#[cfg(test)]
mod bench;
#[cfg(test)]
mod cancelled_tests;
#[cfg(test)]
mod counting_tests;
#[cfg(test)]
mod fault_scripts_tests;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod learning_tests;
#[cfg(test)]
mod recovery_tests;

pub use adapt::Skip;
pub use availability::Availability;
pub use circuits::Circuits;
pub use error::RouteError;
pub use policy::Policy;
pub use policy::PolicyInForce;
pub use router::Router;
pub use stream::RoutedStream;
pub use turn::Turn;
