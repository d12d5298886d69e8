//! Rules of failures: what a status says to programs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tonic::Code;

use crate::conformance::case_file::code;
use crate::conformance::case_file::code_name;
use crate::conformance::messages::POOL;
use crate::conformance::rules::Rule;
use crate::conformance::rules::cost;
use crate::conformance::rules::holds;
use crate::conformance::rules::ledger;
use crate::conformance::rules::seen::FailureSeen;
use crate::proto::ErrorReason;
use crate::proto::attempt::State;
use crate::proto::invoke_stream_response::Event;

/// `ErrorInfo.domain` of every error.
const DOMAIN: &str = "bedrock.gateway";

/// In the order in which they are checked.
pub(super) fn rules<'a>() -> Vec<Rule<FailureSeen<'a>>> {
    vec![
        Rule {
            name: "error-names-its-reason",
            promise: "a status has ErrorInfo of the domain bedrock.gateway with a reason of the API",
            check: names_its_reason,
        },
        Rule {
            name: "code-matches-reason",
            promise: "the status code is the one that the API gives to the reason",
            check: code_matches,
        },
        Rule {
            name: "error-has-request-id",
            promise: "a status has RequestInfo with an id, and the trailer x-request-id the same",
            check: has_a_request_id,
        },
        Rule {
            name: "violations-name-fields",
            promise: "INVALID_REQUEST comes with BadRequest, which names fields and what is wrong with them",
            check: violations_name_fields,
        },
        Rule {
            name: "failure-tells-the-attempts",
            promise: "a failure of the upstream comes with the attempts that were made; none succeeded",
            check: tells_the_attempts,
        },
        Rule {
            name: "failure-ledger-in-order",
            promise: "attempts of a failure are in order and have reasons",
            check: ledger_is_in_order,
        },
        Rule {
            name: "failure-cost-covers-attempts",
            promise: "total_cost of a failure is the sum over all attempts that have a cost",
            check: cost_covers_attempts,
        },
        Rule {
            name: "output-started-is-true",
            promise: "output_started says whether content came, and the code is then ABORTED",
            check: output_started_is_true,
        },
    ]
}

/// The code of each reason, as the comments of the API say: it stands first in each.
static CODES: LazyLock<BTreeMap<i32, Code>> = LazyLock::new(|| {
    let mut codes = BTreeMap::new();
    for file in POOL.files() {
        let described = file.file_descriptor_proto();
        let place = described
            .enum_type
            .iter()
            .position(|one| one.name() == "ErrorReason");
        let Some((place, reasons)) =
            place.and_then(|place| Some((place, described.enum_type.get(place)?)))
        else {
            continue;
        };
        let comments = described
            .source_code_info
            .iter()
            .flat_map(|info| &info.location);
        for location in comments {
            // Enum, which; value, which.
            if let [5, of, 2, value] = *location.path
                && usize::try_from(of) == Ok(place)
                && let Some(reason) = usize::try_from(value)
                    .ok()
                    .and_then(|value| reasons.value.get(value))
                && let Some((first, _)) = location.leading_comments().trim_start().split_once('.')
                && let Some(code) = code(first)
            {
                codes.insert(reason.number(), code);
            }
        }
    }
    codes
});

fn names_its_reason(seen: &FailureSeen<'_>) -> Result<(), String> {
    let Some(info) = seen.details.error_info() else {
        return Err(format!("{} came without ErrorInfo", code_name(seen.code)));
    };
    holds(info.domain == DOMAIN, || {
        format!("the domain is \"{}\"", info.domain)
    })?;
    let is_known = seen
        .reason
        .is_some_and(|reason| reason != ErrorReason::Unspecified);
    holds(is_known, || {
        format!("\"{}\" is no reason of the API", info.reason)
    })
}

fn code_matches(seen: &FailureSeen<'_>) -> Result<(), String> {
    let due = seen.reason.and_then(|reason| CODES.get(&i32::from(reason)));
    holds(due.is_none_or(|due| *due == seen.code), || {
        let reason = seen.reason.unwrap_or_default().as_str_name();
        let due = due.copied().map(code_name).unwrap_or_default();
        format!(
            "{reason} came with {} instead of {due}",
            code_name(seen.code)
        )
    })
}

