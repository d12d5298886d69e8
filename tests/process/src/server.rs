//! One process of the binary under test.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use anyhow::bail;
use rustix::process::Pid;
use rustix::process::Resource;
use rustix::process::Rlimit;
pub use rustix::process::Signal;
use rustix::process::kill_process;
use rustix::process::prlimit;
use tempfile::NamedTempFile;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::BufReader;
use tokio::io::Lines;
use tokio::process::Child;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::time::timeout;

use crate::resources::Resources;

/// Longest wait for a line or an exit. Far more than any takes: it turns a hang into a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lines of the log that a failing test shows.
const LINES_SHOWN: usize = 20;

/// A process that runs until it is told to stop. Dropping it kills it.
pub struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: NamedTempFile,
    pid: Pid,
}

impl Server {
    /// Starts the binary that `GATEWAY_BIN` names, in an environment with nothing but `variables`.
    /// It may open as many descriptors as the machine allows.
    ///
    /// # Errors
    /// There is no such binary.
    pub fn start(arguments: &[&str], variables: &[(String, String)]) -> anyhow::Result<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one thing that is asked from outside"
        )]
        let binary = std::env::var("GATEWAY_BIN").context("GATEWAY_BIN is not set")?;
        let log = NamedTempFile::new()?;
        let mut child = Command::new("/bin/sh")
            .args([
                "-c",
                "ulimit -n $(ulimit -H -n); exec \"$0\" \"$@\"",
                &binary,
            ])
            .args(arguments)
            .env_clear()
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.reopen()?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("failed to start {binary}"))?;
        let output = child.stdout.take().context("no standard output")?;
        let pid = i32::try_from(child.id().context("it ended at once")?)?;
        let pid = Pid::from_raw(pid).context("no process has the id 0")?;
        Ok(Self {
            child,
            lines: BufReader::new(output).lines(),
            log,
            pid,
        })
    }

    /// What the next line of output says after `words`.
    ///
    /// # Errors
    /// Another line comes, or none.
    pub async fn line(&mut self, words: &str) -> anyhow::Result<String> {
        let line = timeout(PATIENCE, self.lines.next_line()).await??;
        let line = line.with_context(|| format!("ended without `{words}`"))?;
        let rest = line.strip_prefix(words);
        Ok(rest.with_context(|| format!("said `{line}`"))?.to_owned())
    }

    /// What the kernel knows about it.
    #[must_use]
    pub fn resources(&self) -> Resources {
        Resources::of(self.pid.as_raw_pid())
    }

    /// Sets how many descriptors it may have open, which may be fewer than it has; `None` takes the
    /// limit back.
    ///
    /// # Errors
    /// The process is gone.
    pub fn limit_descriptors(&self, limit: Option<u64>) -> anyhow::Result<()> {
        let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
        let current = limit.or(maximum);
        prlimit(
            Some(self.pid),
            Resource::Nofile,
            Rlimit { current, maximum },
        )?;
        Ok(())
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// The process is gone.
    pub fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        kill_process(self.pid, signal).context("failed to send a signal")
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Errors
    /// It does not end, or not with exit code 0.
    pub async fn terminate(mut self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)?;
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .context("still there after SIGTERM")??;
        if !status.success() {
            bail!("ended with {status} after SIGTERM:\n{}", self.log()?);
        }
        Ok(())
    }

    /// How many lines of its log have these words.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn lines_with(&self, words: &str) -> anyhow::Result<usize> {
        let text = fs::read_to_string(self.log.path())?;
        Ok(text.lines().filter(|line| line.contains(words)).count())
    }

    /// The last lines of its log.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn log(&self) -> anyhow::Result<String> {
        let text = fs::read_to_string(self.log.path())?;
        let lines: Vec<&str> = text.lines().collect();
        let first = lines.len().saturating_sub(LINES_SHOWN);
        Ok(lines.get(first..).unwrap_or_default().join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Ok(log) = self.log()
        {
            eprintln!("log of process {}:\n{log}", self.pid.as_raw_pid());
        }
    }
}
