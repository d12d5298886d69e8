//! What a model shall do instead of answering as usual, in code and as JSON.
//!
//! It says what happens, not when a scenario applies (`scenarios`) nor how it is played (`faults`).

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;

/// What the next calls of a model get. The default is the ordinary answer.
///
/// `after_events` counts event frames of a streamed answer: 0 is before the first, 1 is after
/// `messageStart`, 2 after the first piece of content of a text answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// What is answered.
    pub reply: Reply,
    /// How long it takes.
    pub delay: Delay,
    /// What goes wrong.
    pub fault: Option<Fault>,
}

/// What is answered; what is not given is made up as usual.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Reply {
    /// The exact text, in which `{call}` stands for the call's number in the journal. Limits and
    /// stop sequences of the request still cut it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A tool call behind the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_use: Option<ToolUse>,
    /// Content blocks as Converse spells them, instead of text and tool call. Nothing cuts them
    /// short; a stream has them in pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Vec<Value>>,
    /// The exact events of a streamed answer, instead of all the rest: `{"messageStop": {…}}`. One
    /// whose name ends in `Exception` goes out as an exception.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Value>>,
    /// Stop reason instead of the true one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<String>,
    /// Members that replace those of the counted usage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Map<String, Value>>,
    /// Members of the reply beside its message, set or replaced as a whole: `trace`, `usage`, …
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub members: Map<String, Value>,
}

/// What stands in a reply's text for the number of the call.
const CALL: &str = "{call}";

impl Reply {
    /// The reply of the call with this number.
    pub(super) fn of_call(&self, number: u64) -> Cow<'_, Self> {
        match &self.text {
            Some(text) if text.contains(CALL) => Cow::Owned(Self {
                text: Some(text.replace(CALL, &number.to_string())),
                ..self.clone()
            }),
            Some(_) | None => Cow::Borrowed(self),
        }
    }
}

/// A tool call to answer with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ToolUse {
    /// Name of the tool, whether the request offers it or not.
    pub name: String,
    /// Arguments of the call.
    pub input: Value,
}

/// Pauses, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Delay {
    /// Before the response headers.
    pub headers_ms: u64,
    /// Between the headers and the first event of a stream.
    pub first_event_ms: u64,
    /// Before the first piece of content of a stream.
    pub first_token_ms: u64,
    /// Before every later event of a stream.
    pub between_events_ms: u64,
}

impl Delay {
    pub(super) fn headers(self) -> Duration {
        Duration::from_millis(self.headers_ms)
    }
}

/// One thing that goes wrong. Faults inside a stream do nothing to a unary call, except those that
/// end the connection: `Cut` and `HalfFrame` then come after half of the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Fault {
    /// An exception instead of an answer.
    Exception {
        /// Any name, such as `ThrottlingException`.
        name: String,
        /// HTTP status; by default the one that belongs to the name.
        #[serde(default)]
        status: Option<u16>,
        /// Text; by default the one AWS sends.
        #[serde(default)]
        message: Option<String>,
        /// Members beside the message, such as `originalStatusCode`.
        #[serde(default)]
        members: Map<String, Value>,
        /// Value of a `retry-after` header.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// An exception frame in the stream.
    StreamException {
        /// Any name, in lower camel case as the service writes it: `throttlingException`.
        name: String,
        /// Text; by default the one AWS sends.
        #[serde(default)]
        message: Option<String>,
        /// Members beside the message.
        #[serde(default)]
        members: Map<String, Value>,
        /// Frames before it.
        #[serde(default)]
        after_events: usize,
    },
    /// A frame of message type `error`, which the API model does not know.
    StreamError {
        /// The header `:error-code`.
        code: String,
        /// The header `:error-message`.
        message: String,
        /// Frames before it.
        #[serde(default)]
        after_events: usize,
    },
    /// The connection ends without the last chunk; without a number, before the headers.
    Cut {
        /// Frames before it.
        #[serde(default)]
        after_events: Option<usize>,
    },
    /// The body ends properly, but `messageStop` never came.
    Truncate {
        /// Frames before it.
        #[serde(default)]
        after_events: usize,
    },
    /// One frame has a wrong checksum; the others follow.
    CorruptCrc {
        /// Which frame, from 0.
        #[serde(default)]
        event: usize,
    },
    /// The body ends properly in the middle of a frame.
    HalfFrame {
        /// Whole frames before it.
        #[serde(default)]
        after_events: usize,
    },
    /// A body nobody can read; HTML where the status is no success.
    Garbage {
        /// HTTP status.
        #[serde(default = "ok_status")]
        status: u16,
    },
    /// A TCP reset; without a number, before the headers.
    Reset {
        /// Frames before it.
        #[serde(default)]
        after_events: Option<usize>,
    },
    /// Nothing more comes, and the connection stays open; without a number, not even headers.
    Hang {
        /// Frames before it.
        #[serde(default)]
        after_events: Option<usize>,
    },
    /// A valid frame with that much text in it.
    HugeFrame {
        /// Bytes of text.
        #[serde(default = "huge_text_bytes")]
        bytes: usize,
        /// Frames before it; it takes the place of the next.
        #[serde(default = "after_the_start")]
        after_events: usize,
    },
}

