//! What AWS has to allow so that the models of a registry can be called, and nothing else.
//!
//! [`select`] says which models a gateway would call, `needs` what each call of one asks AWS for,
//! `pack` joins that into statements and spreads these over as many policies as their size asks
//! for. [`render`] writes them in the form that somebody wants.
//!
//! Knows the rules of Bedrock and IAM by heart and asks nobody: no AWS, no clock.

mod selection;
mod wanted;

mod guardrail;
mod listed_profiles;

mod broad;
mod needs;
mod pack;
mod policy;
mod resources;

mod cloudformation;
mod comment;
mod render;
mod terraform;

pub use guardrail::Guardrail;
pub use listed_profiles::ListedProfiles;
pub use policy::{MAX_ATTACHED, MAX_SIZE, Policy, Statement};
pub use render::{Format, explain, render};
pub use selection::{LeftOut, Selection, UnknownModel, select};
pub use wanted::{Draft, TooLarge, Wanted};
