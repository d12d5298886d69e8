//! Runs the emulator alone: `cargo run --example emulator -- --listen 127.0.0.1:0 --registry FILE`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::Result;
use bedrock_gateway::emulator::Emulator;
use bedrock_gateway::emulator::Options;
use clap::Parser;
use tokio::net::TcpListener;

/// An offline Amazon Bedrock Runtime.
#[derive(Parser)]
struct Arguments {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Model registry files.
    #[arg(long)]
    registry: Vec<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the line that tells where it listens")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let registry = arguments
        .registry
        .iter()
        .map(|path| std::fs::read_to_string(path).with_context(|| path.display().to_string()))
        .collect::<Result<_>>()?;
    let listener = TcpListener::bind(arguments.listen).await?;
    let options = Options {
        registry,
        ..Options::default()
    };
    let emulator = Emulator::start(listener, options)?;
    println!("emulator listening on {}", emulator.endpoint_url());
    tokio::signal::ctrl_c().await?;
    emulator.shutdown().await;
    Ok(())
}
