//! Cuts content blocks into the events of a stream.
//!
//! Text and thoughts have no start, because the API model knows none for them. Media and the like
//! have no form in a stream at all, and are refused.

use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::emulator::answer::Block;
use crate::emulator::errors::Refusal;
use crate::emulator::frames;
use crate::emulator::seed::Seed;
use crate::emulator::stream;
use crate::emulator::stream::Event;
use crate::emulator::tokens;

/// Tokens in one piece of text, at most.
const TOKENS_PER_DELTA: u64 = 3;
/// Characters in one piece of base64, at most; four of them are three bytes.
const CHARACTERS_PER_DELTA: usize = 4 * 1_024;

/// Text in pieces of a few tokens, whose lengths depend on the seed.
pub(super) fn split(text: &str, seed: &mut Seed) -> Vec<String> {
    let mut parts = Vec::new();
    let mut pieces = tokens::pieces(text).peekable();
    while pieces.peek().is_some() {
        let length = usize::try_from(1 + seed.below(TOKENS_PER_DELTA)).unwrap_or(1);
        parts.push(pieces.by_ref().take(length).collect());
    }
    parts
}

/// A delta with so much text that few readers will take it.
pub(super) fn huge_text(bytes: usize) -> Event {
    let text = "x".repeat(bytes);
    event(0, &Delta::Text(&text), &mut Seed::of(b"huge"))
}

/// The block at `index`, from its start, if it has one, to its stop.
pub(super) fn block(
    index: usize,
    block: &Block,
    events: &mut Vec<Event>,
    seed: &mut Seed,
) -> Result<(), Refusal> {
    let mut cutter = Cutter {
        index,
        events,
        seed,
    };
    match block {
        Block::Text(text) => cutter.text(text),
        Block::Reasoning { text, signature } => cutter.thought(text, signature.as_deref()),
        Block::ToolUse { id, name, input } => {
            cutter.start(json!({"toolUse": {"name": name, "toolUseId": id}}));
            cutter.arguments(input);
        }
        Block::Exact(block) => cutter.exact(block)?,
    }
    let stop = json!({"contentBlockIndex": index});
    cutter
        .events
        .push(stream::around("contentBlockStop", stop, cutter.seed));
    Ok(())
}

/// Writes the events of one block.
struct Cutter<'a> {
    index: usize,
    events: &'a mut Vec<Event>,
    seed: &'a mut Seed,
}

