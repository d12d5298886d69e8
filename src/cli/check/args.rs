//! Flags of `check`, and what follows from them.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;

use crate::cli::connection::parse_address;
use crate::cli::invoke;
use crate::cli::settings_flags::SettingsFlags;

const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway check
      credentials, registry, endpoint, and one small call of the default model
  bedrock-gateway check --all
      the same with one small call of each model; asks before it spends money
  bedrock-gateway check --free
      everything but calls of models
  bedrock-gateway check --emulator
      to see what it does, without an account
  bedrock-gateway check --address 127.0.0.1:50051
      a running gateway: its health, its models, and one small call

A call has a prompt of a few words, and its answer at most 32 tokens. It goes the way of every call
of the gateway, except that no other model answers instead.

Exit codes:
   0  all is well; there may be warnings
   1  something failed that has no number below
   2  the command line is wrong: no such model, or a consent to costs is missing
  69  Bedrock or the gateway cannot be reached
  75  what failed may pass by itself, such as throttling
  77  there are no AWS credentials, or AWS refuses them or the call
  78  the settings or the registry are wrong, or bedrock.endpoint is not one of Bedrock
If more than one thing failed, the number is that of the first; but of a gateway that is not well
it is that of the call, which says why.";

/// Flags of `check`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct CheckArgs {
    /// Call this model instead of the default one.
    #[arg(long, value_name = "MODEL", value_parser = NonEmptyStringValueParser::new())]
    #[arg(conflicts_with_all = ["models", "all", "free"])]
    model: Option<String>,
    /// Call each of these models. Costs money.
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',')]
    #[arg(value_parser = NonEmptyStringValueParser::new(), conflicts_with_all = ["all", "free"])]
    models: Vec<String>,
    /// Call every model that can be called. Costs money.
    #[arg(long, conflicts_with = "free")]
    all: bool,
    /// Call no model: what is left costs nothing.
    #[arg(long)]
    free: bool,
    /// Agree to what --all and --models cost, without being asked.
    #[arg(long)]
    pub(super) yes: bool,
    /// Check the gateway that listens there, instead of what this machine would serve with.
    #[arg(long, value_name = "URL", value_parser = parse_address)]
    pub(super) address: Option<String>,
    /// Deadline of each call, its repetitions included.
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = invoke::timeout)]
    pub(super) timeout: Duration,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
    /// Print the log, too, on standard error: it has what AWS said of the calls.
    #[arg(long, conflicts_with = "address")]
    pub(super) verbose: bool,
    #[command(flatten)]
    pub(super) settings: SettingsFlags,
}

/// Which models are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// None.
    Nobody,
    /// The one that is tried first.
    Default,
    /// This one.
    One(String),
    /// These.
    These(Vec<String>),
    /// All that can be called.
    All,
}

impl CheckArgs {
    /// Which models are called.
    pub(super) fn choice(&self) -> Choice {
        if self.free {
            Choice::Nobody
        } else if self.all {
            Choice::All
        } else if let Some(name) = &self.model {
            Choice::One(name.clone())
        } else if self.models.is_empty() {
            Choice::Default
        } else {
            Choice::These(self.models.clone())
        }
    }
}
