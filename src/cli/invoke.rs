//! `invoke`: asks a running gateway, as any gRPC client would.

use std::io::Read;
use std::io::Write;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use super::connection::DEFAULT_ADDRESS;
use super::connection::Unreachable;
use super::connection::parse_address;
use super::exit_code::Exit;
use super::failure::Failure;
use super::ledger;
use crate::client;
use crate::client::Cause;
use crate::client::Client;
use crate::client::EventStream;
use crate::client::Options;
use crate::client::ServiceConfig;
use crate::proto::InferenceConfig;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;
use crate::proto::StopReason;
use crate::proto::StreamOptions;
use crate::proto::SystemContentBlock;
use crate::proto::invoke_stream_response::Event;
use crate::proto::stream_options::Recovery;
use crate::proto::system_content_block::Block;
use crate::settings::Kind as _;
use crate::settings::Span;

/// Largest answer that is read. Only images come near.
const MAX_ANSWER_BYTES: usize = 256 << 20;

const TIMEOUT: Span = Span {
    min_ms: 1,
    max_ms: 86_400_000,
};

const AFTER_HELP: &str = "\
Examples:
  bedrock-gateway invoke \"Name three moons of Jupiter.\" --stream
  git diff | bedrock-gateway invoke - --system \"Write a commit message.\" --model claude-sonnet-4-5

The answer goes to standard output. Standard error gets one line about it: the model that answered,
tokens in and out, the estimated cost, and what was tried before.";

/// Flags of `invoke`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct InvokeArgs {
    /// What to ask; `-` reads it from standard input.
    #[arg(value_name = "PROMPT")]
    prompt: String,
    /// Print the answer while it is generated.
    #[arg(long)]
    stream: bool,
    /// If a stream breaks, begin the answer anew and say so, instead of ending with an error.
    #[arg(long, requires = "stream")]
    restart: bool,
    /// Model to try first, by name or alias [default: the gateway's choice].
    #[arg(
        long,
        value_name = "MODEL",
        default_value = "",
        hide_default_value = true
    )]
    model: String,
    /// Instructions outside the conversation.
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// Most tokens to generate [default: the model's limit].
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(i32).range(1..))]
    max_tokens: Option<i32>,
    /// Randomness, from 0 to 1 [default: the model's own].
    #[arg(long, value_name = "NUMBER", value_parser = temperature)]
    temperature: Option<f32>,
    /// Deadline of the whole call, all attempts included.
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = timeout)]
    timeout: Duration,
    /// The gateway to ask.
    #[arg(long, value_name = "URL", default_value = DEFAULT_ADDRESS, value_parser = parse_address)]
    address: String,
    /// Print one JSON object, on failure too: text, stop reason and metadata, named as in proto JSON.
    #[arg(long, conflicts_with = "stream")]
    json: bool,
}

/// Reads the deadline of a call.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    TIMEOUT
        .parse(text)
        .map_err(|why| format!("{why}; allowed: {}", TIMEOUT.allowed()))
}

fn temperature(text: &str) -> Result<f32, &'static str> {
    match text.parse() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("write a number from 0 to 1"),
    }
}

impl InvokeArgs {
    /// Replaces the prompt `-` by what the input holds.
    pub(super) fn with_prompt_from(mut self, mut input: impl Read) -> anyhow::Result<Self> {
        if self.prompt == "-" {
            self.prompt.clear();
            input
                .read_to_string(&mut self.prompt)
                .context("the prompt cannot be read from standard input")?;
        }
        Ok(self)
    }

    fn request(&self) -> InvokeRequest {
        let system = self.system.iter().map(|text| SystemContentBlock {
            block: Some(Block::Text(text.clone())),
        });
        let wants_config = self.max_tokens.is_some() || self.temperature.is_some();
        InvokeRequest {
            model: self.model.clone(),
            prompt: self.prompt.clone(),
            system: system.collect(),
            inference_config: wants_config.then(|| InferenceConfig {
                max_tokens: self.max_tokens,
                temperature: self.temperature,
                ..InferenceConfig::default()
            }),
            ..InvokeRequest::default()
        }
    }
}

