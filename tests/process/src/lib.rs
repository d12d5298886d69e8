//! The vocabulary of the process tests: the gateway and the emulator as processes of their own,
//! clients, load, and what the kernel knows about a process.
//!
//! Nothing here judges; the tests do, and the soak.

pub mod proto;

pub mod resources;
pub mod server;
pub mod emulator;
pub mod gateway;

pub mod client;
pub mod replicas;
pub mod load;
pub mod attack;
