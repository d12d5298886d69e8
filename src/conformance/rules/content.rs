//! Rules of answers: what a message holds, and how that fits the rest.

use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;

use crate::conformance::rules::Rule;
use crate::conformance::rules::holds;
use crate::conformance::rules::seen::AnswerSeen;
use crate::proto::Role;
use crate::proto::StopReason;
use crate::proto::ToolUseBlock;
use crate::proto::ToolUseType;
use crate::proto::content_block::Block;
use crate::proto::tool;

/// In the order in which they are checked.
pub(super) fn rules<'a>() -> Vec<Rule<AnswerSeen<'a>>> {
    vec![
        Rule {
            name: "role-is-assistant",
            promise: "the message of an answer is of ROLE_ASSISTANT",
            check: is_of_the_assistant,
        },
        Rule {
            name: "text-is-the-message",
            promise: "text is the text of the message, joined",
            check: text_is_joined,
        },
        Rule {
            name: "blocks-have-a-kind",
            promise: "no block of an answer is empty",
            check: blocks_have_a_kind,
        },
        Rule {
            name: "stop-reason-matches-content",
            promise: "the stop reason is STOP_REASON_TOOL_USE where a tool is called, and nowhere else",
            check: stop_reason_fits,
        },
        Rule {
            name: "tool-use-complete",
            promise: "a call of a tool has a name, an id of its own, and a JSON object as input",
            check: tool_calls_are_complete,
        },
        Rule {
            name: "tool-was-offered",
            promise: "only tools of the request are called",
            check: tools_were_offered,
        },
        Rule {
            name: "reasoning-names-its-model",
            promise: "a block of reasoning names the model that answered",
            check: reasoning_is_named,
        },
    ]
}

/// Calls of tools that the caller runs.
fn calls<'a>(seen: &'a AnswerSeen<'_>) -> impl Iterator<Item = &'a ToolUseBlock> {
    seen.message
        .content
        .iter()
        .filter_map(|block| match &block.block {
            Some(Block::ToolUse(call)) if call.r#type() == ToolUseType::Unspecified => Some(call),
            _ => None,
        })
}

fn is_of_the_assistant(seen: &AnswerSeen<'_>) -> Result<(), String> {
    holds(seen.message.role() == Role::Assistant, || {
        format!("it is of {}", seen.message.role().as_str_name())
    })
}

fn text_is_joined(seen: &AnswerSeen<'_>) -> Result<(), String> {
    holds(seen.answer.text == seen.message.text(), || {
        format!(
            "it has {} characters, the message {}",
            seen.answer.text.chars().count(),
            seen.message.text().chars().count()
        )
    })
}

fn blocks_have_a_kind(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let empty = seen
        .message
        .content
        .iter()
        .position(|block| block.block.is_none());
    empty.map_or(Ok(()), |index| Err(format!("block {index} is empty")))
}

fn stop_reason_fits(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let reason = seen.answer.stop_reason();
    let is_called = calls(seen).next().is_some();
    match reason {
        StopReason::ToolUse => holds(is_called, || {
            "it is STOP_REASON_TOOL_USE, but no tool is called".to_owned()
        }),
        StopReason::EndTurn | StopReason::StopSequence => holds(!is_called, || {
            format!("it is {}, but a tool is called", reason.as_str_name())
        }),
        StopReason::Unspecified
        | StopReason::MaxTokens
        | StopReason::GuardrailIntervened
        | StopReason::ContentFiltered
        | StopReason::MalformedModelOutput
        | StopReason::MalformedToolUse
        | StopReason::ModelContextWindowExceeded
        | StopReason::Other => Ok(()),
    }
}

fn tool_calls_are_complete(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let may_be_cut = seen.answer.stop_reason() != StopReason::ToolUse;
    let mut ids = BTreeSet::new();
    for (number, call) in calls(seen).enumerate() {
        holds(!call.name.is_empty(), || {
            format!("call {number} has no name")
        })?;
        holds(!call.tool_use_id.is_empty(), || {
            format!("call {number} has no id")
        })?;
        holds(ids.insert(&call.tool_use_id), || {
            format!("call {number} has the id of another")
        })?;
        let input = serde_json::from_str::<Map<String, Value>>(&call.input_json);
        holds(may_be_cut || input.is_ok(), || {
            format!("the input of call {number} is no JSON object")
        })?;
    }
    Ok(())
}

fn tools_were_offered(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let tools = seen
        .asked
        .request
        .tool_config
        .iter()
        .flat_map(|config| &config.tools);
    let offered: BTreeSet<&str> = tools
        .filter_map(|tool| match &tool.tool {
            Some(tool::Tool::ToolSpec(spec)) => Some(spec.name.as_str()),
            Some(tool::Tool::SystemTool(_) | tool::Tool::CachePoint(_)) | None => None,
        })
        .collect();
    let other = calls(seen).find(|call| !offered.contains(call.name.as_str()));
    other.map_or(Ok(()), |_| {
        Err("a tool that was not offered is called".to_owned())
    })
}

fn reasoning_is_named(seen: &AnswerSeen<'_>) -> Result<(), String> {
    for block in &seen.message.content {
        if let Some(Block::Reasoning(reasoning)) = &block.block {
            let (named, answered) = (&reasoning.model, &seen.metadata.model);
            holds(named == answered, || {
                format!("it names \"{named}\", but {answered} answered")
            })?;
        }
    }
    Ok(())
}