/// Asks, and prints the answer to `output` and the line about it to `notes`.
pub(super) async fn run(
    args: InvokeArgs,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let client = match Client::connect(&args.address, options()).await {
        Ok(client) => client.with_timeout(args.timeout),
        Err(error) if error.cause() == Cause::Connection => {
            return Err(Unreachable::unconnected(&args.address, &error).into());
        }
        Err(error) => return Err(error.into()),
    };
    let outcome = if args.stream {
        streamed(&args, &client, output, notes).await
    } else {
        whole(&args, &client, output, notes).await
    };
    match outcome {
        Ok(()) => return Ok(Exit::Success),
        Err(failure) if args.json => failure.print_json(output)?,
        Err(failure) => failure.print(notes)?,
    }
    Ok(Exit::Failure)
}

/// One call is made, and its ledger shown: who reads it decides whether to ask again. The empty
/// service config retries nothing.
fn options() -> Options {
    Options::new()
        .user_agent(concat!(
            "bedrock-gateway-invoke/",
            env!("CARGO_PKG_VERSION")
        ))
        .max_message_bytes(MAX_ANSWER_BYTES)
        .service_config(ServiceConfig::default())
}

impl From<client::Error> for Failure {
    fn from(error: client::Error) -> Self {
        let advice = match error.cause() {
            Cause::Silence => "look at the gateway's logs: it should have said why",
            Cause::BrokenPromise => "the answer may be incomplete; look for a proxy in between",
            Cause::Gateway | Cause::Connection | Cause::Input => {
                return error.into_status().into();
            }
        };
        Self::Broken(error.message().to_owned(), advice)
    }
}

async fn whole(
    args: &InvokeArgs,
    client: &Client,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Failure> {
    let response = client.invoke(args.request()).await?;
    let stop_reason = response.stop_reason();
    let metadata = response.metadata.unwrap_or_default();
    if args.json {
        let answer = json!({
            "text": response.text,
            "stopReason": stop_reason.as_str_name(),
            "metadata": ledger::metadata_json(&metadata),
        });
        writeln!(output, "{answer:#}")?;
        return Ok(());
    }
    writeln!(output, "{}", response.text)?;
    writeln!(notes, "{}", ledger::summary(&metadata, stop_reason))?;
    Ok(())
}

async fn streamed(
    args: &InvokeArgs,
    client: &Client,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Failure> {
    let stream_options = args.restart.then(|| StreamOptions {
        recovery: Recovery::Restart.into(),
        ..StreamOptions::default()
    });
    let request = InvokeStreamRequest {
        stream_options,
        ..args.request().into()
    };
    let stream = client.stream(request).await?;
    let mut text_was_printed = false;
    let ending = print_events(stream, output, notes, &mut text_was_printed).await;
    if text_was_printed {
        // What follows, good or bad, starts on a line of its own.
        writeln!(output)?;
    }
    writeln!(notes, "{}", ending?)?;
    Ok(())
}

/// Prints text as it comes, says which text was taken back, and returns the line about it.
async fn print_events(
    mut stream: EventStream,
    output: &mut dyn Write,
    notes: &mut dyn Write,
    text_was_printed: &mut bool,
) -> Result<String, Failure> {
    let mut stop_reason = StopReason::Unspecified;
    let mut metadata = InvocationMetadata::default();
    let mut print = |text: &str| {
        *text_was_printed = true;
        output.write_all(text.as_bytes())?;
        output.flush()
    };
    while let Some(event) = stream.event().await? {
        client::texts(&event).try_for_each(&mut print)?;
        match event {
            Event::MessageStop(event) => stop_reason = event.stop_reason(),
            Event::Metadata(event) => metadata = *event,
            Event::Attempt(event) if event.output_discarded => {
                print("\n")?;
                writeln!(notes, "{}", ledger::discarded(&event))?;
            }
            Event::Attempt(_)
            | Event::MessageStart(_)
            | Event::ContentBlockStart(_)
            | Event::ContentBlockDelta(_)
            | Event::ContentBlockStop(_)
            | Event::Heartbeat(_) => {}
        }
    }
    Ok(ledger::summary(&metadata, stop_reason))
}

#[cfg(test)]
#[path = "invoke_tests.rs"]
mod tests;
