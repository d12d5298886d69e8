//! An offline Bedrock Runtime at the wire, which a stock AWS SDK takes for the real one.
//!
//! It serves Converse, ConverseStream, InvokeModel, InvokeModelWithResponseStream and CountTokens
//! over HTTP/1.1, checks signatures, validates requests with the service's own words, and plays
//! scenarios in which something goes wrong. Its answers are plainly synthetic and always the same.
//!
//! Scenarios are set with [`Emulator::set_scenario`], from a file in [`Options::scenarios`], or over
//! the control endpoint on the same listener:
//!
//! | request | does |
//! | --- | --- |
//! | `PUT /_emulator/scenarios/{model}` | sets one scenario, or a list to be used up |
//! | `DELETE /_emulator/scenarios/{model}`, `DELETE /_emulator/scenarios` | back to normal |
//! | `GET /_emulator/scenarios` | what is set |
//! | `GET /_emulator/journal`, `DELETE /_emulator/journal` | what was asked, and how it ended |
//!
//! It imports nothing else of this program: a wrong conversion must not meet a wrong fake that
//! agrees with it. It knows models only by the text of the registry, and asks no network.

mod answer;
mod auth;
mod body;
mod catalog;
mod citations;
mod connection;
mod control;
mod converse;
mod deltas;
mod dispatch;
mod errors;
mod faults;
mod features;
mod frames;
mod guardrail;
mod invoke_model;
mod journal;
mod native;
mod offer;
mod operations;
mod options;
mod prompt_cache;
mod request;
mod respond;
mod route;
mod scenario;
mod scenario_json;
mod scenarios;
mod schema;
mod seed;
mod server;
mod shapes;
mod signature;
mod state;
mod stream;
mod tokens;
mod validate;
mod writer;

pub use self::journal::JournalEntry;
pub use self::journal::Outcome;
pub use self::options::Credentials;
pub use self::options::EMULATOR_ACCESS_KEY_ID;
pub use self::options::EMULATOR_SECRET_ACCESS_KEY;
pub use self::options::Framing;
pub use self::options::Options;
pub use self::options::OptionsError;
pub use self::scenario::Delay;
pub use self::scenario::Fault;
pub use self::scenario::Reply;
pub use self::scenario::Scenario;
pub use self::scenario::ToolUse;
pub use self::scenario_json::ScenarioError;
pub use self::server::Emulator;

#[cfg(test)]
#[path = "sdk_tests.rs"]
mod tests;
