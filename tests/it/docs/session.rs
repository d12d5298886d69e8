//! Commands as a reader pastes them, against an emulator and a gateway on free ports.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use bedrock_gateway::emulator::EMULATOR_ACCESS_KEY_ID;
use bedrock_gateway::emulator::EMULATOR_SECRET_ACCESS_KEY;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use crate::support::ageless_registry_text;
use crate::support::process::Process;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const PROGRAM: &str = env!("CARGO_BIN_EXE_bedrock-gateway");

/// Where pages say that a gateway and an emulator listen.
const GATEWAY: &str = "127.0.0.1:50051";
const GATEWAY_BY_NAME: &str = "localhost:50051";
const EMULATOR: &str = "127.0.0.1:8787";

/// How long a command may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

const EMULATE: &str = "bedrock-gateway emulate --registry config/aws-bedrock-models.json";
const SERVE: &str = "bedrock-gateway serve --bedrock-endpoint http://127.0.0.1:8787";

/// What a gateway logs when it has looked for credentials.
const SETTLED: [&str; 2] = [": serving ", "bedrock::credentials: failed to "];

/// Subcommands that run until they are told to stop, or are tested elsewhere.
const ONLY_PARSED: [&str; 3] = ["serve", "emulate", "demo"];

/// A folder, and what runs in it.
pub(super) struct Session {
    folder: TempDir,
    emulator: Option<Server>,
    gateway: Option<Server>,
}

struct Server {
    process: Process,
    /// The words and the address that it printed at the start.
    greeting: String,
    address: String,
    /// Lines that its log has to hold.
    expected: Vec<String>,
}

/// A command of a session and what is shown below it.
#[derive(Debug, Default, PartialEq)]
struct Step {
    command: String,
    expected: Vec<String>,
}

impl Default for Session {
    fn default() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config");
        fs::create_dir(&config).unwrap();
        for entry in fs::read_dir(Path::new(ROOT).join("config")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), config.join(entry.file_name())).unwrap();
        }
        fs::write(
            config.join("aws-bedrock-models.json"),
            ageless_registry_text(),
        )
        .unwrap();
        for name in ["docs", "proto", "tests"] {
            symlink(Path::new(ROOT).join(name), folder.path().join(name)).unwrap();
        }
        // On a terminal, curl shows no progress.
        fs::write(
            folder.path().join(".curlrc"),
            "silent\nshow-error\nfail-with-body\n",
        )
        .unwrap();
        Self {
            folder,
            emulator: None,
            gateway: None,
        }
    }
}

impl Session {
    /// The commands of a block that is pasted as a whole, as they are run here.
    pub(super) fn script(&self, block: &str) -> Vec<String> {
        let commands = logical_lines(block).into_iter().filter_map(|line| {
            let line = line.replace("cargo run --release --", "bedrock-gateway");
            match program(&line) {
                "" | "grpcurl" => None,
                "bedrock-gateway" if ONLY_PARSED.contains(&subcommand(&line)) => {
                    Some(parsed(&line))
                }
                _ => Some(line),
            }
        });
        commands.collect()
    }

    /// The commands of a block that only have to exist.
    pub(super) fn parse_only(&self, block: &str) -> Vec<String> {
        let lines = logical_lines(block).into_iter();
        let ours = lines.filter(|line| program(line) == "bedrock-gateway");
        ours.map(|line| parsed(&line)).collect()
    }

    /// Runs commands one after the other in one shell.
    pub(super) async fn run_script(&mut self, commands: &[String]) -> Result<(), String> {
        if commands.is_empty() {
            return Ok(());
        }
        self.start_what_is_missing(&commands.join("\n")).await;
        let commands: Vec<_> = commands.iter().map(|line| self.addressed(line)).collect();
        let script = format!("set -euo pipefail\n{}", commands.join("\n"));
        let (exit, output) = self.bash(&script).await;
        match exit {
            Some(0) => Ok(()),
            exit => Err(format!("ended with {exit:?}:\n{script}\n{output}")),
        }
    }

    /// Runs a block that shows its outcome. What is different is returned.
    pub(super) async fn play(mut self, block: &str) -> Option<String> {
        let mut problems = String::new();
        for step in steps(block) {
            let command = step.command.trim_end();
            if let Some(server) = command.strip_suffix('&') {
                self.start(server.trim_end(), step.expected).await;
                continue;
            }
            self.start_what_is_missing(command).await;
            let (_, output) = self.bash(&self.addressed(command)).await;
            let output = self.as_documented(&output);
            let printed: Vec<_> = output.lines().collect();
            if !matches(&step.expected, &printed) {
                let expected = step.expected.join("\n");
                problems += &format!("\n$ {command}\n-- shown:\n{expected}\n-- printed:\n{output}");
            }
        }
        problems += &self.missing_in_logs().await;
        (!problems.is_empty()).then_some(problems)
    }

