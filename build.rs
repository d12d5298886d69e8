//! Compiles `proto/` to Rust without protoc, and keeps the descriptor set for reflection.

use std::error::Error;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use prost_types::{DescriptorProto, FileDescriptorSet};

const PROTO_ROOT: &str = "proto";

/// The cases of the conformance suite, which the program carries.
const CASES: &str = "tests/conformance/cases";

/// Files whose messages can carry a prompt or an answer. A derived `Debug` would print them.
const PRIVATE_FILES: &[&str] = &[
    "content.proto",
    "guardrail_trace.proto",
    "inference_service.proto",
    "parameters.proto",
    "stream.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={PROTO_ROOT}");
    println!("cargo:rustc-env=GIT_REVISION={}", revision());

    let files = proto_files(Path::new("proto/bedrock/gateway/v1"))?;
    let mut compiler = protox::Compiler::new([PROTO_ROOT])?;
    // Reflection clients ask for every import by name, and show our comments.
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(files)?;
    let descriptors = compiler.file_descriptor_set();

    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    fs::write(
        out.join("bedrock_gateway_v1.bin"),
        compiler.encode_file_descriptor_set(),
    )?;

    let mut prost = prost_build::Config::new();
    // `Any` wants a type URL with a domain.
    prost.enable_type_names();
    prost.type_name_domain(["."], "type.googleapis.com");
    let mut opaque = String::new();
    let mut private = Vec::new();
    for message in private_messages(&descriptors) {
        private.push(format!(".bedrock.gateway.v1.{}", message.name()));
        opaque.push_str(&opaque_debug(message.name()));
        for oneof in &message.oneof_decl {
            if !oneof.name().starts_with('_') {
                let module = snake_case(message.name());
                let name = upper_camel_case(oneof.name());
                opaque.push_str(&opaque_debug(&format!("{module}::{name}")));
            }
        }
    }
    prost.skip_debug(private);
    // An event is moved from hand to hand: what is large and rare must not make all of them large.
    prost.boxed(".bedrock.gateway.v1.InvokeStreamResponse.event.attempt");
    prost.boxed(".bedrock.gateway.v1.InvokeStreamResponse.event.metadata");
    prost.boxed(".bedrock.gateway.v1.ContentBlockDeltaEvent.delta.citation");
    prost.boxed(".bedrock.gateway.v1.ContentBlockStartEvent.start.whole");
    fs::write(out.join("opaque_debug.rs"), opaque)?;

    tonic_prost_build::configure()
        .bytes(".")
        .compile_fds_with_config(descriptors, prost)?;
    fs::write(out.join("conformance_cases.rs"), conformance_cases()?)?;
    Ok(())
}

/// The constant `CASES`: name and text of each case, in the order of the names.
fn conformance_cases() -> Result<String, Box<dyn Error>> {
    println!("cargo:rerun-if-changed={CASES}");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join(CASES))? {
        paths.push(entry?.path());
    }
    paths.sort_by(|one, other| one.file_stem().cmp(&other.file_stem()));
    let mut list = String::new();
    for path in paths {
        let name = path.file_stem().ok_or("a case without a name")?;
        list.push_str(&format!("    ({name:?}, include_str!({path:?})),\n"));
    }
    Ok(format!("const CASES: &[(&str, &str)] = &[\n{list}];\n"))
}

/// What `--version` says beside the version: the variable `GIT_REVISION`, for builds without
/// `.git`, or what git says. Development builds do not ask git, because every commit would then
/// compile the package again.
fn revision() -> String {
    println!("cargo:rerun-if-env-changed=GIT_REVISION");
    if let Some(given) = env::var_os("GIT_REVISION") {
        return given.to_string_lossy().into_owned();
    }
    if env::var_os("PROFILE").is_none_or(|profile| profile != "release") {
        return "development build".to_owned();
    }
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown revision".to_owned())
}

/// What git prints, if it is there and this is a repository.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.is_empty()).then(|| text.trim().to_owned())
}

fn private_messages(descriptors: &FileDescriptorSet) -> impl Iterator<Item = &DescriptorProto> {
    descriptors
        .file
        .iter()
        .filter(|file| PRIVATE_FILES.iter().any(|name| file.name().ends_with(name)))
        .flat_map(|file| &file.message_type)
}

/// A `Debug` that shows the type and nothing of the value.
fn opaque_debug(path: &str) -> String {
    format!(
        "impl ::core::fmt::Debug for {path} {{\n    \
         fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{\n        \
         f.write_str(\"{path} {{ .. }}\")\n    }}\n}}\n"
    )
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn upper_camel_case(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters)
        })
        .collect()
}

fn proto_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path.strip_prefix(PROTO_ROOT)?.to_path_buf());
        }
    }
    files.sort();
    Ok(files)
}
