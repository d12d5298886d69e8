//! The command `check`, run as people and scripts run it, in front of the emulator.

mod calls;
mod credentials;
mod failures;
mod gateway;
mod steps;

use std::io::Write as _;
use std::process::Output;

use bedrock_gateway::emulator::EMULATOR_ACCESS_KEY_ID;
use bedrock_gateway::emulator::EMULATOR_SECRET_ACCESS_KEY;
use bedrock_gateway::emulator::Emulator;
use bedrock_gateway::emulator::Options;
use serde_json::Value;
use tempfile::NamedTempFile;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::support::process::command;
use crate::support::soon;

/// Two models that are alive, and one that is not.
const REGISTRY: &str = r#"{"modelRegistry": {
    "large": {
        "modelId": "us.anthropic.claude-opus-4-1-20250805-v1:0", "priority": 1, "aliases": ["big"],
        "prices": {"currency": "USD", "inputPerMillion": 15, "outputPerMillion": 75}
    },
    "small": {
        "modelId": "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "priority": 2,
        "prices": {"currency": "USD", "inputPerMillion": 3, "outputPerMillion": 15}
    },
    "old": {
        "modelId": "anthropic.claude-3-opus-20240229-v1:0", "priority": 3,
        "prices": {"currency": "USD", "inputPerMillion": 15, "outputPerMillion": 75},
        "lifecycle": {"endOfLifeDate": "2020-01-31", "replacement": "small"}
    }
}}"#;

/// An emulated Bedrock, and what a gateway in front of it needs to know.
struct Bedrock {
    emulator: Emulator,
    registry: NamedTempFile,
}

impl Bedrock {
    async fn start() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let options = Options {
            registry: vec![REGISTRY.to_owned()],
            ..options
        };
        let mut registry = NamedTempFile::new().unwrap();
        registry.write_all(REGISTRY.as_bytes()).unwrap();
        Self {
            emulator: Emulator::start(listener, options).unwrap(),
            registry,
        }
    }

    fn registry(&self) -> &str {
        self.registry.path().to_str().unwrap()
    }

    /// `check` on a machine without credentials.
    fn check(&self, arguments: &[&str]) -> Command {
        // Variables, so that flags may say otherwise.
        let mut check = command(&[&["check"], arguments].concat());
        check
            .env(
                "BEDROCK_GATEWAY_BEDROCK_ENDPOINT",
                self.emulator.endpoint_url(),
            )
            .env("BEDROCK_GATEWAY_REGISTRY_FILE", self.registry())
            .env("BEDROCK_MAX_RETRIES", "0")
            .env("BEDROCK_GATEWAY_ROUTING_BACKOFF_BASE", "1ms")
            .env_remove("BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS")
            // What the machine has is nobody's business.
            .env("HOME", "/nonexistent")
            .env("AWS_CONFIG_FILE", "/nonexistent")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
        check
    }

    /// The same with the right keys in the environment.
    fn check_with_keys(&self, arguments: &[&str]) -> Command {
        let mut check = self.check(arguments);
        check
            .env("AWS_ACCESS_KEY_ID", EMULATOR_ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", EMULATOR_SECRET_ACCESS_KEY);
        check
    }

    /// What it printed, without what differs from run to run.
    fn redacted(&self, text: &str) -> String {
        let text = text
            .replace(&self.emulator.endpoint_url(), "ENDPOINT")
            .replace(self.registry(), "REGISTRY");
        without_times(&text)
    }
}

/// `#` for every number of milliseconds.
fn without_times(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    for index in 1..words.len() {
        if words[index].trim_end_matches(|letter: char| !letter.is_alphabetic()) == "ms"
            || words[index].starts_with("ms\n")
            || words[index].starts_with("ms,")
        {
            words[index - 1] = "#";
        }
    }
    words.join(" ")
}

async fn run(mut command: Command) -> Output {
    soon(command.output()).await.unwrap()
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// `credentials passed, registry failed, …`.
fn states(document: &Value) -> String {
    let steps = document["steps"].as_array().unwrap().iter();
    let states = steps.map(|step| {
        let (name, state) = (&step["name"], &step["state"]);
        format!("{} {}", name.as_str().unwrap(), state.as_str().unwrap())
    });
    states.collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn assert_says(output: &Output, exit: i32, words: &[&str]) {
    let said = format!("{}{}", stdout(output), stderr(output));
    assert_eq!(output.status.code(), Some(exit), "{said}");
    for words in words {
        assert!(said.contains(words), "{words:?} is not in:\n{said}");
    }
}
