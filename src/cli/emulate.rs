//! `emulate`: runs the offline Bedrock Runtime by itself.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use jiff::SignedDuration;

use super::exit_code::Exit;
use crate::app::listen;
use crate::emulator::Emulator;
use crate::emulator::Options;
use crate::registry::Registry;
use crate::settings::RegistrySource;
use crate::shutdown::Signals;

/// Help text of the command, below its flags.
const AFTER_HELP: &str = "\
Example:
  bedrock-gateway emulate &
  AWS_ACCESS_KEY_ID=AKIAEMULATOR00000000 AWS_REGION=us-east-1 \\
  AWS_SECRET_ACCESS_KEY=emulator/secret/access/key/not/a/secret \\
  AWS_ENDPOINT_URL_BEDROCK_RUNTIME=http://127.0.0.1:8787 \\
      aws bedrock-runtime converse --model-id us.anthropic.claude-sonnet-4-5-20250929-v1:0 \\
      --messages '[{\"role\":\"user\",\"content\":[{\"text\":\"Hi\"}]}]'

Answers are synthetic and always the same for the same request. Nothing leaves this machine.";

/// Flags of `emulate`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct EmulateArgs {
    /// Address to listen on; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Registry whose models are emulated [default: the copy inside the program].
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Scenarios: what each model does, such as throttle, stall or cut [default: all answer].
    #[arg(long, value_name = "FILE")]
    scenarios: Option<PathBuf>,
    /// The only region whose signatures are accepted.
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    region: String,
    /// The account that the credentials belong to, so that ARNs of others are refused [default:
    /// any account].
    #[arg(long, value_name = "ACCOUNT", value_parser = account)]
    account: Option<String>,
    /// How many seconds the emulator's clock is ahead of this machine's, or behind if negative: the
    /// service refuses what was signed more than 5 minutes away from its own time.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_ahead: i32,
    /// Accept every request, signed or not.
    #[arg(long)]
    no_auth: bool,
}

/// Runs the emulator until a signal ends it.
pub(super) async fn run(args: EmulateArgs, output: &mut dyn Write) -> anyhow::Result<Exit> {
    let source = args
        .registry
        .map_or(RegistrySource::Embedded, RegistrySource::File);
    let scenarios = args.scenarios.as_ref().map(|path| {
        let text = fs::read_to_string(path);
        text.with_context(|| format!("the scenarios {} cannot be read", path.display()))
    });
    let options = Options {
        registry: vec![Registry::text(&source)?],
        scenarios: scenarios.transpose()?,
        region: args.region,
        account: args.account,
        check_credentials: !args.no_auth,
        clock_ahead: SignedDuration::from_secs(args.clock_ahead.into()),
        ..Options::default()
    };
    let listener =
        listen(args.listen).with_context(|| format!("cannot listen on {}", args.listen))?;
    let mut signals = Signals::listen().context("signals cannot be received")?;
    let emulator = Emulator::start(listener, options)?;
    writeln!(output, "emulator listening on {}", emulator.endpoint_url())?;
    output.flush()?;
    signals.next().await;
    emulator.shutdown().await;
    Ok(Exit::Success)
}

fn account(text: &str) -> Result<String, &'static str> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an AWS account has 12 digits")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        args: EmulateArgs,
    }

    #[test]
    fn emulate_listens_on_loopback_and_checks_signatures_by_default() {
        let args = Command::try_parse_from(["emulate"]).unwrap().args;

        assert!(args.listen.ip().is_loopback());
        assert!(!args.no_auth);
    }

    #[test]
    fn an_account_that_is_none_is_refused() {
        let error = Command::try_parse_from(["emulate", "--account", "123"]).unwrap_err();

        assert!(error.to_string().contains("an AWS account has 12 digits"));
    }
}
