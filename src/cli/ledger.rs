//! Who answered, at what price, after which attempts: as one line, and as JSON.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::proto::Attempt;
use crate::proto::AttemptError;
use crate::proto::AttemptEvent;
use crate::proto::Cost;
use crate::proto::ErrorReason;
use crate::proto::InvocationMetadata;
use crate::proto::StopReason;
use crate::proto::Usage;
use crate::proto::attempt::State;

/// One line: `claude-sonnet-4-5 · 12 in, 40 out · $0.000636 · 1 attempt`. Where failed attempts cost
/// something, too, the price says what all of them cost.
pub(super) fn summary(metadata: &InvocationMetadata, stop_reason: StopReason) -> String {
    let mut parts = vec![metadata.model.clone()];
    if let Some(usage) = &metadata.usage {
        parts.push(format!(
            "{} in, {} out",
            usage.input_tokens, usage.output_tokens
        ));
    }
    parts.push(price(metadata));
    parts.push(attempts(&metadata.attempts));
    if stop_reason != StopReason::EndTurn {
        parts.push(format!("stopped: {}", stop_reason_name(stop_reason)));
    }
    let adjusted: Vec<&str> = metadata
        .attempts
        .last()
        .into_iter()
        .flat_map(|attempt| &attempt.adjustments)
        .map(|adjustment| adjustment.field.as_str())
        .collect();
    if !adjusted.is_empty() {
        parts.push(format!("changed for this model: {}", adjusted.join(", ")));
    }
    parts.join(" · ")
}

/// `the text above was taken back: claude-opus-4-1 UPSTREAM_UNAVAILABLE; the answer begins anew`.
pub(super) fn discarded(event: &AttemptEvent) -> String {
    let failed = event.attempt.as_ref().map(attempt).unwrap_or_default();
    format!("the text above was taken back: {failed}; the answer begins anew")
}

/// `2 attempts: claude-opus-4-1 UPSTREAM_THROTTLED, claude-sonnet-4-5`; only the number when the
/// first attempt answered.
fn attempts(attempts: &[Attempt]) -> String {
    let made = attempts
        .iter()
        .filter(|attempt| attempt.state() != State::Skipped)
        .count();
    let mut text = match made {
        1 => "1 attempt".to_owned(),
        _ => format!("{made} attempts"),
    };
    if attempts.len() > 1 {
        let each: Vec<String> = attempts.iter().map(attempt).collect();
        let _ = write!(text, ": {}", each.join(", "));
    }
    text
}

fn attempt(attempt: &Attempt) -> String {
    let model = &attempt.model;
    match (attempt.state(), &attempt.error) {
        (State::Skipped, Some(error)) => format!("{model} skipped ({})", reason_name(error)),
        (State::Skipped, None) => format!("{model} skipped"),
        (_, Some(error)) => format!("{model} {}", reason_name(error)),
        (_, None) => model.clone(),
    }
}

/// Lines of the trail of a call that failed, one per attempt.
pub(super) fn trail(attempts: &[Attempt]) -> Vec<String> {
    let width = attempts
        .iter()
        .map(|attempt| attempt.model.len())
        .max()
        .unwrap_or_default();
    attempts
        .iter()
        .map(|attempt| {
            let mut line = format!("{:>2} {:width$}", attempt.number, attempt.model);
            let skipped = if attempt.state() == State::Skipped {
                "skipped: "
            } else {
                ""
            };
            if let Some(error) = &attempt.error {
                let _ = write!(line, "  {skipped}{}", reason_name(error));
                if !error.upstream_error.is_empty() {
                    let _ = write!(line, " ({})", error.upstream_error);
                }
            }
            if let Some(latency) = attempt
                .latency
                .and_then(|span| Duration::try_from(span).ok())
            {
                let _ = write!(line, " after {} ms", latency.as_millis());
            }
            if let Some(error) = attempt.error.as_ref().filter(|e| !e.message.is_empty()) {
                let _ = write!(line, ": {}", error.message);
            }
            line
        })
        .collect()
}

/// `$0.000636`, or `$0.000636 ($0.0012 in all)`.
fn price(metadata: &InvocationMetadata) -> String {
    match (&metadata.cost, &metadata.total_cost) {
        (None, _) => "price unknown".to_owned(),
        (Some(cost), Some(total)) if total != cost => {
            format!("{} ({} in all)", money(cost), money(total))
        }
        (Some(cost), _) => money(cost),
    }
}

/// `$0.000636`: at least two decimals, and as many as the amount has.
pub(super) fn money(cost: &Cost) -> String {
    let nanos = cost.total_nanos.unsigned_abs();
    let sign = if cost.total_nanos < 0 { "-" } else { "" };
    let fraction = format!("{:09}", nanos % 1_000_000_000);
    let digits = fraction.trim_end_matches('0');
    let amount = format!("{sign}{}.{digits:0<2}", nanos / 1_000_000_000);
    if cost.currency_code == "USD" {
        format!("${amount}")
    } else {
        format!("{amount} {}", cost.currency_code)
    }
}

/// The name of a reason as `google.rpc.ErrorInfo` spells it.
fn reason_name(error: &AttemptError) -> &'static str {
    // A reason newer than this program.
    let reason = ErrorReason::try_from(error.reason).unwrap_or(ErrorReason::Unspecified);
    reason.as_str_name().trim_start_matches("ERROR_REASON_")
}

/// "max_tokens" for `STOP_REASON_MAX_TOKENS`.
fn stop_reason_name(reason: StopReason) -> String {
    reason
        .as_str_name()
        .trim_start_matches("STOP_REASON_")
        .to_ascii_lowercase()
}

/// The metadata with the member names of proto JSON, as other clients print it; of each attempt
/// what a script asks for.
pub(super) fn metadata_json(metadata: &InvocationMetadata) -> Value {
    json!({
        "requestId": metadata.request_id,
        "model": metadata.model,
        "requestedModel": metadata.requested_model,
        "usage": metadata.usage.as_ref().map(usage_json),
        "cost": metadata.cost.as_ref().map(cost_json),
        "totalCost": metadata.total_cost.as_ref().map(cost_json),
        "attempts": metadata.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
    })
}

fn attempt_json(attempt: &Attempt) -> Value {
    json!({
        "number": attempt.number,
        "model": attempt.model,
        "state": attempt.state().as_str_name(),
        "region": attempt.region,
        "error": attempt.error.as_ref().map(|error| json!({
            "code": error.code,
            "reason": error.reason().as_str_name(),
            "message": error.message,
            "upstreamError": error.upstream_error,
        })),
        "usage": attempt.usage.as_ref().map(usage_json),
        "cost": attempt.cost.as_ref().map(cost_json),
    })
}

fn usage_json(usage: &Usage) -> Value {
    json!({
        "inputTokens": usage.input_tokens,
        "outputTokens": usage.output_tokens,
        "totalTokens": usage.total_tokens,
        "cacheReadInputTokens": usage.cache_read_input_tokens,
        "cacheWriteInputTokens": usage.cache_write_input_tokens,
    })
}

/// An amount of money, as proto JSON has it.
pub(super) fn cost_json(cost: &Cost) -> Value {
    json!({
        "currencyCode": cost.currency_code,
        // Proto JSON writes 64-bit integers as text.
        "totalNanos": cost.total_nanos.to_string(),
    })
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
