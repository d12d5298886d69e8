//! `conformance` through its process: against the emulator, with each kind of report, and with
//! everything that can be wrong on its line.

mod mistakes;
mod promises;
mod reports;
mod runs;
mod support;