impl Cutter<'_> {
    fn exact(&mut self, block: &Value) -> Result<(), Refusal> {
        let Some((kind, value)) = block.as_object().and_then(|members| members.iter().next())
        else {
            return Err(no_form("no member"));
        };
        match kind.as_str() {
            "text" => self.text(string(Some(value))),
            "reasoningContent" => self.reasoning(value),
            "toolUse" => {
                self.start(json!({"toolUse": without(value, &["input"])}));
                self.arguments(&value.get("input").unwrap_or(&json!({})).to_string());
            }
            "toolResult" => {
                self.start(json!({"toolResult": without(value, &["content"])}));
                self.result(value.get("content"))?;
            }
            "image" => {
                self.start(json!({"image": without(value, &["source", "error"])}));
                self.image(value);
            }
            "citationsContent" => self.citations(value),
            other => return Err(no_form(other)),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        for part in self.parts(text) {
            self.delta(&Delta::Text(&part));
        }
    }

    fn reasoning(&mut self, value: &Value) {
        if let Some(redacted) = value.get("redactedContent") {
            self.delta(&Delta::ReasoningContent(Thought::RedactedContent(redacted)));
            return;
        }
        let said = |name: &str| value.get("reasoningText").and_then(|text| text.get(name));
        self.thought(
            string(said("text")),
            said("signature").and_then(Value::as_str),
        );
    }

    fn thought(&mut self, text: &str, signature: Option<&str>) {
        for part in self.parts(text) {
            self.delta(&Delta::ReasoningContent(Thought::Text(&part)));
        }
        if let Some(signature) = signature {
            self.delta(&Delta::ReasoningContent(Thought::Signature(signature)));
        }
    }

    /// The service begins with an empty piece, and says no more for a call without arguments.
    fn arguments(&mut self, input: &str) {
        self.delta(&Delta::ToolUse(Arguments { input: "" }));
        if input != "{}" {
            for part in split(input, self.seed) {
                self.delta(&Delta::ToolUse(Arguments { input: &part }));
            }
        }
    }

    /// All items in one delta: pieces of one text could not be told from texts of their own.
    fn result(&mut self, content: Option<&Value>) -> Result<(), Refusal> {
        let items = content.and_then(Value::as_array);
        let items = items.map_or(&[][..], Vec::as_slice);
        let has_no_form = |item: &&Value| item.get("text").or_else(|| item.get("json")).is_none();
        if let Some(item) = items.iter().find(has_no_form) {
            let kind = item.as_object().and_then(|members| members.keys().next());
            return Err(no_form(&format!(
                "toolResult with {}",
                kind.map_or("no member", String::as_str)
            )));
        }
        if !items.is_empty() {
            self.delta(&Delta::ToolResult(items));
        }
        Ok(())
    }

    fn image(&mut self, value: &Value) {
        let source = value.get("source");
        match source.and_then(|source| source.get("bytes")) {
            Some(Value::String(bytes)) => {
                let mut rest = bytes.as_str();
                while !rest.is_empty() {
                    let (part, tail) = rest
                        .split_at_checked(CHARACTERS_PER_DELTA)
                        .unwrap_or((rest, ""));
                    self.delta(&Delta::Image(&json!({"source": {"bytes": part}})));
                    rest = tail;
                }
            }
            _ => {
                if let Some(source) = source {
                    self.delta(&Delta::Image(&json!({"source": source})));
                }
            }
        }
        if let Some(error) = value.get("error") {
            self.delta(&Delta::Image(&json!({"error": error})));
        }
    }

    fn citations(&mut self, value: &Value) {
        let items = |name: &str| value.get(name).and_then(Value::as_array).into_iter();
        for content in items("content").flatten() {
            self.text(string(content.get("text")));
        }
        for citation in items("citations").flatten() {
            self.delta(&Delta::Citation(citation));
        }
    }

    /// At least one piece, so that an empty text is there, too.
    fn parts(&mut self, text: &str) -> Vec<String> {
        let mut parts = split(text, self.seed);
        if parts.is_empty() {
            parts.push(String::new());
        }
        parts
    }

    fn start(&mut self, start: Value) {
        let payload = json!({"contentBlockIndex": self.index, "start": start});
        self.events.push(Event {
            is_content: true,
            ..stream::around("contentBlockStart", payload, self.seed)
        });
    }

    fn delta(&mut self, delta: &Delta<'_>) {
        self.events.push(event(self.index, delta, self.seed));
    }
}

fn no_form(kind: &str) -> Refusal {
    Refusal::validation(format!(
        "The scenario cannot be streamed: a content block of kind {kind} has no events. Ask with \
         Converse, or write the events of the scenario."
    ))
}

fn string(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

fn without(value: &Value, names: &[&str]) -> Map<String, Value> {
    let members = value.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| !names.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DeltaEvent<'a> {
    content_block_index: usize,
    delta: &'a Delta<'a>,
    p: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Delta<'a> {
    Text(&'a str),
    ToolUse(Arguments<'a>),
    ToolResult(&'a [Value]),
    ReasoningContent(Thought<'a>),
    Citation(&'a Value),
    Image(&'a Value),
}

#[derive(Serialize)]
struct Arguments<'a> {
    input: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Thought<'a> {
    Text(&'a str),
    Signature(&'a str),
    RedactedContent(&'a Value),
}

fn event(index: usize, delta: &Delta<'_>, seed: &mut Seed) -> Event {
    let event = DeltaEvent {
        content_block_index: index,
        delta,
        p: frames::padding(seed),
    };
    // Strings and numbers under string keys always serialize.
    let payload = serde_json::to_vec(&event).unwrap_or_default();
    Event::content(frames::event("contentBlockDelta", payload))
}

#[cfg(test)]
#[path = "deltas_tests.rs"]
mod tests;
