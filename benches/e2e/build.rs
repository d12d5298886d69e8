//! Compiles the gateway's `proto/` without protoc.

use std::error::Error;
use std::fs;
use std::path::Path;

const PROTO_ROOT: &str = "../../proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={PROTO_ROOT}");

    let mut files = Vec::new();
    for entry in fs::read_dir(Path::new(PROTO_ROOT).join("bedrock/gateway/v1"))? {
        files.push(entry?.path());
    }
    files.sort();
    let descriptors = protox::compile(files, [PROTO_ROOT])?;
    tonic_prost_build::configure()
        .bytes(".")
        // Some messages only travel inside error details, which nothing here reads.
        .message_attribute(".", "#[allow(dead_code)]")
        .compile_fds(descriptors)?;
    Ok(())
}
