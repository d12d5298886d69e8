//! A failed call, told to a person: what, why, which fields, what was tried, what to do.

use std::io;
use std::io::Write;

use prost::Message as _;
use serde_json::Value;
use serde_json::json;
use tonic::Status;
use tonic_types::ErrorDetails;
use tonic_types::StatusExt as _;

use super::advice::advice_for_code;
use super::advice::advice_for_reason;
use super::ledger;
use crate::proto::ErrorReason;
use crate::proto::InvocationFailure;

const FAILURE_TYPE: &str = "/bedrock.gateway.v1.InvocationFailure";

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    /// The gateway or the connection says so.
    Call(Box<Status>),
    /// The gateway breaks its promises: what is wrong, and what to do.
    Broken(String, &'static str),
    /// The answer cannot be printed.
    Output(io::Error),
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Call(Box::new(status))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl Failure {
    /// Tells people what happened, on several lines.
    ///
    /// # Errors
    /// Those of the writer, and the one of an answer that could not be printed.
    pub(super) fn print(self, notes: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Call(status) => print(&status, notes),
            Self::Broken(what, advice) => {
                writeln!(notes, "error: {what}\n  advice   {advice}")
            }
            Self::Output(error) => Err(error),
        }
    }

    /// Tells programs, as one JSON object.
    ///
    /// # Errors
    /// As [`Failure::print`].
    pub(super) fn print_json(self, output: &mut dyn Write) -> io::Result<()> {
        let value = match self {
            Self::Call(status) => json(&status),
            Self::Broken(what, advice) => json!({"error": {"message": what, "advice": advice}}),
            Self::Output(error) => return Err(error),
        };
        writeln!(output, "{value:#}")
    }
}

fn print(status: &Status, notes: &mut dyn Write) -> io::Result<()> {
    let details = status.get_error_details();
    let code = code_name(status);
    match details.error_info() {
        Some(info) => writeln!(
            notes,
            "error: {} ({code}): {}",
            info.reason,
            status.message()
        )?,
        None => writeln!(notes, "error: {code}: {}", status.message())?,
    }
    for violation in details
        .bad_request()
        .into_iter()
        .flat_map(|bad| &bad.field_violations)
    {
        writeln!(
            notes,
            "  field    {}: {}",
            violation.field, violation.description
        )?;
    }
    if let Some(failure) = invocation_failure(status) {
        if failure.output_started {
            writeln!(
                notes,
                "  output   incomplete: the answer broke off after it had begun"
            )?;
        }
        let attempts = failure.metadata.unwrap_or_default().attempts;
        for (index, line) in ledger::trail(&attempts).iter().enumerate() {
            let label = if index == 0 { "tried" } else { "" };
            writeln!(notes, "  {label:<7} {line}")?;
        }
    }
    if let Some(delay) = details.retry_info().and_then(|retry| retry.retry_delay) {
        writeln!(notes, "  retry    after {} ms", delay.as_millis())?;
    }
    if let Some(info) = details.request_info() {
        writeln!(notes, "  request  {}", info.request_id)?;
    }
    writeln!(notes, "  advice   {}", advice(status))?;
    if let Some(help) = help(&details) {
        writeln!(notes, "  help     {help}")?;
    }
    Ok(())
}

/// The failure as one JSON object.
pub(super) fn json(status: &Status) -> Value {
    let details = status.get_error_details();
    json!({
        "error": {
            "code": code_name(status),
            "reason": details.error_info().map(|info| &info.reason),
            "message": status.message(),
            "fieldViolations": details.bad_request().map(|bad| {
                bad.field_violations
                    .iter()
                    .map(|violation| json!({
                        "field": violation.field,
                        "description": violation.description,
                    }))
                    .collect::<Vec<_>>()
            }),
            "retryDelayMs": details
                .retry_info()
                .and_then(|retry| retry.retry_delay)
                .map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)),
            "requestId": details.request_info().map(|info| &info.request_id),
            "advice": advice(status),
            "help": help(&details),
        },
        "outputStarted": invocation_failure(status).map(|failure| failure.output_started),
        "metadata": invocation_failure(status)
            .and_then(|failure| failure.metadata)
            .map(|metadata| ledger::metadata_json(&metadata)),
    })
}

/// What to do about it.
pub(super) fn advice(status: &Status) -> &'static str {
    reason(status)
        .and_then(advice_for_reason)
        .unwrap_or_else(|| advice_for_code(status.code()))
}

/// The machine-readable cause, if the gateway gave one that is known here.
pub(super) fn reason(status: &Status) -> Option<ErrorReason> {
    let info = status.get_details_error_info()?;
    ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason))
}

/// How AWS named the last failure; empty if it did not come to that.
pub(super) fn upstream_error(status: &Status) -> String {
    let attempts = invocation_failure(status)
        .and_then(|failure| failure.metadata)
        .map(|metadata| metadata.attempts);
    attempts
        .into_iter()
        .flatten()
        .rev()
        .find_map(|attempt| attempt.error)
        .map_or_else(String::new, |error| error.upstream_error)
}

/// The place in the documentation.
fn help(details: &ErrorDetails) -> Option<&String> {
    let info = details.error_info()?;
    info.metadata.get("help")
}

/// The detail of our own, which tonic-types does not know.
pub(super) fn invocation_failure(status: &Status) -> Option<InvocationFailure> {
    let details = tonic_types::pb::Status::decode(status.details()).ok()?;
    let any = details
        .details
        .iter()
        .find(|any| any.type_url.ends_with(FAILURE_TYPE))?;
    InvocationFailure::decode(any.value.as_slice()).ok()
}

/// "RESOURCE_EXHAUSTED".
pub(super) fn code_name(status: &Status) -> String {
    let mut name = String::new();
    for letter in format!("{:?}", status.code()).chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
