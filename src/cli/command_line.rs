//! The subcommands, and how their outcome becomes an exit code.

use std::io;
use std::io::BufRead;
use std::io::IsTerminal as _;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap::Parser;
use clap::Subcommand;

use super::check;
use super::check::CheckArgs;
use super::check::Surroundings;
use super::completions;
use super::completions::CompletionsArgs;
use super::conformance;
use super::conformance::ConformanceArgs;
use super::conformance::WrongInput;
use super::connection::Unreachable;
#[cfg(feature = "emulator")]
use super::demo;
#[cfg(feature = "emulator")]
use super::demo::DemoArgs;
#[cfg(feature = "emulator")]
use super::emulate;
#[cfg(feature = "emulator")]
use super::emulate::EmulateArgs;
use super::exit_code;
use super::exit_code::Exit;
use super::iam_policy;
use super::iam_policy::IamPolicyArgs;
use super::invoke;
use super::invoke::InvokeArgs;
use super::man;
use super::man::ManArgs;
use super::models;
use super::models::ModelsArgs;
use super::serve;
use super::serve::ServeArgs;
use super::streams::Screen;
use super::streams::Streams;
use crate::app::StartError;
use crate::registry::LoadError;
use crate::settings::Environment;
use crate::settings::SettingsError;

const EXAMPLES: &str = "\
Examples:
  bedrock-gateway serve --emulator
      start the gateway without an AWS account: a built-in emulator answers
  bedrock-gateway invoke \"Name three moons of Jupiter.\" --stream
      ask the gateway on this machine, and see who answered, at what cost, after how many attempts
";

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("GIT_REVISION"), ")");

/// A gRPC service in front of Amazon Bedrock: one API, model fallback by priority, complete streams.
#[derive(Debug, Parser)]
#[command(name = "bedrock-gateway", version = VERSION, after_help = after_help())]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(Box<ServeArgs>),
    /// Ask a running gateway, and print the answer.
    Invoke(InvokeArgs),
    /// Check credentials, registry, endpoint and one small call, or a running gateway.
    Check(Box<CheckArgs>),
    /// Print the least IAM policy for the models, and why it is so.
    IamPolicy(IamPolicyArgs),
    /// List and show the models of a running gateway or of a file; check and compare files.
    Models(Box<ModelsArgs>),
    /// Hold a gateway against its promises, for all models, and report.
    Conformance(Box<ConformanceArgs>),
    /// Run an offline Bedrock Runtime that AWS SDKs take for the real one.
    #[cfg(feature = "emulator")]
    Emulate(EmulateArgs),
    /// Show what the gateway does, on the emulator, and exit.
    #[cfg(feature = "emulator")]
    Demo(DemoArgs),
    /// Print a script with which a shell completes the command line.
    Completions(CompletionsArgs),
    /// Print a manual page, or write all of them.
    Man(ManArgs),
}

fn after_help() -> String {
    format!("{EXAMPLES}\n{}", exit_code::HELP)
}

/// Runs the command that the arguments of this process ask for.
#[must_use]
pub fn run() -> ExitCode {
    finish(CommandLine::try_parse())
}

/// Runs a command, or says what is wrong with its line.
fn finish(command_line: Result<CommandLine, clap::Error>) -> ExitCode {
    let command_line = match command_line {
        Ok(command_line) => command_line,
        Err(error) => {
            // Help and version are such "errors" too. If even printing fails, nobody reads it.
            let _ = error.print();
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Success
            };
            return exit.into();
        }
    };
    let exit = match execute(command_line.command) {
        Ok(exit) => exit,
        Err(error) => {
            report(&error);
            exit_of(&error)
        }
    };
    exit.into()
}

fn execute(command: Command) -> anyhow::Result<Exit> {
    let (mut output, mut notes) = (io::stdout(), io::stderr());
    match command {
        Command::Serve(args) => {
            let environment = Environment::of_process();
            block_on(serve::run(*args, &environment, &mut output))
        }
        #[cfg(feature = "emulator")]
        Command::Emulate(args) => block_on(emulate::run(args, &mut output)),
        #[cfg(feature = "emulator")]
        Command::Demo(args) => block_on(demo::run(args, &mut output)),
        Command::Invoke(args) => {
            let args = args.with_prompt_from(io::stdin())?;
            block_on(invoke::run(args, &mut output, &mut notes))
        }
        Command::Conformance(args) => {
            let environment = Environment::of_process();
            block_on(conformance::run(*args, &environment, &mut output))
        }
        Command::Models(args) => {
            let environment = Environment::of_process();
            let streams = Streams {
                input: &mut io::stdin(),
                output: &mut output,
                notes: &mut notes,
                screen: Screen::of_stdout(),
            };
            block_on(models::run(*args, &environment, streams))
        }
        Command::Check(args) => {
            let can_ask = io::stdin().is_terminal() && notes.is_terminal();
            let mut answers = io::stdin().lock();
            let surroundings = Surroundings {
                environment: &Environment::of_process(),
                output_is_terminal: output.is_terminal(),
                answers: can_ask.then_some(&mut answers as &mut dyn BufRead),
            };
            block_on(check::run(*args, surroundings, &mut output, &mut notes))
        }
        Command::IamPolicy(args) => {
            let environment = Environment::of_process();
            iam_policy::run(args, &environment, &mut output, &mut notes)
        }
        Command::Completions(args) => completions::run(&args, CommandLine::command(), &mut output),
        Command::Man(args) => man::run(&args, CommandLine::command(), &mut output, &mut notes),
    }
}

/// Runs a command to its end, and does not wait for work that it left behind.
fn block_on<T>(command: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let outcome = runtime.block_on(command);
    runtime.shutdown_background();
    outcome
}

fn report(error: &anyhow::Error) {
    // Whoever closed the pipe knows.
    let is_closed_pipe = error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    if !is_closed_pipe {
        let _ = writeln!(io::stderr(), "error: {error:#}");
    }
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<SettingsError>() || error.is::<StartError>() || error.is::<LoadError>() {
        Exit::Configuration
    } else if error.is::<WrongInput>() {
        Exit::Usage
    } else if error.is::<Unreachable>() {
        Exit::Unavailable
    } else if error.is::<io::Error>() {
        Exit::InputOutput
    } else {
        Exit::Failure
    }
}

#[cfg(test)]
#[path = "command_line_tests.rs"]
mod tests;
