//! Reads one case file, strictly: every mistake is named, and a member that means nothing is one.

use std::time::Duration;

use serde_json::Map;
use serde_json::Value;
use tonic::Code;

use crate::conformance::case::Case;
use crate::conformance::case::Each;
use crate::conformance::case::Step;
use crate::conformance::case_checks;
use crate::conformance::expectation::Expectation;
use crate::conformance::members::Members;
use crate::conformance::messages;
use crate::conformance::problem::Problem;
use crate::conformance::problem::Problems;
use crate::conformance::schema;
use crate::proto::Capability;
use crate::proto::ErrorReason;
use crate::proto::StopReason;
use crate::proto::attempt::State;

/// Deadline of a call where the case names none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// Longest deadline of a call.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);

/// Kinds of content blocks, as `ContentBlock` names them.
const BLOCKS: [&str; 14] = [
    "text",
    "image",
    "document",
    "video",
    "audio",
    "tool_use",
    "tool_result",
    "reasoning",
    "cited_content",
    "search_result",
    "guard_content",
    "cache_point",
    "tool_addition",
    "tool_removal",
];

/// Reads the case `name` from the text of its file.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(name: &str, text: &str) -> Result<Case, Vec<Problem>> {
    let mut problems = Problems::of(&format!("{name}.json"));
    let case = match serde_json::from_str(text) {
        Ok(value) => case(name, value, &mut problems),
        Err(error) => {
            problems.add("", format!("is no JSON: {error}"));
            None
        }
    };
    match case {
        Some(case) if problems.is_empty() => Ok(case),
        _ => Err(problems.into_found()),
    }
}

fn case(name: &str, value: Value, problems: &mut Problems) -> Option<Case> {
    let mut members = Members::of(value, "", problems)?;
    let title = members.required("title");
    let family = members.required("family");
    let call = members.required("call");
    let each = members.optional::<Each>("each").unwrap_or_default();
    let needs = members.optional::<Vec<String>>("needs").unwrap_or_default();
    let needs = capabilities(&needs, &mut members);
    let request = members
        .optional("request")
        .unwrap_or_else(|| Value::Object(Map::new()));
    let stream_options = members.optional::<Value>("stream_options");
    let stream_options = stream_options.and_then(|options| match messages::read(&options) {
        Ok(options) => Some(options),
        Err(problem) => {
            members.problem("stream_options", problem);
            None
        }
    });
    let timeout = members.optional::<String>("timeout");
    let timeout = timeout.map_or(Some(DEFAULT_TIMEOUT), |text| {
        let read = timeout_of(&text);
        if read.is_none() {
            members.problem("timeout", format!(
                "\"{text}\" is no deadline; allowed: seconds such as \"30s\" or \"0.2s\", up to {}s",
                MAX_TIMEOUT.as_secs()
            ));
        }
        read
    });
    let scenarios = members.optional("scenarios");
    let expect = members.optional::<Value>("expect");
    let then = members.optional::<Vec<Value>>("then").unwrap_or_default();
    members.end();

    let expect = expect.map_or_else(
        || Some(Expectation::default()),
        |value| expectation(value, "expect", problems),
    );
    let steps = then.into_iter().enumerate();
    let steps: Vec<Option<Step>> = steps
        .map(|(index, value)| step(value, &format!("then[{index}]"), problems))
        .collect();
    let case = Case {
        name: name.to_owned(),
        title: title?,
        family: family?,
        call: call?,
        each,
        needs,
        request,
        stream_options,
        timeout: timeout?,
        scenarios,
        expect: expect?,
        then: steps.into_iter().collect::<Option<_>>()?,
    };
    case_checks::check(&case, problems);
    Some(case)
}

fn step(value: Value, path: &str, problems: &mut Problems) -> Option<Step> {
    let mut members = Members::of(value, path, problems)?;
    let prompt: Option<String> = members.optional("prompt");
    let tool_result: Option<Value> = members.optional("tool_result");
    let request = members.optional("request");
    let expect = members.optional::<Value>("expect");
    if prompt.is_none() == tool_result.is_none() {
        members.problem("prompt", "or tool_result must be there, and not both");
    }
    members.end();
    let expect = expect.map_or_else(
        || Some(Expectation::default()),
        |value| expectation(value, &format!("{path}.expect"), problems),
    )?;
    Some(Step {
        prompt,
        tool_result,
        request: request.unwrap_or_else(|| Value::Object(Map::new())),
        expect,
    })
}

