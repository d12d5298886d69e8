//! How the command ends, for scripts. The numbers above 63 are those of BSD's `sysexits.h`.

use std::process::ExitCode;

/// Text for `--help`.
pub(super) const HELP: &str = "\
Exit codes:
   0  it worked
   1  the call or the run failed; what went wrong stands on standard error
   2  the command line is wrong
  69  the gateway cannot be reached
  78  the settings are wrong; every problem stands on standard error";

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It worked.
    Success,
    /// The call or the run failed.
    Failure,
    /// The command line is wrong. The number is clap's own.
    Usage,
    /// The gateway cannot be reached: `EX_UNAVAILABLE`.
    Unavailable,
    /// The settings are wrong: `EX_CONFIG`.
    Configuration,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::Unavailable => Self::from(69),
            Exit::Configuration => Self::from(78),
        }
    }
}