    async fn start_what_is_missing(&mut self, command: &str) {
        if self.emulator.is_none() && (command.contains(EMULATOR) || self.gateway.is_none()) {
            self.start(EMULATE, Vec::new()).await;
        }
        if self.gateway.is_none() && !command.contains("bedrock-gateway serve") {
            self.start(SERVE, Vec::new()).await;
        }
    }

    /// Starts a server on a free port and waits until it listens.
    async fn start(&mut self, command: &str, expected: Vec<String>) {
        let is_gateway = subcommand(command) == "serve";
        if is_gateway && self.emulator.is_none() && command.contains(EMULATOR) {
            Box::pin(self.start(EMULATE, Vec::new())).await;
        }
        let (name, words) = match is_gateway {
            true => ("serve", "gateway listening on "),
            false => ("emulate", "emulator listening on "),
        };
        let free_port = format!("bedrock-gateway {name} --listen 127.0.0.1:0");
        let command = self
            .addressed(command)
            .replace(&format!("bedrock-gateway {name}"), &free_port);
        let mut process = Process::start(self.command(&command));
        let listening = timeout(PATIENCE, process.line(words)).await;
        let address = listening.unwrap_or_else(|_| panic!("{command}: does not listen"));
        if is_gateway {
            // What follows may change what it would find.
            let settled = |log: &str| SETTLED.iter().any(|words| log.contains(words));
            let settled = process.logs(settled).await;
            settled.unwrap_or_else(|log| panic!("{command}: looks for credentials:\n{log}"));
        }
        let server = Server {
            process,
            greeting: format!("{words}{address}"),
            address: address.trim_start_matches("http://").to_owned(),
            expected,
        };
        match is_gateway {
            true => self.gateway = Some(server),
            false => self.emulator = Some(server),
        }
    }

    /// The command with the addresses of what runs here.
    fn addressed(&self, command: &str) -> String {
        let mut command = command.to_owned();
        if let Some(gateway) = &self.gateway {
            let address = &gateway.address;
            if !command.contains("--address") && !command.contains("--registry") {
                let told = format!("bedrock-gateway invoke --address {address}");
                command = command.replace("bedrock-gateway invoke", &told);
                if subcommand(&command) == "models" && is_plain(&command) {
                    let told = format!("bedrock-gateway models --address {address}");
                    command = command.replace("bedrock-gateway models", &told);
                }
            }
            command = command
                .replace(GATEWAY, address)
                .replace(GATEWAY_BY_NAME, address);
        }
        if let Some(emulator) = &self.emulator {
            command = command.replace(EMULATOR, &emulator.address);
        }
        command
    }

    /// Output with the addresses that pages use.
    fn as_documented(&self, output: &str) -> String {
        let mut output = output.to_owned();
        if let Some(gateway) = &self.gateway {
            output = output.replace(&gateway.address, GATEWAY);
        }
        if let Some(emulator) = &self.emulator {
            output = output.replace(&emulator.address, EMULATOR);
        }
        output
    }

    async fn bash(&self, script: &str) -> (Option<i32>, String) {
        let output = self.command(&format!("exec 2>&1\n{script}")).output();
        let output = timeout(PATIENCE, output).await;
        let output = output
            .unwrap_or_else(|_| panic!("{script}: does not end"))
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }

