//! The subcommands of `models`.

use clap::Subcommand;

use crate::cli::exit_code::Exit;
use crate::cli::models::diff;
use crate::cli::models::diff::DiffArgs;
use crate::cli::models::list;
use crate::cli::models::list::ListArgs;
use crate::cli::models::show;
use crate::cli::models::show::ShowArgs;
use crate::cli::models::validate;
use crate::cli::models::validate::ValidateArgs;
use crate::cli::streams::Streams;
use crate::settings::Environment;

const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway models
      what the gateway on this machine offers
  bedrock-gateway models show claude-sonnet-4-5
      everything about one model: what is called and why, what it can do, costs, and until when
  bedrock-gateway models --registry auto --bedrock-region us-west-2
      what a gateway in another region would offer, without starting one
  bedrock-gateway models validate models.json --strict
      check a file before it is rolled out

Without a subcommand, `models` means `models list`.";

/// Flags of `models`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = AFTER_HELP,
)]
pub(in crate::cli) struct ModelsArgs {
    #[command(subcommand)]
    command: Option<ModelsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Clone, Debug, Subcommand)]
enum ModelsCommand {
    /// List all models, in the order in which they are tried.
    List(ListArgs),
    /// Show everything about one model.
    Show(ShowArgs),
    /// Check a registry file, and print every problem and warning with its place.
    Validate(ValidateArgs),
    /// Compare two registry files: what would change for the gateway.
    Diff(DiffArgs),
}

/// Runs a subcommand.
pub(in crate::cli) async fn run(
    args: ModelsArgs,
    environment: &Environment,
    streams: Streams<'_>,
) -> anyhow::Result<Exit> {
    match args.command {
        None => list::run(args.list, environment, streams).await,
        Some(ModelsCommand::List(args)) => list::run(args, environment, streams).await,
        Some(ModelsCommand::Show(args)) => show::run(args, environment, streams).await,
        Some(ModelsCommand::Validate(args)) => validate::run(&args, environment, streams),
        Some(ModelsCommand::Diff(args)) => diff::run(&args, environment, streams),
    }
}
