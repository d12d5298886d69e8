//! What is noted of a call whose caller went away: who was asked, what was delivered, what is known
//! of its use. Never content.

use std::time::Duration;

use tonic::Code;
use tracing::info;

use crate::proto::InvocationMetadata;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::invoke_stream_response::Event as Sent;
use crate::telemetry::Metrics;

/// What was handed to the caller of a stream.
#[derive(Clone, Copy, Default)]
pub(super) struct Delivered {
    events: u64,
    /// Of text and of tools' input.
    output_bytes: u64,
}

impl Delivered {
    /// One more event.
    pub(super) fn add(&mut self, event: &Sent) {
        self.events += 1;
        if let Sent::ContentBlockDelta(delta) = event {
            let bytes = match &delta.delta {
                Some(Delta::Text(text)) => text.len(),
                Some(Delta::ToolUse(input)) => input.input_json.len(),
                Some(_) | None => 0,
            };
            self.output_bytes += u64::try_from(bytes).unwrap_or_default();
        }
    }
}

/// Logs and counts a call that its caller left. What it used is partial: what Bedrock bills then is
/// not documented.
pub(super) fn note(
    method: &'static str,
    metadata: &InvocationMetadata,
    delivered: Delivered,
    metrics: &Metrics,
) {
    let attempts = metadata.attempts.iter();
    let called = attempts.filter(|attempt| attempt.start_time.is_some());
    let last = called.clone().next_back();
    let model = last.map_or("", |attempt| attempt.model.as_str());
    let usage = last.and_then(|attempt| attempt.usage.as_ref());
    let latency = metadata.total_latency.as_ref();
    let latency = latency.and_then(|latency| Duration::try_from(*latency).ok());
    info!(
        method,
        request_id = %metadata.request_id,
        code = ?Code::Cancelled,
        model,
        attempts = called.count(),
        events = delivered.events,
        output_bytes = delivered.output_bytes,
        input_tokens = usage.map(|usage| usage.input_tokens),
        output_tokens = usage.map(|usage| usage.output_tokens),
        usage_is_partial = true,
        total_ms = latency.and_then(|latency| u64::try_from(latency.as_millis()).ok()),
        "call"
    );
    if last.is_some() {
        let counts = metrics.cancelled.of(model);
        counts.calls.add_one();
        counts.events.add(delivered.events);
        counts.output_bytes.add(delivered.output_bytes);
    }
}

/// The metadata of a complete message, if it is among what was never handed over.
pub(super) fn unsent_metadata<'a>(
    mut events: impl Iterator<Item = &'a Sent>,
) -> Option<&'a InvocationMetadata> {
    events.find_map(|event| match event {
        Sent::Metadata(metadata) => Some(&**metadata),
        _ => None,
    })
}
