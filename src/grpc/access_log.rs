//! One log line for a call, with everything but its content.

use std::time::Duration;

use tonic::Code;
use tracing::info;

use crate::grpc::status::reason_name;
use crate::grpc::validate::Violations;
use crate::proto::InvocationMetadata;
use crate::routing::RouteError;

/// A call that was answered. Without `every`, only if the first model did not answer at once.
pub(super) fn answered(
    method: &str,
    request_id: &str,
    metadata: Option<&InvocationMetadata>,
    every: bool,
) {
    let Some(metadata) = metadata else {
        return;
    };
    if metadata.attempts.len() < 2 && !every {
        return;
    }
    let usage = metadata.usage.as_ref();
    info!(
        method,
        request_id,
        code = ?Code::Ok,
        model = %metadata.model,
        attempts = calls(metadata),
        input_tokens = usage.map(|usage| usage.input_tokens),
        output_tokens = usage.map(|usage| usage.output_tokens),
        cost_nanos = metadata.cost.as_ref().map(|cost| cost.total_nanos),
        total_ms = milliseconds(metadata),
        "call"
    );
}

/// A call that failed.
pub(super) fn failed(method: &str, request_id: &str, error: &RouteError) {
    let metadata = error.metadata.as_deref();
    info!(
        method,
        request_id,
        code = ?error.code,
        reason = reason_name(error.reason),
        attempts = metadata.map(calls),
        output_started = error.output_started,
        total_ms = metadata.and_then(milliseconds),
        "call"
    );
}

/// A call that was refused before anything was tried. Names the fields, not their values.
pub(super) fn refused(method: &str, request_id: &str, violations: &Violations) {
    let fields: Vec<&str> = violations
        .kept()
        .iter()
        .map(|violation| violation.field.as_str())
        .collect();
    info!(
        method,
        request_id,
        code = ?Code::InvalidArgument,
        ?fields,
        "call"
    );
}

/// A call whose caller took nothing of the answer for too long.
pub(super) fn stalled(request_id: &str) {
    info!(request_id, code = ?Code::Cancelled, reason = "CLIENT_STALLED", "call");
}

/// Upstream calls; models passed over were not called.
pub(super) fn calls(metadata: &InvocationMetadata) -> usize {
    let attempts = metadata.attempts.iter();
    attempts
        .filter(|attempt| attempt.start_time.is_some())
        .count()
}

fn milliseconds(metadata: &InvocationMetadata) -> Option<u64> {
    let latency = metadata.total_latency.as_ref()?;
    let latency = Duration::try_from(*latency).ok()?;
    u64::try_from(latency.as_millis()).ok()
}
