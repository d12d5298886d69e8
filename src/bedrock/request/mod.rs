//! A request of the API as input of the SDK, by kind of content.
//!
//! What cannot be carried is refused with its field's path; nothing is left out that routing did
//! not ask to leave out.

mod additional_fields;
mod citations;
mod converse;
mod count_tokens;
mod media;
mod messages;
mod parameters;
mod reasoning;
pub(super) mod refused;
mod sending;
mod tools;

pub(super) use converse::prepare;
pub(super) use count_tokens::count_tokens_input;
