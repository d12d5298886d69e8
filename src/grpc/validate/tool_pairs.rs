//! Rules for tool calls and their results across messages: each call is answered once, in the next
//! user message, and each result answers a call.
//!
//! Neighbouring messages of one role count as one, as Bedrock joins them. A tool that the model's
//! provider ran has its result in the assistant's own message, or none.

use std::collections::{HashMap, HashSet};

use crate::grpc::validate::content::MAX_ITEMS;
use crate::grpc::validate::conversation::MAX_MESSAGES;
use crate::grpc::validate::path::Path;
use crate::grpc::validate::violation::Reason;
use crate::grpc::validate::violation::Violations;
use crate::proto::Message;
use crate::proto::Role;
use crate::proto::ToolResultBlock;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseType;
use crate::proto::content_block::Block;

/// Message and block, both counted from 0.
type Place = (usize, usize);

/// A call of the last assistant turn.
struct Call {
    place: Place,
    is_run_by_provider: bool,
    is_answered: bool,
}

#[derive(Default)]
struct Pairs<'r> {
    /// Every call of the conversation so far.
    ids: HashSet<&'r str>,
    /// The calls of the last assistant turn.
    calls: HashMap<&'r str, Call>,
}

/// Where the first tool call or result of the conversation is.
pub(super) fn first_tool_block(messages: &[Message]) -> Option<Place> {
    messages.iter().enumerate().find_map(|(index, message)| {
        let block_index = message.content.iter().position(|block| {
            matches!(block.block, Some(Block::ToolUse(_) | Block::ToolResult(_)))
        })?;
        Some((index, block_index))
    })
}

pub(super) fn tool_pairs(found: &mut Violations, path: &Path<'_>, messages: &[Message]) {
    let mut pairs = Pairs::default();
    let mut speaker = Role::User;
    for (index, message) in messages.iter().take(MAX_MESSAGES).enumerate() {
        let role = message.role();
        if role == Role::Assistant && speaker != Role::Assistant {
            pairs.close_turn(found, path);
        }
        if role != Role::System {
            speaker = role;
        }
        for (block_index, block) in message.content.iter().take(MAX_ITEMS).enumerate() {
            let place = (index, block_index);
            match &block.block {
                Some(Block::ToolUse(call)) if role == Role::Assistant => {
                    pairs.call(found, path, place, call);
                }
                Some(Block::ToolResult(result)) => {
                    pairs.result(found, path, place, role, result);
                }
                _ => {}
            }
        }
    }
    pairs.close_turn(found, path);
}

impl<'r> Pairs<'r> {
    fn call(
        &mut self,
        found: &mut Violations,
        path: &Path<'_>,
        place: Place,
        call: &'r ToolUseBlock,
    ) {
        let id = call.tool_use_id.as_str();
        if id.is_empty() {
            return;
        }
        if self.ids.insert(id) {
            let call = Call {
                place,
                is_run_by_provider: call.r#type() == ToolUseType::ServerToolUse,
                is_answered: false,
            };
            self.calls.insert(id, call);
        } else {
            let text = format_args!("is the identifier of an earlier call; each must be unique");
            add(found, path, place, "tool_use", Reason::Duplicate, text);
        }
    }

    fn result(
        &mut self,
        found: &mut Violations,
        path: &Path<'_>,
        place: Place,
        role: Role,
        result: &'r ToolResultBlock,
    ) {
        let id = result.tool_use_id.as_str();
        if id.is_empty() {
            return;
        }
        let is_from_provider = role == Role::Assistant;
        match self.calls.get_mut(id) {
            Some(call) if call.is_run_by_provider != is_from_provider => {
                let text = if is_from_provider {
                    format_args!("answers a call of the caller's tool; results go in ROLE_USER")
                } else {
                    format_args!("answers a call that the provider ran; no result is needed")
                };
                add(found, path, place, "tool_result", Reason::Misplaced, text);
            }
            Some(call) if call.is_answered => {
                let text = format_args!("has a result already; each call has one");
                add(found, path, place, "tool_result", Reason::Duplicate, text);
            }
            Some(call) => call.is_answered = true,
            None => {
                let text = format_args!("matches no tool_use of the assistant message before it");
                let reason = Reason::UnknownReference;
                add(found, path, place, "tool_result", reason, text);
            }
        }
    }

    /// Reports the calls that the user's turn left open.
    fn close_turn(&mut self, found: &mut Violations, path: &Path<'_>) {
        let mut open: Vec<Place> = self
            .calls
            .drain()
            .filter(|(_, call)| !call.is_answered && !call.is_run_by_provider)
            .map(|(_, call)| call.place)
            .collect();
        open.sort_unstable();
        for place in open {
            let text = format_args!("has no tool_result in the user message that follows");
            add(found, path, place, "tool_use", Reason::Unanswered, text);
        }
    }
}

fn add(
    found: &mut Violations,
    path: &Path<'_>,
    (message, block): Place,
    kind: &'static str,
    reason: Reason,
    text: std::fmt::Arguments<'_>,
) {
    let message = path.index(message);
    let content = message.field("content");
    let block = content.index(block);
    let kind = block.field(kind);
    found.add(&kind.field("tool_use_id"), reason, text);
}
