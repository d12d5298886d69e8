//! The rules by which Bedrock refuses a Converse request, with its own words.
//!
//! Each rule reads the JSON as it came; nothing here changes or understands a request beyond that.
//! Texts come from traces and threads of users of the service, collected 2026-11-22; they change
//! without notice, and nobody should match on more than fragments of them.

mod blocks;
mod caching;
mod check;
mod conversation;
mod documents;
mod fields;
mod guardrails;
mod inference;
mod media;
mod output;
mod reasoning;
mod stored_prompt;
mod structure;
mod tool_history;
mod tools;

pub(super) use self::check::converse;
pub(super) use self::check::counted;
pub(super) use self::check::tokens_fit;
pub(super) use self::structure::structure;
