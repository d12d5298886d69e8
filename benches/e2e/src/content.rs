//! What is said: the prompt, the answer and the models, the same on every path.

use clap::ValueEnum;

/// Text deltas of one whole stream.
pub(crate) const DELTAS: usize = 200;

/// Output tokens asked for. Below the size at which the gateway gathers a unary answer from a stream.
pub(crate) const MAX_TOKENS: i32 = 256;

const PROMPT_BYTES: usize = 512;
const ANSWER_BYTES: usize = 1024;
const WORDS: [&str; 8] = [
    "stone ", "river ", "of ", "morning ", "the ", "lantern ", "a ", "harbour ",
];

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// One answer.
    Unary,
    /// A stream whose events are all there at once.
    Burst,
    /// A stream with pauses between its events.
    Paced,
    /// A stream that falls silent after the first text.
    Idle,
}

impl Mode {
    /// Name of the model in the gateway's registry, `benches/registry.json`.
    pub(crate) fn model(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::Burst => "burst",
            Self::Paced => "paced",
            Self::Idle => "idle",
        }
    }

    /// Bedrock's id of the model, in the same registry.
    pub(crate) fn model_id(self) -> &'static str {
        match self {
            Self::Unary => "bench.unary-v1:0",
            Self::Burst => "bench.burst-v1:0",
            Self::Paced => "bench.paced-v1:0",
            Self::Idle => "bench.idle-v1:0",
        }
    }

    /// The mode that a model's name, or a path with its id, asks for.
    pub(crate) fn named_in(text: &str) -> Option<Self> {
        [Self::Unary, Self::Burst, Self::Paced, Self::Idle]
            .into_iter()
            .find(|mode| text.contains(mode.model()))
    }
}

/// A prompt of 512 bytes.
pub(crate) fn prompt() -> String {
    words(PROMPT_BYTES)
}

/// A unary answer of 1 KiB.
pub(crate) fn answer() -> String {
    words(ANSWER_BYTES)
}

/// The texts of one stream's deltas.
pub(crate) fn deltas() -> impl Iterator<Item = &'static str> {
    WORDS.into_iter().cycle().take(DELTAS)
}

/// Bytes of text in a whole stream.
pub(crate) fn stream_bytes() -> usize {
    deltas().map(str::len).sum()
}

fn words(bytes: usize) -> String {
    let mut text: String = WORDS.into_iter().cycle().take(bytes).collect();
    text.truncate(bytes);
    text
}
