//! Panics in the log: where, but not what. The text of a panic can hold anything, a prompt too.

use std::panic;
use std::panic::Location;
use std::panic::PanicHookInfo;
use std::thread;

use tracing::error;

/// From here on, panics of this process are logged instead of printed.
pub fn log_panics() {
    panic::set_hook(Box::new(log));
}

fn log(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(Location::to_string);
    error!(
        place,
        thread = thread::current().name(),
        "panicked: this is a defect of the gateway"
    );
}
