//! `man`: manual pages, made from the definitions of the commands and flags.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Command;
use clap_mangen::Man;

use super::exit_code::Exit;

const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway man | man -l -
      read the page of the program
  bedrock-gateway man models show | man -l -
      read that of a subcommand
  bedrock-gateway man --output-dir ~/.local/share/man/man1
      install all pages: man bedrock-gateway-models-show";

/// Flags of `man`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct ManArgs {
    /// Print the page of this subcommand, rather than that of the program.
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of the program and of all subcommands to this directory, rather than print
    /// one.
    #[arg(
        long,
        value_name = "DIR",
        value_hint = clap::ValueHint::DirPath,
        conflicts_with = "command"
    )]
    output_dir: Option<PathBuf>,
}

/// Prints a page, or writes all of them.
pub(super) fn run(
    args: &ManArgs,
    definition: Command,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let mut definition = definition.disable_help_subcommand(true);
    definition.build();
    if let Some(folder) = &args.output_dir {
        fs::create_dir_all(folder)
            .with_context(|| format!("the directory {} cannot be made", folder.display()))?;
        write_pages(definition, folder)?;
        return Ok(Exit::Success);
    }
    let mut command = &definition;
    for name in &args.command {
        let Some(found) = command.find_subcommand(name) else {
            let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
            let allowed = match names.as_slice() {
                [] => "it has no subcommands".to_owned(),
                names => format!("there are {}", names.join(", ")),
            };
            let parent = command.get_bin_name();
            let parent = parent.unwrap_or_else(|| command.get_name());
            writeln!(
                notes,
                "error: {parent} has no subcommand {name:?}; {allowed}"
            )?;
            return Ok(Exit::Usage);
        };
        command = found;
    }
    let mut page = Vec::new();
    page_of(command.clone()).render(&mut page)?;
    output.write_all(&page)?;
    Ok(Exit::Success)
}

fn write_pages(command: Command, folder: &Path) -> anyhow::Result<()> {
    let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
    for subcommand in subcommands {
        write_pages(subcommand, folder)?;
    }
    let page = page_of(command);
    let path = folder.join(page.get_filename());
    page.generate_to(folder)
        .with_context(|| format!("the page {} cannot be written", path.display()))?;
    Ok(())
}

fn page_of(command: Command) -> Man {
    let source = concat!("bedrock-gateway ", env!("CARGO_PKG_VERSION"));
    Man::new(command).source(source).manual("bedrock-gateway")
}
