//! Calls through another program, so that a client library is held against the same cases as the
//! gateway behind it.
//!
//! The program is started with the gateway's URL in `GATEWAY_ADDRESS`. Each call is one line of JSON
//! on its standard input, and one on its standard output; `docs/conformance.md` says which. What a
//! library makes of an answer, the joined message and the typed error, is held against the answer.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use prost::Message;
use serde::Serialize;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::io::BufReader;
use tokio::process::Child;
use tokio::process::ChildStdin;
use tokio::process::ChildStdout;
use tokio::process::Command;
use tokio::sync::Mutex as AsyncMutex;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::conformance::client_reply::Reply;

/// How long the program may take to end behind the last call.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Why there will be no reply.
const ENDED: &str = "the client program has ended";

/// A program that calls the gateway for us.
#[derive(Clone)]
pub struct ClientProgram(Arc<Shared>);

struct Shared {
    input: AsyncMutex<Option<ChildStdin>>,
    waiting: Arc<Waiting>,
    next_id: AtomicU64,
    running: AsyncMutex<Option<(Child, JoinHandle<()>)>>,
}

/// Those who wait for the reply with this id.
type Replies = HashMap<u64, oneshot::Sender<Result<Reply, String>>>;

/// `None` once there will be no more.
type Waiting = Mutex<Option<Replies>>;

/// One call, as the program reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    id: u64,
    method: &'a str,
    request: String,
    timeout_ms: u128,
}

impl ClientProgram {
    /// Starts the program, which will call the gateway at this URL. What it prints as an error is
    /// shown.
    ///
    /// # Errors
    /// Why it does not start.
    pub fn start(program: &Path, gateway: &str) -> io::Result<Self> {
        let mut child = Command::new(program)
            .env("GATEWAY_ADDRESS", gateway)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let replies = child
            .stdout
            .take()
            .map(|output| read(output, Arc::clone(&waiting)));
        Ok(Self(Arc::new(Shared {
            input: AsyncMutex::new(child.stdin.take()),
            waiting,
            next_id: AtomicU64::new(1),
            running: AsyncMutex::new(replies.map(|replies| (child, tokio::spawn(replies)))),
        })))
    }

    /// Makes a call, and waits for what the program says of it.
    ///
    /// # Errors
    /// Why it says nothing that could be understood.
    pub(super) async fn call(
        &self,
        method: &str,
        request: &impl Message,
        timeout: Duration,
    ) -> Result<Reply, String> {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let line = Line {
            id,
            method,
            request: BASE64_STANDARD.encode(request.encode_to_vec()),
            timeout_ms: timeout.as_millis(),
        };
        let mut line = serde_json::to_vec(&line).map_err(|error| error.to_string())?;
        line.push(b'\n');
        let (sender, reply) = oneshot::channel();
        match &mut *lock(&self.0.waiting) {
            Some(replies) => replies.insert(id, sender),
            None => return Err(ENDED.to_owned()),
        };
        if let Some(input) = &mut *self.0.input.lock().await {
            let written = input.write_all(&line).await;
            written.map_err(|error| format!("the client program reads no call: {error}"))?;
        }
        reply.await.unwrap_or_else(|_dropped| Err(ENDED.to_owned()))
    }

    /// Tells the program that there is no more to do, and waits until it has ended.
    ///
    /// # Errors
    /// How it ended, if not well.
    pub async fn end(self) -> Result<(), String> {
        self.0.input.lock().await.take();
        let Some((mut child, replies)) = self.0.running.lock().await.take() else {
            return Ok(());
        };
        let ended = tokio::time::timeout(LAST_WORDS, child.wait()).await;
        replies.abort();
        match ended {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("the client program ended with {status}")),
            Ok(Err(error)) => Err(format!("the client program: {error}")),
            Err(_elapsed) => Err(format!(
                "the client program did not end within {LAST_WORDS:?} of the end of its input"
            )),
        }
    }
}

fn lock(waiting: &Waiting) -> MutexGuard<'_, Option<Replies>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands each reply to who waits for it, until there are no more.
async fn read(output: ChildStdout, waiting: Arc<Waiting>) {
    let mut lines = BufReader::new(output).lines();
    let end = loop {
        let line = match lines.next_line().await {
            Ok(Some(line)) => line,
            Ok(None) => break ENDED.to_owned(),
            Err(error) => break format!("the client program's replies: {error}"),
        };
        let reply = match Reply::read(&line) {
            Ok(reply) => reply,
            Err(problem) => break format!("the client program wrote no reply: {problem}"),
        };
        let sender = lock(&waiting)
            .as_mut()
            .and_then(|replies| replies.remove(&reply.id));
        if let Some(sender) = sender {
            // Who waited too long is gone.
            let _ = sender.send(Ok(reply));
        }
    };
    let rest = lock(&waiting).take();
    for (_, sender) in rest.into_iter().flatten() {
        let _ = sender.send(Err(end.clone()));
    }
}

#[cfg(test)]
#[path = "client_program_tests.rs"]
mod tests;
