//! How the command ends, for scripts. The numbers above 63 are those of BSD's `sysexits.h`.

use std::process::ExitCode;

/// Text for `--help`.
pub(super) const HELP: &str = "\
Exit codes:
   0  it worked
   1  the call or the run failed, the registry file is wrong, or the two files differ
   2  the command line is wrong
  69  the gateway cannot be reached
  70  told to stop, something hung; the gateway was ended by force
  74  standard input or output, or a file, cannot be read or written
  75  check: what failed may pass by itself, such as throttling
  77  check: there are no AWS credentials, or AWS refuses them or the call
  78  the settings are wrong; every problem stands on standard error
 130  conformance: interrupted; the reports say what ran before";

/// How the command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// It worked.
    Success,
    /// The call or the run failed, or what was asked is not so.
    Failure,
    /// The command line is wrong. The number is clap's own.
    Usage,
    /// The gateway cannot be reached: `EX_UNAVAILABLE`.
    Unavailable,
    /// Something hung when the gateway had to stop: `EX_SOFTWARE`.
    Forced,
    /// Something cannot be read or written, such as a pipe that was closed: `EX_IOERR`.
    InputOutput,
    /// What failed may pass by itself: `EX_TEMPFAIL`.
    TryLater,
    /// Credentials are missing or refused, or do not suffice: `EX_NOPERM`.
    NotPermitted,
    /// The settings are wrong: `EX_CONFIG`.
    Configuration,
    /// A signal ended it before it was done, as shells say it of SIGINT.
    Interrupted,
}

impl Exit {
    /// The number the caller sees.
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Unavailable => 69,
            Self::Forced => 70,
            Self::InputOutput => 74,
            Self::TryLater => 75,
            Self::NotPermitted => 77,
            Self::Configuration => 78,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_exit_code() {
        let exits = [
            Exit::Success,
            Exit::Failure,
            Exit::Usage,
            Exit::Unavailable,
            Exit::Forced,
            Exit::InputOutput,
            Exit::TryLater,
            Exit::NotPermitted,
            Exit::Configuration,
            Exit::Interrupted,
        ];

        let numbers = exits.map(|exit| format!("\n{:>4}  ", exit.number()));

        assert!(numbers.iter().all(|number| HELP.contains(number)), "{HELP}");
        assert_eq!(HELP.lines().count(), numbers.len() + 1);
    }
}