fn ok_status() -> u16 {
    200
}

/// More than the 16 MiB that the event-stream specification allows for a message.
fn huge_text_bytes() -> usize {
    17 * 1024 * 1024
}

fn after_the_start() -> usize {
    1
}

impl Fault {
    /// The name of the fault in scenarios and in the journal.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Exception { .. } => "exception",
            Self::StreamException { .. } => "streamException",
            Self::StreamError { .. } => "streamError",
            Self::Cut { .. } => "cut",
            Self::Truncate { .. } => "truncate",
            Self::CorruptCrc { .. } => "corruptCrc",
            Self::HalfFrame { .. } => "halfFrame",
            Self::Garbage { .. } => "garbage",
            Self::Reset { .. } => "reset",
            Self::Hang { .. } => "hang",
            Self::HugeFrame { .. } => "hugeFrame",
        }
    }
}

impl Scenario {
    /// Answers with these words.
    pub fn reply(text: impl Into<String>) -> Self {
        Self {
            reply: Reply {
                text: Some(text.into()),
                ..Reply::default()
            },
            ..Self::default()
        }
    }

    /// Answers with these content blocks, as Converse spells them.
    #[must_use]
    pub fn content(blocks: Vec<Value>) -> Self {
        Self {
            reply: Reply {
                content: Some(blocks),
                ..Reply::default()
            },
            ..Self::default()
        }
    }

    /// Streams these events, `{"messageStart": {"role": "assistant"}}` and so on.
    #[must_use]
    pub fn events(events: Vec<Value>) -> Self {
        Self {
            reply: Reply {
                events: Some(events),
                ..Reply::default()
            },
            ..Self::default()
        }
    }

    /// Goes wrong in this way.
    #[must_use]
    pub fn fault(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }

    /// Refuses with this exception, its usual status and text, before anything was sent.
    #[must_use]
    pub fn exception(name: &str) -> Self {
        Self::fault(Fault::Exception {
            name: name.to_owned(),
            status: None,
            message: None,
            members: Map::new(),
            retry_after: None,
        })
    }

    /// Sends this exception (`throttlingException`) in the stream, after that many frames.
    #[must_use]
    pub fn stream_exception(name: &str, after_events: usize) -> Self {
        Self::fault(Fault::StreamException {
            name: name.to_owned(),
            message: None,
            members: Map::new(),
            after_events,
        })
    }

    /// The same with these members of the reply, such as `trace` and `usage`.
    #[must_use]
    pub fn members(mut self, members: Map<String, Value>) -> Self {
        self.reply.members = members;
        self
    }

    /// The same with pauses.
    #[must_use]
    pub fn delayed(mut self, delay: Delay) -> Self {
        self.delay = delay;
        self
    }
}
