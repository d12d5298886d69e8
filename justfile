# The menu of commands. Every recipe is a plain command that works without just.

# List the recipes.
default:
    @just --list

# Formatting, lints, tests.
check:
    cargo fmt --all --check
    cargo lint
    cargo t

# Tests whose name contains FILTER.
t FILTER="":
    cargo t {{FILTER}}

# Gateway and emulator together, on 127.0.0.1:50051.
dev:
    cargo run -- serve --emulator

# The gateway in front of AWS.
run *FLAGS:
    cargo run --release -- serve {{FLAGS}}

# The emulator alone.
emulate *FLAGS:
    cargo run -- emulate {{FLAGS}}

# The main job on the emulator, in a minute.
demo:
    cargo run --release -- demo

# Write the generated files anew: example settings, settings manual, registry schema.
docs:
    UPDATE_GENERATED=1 cargo t generated

# Write the outcomes of the golden cases anew; review the diff.
golden:
    UPDATE_GOLDEN=1 cargo t golden

# Style and format of the API.
proto:
    .ci/tools buf
    .ci/node_modules/.bin/buf lint proto
    .ci/node_modules/.bin/buf format --write proto

# The stubs of the clients, after a change of the API.
stubs:
    clients/generate

# Each client: format, lints, tests, samples and the shared cases. Or of some languages only.
clients *LANGUAGES:
    cargo build --locked
    clients/run {{LANGUAGES}}

# Licences, sources and banned crates.
deny:
    .ci/tools cargo-deny
    target/tools/bin/cargo-deny --all-features check bans licenses sources

# The gateway and the emulator, asked by programs we did not write.
external:
    cargo build --locked
    tests/external/javascript.sh
    tests/external/tools.sh
    tests/external/ministack.sh
    tests/external/iam.sh

# Restarts, cancels, attacks and load on the release binary; tests whose name contains FILTER.
process FILTER="":
    cargo build --release --locked
    tests/process/run {{FILTER}}

# The release binary under mixed faults: does it leak?
soak MINUTES="20":
    cargo build --release --locked
    tests/process/run soak {{MINUTES}}

# A fuzz target for so many seconds: convert, events, errors or registry.
fuzz TARGET SECONDS="60":
    .ci/tools cargo-fuzz
    fuzz/run {{SECONDS}} {{TARGET}}

# What the gateway costs beside a bare hop and a bare SDK call.
bench *FLAGS:
    benches/run {{FLAGS}}

# What conversion costs beside the SDK's own reading and writing.
bench-conversion:
    cargo run --release --locked --package bedrock-gateway-conversion-bench

# Everything that has to pass.
ci:
    bash .ci/run
