//! The flags.

use std::path::PathBuf;

use super::reports::Target;
use crate::cli::connection::parse_address;
use crate::cli::settings_flags::SettingsFlags;

const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway conformance --emulator
      without an AWS account: a gateway and an emulator of its own, scenarios included
  bedrock-gateway conformance --models claude-sonnet-4-5 --quick --budget 0.50
      AWS, with the credentials that the AWS SDK finds, for at most half a dollar
  bedrock-gateway conformance --address 127.0.0.1:50051 --report text --report junit=report.xml
      a gateway that runs; what a terminal shows, and a file for CI

Without --address it starts a gateway of its own, which takes the settings of `serve` from the file,
the environment and the flags; without --emulator it calls AWS, and that costs money.

Ends with 0 if cases ran and none failed, and with 1 if one failed, none ran, none of a model ran,
a model was suspended, or something got worse than in the report of --compare; 2 if a flag, a case, a report or the name of a model is
wrong; 69 if the gateway or the emulator cannot be reached; 74 if a report cannot be written; 78 if
the settings are wrong; 130 if it was interrupted: the reports then say what ran before.";

/// Flags of `conformance`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct ConformanceArgs {
    /// A gateway that runs [default: one of its own].
    #[arg(long, value_name = "HOST:PORT", value_parser = parse_address)]
    pub(super) address: Option<String>,
    /// The emulator that this gateway calls, so that scenarios can be played.
    #[arg(long, value_name = "URL")]
    pub(super) emulator_control: Option<String>,
    /// Models to call, by name or alias [default: all].
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',', value_parser = model_name)]
    pub(super) models: Vec<String>,
    /// A folder of cases [default: those inside the program].
    #[arg(long, value_name = "DIR")]
    pub(super) cases: Option<PathBuf>,
    /// A program that makes the calls, to hold a client library against the same cases.
    #[arg(long, value_name = "PROGRAM")]
    pub(super) client: Option<PathBuf>,
    /// Leave out streams and variations of parameters.
    #[arg(long)]
    pub(super) quick: bool,
    /// Show each case as it ends, and what was answered, on standard error.
    #[arg(long)]
    pub(super) verbose: bool,
    /// Cases that run at the same time.
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) jobs: u16,
    /// Most dollars to spend. A case that might exceed it is skipped [default: no limit].
    #[arg(long, value_name = "DOLLARS", value_parser = dollars, allow_hyphen_values = true)]
    pub(super) budget: Option<i64>,
    /// Form of the report (text, json, markdown or junit), and a file for it; may be repeated.
    #[arg(long = "report", value_name = "FORM[=FILE]", default_value = "text")]
    pub(super) reports: Vec<Target>,
    /// An earlier JSON report to compare with.
    #[arg(long, value_name = "FILE")]
    pub(super) compare: Option<PathBuf>,
    /// How many percent slower or dearer than then is not worse.
    #[arg(long, value_name = "PERCENT", default_value_t = 50)]
    pub(super) tolerance: u32,
    /// List the rules that hold for every answer, and end.
    #[arg(long)]
    pub(super) rules: bool,
    #[command(flatten)]
    pub(super) settings: SettingsFlags,
}

fn model_name(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("a name is missing; write names or aliases of models, such as a,b"),
        name => Ok(name.to_owned()),
    }
}

/// Billionths of a dollar.
fn dollars(text: &str) -> Result<i64, &'static str> {
    const WRONG: &str = "write dollars, such as 2 or 0.25";
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 9 || !is_number(whole) || !is_number(fraction) {
        return Err(WRONG);
    }
    format!("{whole}{fraction:0<9}")
        .parse()
        .map_err(|_too_large| WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_to_the_billionth() {
        assert_eq!(dollars("2"), Ok(2_000_000_000));
        assert_eq!(dollars("0.25"), Ok(250_000_000));
        assert_eq!(dollars("0.000000001"), Ok(1));
        for wrong in [
            "",
            ".5",
            "-1",
            "1e3",
            "1.0000000001",
            "99999999999999",
            "$2",
        ] {
            assert!(dollars(wrong).is_err(), "{wrong}");
        }
    }
}
