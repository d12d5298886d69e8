//! Ends the process when it has to end and does not.
//!
//! Nothing here runs on a runtime: what hangs may be a worker in a loop, a file system under a
//! blocking call, or the pipe that the log is written to.

use std::io;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

/// A thread that waits for the last moment of the process.
pub(super) struct Watchdog {
    moments: mpsc::Sender<Instant>,
}

impl Watchdog {
    /// Starts the thread. It calls `exit` at the earliest moment that [`Watchdog::allow`] named,
    /// and never if it named none.
    ///
    /// # Errors
    /// If the operating system refuses a thread.
    pub(super) fn start(exit: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (moments, named) = mpsc::channel();
        thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || {
                if let Ok(first) = named.recv() {
                    wait(&named, first);
                    exit();
                }
            })?;
        Ok(Self { moments })
    }

    /// The process may go on for this long, from now. What was allowed before is not extended.
    pub(super) fn allow(&self, time: Duration) {
        // The thread is gone only if it has called `exit`.
        let _ = self.moments.send(Instant::now() + time);
    }
}

/// Waits until the earliest moment has come. Whether anybody can still name one does not matter.
fn wait(named: &mpsc::Receiver<Instant>, mut moment: Instant) {
    let mut is_open = true;
    loop {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        if !is_open {
            thread::park_timeout(left);
            continue;
        }
        match named.recv_timeout(left) {
            Ok(other) => moment = moment.min(other),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => is_open = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watchdog() -> (Watchdog, mpsc::Receiver<Instant>) {
        let (bites, bitten) = mpsc::channel();
        let exit = move || bites.send(Instant::now()).unwrap();
        (Watchdog::start(exit).unwrap(), bitten)
    }

    #[test]
    fn thread_that_hangs_does_not_keep_the_process() {
        let (watchdog, bitten) = watchdog();
        let (_release, never) = mpsc::channel::<()>();
        let begun = Instant::now();
        thread::spawn(move || {
            watchdog.allow(Duration::from_millis(200));
            let _ = never.recv();
        });

        let moment = bitten.recv_timeout(Duration::from_secs(20)).unwrap();

        assert!(moment >= begun + Duration::from_millis(200));
    }

    #[test]
    fn earliest_moment_counts() {
        let (watchdog, bitten) = watchdog();

        watchdog.allow(Duration::from_secs(3_600));
        watchdog.allow(Duration::from_millis(1));
        watchdog.allow(Duration::from_secs(3_600));

        bitten.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    #[test]
    fn moment_counts_also_when_nobody_can_name_another() {
        let (watchdog, bitten) = watchdog();

        watchdog.allow(Duration::from_millis(1));
        drop(watchdog);

        bitten.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    #[test]
    fn without_a_moment_nothing_happens() {
        let (watchdog, bitten) = watchdog();

        drop(watchdog);

        bitten.recv_timeout(Duration::from_secs(20)).unwrap_err();
    }
}
