//! Stop reason, usage and the rest of what the upstream says when a call is over.

use std::time::Duration;

use aws_sdk_bedrockruntime::types as sdk;

use super::guardrail::guardrail_trace;
use crate::proto::CacheWrite;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::Usage;
use crate::provider::Completion;

/// The stop reason, and how the upstream spelled it.
pub(in crate::bedrock) fn stop_reason(reason: &sdk::StopReason) -> (StopReason, String) {
    let known = match reason {
        sdk::StopReason::EndTurn => StopReason::EndTurn,
        sdk::StopReason::ToolUse => StopReason::ToolUse,
        sdk::StopReason::MaxTokens => StopReason::MaxTokens,
        sdk::StopReason::StopSequence => StopReason::StopSequence,
        sdk::StopReason::GuardrailIntervened => StopReason::GuardrailIntervened,
        sdk::StopReason::ContentFiltered => StopReason::ContentFiltered,
        sdk::StopReason::MalformedModelOutput => StopReason::MalformedModelOutput,
        sdk::StopReason::MalformedToolUse => StopReason::MalformedToolUse,
        sdk::StopReason::ModelContextWindowExceeded => StopReason::ModelContextWindowExceeded,
        _ => StopReason::Other,
    };
    (known, reason.as_str().to_owned())
}

/// What Converse says beside the message, and ConverseStream in its last event.
pub(in crate::bedrock) fn completion(
    usage: Option<sdk::TokenUsage>,
    latency_ms: Option<i64>,
    performance_config: Option<&sdk::PerformanceConfiguration>,
    service_tier: Option<&sdk::ServiceTier>,
    guardrail: Option<sdk::GuardrailTraceAssessment>,
    prompt_router: Option<sdk::PromptRouterTrace>,
) -> Completion {
    Completion {
        usage: usage.map(token_usage).unwrap_or_default(),
        latency: latency_ms
            .and_then(|latency| u64::try_from(latency).ok())
            .map(Duration::from_millis),
        latency_mode: performance_config.map_or(LatencyMode::Unspecified, latency_mode),
        service_tier: service_tier.map_or(ServiceTier::Unspecified, tier),
        guardrail_trace: guardrail.map(guardrail_trace).map(Box::new),
        prompt_router_model_id: prompt_router
            .and_then(|router| router.invoked_model_id)
            .unwrap_or_default(),
        omitted_members: Vec::new(),
    }
}

fn token_usage(usage: sdk::TokenUsage) -> Usage {
    let mut cache_writes: Vec<_> = usage
        .cache_details
        .unwrap_or_default()
        .into_iter()
        .filter_map(cache_write)
        .collect();
    cache_writes.sort_by_key(|write| {
        let ttl = write.ttl.as_ref();
        std::cmp::Reverse(ttl.map(|ttl| ttl.seconds))
    });
    Usage {
        input_tokens: usage.input_tokens,
        output_tokens: usage.output_tokens,
        total_tokens: usage.total_tokens,
        cache_read_input_tokens: usage.cache_read_input_tokens.unwrap_or_default(),
        cache_write_input_tokens: usage.cache_write_input_tokens.unwrap_or_default(),
        cache_writes,
    }
}

fn cache_write(detail: sdk::CacheDetail) -> Option<CacheWrite> {
    let seconds = match detail.ttl {
        sdk::CacheTtl::OneHour => 3600,
        sdk::CacheTtl::FiveMinutes => 300,
        other => {
            tracing::warn!(
                ttl = other.as_str(),
                "left out a cache detail with an unknown time to live"
            );
            return None;
        }
    };
    Some(CacheWrite {
        ttl: Some(prost_types::Duration { seconds, nanos: 0 }),
        input_tokens: detail.input_tokens,
    })
}

fn latency_mode(config: &sdk::PerformanceConfiguration) -> LatencyMode {
    match config.latency {
        sdk::PerformanceConfigLatency::Standard => LatencyMode::Standard,
        sdk::PerformanceConfigLatency::Optimized => LatencyMode::Optimized,
        _ => LatencyMode::Unspecified,
    }
}

fn tier(tier: &sdk::ServiceTier) -> ServiceTier {
    match tier.r#type {
        sdk::ServiceTierType::Default => ServiceTier::Default,
        sdk::ServiceTierType::Priority => ServiceTier::Priority,
        sdk::ServiceTierType::Flex => ServiceTier::Flex,
        sdk::ServiceTierType::Reserved => ServiceTier::Reserved,
        _ => ServiceTier::Unspecified,
    }
}
