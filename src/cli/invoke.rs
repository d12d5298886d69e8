//! `invoke`: asks a running gateway, as any gRPC client would.

use std::io::Read;
use std::io::Write;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tonic::Request;
use tonic::Streaming;
use tonic::transport::Channel;

use super::connection::DEFAULT_ADDRESS;
use super::connection::connect;
use super::connection::parse_address;
use super::exit_code::Exit;
use super::failure::Failure;
use super::ledger;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::InvokeStreamRequest;
use crate::proto::InvokeStreamResponse;
use crate::proto::StopReason;
use crate::proto::StreamOptions;
use crate::proto::SystemContentBlock;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::inference_service_client::InferenceServiceClient;
use crate::proto::invoke_stream_response::Event;
use crate::proto::stream_options::Recovery;
use crate::proto::system_content_block::Block;
use crate::settings::Kind as _;
use crate::settings::Span;

/// Largest answer that is read. Only images come near.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// How much longer than the deadline this side waits: the gateway's own word on a missed deadline
/// says more than ours.
const PATIENCE: Duration = Duration::from_secs(1);

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

    fn with_deadline<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.timeout);
        request
    }
}

/// Asks, and prints the answer to `output` and the line about it to `notes`.
pub(super) async fn run(
    args: InvokeArgs,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> anyhow::Result<Exit> {
    let channel = connect(&args.address).await?;
    let client = InferenceServiceClient::new(channel).max_decoding_message_size(MAX_ANSWER_BYTES);
    let answer = async {
        if args.stream {
            streamed(&args, client, output, notes).await
        } else {
            whole(&args, client, output, notes).await
        }
    };
    let outcome = tokio::time::timeout(args.timeout + PATIENCE, answer)
        .await
        .unwrap_or_else(|_elapsed| {
            let late = format!(
                "no complete answer within {}",
                TIMEOUT.render(&args.timeout)
            );
            Err(Failure::Broken(
                late,
                "look at the gateway's logs: it should have said why",
            ))
        });
    match outcome {
        Ok(()) => return Ok(Exit::Success),
        Err(failure) if args.json => failure.print_json(output)?,
        Err(failure) => failure.print(notes)?,
    }
    Ok(Exit::Failure)
}

async fn whole(
    args: &InvokeArgs,
    mut client: InferenceServiceClient<Channel>,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Failure> {
    let request = args.with_deadline(args.request());
    let response = client.invoke(request).await?.into_inner();
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
    mut client: InferenceServiceClient<Channel>,
    output: &mut dyn Write,
    notes: &mut dyn Write,
) -> Result<(), Failure> {
    let request = args.request();
    let request = InvokeStreamRequest {
        model: request.model,
        prompt: request.prompt,
        system: request.system,
        inference_config: request.inference_config,
        stream_options: args.restart.then(|| StreamOptions {
            recovery: Recovery::Restart.into(),
            ..StreamOptions::default()
        }),
        ..InvokeStreamRequest::default()
    };
    let stream = client
        .invoke_stream(args.with_deadline(request))
        .await?
        .into_inner();
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
    mut stream: Streaming<InvokeStreamResponse>,
    output: &mut dyn Write,
    notes: &mut dyn Write,
    text_was_printed: &mut bool,
) -> Result<String, Failure> {
    let mut stop_reason = StopReason::Unspecified;
    let mut metadata = None;
    let mut print = |text: &str| {
        *text_was_printed = true;
        output.write_all(text.as_bytes())?;
        output.flush()
    };
    while let Some(response) = stream.message().await? {
        match response.event {
            Some(Event::ContentBlockDelta(event)) => {
                if let Some(Delta::Text(text)) = event.delta {
                    print(&text)?;
                }
            }
            Some(Event::ContentBlockStart(event)) => {
                if let Some(Start::Whole(content)) = event.start {
                    content.texts().try_for_each(&mut print)?;
                }
            }
            Some(Event::MessageStop(event)) => stop_reason = event.stop_reason(),
            Some(Event::Metadata(event)) => metadata = Some(event),
            Some(Event::Attempt(event)) if event.output_discarded => {
                print("\n")?;
                writeln!(notes, "{}", ledger::discarded(&event))?;
            }
            Some(
                Event::Attempt(_)
                | Event::MessageStart(_)
                | Event::ContentBlockStop(_)
                | Event::Heartbeat(_),
            )
            | None => {}
        }
    }
    match metadata {
        Some(metadata) => Ok(ledger::summary(&metadata, stop_reason)),
        // The API promises that OK means complete.
        None => Err(Failure::Broken(
            "the stream ended without its last event".to_owned(),
            "the answer may be incomplete; look for a proxy in between",
        )),
    }
}

#[cfg(test)]
#[path = "invoke_tests.rs"]
mod tests;