    fn command(&self, script: &str) -> Command {
        let programs = Path::new(PROGRAM).parent().unwrap().display();
        let mut command = Command::new("bash");
        command
            .args(["-c", script])
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin"))
            .env("HOME", self.folder.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ACCESS_KEY_ID", EMULATOR_ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", EMULATOR_SECRET_ACCESS_KEY)
            .env("BEDROCK_GATEWAY_SERVER_DRAIN_DELAY", "0s")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Lines that no log came to hold.
    async fn missing_in_logs(self) -> String {
        let mut missing = String::new();
        for mut server in [self.gateway, self.emulator].into_iter().flatten() {
            let expected = &server.expected;
            let greeting = &server.greeting;
            let holds = |log: &str| {
                let lines: Vec<_> = [greeting.as_str()].into_iter().chain(log.lines()).collect();
                are_in_order(expected, &lines)
            };
            if let Err(log) = server.process.logs(holds).await {
                missing += &format!("\n-- shown:\n{}\n-- logged:\n{log}", expected.join("\n"));
            }
        }
        missing
    }
}

/// The lines of a script, each with what belongs to it: behind a `\`, and within quotes.
fn logical_lines(script: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut quote = None;
    let mut is_escaped = false;
    for letter in script.chars() {
        match (letter, quote) {
            ('\n', None) if !is_escaped => {
                lines.push(String::new());
                continue;
            }
            ('\'' | '"', None) if !is_escaped => quote = Some(letter),
            (closing, Some(open)) if closing == open && !is_escaped => quote = None,
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped && quote != Some('\'');
        lines.last_mut().unwrap().push(letter);
    }
    lines.retain(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    lines
}

/// The words of a command behind the variables that are set for it.
fn words(command: &str) -> impl Iterator<Item = &str> {
    let words = command.split_whitespace().filter(|word| *word != "\\");
    words.skip_while(|word| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| !name.contains(|letter: char| !is_of_variable(letter)))
    })
}

fn is_of_variable(letter: char) -> bool {
    letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_'
}

fn program(command: &str) -> &str {
    words(command).next().unwrap_or_default()
}

fn subcommand(command: &str) -> &str {
    words(command).nth(1).unwrap_or_default()
}

/// Whether a subcommand stands without one of its own.
fn is_plain(command: &str) -> bool {
    let next = words(command).nth(2).unwrap_or_default();
    !next.starts_with(|letter: char| letter.is_ascii_alphabetic())
}

/// The command with its flags read and nothing done.
fn parsed(command: &str) -> String {
    let command = command.trim_end().trim_end_matches('&');
    let command = command.split(" | ").next().unwrap_or_default();
    format!("{command} --help > /dev/null")
}

fn steps(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut goes_on = false;
    for line in block.lines() {
        let command = line.strip_prefix("$ ").or_else(|| goes_on.then_some(line));
        match (command, steps.last_mut()) {
            (Some(more), Some(step)) if goes_on => step.command += &format!("\n{more}"),
            (Some(command), _) => steps.push(Step {
                command: command.to_owned(),
                ..Step::default()
            }),
            (None, Some(step)) => step.expected.push(line.trim_end().to_owned()),
            (None, None) => panic!("a session begins with `$ `, not with {line}"),
        }
        goes_on = command.is_some_and(|command| command.ends_with('\\'));
    }
    steps
}

/// Whether lines are as shown.
fn matches(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        Some((first, rest)) => lines
            .split_first()
            .is_some_and(|(line, others)| is_like(first, line.trim_end()) && matches(rest, others)),
    }
}

/// Whether all are among the lines, each behind the one before.
fn are_in_order(expected: &[String], lines: &[&str]) -> bool {
    let mut lines = lines.iter();
    let mut expected = expected.iter().filter(|line| *line != "…");
    expected.all(|expected| lines.any(|line| is_like(expected, line.trim_end())))
}

/// Whether a line is as shown, where `…` stands for any text.
fn is_like(pattern: &str, line: &str) -> bool {
    match pattern.split_once('…') {
        None => pattern == line,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            let mut ends = (0..=rest.len()).filter_map(|index| rest.get(index..));
            ends.any(|end| is_like(after, end))
        }),
    }
}

#[test]
fn lines_are_told_apart_by_quotes_and_backslashes() {
    let script = "# first\ncurl -d '{\n  \"a\": 1}' \\\n  http://x\n\necho \"it's\" done\n";

    let lines = logical_lines(script);

    assert_eq!(
        lines,
        [
            "curl -d '{\n  \"a\": 1}' \\\n  http://x",
            "echo \"it's\" done"
        ]
    );
    assert_eq!(
        program("AWS_PROFILE=dev \\\n  bedrock-gateway serve --emulator"),
        "bedrock-gateway"
    );
    assert_eq!(
        subcommand("AWS_EC2_METADATA_DISABLED= bedrock-gateway serve"),
        "serve"
    );
}

#[test]
fn shown_lines_match_what_they_leave_out_and_nothing_else() {
    let shown = ["a … z".to_owned(), "…".to_owned(), "end".to_owned()];

    assert!(matches(&shown, &["a b c z", "x", "y", "end"]));
    assert!(matches(&shown, &["a  z", "end"]));
    assert!(!matches(&shown, &["a b c", "end"]));
    assert!(!matches(&shown, &["a b z", "end", "more"]));
    assert!(!matches(&shown, &[]));
    assert!(are_in_order(&shown, &["0", "a z z", "1", "end", "2"]));
    assert!(!are_in_order(&shown, &["end", "a b z"]));
}

#[test]
fn sessions_are_commands_with_what_they_print() {
    let block = "$ one \\\n  more\nout 1\nout 2\n$ two\n";

    let expected = [
        Step {
            command: "one \\\n  more".to_owned(),
            expected: vec!["out 1".to_owned(), "out 2".to_owned()],
        },
        Step {
            command: "two".to_owned(),
            expected: Vec::new(),
        },
    ];
    assert_eq!(steps(block), expected);
}
