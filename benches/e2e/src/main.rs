//! The programs that `benches/run` measures the gateway with, one subcommand each.
//!
//! They print one JSON object (measurements) or one line with the address (servers) and leave
//! everything else, repeating, comparing and judging, to the script.

mod call;
mod content;
mod grpc;
mod hop;
mod idle;
mod load;
mod process;
mod proto;
mod sdk;
mod startup;
mod stub;

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

#[derive(Parser)]
#[command(about = "Programs behind benches/run")]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Subcommand)]
enum Program {
    /// The upstream: Bedrock's Converse and ConverseStream from memory, on one thread.
    Stub {
        /// Time between two events of a paced stream.
        #[arg(long, value_parser = milliseconds, default_value = "20")]
        pace_ms: Duration,
    },
    /// A tonic server on the default runtime that answers from memory.
    Hop {
        /// Time between two events of a paced stream.
        #[arg(long, value_parser = milliseconds, default_value = "20")]
        pace_ms: Duration,
    },
    /// Closed-loop gRPC load on the hop or the gateway, on one thread.
    Load {
        #[arg(long)]
        address: SocketAddr,
        /// HTTP/2 connections to spread the calls over; never more than calls.
        #[arg(long, default_value_t = 4)]
        connections: usize,
        #[command(flatten)]
        plan: load::Plan,
    },
    /// Closed-loop calls on the bare SDK, on the default runtime.
    Sdk {
        /// Address of the upstream.
        #[arg(long)]
        address: SocketAddr,
        #[command(flatten)]
        plan: load::Plan,
    },
    /// Opens silent streams and reports the memory that each costs the server.
    Idle {
        #[arg(long)]
        address: SocketAddr,
        #[arg(long, default_value_t = 1000)]
        streams: usize,
        /// Streams per HTTP/2 connection.
        #[arg(long, default_value_t = 100)]
        per_connection: usize,
        /// The server's process.
        #[arg(long)]
        pid: i32,
    },
    /// Starts a gateway several times and reports when it serves and what memory it holds.
    Startup {
        #[arg(long, default_value_t = 5)]
        runs: usize,
        /// The gateway's command line.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().program {
        Program::Stub { pace_ms } => one_thread()?.block_on(stub::serve(pace_ms)),
        Program::Hop { pace_ms } => all_cores()?.block_on(hop::serve(pace_ms)),
        Program::Load {
            address,
            connections,
            plan,
        } => one_thread()?.block_on(grpc::run(address, connections, plan)),
        Program::Sdk { address, plan } => all_cores()?.block_on(sdk::run(address, plan)),
        Program::Idle {
            address,
            streams,
            per_connection,
            pid,
        } => one_thread()?.block_on(idle::run(address, streams, per_connection, pid)),
        Program::Startup { runs, command } => one_thread()?.block_on(startup::run(runs, command)),
    }
}

/// For what must be fast and is not measured.
fn one_thread() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// What `#[tokio::main]` gives: a work-stealing worker per core.
fn all_cores() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}

fn milliseconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_millis)
}
