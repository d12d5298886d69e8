//! Rules of answers: who answered, and what identifies the call.

use std::time::Duration;

use crate::conformance::rules::Rule;
use crate::conformance::rules::holds;
use crate::conformance::rules::seen::AnswerSeen;
use crate::proto::InvocationMetadata;
use crate::proto::StopReason;
use crate::proto::attempt::State;
use crate::proto::stream_options::Recovery;

/// In the order in which they are checked.
pub(super) fn rules<'a>() -> Vec<Rule<AnswerSeen<'a>>> {
    vec![
        Rule {
            name: "model-as-asked",
            promise: "metadata repeats the model of the request, and without fallback that model answers",
            check: is_of_the_model,
        },
        Rule {
            name: "request-id-everywhere",
            promise: "metadata has a request id, and the header x-request-id the same",
            check: has_a_request_id,
        },
        Rule {
            name: "headers-name-the-model",
            promise: "the headers x-served-model and x-attempt-count say what the ledger says",
            check: headers_say_who,
        },
        Rule {
            name: "stop-reason-known",
            promise: "an answer has a stop reason, and the upstream's spelling of it",
            check: has_a_stop_reason,
        },
        Rule {
            name: "latency-within-the-call",
            promise: "total_latency is there, and no longer than the call took for its caller",
            check: latency_is_possible,
        },
    ]
}

fn is_of_the_model(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let (asked, said) = (&seen.asked.request.model, &seen.metadata.requested_model);
    holds(said == asked, || {
        format!("requested_model is {said}, asked for was {asked}")
    })?;
    let Some(requested) = seen.requested else {
        return Ok(());
    };
    let answered = &seen.metadata.model;
    holds(
        !seen.asked.only_this_model || *answered == requested.name,
        || format!("{answered} answered in the place of {}", requested.name),
    )
}

fn has_a_request_id(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let id = &seen.metadata.request_id;
    holds(!id.is_empty(), || "metadata has none".to_owned())?;
    holds(seen.header("x-request-id") == Some(id.as_str()), || {
        "the header is missing or another".to_owned()
    })
}

fn headers_say_who(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let options = &seen.asked.stream_options;
    if options.heartbeat_interval.is_some() || options.recovery() == Recovery::Restart {
        // Headers went out before the last attempt was made.
        return Ok(());
    }
    holds(
        seen.header("x-served-model") == Some(&*seen.metadata.model),
        || "x-served-model is missing or another".to_owned(),
    )?;
    let calls = calls(seen.metadata).to_string();
    holds(seen.header("x-attempt-count") == Some(&calls), || {
        format!("x-attempt-count is not {calls}")
    })
}

/// Attempts that were made.
fn calls(metadata: &InvocationMetadata) -> usize {
    let attempts = metadata.attempts.iter();
    attempts
        .filter(|attempt| attempt.state() != State::Skipped)
        .count()
}

fn has_a_stop_reason(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let reason = seen.answer.stop_reason();
    holds(reason != StopReason::Unspecified, || {
        "it has none".to_owned()
    })?;
    holds(!seen.answer.raw_stop_reason.is_empty(), || {
        "raw_stop_reason is empty".to_owned()
    })
}

fn latency_is_possible(seen: &AnswerSeen<'_>) -> Result<(), String> {
    let Some(latency) = seen.metadata.total_latency else {
        return Err("total_latency is missing".to_owned());
    };
    let latency = Duration::try_from(latency).map_err(|_negative| "total_latency is negative")?;
    holds(latency <= seen.took, || {
        format!(
            "total_latency is {latency:?}, but the call took {:?}",
            seen.took
        )
    })
}
