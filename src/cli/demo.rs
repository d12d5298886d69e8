//! `demo`: shows the main job on the emulator, and exits.

use std::io::Write;

use anyhow::Context as _;
use clap::Parser;

use super::exit_code::Exit;
use super::invoke;
use super::invoke::InvokeArgs;
use crate::app;
use crate::app::Running;
use crate::emulator::Scenario;
use crate::settings;
use crate::settings::Environment;
use crate::settings::Flags;
use crate::shutdown::Signals;

/// Help text of the command, below its flags.
const AFTER_HELP: &str = "\
Needs no AWS account and no network: the emulator and the gateway start on free ports of this
machine, and what the models say is synthetic.";

/// The first model by priority in the registry that comes with the program.
const FIRST_MODEL: &str = "claude-opus-4-1";

/// Flags of `demo`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct DemoArgs {
    /// Keep emulator and gateway running afterwards, until Ctrl-C.
    #[arg(long)]
    keep: bool,
}

/// One command of the demonstration.
#[derive(Debug, Parser)]
#[command(name = "invoke")]
struct Invoke {
    #[command(flatten)]
    args: InvokeArgs,
}

/// Starts emulator and gateway, shows what they do, and ends them.
pub(super) async fn run(args: DemoArgs, output: &mut dyn Write) -> anyhow::Result<Exit> {
    let running = start().await?;
    let address = running.address();
    writeln!(
        output,
        "The gateway listens on {address}, in front of an emulated Bedrock."
    )?;
    let shown = show(&running, output).await;
    if shown.is_ok() && args.keep {
        writeln!(output, "\nStill running; Ctrl-C ends it. Try:")?;
        writeln!(
            output,
            "  bedrock-gateway invoke \"Hi\" --stream --address {address}"
        )?;
        writeln!(output, "  grpcurl -plaintext {address} list")?;
        let mut signals = Signals::listen().context("signals cannot be received")?;
        signals.next().await;
    }
    running.drain(std::future::ready(())).await;
    shown
}

async fn start() -> anyhow::Result<Running> {
    let values = [
        ("server.listen", "127.0.0.1:0"),
        ("server.workers", "1"),
        ("bedrock.emulator", "true"),
        // The emulator retires nothing, and the demonstration must not end with its models.
        ("registry.try_retired_models", "true"),
    ];
    let flags = Flags {
        file: None,
        values: values.map(|(key, value)| (key, value.to_owned())).into(),
    };
    let settings = settings::load(&flags, &Environment::default())?;
    Ok(app::start(settings).await?)
}

async fn show(running: &Running, output: &mut dyn Write) -> anyhow::Result<Exit> {
    let emulator = running.emulator().context("the emulator did not start")?;

    title(output, "A call: the first model by priority answers")?;
    expect(
        Exit::Success,
        ask(running, &["Name three moons of Jupiter."], output).await?,
    )?;

    title(output, "A stream: the words as they are generated")?;
    let stream = ["Name three more.", "--stream"];
    expect(Exit::Success, ask(running, &stream, output).await?)?;

    title(
        output,
        "The first model throttles: the next one answers, and the answer says so",
    )?;
    emulator.push_scenario(FIRST_MODEL, Scenario::exception("ThrottlingException"));
    expect(
        Exit::Success,
        ask(running, &["Name three moons of Saturn."], output).await?,
    )?;

    title(
        output,
        "Every model throttles: the error names each attempt, and when to come back",
    )?;
    emulator.set_scenario("*", Scenario::exception("ThrottlingException"));
    let failing = ["Name three moons of Mars.", "--timeout", "5s"];
    expect(Exit::Failure, ask(running, &failing, output).await?)?;
    emulator.clear_scenarios();
    Ok(Exit::Success)
}

fn title(output: &mut dyn Write, text: &str) -> std::io::Result<()> {
    writeln!(output, "\n== {text}\n")
}

/// Runs one `invoke` as a person would type it, notes and answer into one output.
async fn ask(running: &Running, words: &[&str], output: &mut dyn Write) -> anyhow::Result<Exit> {
    let address = running.address().to_string();
    let typed: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    writeln!(
        output,
        "$ bedrock-gateway invoke {} --address {address}",
        typed.join(" ")
    )?;
    let line = [&["invoke"], words, &["--address", &address]].concat();
    let args = Invoke::try_parse_from(line)?.args;
    let mut notes = Vec::new();
    let exit = invoke::run(args, output, &mut notes).await?;
    output.write_all(&notes)?;
    Ok(exit)
}

fn shell_word(word: &str) -> String {
    if word.contains(' ') {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
}

/// The demonstration is a check too: what it shows must be what it says.
fn expect(expected: Exit, got: Exit) -> anyhow::Result<()> {
    anyhow::ensure!(expected == got, "the call above did not end as it should");
    Ok(())
}
