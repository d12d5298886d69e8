//! The rules of the API that need no knowledge of a model, checked once at the edge.
//!
//! Each function takes a decoded message and gives it back as [`Valid`], or every rule it breaks at
//! once. Behind this point nobody checks a request again. The rules are the comments in
//! `proto/bedrock/gateway/v1/`; what a particular model accepts is routing's question, and nothing
//! here rewrites a request.
//!
//! A request that breaks no rule costs no allocation unless it holds tools or documents: paths and
//! descriptions are made when a rule is broken. Descriptions show numbers and names, never the
//! caller's text, tool input or media.

mod path;
mod violation;

mod additional_fields;
mod cache_points;
mod content;
mod conversation;
mod document;
mod json;
mod media;
mod model_service;
mod parameters;
mod prompt_variables;
mod routing;
mod scalar;
mod sources;
mod tool_blocks;
mod tool_config;
mod tool_pairs;

mod request;

#[cfg(test)]
mod fixtures_tests;
#[cfg(test)]
mod limits_tests;

pub use model_service::{get_model, list_models};
pub use request::{count_tokens, invoke, invoke_stream};
pub use violation::{Reason, Valid, Violation, Violations};
