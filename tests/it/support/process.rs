//! Programs as processes of their own: started on a free port, listened to, ended by a signal, and
//! killed when dropped.

use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;

use bedrock_gateway::emulator::EMULATOR_ACCESS_KEY_ID;
use bedrock_gateway::emulator::EMULATOR_SECRET_ACCESS_KEY;
use bedrock_gateway::proto::inference_service_client::InferenceServiceClient;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::process::Child;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::timeout;
use tonic::transport::Channel;
use tonic::transport::Endpoint;

use crate::support::soon;

/// How long what a log should say may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The built command, in an environment that says nothing.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bedrock-gateway"));
    command
        .args(arguments)
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("BEDROCK_GATEWAY_REGISTRY_TRY_RETIRED_MODELS", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A program that runs until it is told to stop. Its log is read all the time, so that it never
/// waits for us.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: watch::Receiver<String>,
}

impl Process {
    /// Starts it. Both outputs must be piped.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut written = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, log) = watch::channel(String::new());
        tokio::spawn(async move {
            while let Some(line) = written.next_line().await.unwrap() {
                sender.send_modify(|log| *log = format!("{log}{line}\n"));
            }
        });
        Self { child, lines, log }
    }

    /// What the next line of output says after `words`.
    pub(crate) async fn line(&mut self, words: &str) -> String {
        let line = soon(self.lines.next_line()).await.unwrap();
        let line = line.unwrap_or_else(|| {
            panic!("ended without `{words}`:\n{}", *self.log.borrow());
        });
        let rest = line.strip_prefix(words);
        rest.unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    /// Waits until its log says this.
    pub(crate) async fn says(&mut self, words: &str) {
        let said = self.log.wait_for(|log| log.contains(words));
        soon(said).await.unwrap();
    }

    /// Waits until its log is like this; gives the log if it does not come to be.
    pub(crate) async fn logs(&mut self, is_so: impl Fn(&str) -> bool) -> Result<(), String> {
        let said = self.log.wait_for(|log| is_so(log));
        let is_said = timeout(PATIENCE, said).await.is_ok_and(|said| said.is_ok());
        match is_said {
            true => Ok(()),
            false => Err(self.log.borrow().clone()),
        }
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Sends a signal, `TERM` or the like.
    pub(crate) async fn signal(&self, name: &str) {
        // The standard library sends no signal but SIGKILL; the shell's own `kill` is everywhere.
        let kill = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.id())])
            .status();
        assert!(soon(kill).await.unwrap().success());
    }

    /// Waits for its end and the whole log.
    pub(crate) async fn ended(mut self) -> (ExitStatus, String) {
        // The end of the log is an error to those who wait for more.
        let _ = soon(self.log.wait_for(|_| false)).await;
        let log = self.log.borrow().clone();
        (soon(self.child.wait()).await.unwrap(), log)
    }

    /// Sends SIGTERM, and waits for the exit code and the whole log.
    pub(crate) async fn terminate(self) -> (Option<i32>, String) {
        self.signal("TERM").await;
        let (status, log) = self.ended().await;
        (status.code(), log)
    }
}

/// The command `serve` with the emulator's credentials, for a gateway that calls Bedrock at this
/// URL.
pub(crate) fn serving(endpoint: &str, arguments: &[&str]) -> Command {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0"]);
    command
        .args(["--bedrock-endpoint", endpoint, "--server-drain-delay", "0s"])
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", EMULATOR_ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", EMULATOR_SECRET_ACCESS_KEY);
    command
}

/// The same for a process that may have this many open files.
pub(crate) fn with_descriptors(serve: &Command, descriptors: usize) -> Command {
    let serve = serve.as_std();
    let set = serve.get_envs();
    let mut limited = Command::new("sh");
    limited
        .args([
            "-c",
            &format!("ulimit -n {descriptors}; exec \"$0\" \"$@\""),
        ])
        .arg(serve.get_program())
        .args(serve.get_args())
        .env_clear()
        .envs(set.filter_map(|(name, value)| Some((name, value?))))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    limited
}

/// A gateway as a process, with the emulator's credentials.
pub(crate) struct GatewayProcess {
    process: Process,
    channel: Channel,
}

impl GatewayProcess {
    /// Starts one that calls Bedrock at this URL.
    pub(crate) async fn start(endpoint: &str, arguments: &[&str]) -> Self {
        let mut process = Process::start(serving(endpoint, arguments));
        let address = process.line("gateway listening on ").await;
        let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
        let channel = soon(endpoint.connect()).await.unwrap();
        Self { process, channel }
    }

    /// Waits until its log says this.
    pub(crate) async fn says(&mut self, words: &str) {
        self.process.says(words).await;
    }

    /// Its memory now.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let kibibytes = line.unwrap().split_whitespace().nth(1).unwrap();
        kibibytes.parse::<u64>().unwrap() * 1024
    }

    /// A client of InferenceService.
    pub(crate) fn inference(&self) -> InferenceServiceClient<Channel> {
        InferenceServiceClient::new(self.channel.clone())
    }
}
