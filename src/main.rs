//! The command `bedrock-gateway`: all of it stands in the library.

use std::process::ExitCode;

/// A call of Bedrock through the SDK is mostly allocation; mimalloc halves its cost (see benches/).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    bedrock_gateway::cli::run()
}
