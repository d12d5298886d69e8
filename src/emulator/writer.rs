//! Writes the blocks of an answer until the tokens run out or something ends it.

use serde_json::Value;
use serde_json::json;

use crate::emulator::answer::Block;
use crate::emulator::citations::Source;
use crate::emulator::request::Thinking;
use crate::emulator::seed::Seed;
use crate::emulator::signature;
use crate::emulator::tokens;

/// Why an answer ended before it was complete.
enum Stop {
    MaxTokens,
    ToolUse,
    Sequence(String),
}

pub(super) struct Writer {
    pub(super) blocks: Vec<Block>,
    pub(super) seed: Seed,
    max_tokens: u64,
    left: u64,
    stop: Option<Stop>,
}

impl Writer {
    pub(super) fn new(max_tokens: u64, seed: Seed) -> Self {
        Self {
            blocks: Vec::new(),
            seed,
            max_tokens,
            left: max_tokens,
            stop: None,
        }
    }

    /// Tokens written.
    pub(super) fn used(&self) -> u64 {
        self.max_tokens - self.left
    }

    pub(super) fn stop_reason(&self) -> &'static str {
        match self.stop {
            None => "end_turn",
            Some(Stop::MaxTokens) => "max_tokens",
            Some(Stop::ToolUse) => "tool_use",
            Some(Stop::Sequence(_)) => "stop_sequence",
        }
    }

    pub(super) fn stop_sequence(&self) -> Option<String> {
        match &self.stop {
            Some(Stop::Sequence(sequence)) => Some(sequence.clone()),
            None | Some(Stop::MaxTokens | Stop::ToolUse) => None,
        }
    }

    /// Says exactly these blocks, whatever the limits.
    pub(super) fn quote(&mut self, blocks: &[Value]) {
        for block in blocks {
            self.left = self.left.saturating_sub(tokens::value(block));
            let call = block.get("toolUse");
            // The service itself runs tools of its own.
            if call.is_some_and(|call| call.get("type").is_none()) {
                self.stop = Some(Stop::ToolUse);
            }
            self.blocks.push(Block::Exact(block.clone()));
        }
    }

    pub(super) fn think(&mut self, thinking: Thinking, model: &str) {
        let (budget, is_signed) = match thinking {
            Thinking::Off => return,
            Thinking::Signed(budget) => (budget, true),
            Thinking::Unsigned => (u64::MAX, false),
        };
        let length = 8 + self.seed.below(16);
        let filler = self.seed.words(length);
        let thought = format!("[emulator] pretends to think:{filler}");
        let text = self.take(tokens::prefix(&thought, budget));
        let signature = is_signed.then(|| signature::of(model, &text));
        self.blocks.push(Block::Reasoning { text, signature });
    }

    pub(super) fn speak(&mut self, text: &str, stop_sequences: &[String]) {
        if self.stop.is_some() {
            return;
        }
        let before = self.left;
        let mut said = self.take(text);
        let end = stop_sequences
            .iter()
            .filter_map(|sequence| Some((said.find(sequence.as_str())?, sequence)))
            .min_by_key(|(position, _)| *position);
        if let Some((position, sequence)) = end {
            said.truncate(position);
            self.left = before - tokens::count(&said);
            self.stop = Some(Stop::Sequence(sequence.clone()));
        }
        if !said.is_empty() {
            self.blocks.push(Block::Text(said));
        }
    }

    pub(super) fn call(&mut self, name: &str, input: &Value) {
        if self.stop.is_some() {
            return;
        }
        let input = self.take(&input.to_string());
        self.stop.get_or_insert(Stop::ToolUse);
        let id = format!("tooluse_{}", self.seed.identifier(22));
        self.blocks.push(Block::ToolUse {
            id,
            name: name.to_owned(),
            input,
        });
    }

    /// A call of a tool that the service runs, and what came of it.
    pub(super) fn serve(&mut self, name: &str) {
        if self.stop.is_some() {
            return;
        }
        let query = self.take("[emulator] a query");
        let found = self.take("[emulator] a result");
        let id = format!("srvtoolu_{}", self.seed.identifier(22));
        self.blocks.push(Block::Exact(json!({"toolUse": {
            "input": {"query": query},
            "name": name,
            "toolUseId": id,
            "type": "server_tool_use"
        }})));
        self.blocks.push(Block::Exact(json!({"toolResult": {
            "content": [{"text": found}, {"json": {"results": 1}}],
            "status": "success",
            "toolUseId": id,
            "type": format!("{name}_result")
        }})));
    }

    /// A sentence that rests on a source.
    pub(super) fn cite(&mut self, source: &Source) {
        if self.stop.is_some() {
            return;
        }
        let said = self.take("[emulator] rests on a source.");
        if said.is_empty() {
            return;
        }
        self.blocks.push(Block::Exact(json!({"citationsContent": {
            "citations": [source.citation()],
            "content": [{"text": said}]
        }})));
    }

    /// As much of the text as there are tokens for.
    fn take(&mut self, text: &str) -> String {
        let taken = tokens::prefix(text, self.left);
        self.left -= tokens::count(taken);
        if taken.len() < text.len() {
            self.stop = Some(Stop::MaxTokens);
        }
        taken.to_owned()
    }
}
