//! The command line: `serve` runs the gateway, the others talk to one.
//!
//! Decides nothing about models; it reads flags, calls the rest of the program, and prints. The
//! only part of the program that writes to standard output.

mod advice;
mod check;
mod command_line;
mod completions;
mod conformance;
mod connection;
mod ending;
mod exit_code;
mod failure;
mod iam_policy;
mod iam_policy_notes;
mod invoke;
mod ledger;
mod man;
mod models;
mod serve;
mod settings_flags;
mod streams;
mod watchdog;

#[cfg(feature = "emulator")]
mod demo;
#[cfg(feature = "emulator")]
mod emulate;

pub use command_line::run;
