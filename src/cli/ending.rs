//! How `serve` hears that it shall end, and the limits of its end.
//!
//! Signals are heard on a thread of their own, so that the watchdog knows of them whatever the
//! rest of the process does.

use std::io;
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::oneshot;
use tracing::error;

use super::exit_code::Exit;
use super::watchdog::Watchdog;
use crate::app;
use crate::settings::ServerSettings;
use crate::shutdown::Signals;

/// How long the log may take for its last line. It may be what hangs.
const LAST_LINE: Duration = Duration::from_millis(100);

/// The signals that end `serve`.
pub(super) struct Ending {
    /// The name of the first.
    pub(super) first: oneshot::Receiver<&'static str>,
    /// The second, for those who cannot wait.
    pub(super) second: oneshot::Receiver<()>,
}

impl Ending {
    /// Starts to listen. From the first signal on, the process ends in time whatever hangs.
    ///
    /// # Errors
    /// If the operating system refuses the handlers or a thread.
    pub(super) fn listen(settings: &ServerSettings) -> io::Result<Self> {
        let orderly = settings.drain_delay + settings.drain_timeout + app::CUT_TIME;
        let watchdog = Watchdog::start(exit_by_force)?;
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        let mut signals = {
            let _within = runtime.enter();
            Signals::listen()?
        };
        let (tell_first, first) = oneshot::channel();
        let (tell_second, second) = oneshot::channel();
        let hear = async move {
            let name = signals.next().await;
            watchdog.allow(orderly);
            // Nobody listens any more if the gateway ended by itself.
            let _ = tell_first.send(name);
            signals.next().await;
            watchdog.allow(app::CUT_TIME);
            let _ = tell_second.send(());
        };
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(hear))?;
        Ok(Self { first, second })
    }
}

#[expect(
    clippy::exit,
    reason = "the rest of the process had its time to return from main"
)]
fn exit_by_force() {
    let last_line = thread::spawn(|| error!("did not end in time: ending by force"));
    let begun = tokio::time::Instant::now();
    while !last_line.is_finished() && begun.elapsed() < LAST_LINE {
        thread::park_timeout(LAST_LINE / 20);
    }
    std::process::exit(Exit::Forced.number().into());
}