fn has_a_request_id(seen: &FailureSeen<'_>) -> Result<(), String> {
    let id = seen
        .details
        .request_info()
        .map(|info| info.request_id.as_str());
    let header = seen
        .headers
        .get("x-request-id")
        .and_then(|value| value.to_str().ok());
    holds(id.is_some_and(|id| !id.is_empty()), || {
        "it has none".to_owned()
    })?;
    // A status that ends a stream leaves the headers before it.
    holds(!seen.events.is_empty() || header == id, || {
        "the trailer is missing or another".to_owned()
    })
}

fn violations_name_fields(seen: &FailureSeen<'_>) -> Result<(), String> {
    if seen.reason != Some(ErrorReason::InvalidRequest) {
        return Ok(());
    }
    let violations = seen
        .details
        .bad_request()
        .map(|bad| bad.field_violations.as_slice());
    let violations = violations.unwrap_or_default();
    holds(!violations.is_empty(), || {
        "there is no violation".to_owned()
    })?;
    let is_empty = violations
        .iter()
        .any(|one| one.field.is_empty() || one.description.is_empty());
    holds(!is_empty, || {
        "a violation has no field or no description".to_owned()
    })
}

fn tells_the_attempts(seen: &FailureSeen<'_>) -> Result<(), String> {
    let reason = seen.reason.unwrap_or_default();
    let is_of_attempts = reason.as_str_name().starts_with("ERROR_REASON_UPSTREAM_")
        || matches!(
            reason,
            ErrorReason::AllAttemptsFailed
                | ErrorReason::AttemptTimeout
                | ErrorReason::StreamInterrupted
        );
    if !is_of_attempts || !seen.asked.asks_models {
        return Ok(());
    }
    let metadata = seen
        .failure
        .as_ref()
        .and_then(|failure| failure.metadata.as_ref());
    let attempts = metadata
        .map(|metadata| metadata.attempts.as_slice())
        .unwrap_or_default();
    holds(!attempts.is_empty(), || "there is no attempt".to_owned())?;
    let succeeded = attempts
        .iter()
        .any(|attempt| attempt.state() == State::Succeeded);
    holds(!succeeded, || "an attempt succeeded".to_owned())
}

fn ledger_is_in_order(seen: &FailureSeen<'_>) -> Result<(), String> {
    let metadata = seen
        .failure
        .as_ref()
        .and_then(|failure| failure.metadata.as_ref());
    let attempts = metadata
        .map(|metadata| metadata.attempts.as_slice())
        .unwrap_or_default();
    // The oldest may have been left out.
    let first = attempts.first().map_or(1, |attempt| attempt.number.max(1));
    ledger::is_in_order(attempts, first)?;
    ledger::says_why(attempts)
}

fn cost_covers_attempts(seen: &FailureSeen<'_>) -> Result<(), String> {
    let metadata = seen.failure.as_ref().and_then(|one| one.metadata.as_ref());
    metadata.map_or(Ok(()), cost::total_covers)
}

fn output_started_is_true(seen: &FailureSeen<'_>) -> Result<(), String> {
    let begins = |event: &Event| matches!(event, Event::MessageStart(_));
    let discards =
        |event: &Event| matches!(event, Event::Attempt(attempt) if attempt.output_discarded);
    let begun = seen.events.iter().rposition(begins);
    let has_content = begun > seen.events.iter().rposition(discards);
    let says_so = seen
        .failure
        .as_ref()
        .is_some_and(|failure| failure.output_started);
    let is_of_attempts = seen.failure.is_some();
    holds(!is_of_attempts || says_so == has_content, || {
        format!("it is {says_so}, but content came: {has_content}")
    })?;
    holds(!has_content || seen.code == Code::Aborted, || {
        format!("content came, and then {}", code_name(seen.code))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_the_code_that_its_comment_begins_with() {
        let codeless: Vec<_> = (0..=33)
            .filter(|number| !CODES.contains_key(number))
            .map(|number| ErrorReason::try_from(number).unwrap().as_str_name())
            .collect();

        assert_eq!(
            codeless,
            [
                "ERROR_REASON_UNSPECIFIED",
                "ERROR_REASON_ALL_ATTEMPTS_FAILED"
            ]
        );
        assert_eq!(CODES[&18], Code::ResourceExhausted);
    }
}
