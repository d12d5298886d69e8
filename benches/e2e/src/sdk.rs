//! Calls on the bare SDK, set up as most services do: default retries, timeouts and stalled-stream
//! protection, one client for the process.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ContentBlockDelta, ConversationRole, ConverseStreamOutput,
    InferenceConfiguration, Message,
};
use tokio::time::Instant;

use crate::call::{Call, StreamProgress, Tally};
use crate::content::{MAX_TOKENS, Mode, answer, prompt, stream_bytes};
use crate::load::{Plan, measure};

/// Measures the SDK against the upstream at `address`.
///
/// # Errors
/// The first call that fails.
pub(crate) async fn run(address: SocketAddr, plan: Plan) -> anyhow::Result<()> {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(Credentials::new("AKIDBENCH", "secret", None, None, "bench"))
        .build();
    let client = Client::from_conf(config);
    let callers = (0..plan.concurrency)
        .map(|_| SdkCall {
            client: client.clone(),
            mode: plan.mode,
            prompt: prompt(),
            expected_bytes: match plan.mode {
                Mode::Unary => answer().len(),
                Mode::Burst | Mode::Paced | Mode::Idle => stream_bytes(),
            },
        })
        .collect();
    measure(plan, callers).await
}

struct SdkCall {
    client: Client,
    mode: Mode,
    prompt: String,
    expected_bytes: usize,
}

impl Call for SdkCall {
    async fn call(&mut self, tally: &Tally) -> anyhow::Result<()> {
        match self.mode {
            Mode::Unary => self.converse(tally).await,
            Mode::Burst | Mode::Paced | Mode::Idle => self.converse_stream(tally).await,
        }
    }
}

impl SdkCall {
    async fn converse(&self, tally: &Tally) -> anyhow::Result<()> {
        let started = Instant::now();
        let output = self
            .client
            .converse()
            .model_id(self.mode.model_id())
            .messages(self.message()?)
            .inference_config(limits())
            .send()
            .await
            .map_err(|error| anyhow::anyhow!("{}", DisplayErrorContext(error)))?;
        let message = output.output.context("no output")?;
        let message = message
            .as_message()
            .ok()
            .context("the output is not a message")?;
        let text = message
            .content
            .first()
            .and_then(|block| block.as_text().ok());
        ensure!(
            text.map(String::len) == Some(self.expected_bytes),
            "another answer came"
        );
        tally.call_ended(started);
        Ok(())
    }

    async fn converse_stream(&self, tally: &Tally) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut output = self
            .client
            .converse_stream()
            .model_id(self.mode.model_id())
            .messages(self.message()?)
            .inference_config(limits())
            .send()
            .await
            .map_err(|error| anyhow::anyhow!("{}", DisplayErrorContext(error)))?;
        let mut progress = StreamProgress::new(tally, started, self.expected_bytes);
        let mut has_usage = false;
        while let Some(event) = output
            .stream
            .recv()
            .await
            .map_err(|error| anyhow::anyhow!("{}", DisplayErrorContext(error)))?
        {
            match event {
                ConverseStreamOutput::ContentBlockDelta(event) => {
                    if let Some(ContentBlockDelta::Text(text)) = event.delta {
                        progress.delta(&text);
                    }
                }
                ConverseStreamOutput::Metadata(event) => has_usage = event.usage.is_some(),
                _ => {}
            }
        }
        progress.end(has_usage)
    }

    fn message(&self) -> anyhow::Result<Message> {
        Ok(Message::builder()
            .role(ConversationRole::User)
            .content(ContentBlock::Text(self.prompt.clone()))
            .build()?)
    }
}

fn limits() -> InferenceConfiguration {
    InferenceConfiguration::builder()
        .max_tokens(MAX_TOKENS)
        .build()
}
