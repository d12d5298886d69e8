//! `demo`: shows the main job on the emulator, and exits.

/// Help text of the command, below its flags.
const AFTER_HELP: &str = "\
Needs no AWS account and no network: the emulator and the gateway start on free ports of this
machine, and what the models say is synthetic.";

/// Flags of `demo`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct DemoArgs {
    /// Keep emulator and gateway running afterwards, until Ctrl-C.
    #[arg(long)]
    pub keep: bool,
}
