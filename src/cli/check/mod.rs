//! `check`: whether everything that a gateway stands on is there, or whether a running one is well.
//!
//! Judges what others find out: `app` looks at credentials, registry and endpoint, the router makes
//! the calls, a running gateway speaks for itself.

mod args;
mod run;

mod local;
mod remote;

mod credentials;
mod registry;
mod trial;
mod offer;

mod outcome;
mod reporter;

pub(super) use args::CheckArgs;
pub(super) use run::Surroundings;
pub(super) use run::run;
