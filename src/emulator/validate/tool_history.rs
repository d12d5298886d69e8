//! Rules about calls of tools in the history, and their results.

use std::collections::HashSet;

use serde_json::Value;

use crate::emulator::catalog::Model;
use crate::emulator::errors::Refusal;
use crate::emulator::features::Beside;
use crate::emulator::validate::blocks;
use crate::emulator::validate::blocks::Block;
use crate::emulator::validate::blocks::Turn;

pub(super) fn check(body: &Value, model: &Model) -> Result<(), Refusal> {
    for block in blocks::all(body) {
        match block.kind {
            "toolUse" => is_object(block.value.get("input"), &block, "toolUse.input")?,
            "toolResult" => result(&block, model)?,
            _ => {}
        }
    }
    let turns = blocks::turns(body);
    for turn in &turns {
        beside_results(turn, model)?;
    }
    answers(&turns, blocks::messages(body).len())
}

fn result(block: &Block<'_>, model: &Model) -> Result<(), Refusal> {
    let status = block.text("status");
    if status.is_some() && !model.features.tool_result_status {
        return Err(Refusal::unsupported_field("status"));
    }
    let content = blocks::list(block.value.get("content"));
    if status == Some("error") && content.is_empty() {
        return Err(Refusal::validation(format!(
            "The content of {}.toolResult cannot be empty when status value is error.",
            block.place()
        )));
    }
    for (position, item) in content.iter().enumerate() {
        if let Some(json) = item.get("json") {
            let member = format!("toolResult.content.{position}.json");
            is_object(Some(json), block, &member)?;
        }
    }
    Ok(())
}

fn is_object(value: Option<&Value>, block: &Block<'_>, member: &str) -> Result<(), Refusal> {
    if value.is_some_and(Value::is_object) {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "The format of the value at {}.{member} is invalid. Provide a json object for the field and \
         try again.",
        block.place()
    )))
}

fn beside_results(turn: &Turn<'_>, model: &Model) -> Result<(), Refusal> {
    let kinds = || turn.blocks.iter().map(|block| block.kind);
    if turn.role != "user" || !kinds().any(|kind| kind == "toolResult") {
        return Ok(());
    }
    let is_allowed = |kind: &str| match model.features.beside_tool_results {
        Beside::Anything => true,
        Beside::NoFiles => !["document", "video"].contains(&kind),
        Beside::Nothing => ["toolResult", "cachePoint"].contains(&kind),
    };
    if kinds().all(is_allowed) {
        return Ok(());
    }
    Err(Refusal::validation(
        "Conversation blocks and tool result blocks cannot be provided in the same turn.",
    ))
}

/// Every call is answered in the next turn, and nothing else is.
fn answers(turns: &[Turn<'_>], messages: usize) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    for turn in turns {
        if turn.role == "user" {
            let results = ids(turn, "toolResult");
            let missing = open.iter().copied().filter(|id| !results.contains(id));
            expect_answered(turn.message, &missing.collect::<Vec<_>>())?;
            let strange = results.iter().any(|id| !open.contains(id));
            if strange || results.len() > open.len() {
                return Err(Refusal::validation(format!(
                    "The number of toolResult blocks at messages.{}.content exceeds the number \
                     of toolUse blocks of previous turn.",
                    turn.message
                )));
            }
            open.clear();
            continue;
        }
        open = ids(turn, "toolUse");
        let mut seen = HashSet::new();
        if let Some(twice) = open.iter().find(|id| !seen.insert(**id)) {
            return Err(Refusal::validation(format!(
                "The toolUse blocks at messages.{}.content contain duplicate Ids: {twice}",
                turn.message
            )));
        }
    }
    expect_answered(messages, &open)
}

fn expect_answered(position: usize, missing: &[&str]) -> Result<(), Refusal> {
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::validation(format!(
        "Expected toolResult blocks at messages.{position}.content for the following Ids: {}",
        missing.join(", ")
    )))
}

/// Ids of calls that the caller answers, or of their results.
fn ids<'a>(turn: &Turn<'a>, kind: &str) -> Vec<&'a str> {
    turn.blocks
        .iter()
        .filter(|block| block.kind == kind && !block.is_server_tool())
        .filter_map(|block| block.text("toolUseId"))
        .collect()
}
