//! Which blocks of a streamed message are open: starts that Bedrock leaves out are supplied, and
//! events that fit no block are refused.

use std::collections::BTreeSet;
use std::collections::VecDeque;

use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
use crate::proto::ContentBlockStopEvent;
use crate::proto::ReasoningBlockStart;
use crate::proto::TextBlockStart;
use crate::proto::ToolUseBlockDelta;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::provider::Event;

/// An event that cannot stand where it stands.
#[derive(Debug)]
pub(super) struct Disorder(pub(super) &'static str);

/// The blocks of one message.
pub(super) struct Blocks {
    model: String,
    /// Rarely more than one.
    open: Vec<Open>,
    /// Every index that was ever opened.
    used: BTreeSet<i32>,
}

struct Open {
    index: i32,
    kind: Kind,
    /// Whether any input of a tool call came.
    has_input: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    ToolUse,
    ToolResult,
    Reasoning,
    Image,
    /// Of a kind this SDK does not know.
    LeftOut,
}

impl Blocks {
    /// None open. `model` is the registry's name, for blocks of reasoning.
    pub(super) fn new(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            open: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    /// Opens a block that Bedrock opens.
    pub(super) fn start(
        &mut self,
        event: ContentBlockStartEvent,
        ready: &mut VecDeque<Event>,
    ) -> Result<(), Disorder> {
        let kind = match event.start {
            Some(Start::Text(_)) => Kind::Text,
            Some(Start::ToolUse(_)) => Kind::ToolUse,
            Some(Start::ToolResult(_)) => Kind::ToolResult,
            Some(Start::Reasoning(_)) => Kind::Reasoning,
            Some(Start::Image(_)) => Kind::Image,
            // Bedrock streams no whole blocks.
            Some(Start::Whole(_)) | None => Kind::LeftOut,
        };
        self.open(event.content_block_index, kind)?;
        if kind != Kind::LeftOut {
            ready.push_back(Event::BlockStart(event));
        }
        Ok(())
    }

    /// Opens a block whose events are left out.
    pub(super) fn leave_out(&mut self, index: i32) -> Result<(), Disorder> {
        self.open(index, Kind::LeftOut)
    }

    /// Whether the events of this block are left out.
    pub(super) fn is_left_out(&self, index: i32) -> bool {
        let block = self.open.iter().find(|open| open.index == index);
        block.is_some_and(|block| block.kind == Kind::LeftOut)
    }

    /// Extends a block, and opens it if it is one that Bedrock does not open.
    pub(super) fn delta(
        &mut self,
        index: i32,
        delta: Delta,
        ready: &mut VecDeque<Event>,
    ) -> Result<(), Disorder> {
        let kind = kind_of(&delta);
        let position = self.open.iter().position(|open| open.index == index);
        if position.is_none() {
            let start = match kind {
                Kind::Text => Start::Text(TextBlockStart {}),
                Kind::Reasoning => Start::Reasoning(ReasoningBlockStart {
                    model: self.model.clone(),
                }),
                Kind::ToolUse | Kind::ToolResult | Kind::Image | Kind::LeftOut => {
                    return Err(Disorder("a delta came before its block"));
                }
            };
            self.start(
                ContentBlockStartEvent {
                    content_block_index: index,
                    start: Some(start),
                },
                ready,
            )?;
        }
        let Some(open) = self.open.iter_mut().find(|open| open.index == index) else {
            return Err(Disorder("a delta came before its block"));
        };
        if open.kind == Kind::LeftOut {
            return Ok(());
        }
        if open.kind != kind {
            return Err(Disorder("a delta does not fit its block"));
        }
        if let Delta::ToolUse(input) = &delta {
            // Bedrock opens the input with an empty fragment.
            if input.input_json.is_empty() {
                return Ok(());
            }
            open.has_input = true;
        }
        ready.push_back(Event::BlockDelta(ContentBlockDeltaEvent {
            content_block_index: index,
            delta: Some(delta),
        }));
        Ok(())
    }

    /// Closes a block. One that had no delta was never opened, and is left out.
    pub(super) fn stop(&mut self, index: i32, ready: &mut VecDeque<Event>) {
        if let Some(position) = self.open.iter().position(|open| open.index == index) {
            let open = self.open.swap_remove(position);
            close(&open, ready);
        }
    }

    /// Closes what is open when the message ends.
    pub(super) fn stop_all(&mut self, ready: &mut VecDeque<Event>) {
        self.open.sort_unstable_by_key(|open| open.index);
        for open in self.open.drain(..) {
            close(&open, ready);
        }
    }

    fn open(&mut self, index: i32, kind: Kind) -> Result<(), Disorder> {
        if !self.used.insert(index) {
            return Err(Disorder("a block was opened twice"));
        }
        self.open.push(Open {
            index,
            kind,
            has_input: false,
        });
        Ok(())
    }
}

fn close(open: &Open, ready: &mut VecDeque<Event>) {
    let content_block_index = open.index;
    match open.kind {
        Kind::LeftOut => return,
        // Without arguments nothing is streamed; joined fragments must still be JSON.
        Kind::ToolUse if !open.has_input => {
            let input_json = "{}".to_owned();
            ready.push_back(Event::BlockDelta(ContentBlockDeltaEvent {
                content_block_index,
                delta: Some(Delta::ToolUse(ToolUseBlockDelta { input_json })),
            }));
        }
        Kind::Text | Kind::ToolUse | Kind::ToolResult | Kind::Reasoning | Kind::Image => {}
    }
    ready.push_back(Event::BlockStop(ContentBlockStopEvent {
        content_block_index,
    }));
}

fn kind_of(delta: &Delta) -> Kind {
    match delta {
        Delta::Text(_) | Delta::Citation(_) => Kind::Text,
        Delta::ToolUse(_) => Kind::ToolUse,
        Delta::ToolResult(_) => Kind::ToolResult,
        Delta::Reasoning(_) => Kind::Reasoning,
        Delta::Image(_) => Kind::Image,
    }
}