fn expectation(value: Value, path: &str, problems: &mut Problems) -> Option<Expectation> {
    let mut members = Members::of(value, path, problems)?;
    let expectation = Expectation {
        error: members.optional("error"),
        text: members.optional("text"),
        stop_reason: members.optional("stop_reason").unwrap_or_default(),
        blocks: members.optional("blocks").unwrap_or_default(),
        tool_use: members.optional("tool_use"),
        usage: members.optional("usage"),
        attempts: members.optional("attempts"),
        adjustments: members.optional("adjustments"),
        events: members.optional("events"),
        input_tokens: members.optional("input_tokens"),
        same: members.optional("same"),
        sent: members.optional("sent").unwrap_or_default(),
    };
    check_names(&expectation, &mut members);
    members.end();
    Some(expectation)
}

fn check_names(expectation: &Expectation, members: &mut Members<'_>) {
    for name in &expectation.stop_reason {
        if StopReason::from_str_name(name).is_none() {
            members.problem("stop_reason", unknown(name, "StopReason"));
        }
    }
    for name in &expectation.blocks {
        if !BLOCKS.contains(&name.as_str()) {
            members.problem(
                "blocks",
                format!(
                    "\"{name}\" is no kind of block; allowed: {}",
                    BLOCKS.join(", ")
                ),
            );
        }
    }
    if let Some(error) = &expectation.error {
        if code(&error.code).is_none() {
            members.problem(
                "error.code",
                format!(
                    "\"{}\" is no gRPC status code; allowed: INVALID_ARGUMENT and the like",
                    error.code
                ),
            );
        }
        check_reason(&error.reason, "error.reason", members);
    }
    for attempt in expectation.attempts.iter().flatten() {
        if State::from_str_name(&attempt.state).is_none() {
            members.problem("attempts", unknown(&attempt.state, "Attempt.State"));
        }
        if let Some(reason) = &attempt.reason {
            check_reason(reason, "attempts", members);
        }
    }
    let schemas = [
        (
            "text.json_schema",
            expectation
                .text
                .as_ref()
                .and_then(|text| text.json_schema.as_ref()),
        ),
        (
            "tool_use.input_schema",
            expectation
                .tool_use
                .as_ref()
                .and_then(|tool| tool.input_schema.as_ref()),
        ),
    ];
    for (path, schema) in schemas {
        if let Some(problem) = schema.and_then(schema::wrong) {
            members.problem(path, problem);
        }
    }
}

fn check_reason(reason: &str, path: &str, members: &mut Members<'_>) {
    if ErrorReason::from_str_name(&format!("ERROR_REASON_{reason}")).is_none() {
        members.problem(path, unknown(reason, "ErrorReason, without ERROR_REASON_"));
    }
}

fn capabilities(names: &[String], members: &mut Members<'_>) -> Vec<Capability> {
    let mut found = Vec::new();
    for name in names {
        match Capability::from_str_name(name) {
            Some(Capability::Unspecified) | None => {
                members.problem("needs", unknown(name, "Capability"));
            }
            Some(capability) => found.push(capability),
        }
    }
    found
}

fn unknown(name: &str, of: &str) -> String {
    format!("\"{name}\" is none of the API; allowed: the names of {of}")
}

fn timeout_of(text: &str) -> Option<Duration> {
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    let timeout = Duration::try_from_secs_f64(seconds).ok()?;
    (!timeout.is_zero() && timeout <= MAX_TIMEOUT).then_some(timeout)
}

/// The code that has this name.
pub(super) fn code(name: &str) -> Option<Code> {
    (0..=16)
        .map(Code::from_i32)
        .find(|code| code_name(*code) == name)
}

/// "RESOURCE_EXHAUSTED".
pub(super) fn code_name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
#[path = "case_file_tests.rs"]
mod tests;
