//! Holds what came of a call against what its case expects.

use std::collections::BTreeSet;

use serde_json::Value;
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::client::join;
use crate::conformance::case_file::code_name;
use crate::conformance::expectation::Expectation;
use crate::conformance::expectation::ExpectedAttempt;
use crate::conformance::expectation::ExpectedError;
use crate::conformance::expectation::ExpectedText;
use crate::conformance::expectation::ExpectedToolUse;
use crate::conformance::expectation::Range;
use crate::conformance::observation::Ended;
use crate::conformance::observation::Observed;
use crate::conformance::observation::invocation_failure;
use crate::conformance::placeholders::Names;
use crate::conformance::result::Finding;
use crate::conformance::schema;
use crate::proto::ContentBlock;
use crate::proto::InvokeResponse;
use crate::proto::Message;
use crate::proto::content_block::Block;
use crate::proto::invoke_stream_response::Event;

/// What is not as expected.
pub(super) fn check(expected: &Expectation, observed: &Observed, names: &Names) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |member: &str, problem: String| {
        findings.push(Finding::new(&format!("expect.{member}"), problem));
    };
    match (&expected.error, &observed.ended) {
        // A rule says so.
        (_, Ended::Late) => return findings,
        (Some(error), Ended::Failed(status, _)) => {
            for problem in wrong_error(error, status) {
                note("error", problem);
            }
        }
        (Some(error), _) => {
            note(
                "error",
                format!("it was answered; {} was due", error.reason),
            );
            return findings;
        }
        (None, Ended::Failed(status, _)) => {
            note("answer", said(status));
            return findings;
        }
        (None, Ended::Answer(answer)) => check_answer(expected, answer, &mut note),
        (None, Ended::Stream(events)) => check_answer(expected, &join(events), &mut note),
        (None, Ended::Count(count)) => {
            if let Some(range) = &expected.input_tokens {
                range.check(
                    i64::from(count.input_tokens),
                    "input tokens",
                    &mut |problem| {
                        note("input_tokens", problem);
                    },
                );
            }
        }
        (None, Ended::Models(_) | Ended::Model(_)) => {}
    }
    if let Some(attempts) = &expected.attempts {
        for problem in wrong_attempts(attempts, observed, names) {
            note("attempts", problem);
        }
    }
    if let (Some(adjusted), Some(metadata)) = (&expected.adjustments, observed.metadata()) {
        let last = metadata.attempts.last();
        let fields = last.iter().flat_map(|attempt| &attempt.adjustments);
        let found: BTreeSet<&str> = fields.map(|one| one.field.as_str()).collect();
        let due: BTreeSet<&str> = adjusted.iter().map(String::as_str).collect();
        if found != due {
            note(
                "adjustments",
                format!("{found:?} were changed; {due:?} were due"),
            );
        }
    }
    check_events(expected, observed, &mut note);
    findings
}

/// `UPSTREAM_THROTTLED (RESOURCE_EXHAUSTED): …`.
fn said(status: &Status) -> String {
    let code = code_name(status.code());
    match status.get_details_error_info() {
        Some(info) => format!("{} ({code}): {}", info.reason, status.message()),
        None => format!("{code}: {}", status.message()),
    }
}

fn wrong_error(expected: &ExpectedError, status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str());
    if code_name(status.code()) != expected.code || reason != Some(&expected.reason) {
        return vec![format!(
            "{} was due, it is {}",
            expected.reason,
            said(status)
        )];
    }
    let mut problems = Vec::new();
    if let Some(due) = &expected.fields {
        let violations = details
            .bad_request()
            .map(|bad| bad.field_violations.as_slice());
        let named = violations.unwrap_or_default().iter();
        let named: BTreeSet<&str> = named.map(|one| one.field.as_str()).collect();
        let due: BTreeSet<&str> = due.iter().map(String::as_str).collect();
        if named != due {
            problems.push(format!("it names the fields {named:?}; {due:?} were due"));
        }
    }
    let has_delay = details
        .retry_info()
        .and_then(|info| info.retry_delay)
        .is_some();
    if expected.retry_delay.is_some_and(|due| due != has_delay) {
        problems.push(format!("it has a retry delay: {has_delay}"));
    }
    let started = invocation_failure(status).is_some_and(|failure| failure.output_started);
    if expected.output_started.is_some_and(|due| due != started) {
        problems.push(format!("output_started is {started}"));
    }
    problems
}

fn check_answer(
    expected: &Expectation,
    answer: &InvokeResponse,
    note: &mut dyn FnMut(&str, String),
) {
    let none = Message::default();
    let message = answer.message.as_ref().unwrap_or(&none);
    if let Some(text) = &expected.text {
        for problem in wrong_text(text, &message.text()) {
            note("text", problem);
        }
    }
    let reason = answer.stop_reason().as_str_name();
    if !expected.stop_reason.is_empty() && !expected.stop_reason.iter().any(|due| due == reason) {
        note(
            "stop_reason",
            format!(
                "it is {reason}; due was {}",
                expected.stop_reason.join(" or ")
            ),
        );
    }
    for due in &expected.blocks {
        if !message.content.iter().any(|block| kind(block) == due) {
            note("blocks", format!("there is no block of {due}"));
        }
    }
    if let Some(tool) = &expected.tool_use {
        for problem in wrong_tool_use(tool, message) {
            note("tool_use", problem);
        }
    }
    if let Some(due) = &expected.usage {
        let usage = answer
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.usage.clone());
        let usage = usage.unwrap_or_default();
        let counts = [
            (&due.input_tokens, usage.input_tokens, "input tokens"),
            (&due.output_tokens, usage.output_tokens, "output tokens"),
        ];
        for (range, count, what) in counts {
            if let Some(range) = range {
                range.check(i64::from(count), what, &mut |problem| {
                    note("usage", problem);
                });
            }
        }
    }
}

