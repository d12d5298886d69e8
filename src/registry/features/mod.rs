//! What a model can do: as the file says, and derived where it does not say.
//!
//! A plain file names a model by its id and a few free words. From these follows what the
//! provider's models of that generation do on Converse: `claude` and `families` hold tables of it.
//! An entry's `features` have the last word, member by member, so an unknown model costs lines in
//! the file and no code.

mod entry;
mod read;
mod write;

mod claude;
mod families;
mod family;

mod capabilities;

pub(super) use capabilities::capabilities;
pub(super) use entry::FeaturesEntry;
pub(super) use read::features;
pub(super) use write::features_json;
