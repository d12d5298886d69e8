//! How the program ends: phases as tokens, tasks that are waited for, and the signals.

use std::io;

use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The phases of the end, shared by everything that has to react to them.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    closing: CancellationToken,
    cut: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// No new connections, no new calls; calls under way go on.
    pub fn close(&self) {
        self.closing.cancel();
        self.tasks.close();
    }

    /// Calls under way end now.
    pub fn cut(&self) {
        self.close();
        self.cut.cancel();
    }

    /// The token of [`Shutdown::close`].
    pub fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// The token of [`Shutdown::cut`].
    pub fn cutting(&self) -> &CancellationToken {
        &self.cut
    }

    /// Spawns a task that the end waits for.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Waits until the phase [`Shutdown::close`] has come and every task has ended.
    pub async fn finished(&self) {
        self.tasks.wait().await;
    }
}

/// The signals that end the program.
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Starts to listen for SIGTERM and SIGINT.
    ///
    /// # Errors
    /// If the operating system refuses the handlers.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next of them and gives its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
