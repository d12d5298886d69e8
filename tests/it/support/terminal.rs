//! A terminal for the built command to write to.

use std::fs::File;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::process::Stdio;

use rustix::pty::OpenptFlags;
use rustix::pty::grantpt;
use rustix::pty::openpt;
use rustix::pty::ptsname;
use rustix::pty::unlockpt;
use rustix::termios::Winsize;
use rustix::termios::tcsetwinsize;
use tokio::process::Command;

use crate::support::soon;

/// All that a command writes to a terminal of this width as its standard output, with line ends as
/// in files.
pub(crate) async fn shown_on_terminal(mut command: Command, columns: u16) -> String {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
    let ours = openpt(flags).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name)
        .unwrap();
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&theirs, size).unwrap();

    command.stdout(Stdio::from(theirs));
    let child = command.spawn().unwrap();
    // It holds the other side, too, which would keep the terminal open.
    drop(command);
    let mut ours = File::from(ours);
    let read = tokio::task::spawn_blocking(move || {
        let mut shown = Vec::new();
        // Linux says EIO when the last writer is gone, others say that it is the end.
        let _ = ours.read_to_end(&mut shown);
        String::from_utf8(shown).unwrap()
    });
    let shown = soon(read).await.unwrap();
    soon(child.wait_with_output()).await.unwrap();
    shown.replace("\r\n", "\n")
}
