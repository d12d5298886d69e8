//! `completions`: scripts with which a shell completes commands and flags, made from their
//! definitions.

use std::io::Write;

use clap::Command;
use clap_complete::Shell;

use super::exit_code::Exit;

const AFTER_HELP: &str = "\
Examples:
  source <(bedrock-gateway completions bash)
      for this shell
  bedrock-gateway completions bash > ~/.local/share/bash-completion/completions/bedrock-gateway
      for every bash with the package bash-completion
  bedrock-gateway completions zsh > ~/.zfunc/_bedrock-gateway
      for every zsh whose fpath holds ~/.zfunc
  bedrock-gateway completions fish > ~/.config/fish/completions/bedrock-gateway.fish
      for every fish";

/// Flags of `completions`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script for a shell.
pub(super) fn run(
    args: &CompletionsArgs,
    mut definition: Command,
    output: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let name = definition.get_name().to_owned();
    // Into memory first: the generator panics when it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition, &name, &mut script);
    let script = String::from_utf8(script)?;
    output.write_all(with_one_spelling(&script, &name).as_bytes())?;
    Ok(Exit::Success)
}

/// In the script for bash, clap_complete 4.6.11 spells a name with a hyphen in two ways, so that
/// nothing behind a subcommand is completed: <https://github.com/clap-rs/clap/issues/6421>, seen
/// 2026-11-29.
fn with_one_spelling(script: &str, name: &str) -> String {
    script.replace(&name.replace('-', "__subcmd__"), &name.replace('-', "__"))
}
