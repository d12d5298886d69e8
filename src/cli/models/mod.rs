//! `models`: the registry of a running gateway, or a registry file: listed, one model shown, a file
//! checked, two files compared.
//!
//! Prints what the registry says. What a model can do, and what is wrong with a file, is decided
//! there.

mod command;

mod list;
mod show;
mod validate;
mod diff;

mod source;
mod reading_flags;
mod registry_file;

mod differences;
mod finding;
mod json;
mod table;
mod words;

pub(super) use command::{ModelsArgs, run};
pub(super) use source::list;
pub(super) use words::state as state_word;