fn wrong_text(expected: &ExpectedText, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_blank = text.trim().is_empty();
    if expected.blank.is_some_and(|due| due != is_blank) {
        problems.push(format!("it is blank: {is_blank}"));
    }
    if expected.equals.as_ref().is_some_and(|due| due != text) {
        problems.push("it is not the one that was due".to_owned());
    }
    let lower = text.to_lowercase();
    let has = |part: &String| lower.contains(&part.to_lowercase());
    if !expected.contains_any.is_empty() && !expected.contains_any.iter().any(has) {
        problems.push(format!("it has none of {:?}", expected.contains_any));
    }
    for part in expected.contains_none.iter().filter(|part| has(part)) {
        problems.push(format!("it has {part:?}"));
    }
    if let Some(schema) = &expected.json_schema {
        problems.extend(unfit(schema, text));
    }
    problems
}

fn wrong_tool_use(expected: &ExpectedToolUse, message: &Message) -> Vec<String> {
    let mut calls = Vec::new();
    for block in &message.content {
        if let Some(Block::ToolUse(call)) = &block.block
            && call.name == expected.name
        {
            calls.push(call);
        }
    }
    if calls.is_empty() {
        return vec![format!("{} was not called", expected.name)];
    }
    let schema = expected.input_schema.iter();
    schema
        .flat_map(|schema| {
            calls
                .iter()
                .filter_map(|call| unfit(schema, &call.input_json))
        })
        .collect()
}

/// Why a text is no JSON that fits the schema. Names places and rules, not what the text says.
fn unfit(schema: &Value, text: &str) -> Option<String> {
    let Ok(value) = serde_json::from_str(text) else {
        return Some("it is no JSON".to_owned());
    };
    let problem = schema::unfit(schema, &value)?;
    Some(format!("it does not fit the schema: {problem}"))
}

fn kind(block: &ContentBlock) -> &'static str {
    match &block.block {
        None => "",
        Some(Block::Text(_)) => "text",
        Some(Block::Image(_)) => "image",
        Some(Block::Document(_)) => "document",
        Some(Block::Video(_)) => "video",
        Some(Block::Audio(_)) => "audio",
        Some(Block::ToolUse(_)) => "tool_use",
        Some(Block::ToolResult(_)) => "tool_result",
        Some(Block::Reasoning(_)) => "reasoning",
        Some(Block::CitedContent(_)) => "cited_content",
        Some(Block::SearchResult(_)) => "search_result",
        Some(Block::GuardContent(_)) => "guard_content",
        Some(Block::CachePoint(_)) => "cache_point",
        Some(Block::ToolAddition(_)) => "tool_addition",
        Some(Block::ToolRemoval(_)) => "tool_removal",
    }
}

fn wrong_attempts(expected: &[ExpectedAttempt], observed: &Observed, names: &Names) -> Vec<String> {
    let attempts = observed.metadata().unwrap_or_default().attempts;
    if attempts.len() != expected.len() {
        return vec![format!(
            "there are {}; {} were due",
            attempts.len(),
            expected.len()
        )];
    }
    let mut problems = Vec::new();
    for (attempt, due) in attempts.iter().zip(expected) {
        let number = attempt.number;
        if let Some(model) = due.model.as_ref().map(|model| names.fill_text(model))
            && model != attempt.model
        {
            problems.push(format!(
                "attempt {number} is of {}; due was {model}",
                attempt.model
            ));
        }
        let state = attempt.state().as_str_name();
        if state != due.state {
            problems.push(format!(
                "attempt {number} is {state}; due was {}",
                due.state
            ));
        }
        let reason = attempt
            .error
            .as_ref()
            .map(|error| error.reason().as_str_name());
        let reason = reason
            .unwrap_or_default()
            .trim_start_matches("ERROR_REASON_");
        if due.reason.as_ref().is_some_and(|due| due != reason) {
            problems.push(format!("the reason of attempt {number} is \"{reason}\""));
        }
    }
    problems
}

fn check_events(expected: &Expectation, observed: &Observed, note: &mut dyn FnMut(&str, String)) {
    let (Some(due), Ended::Stream(events) | Ended::Failed(_, events)) =
        (&expected.events, &observed.ended)
    else {
        return;
    };
    let count = |wanted: fn(&Event) -> bool| {
        i64::try_from(events.iter().filter(|event| wanted(event)).count()).unwrap_or(i64::MAX)
    };
    let counts = [
        (
            &due.deltas,
            count(|event| matches!(event, Event::ContentBlockDelta(_))),
            "deltas",
        ),
        (
            &due.heartbeats,
            count(|event| matches!(event, Event::Heartbeat(_))),
            "heartbeats",
        ),
        (
            &due.discarded,
            count(|event| matches!(event, Event::Attempt(attempt) if attempt.output_discarded)),
            "events that take back output",
        ),
    ];
    for (range, count, what) in counts {
        if let Some(range) = range {
            range.check(count, what, &mut |problem| note("events", problem));
        }
    }
}

impl Range {
    fn check(&self, number: i64, what: &str, note: &mut dyn FnMut(String)) {
        if let Some(min) = self.min.filter(|min| number < *min) {
            note(format!(
                "there are {number} {what}; at least {min} were due"
            ));
        }
        if let Some(max) = self.max.filter(|max| number > *max) {
            note(format!("there are {number} {what}; at most {max} were due"));
        }
    }
}
