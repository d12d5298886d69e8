//! Stop reason, usage and the rest of what the upstream says when a call is over.

use std::time::Duration;

use aws_sdk_bedrockruntime::types as sdk;

use super::guardrail::guardrail_trace;
use super::marks::time_to_live;
use crate::bedrock::reading::Place;
use crate::bedrock::reading::spelling;
use crate::proto::CacheWrite;
use crate::proto::LatencyMode;
use crate::proto::ServiceTier;
use crate::proto::StopReason;
use crate::proto::Usage;
use crate::provider::Completion;

/// The stop reason, and how the upstream spelled it.
///
/// `at` is the object that says so.
pub(in crate::bedrock) fn stop_reason(
    reason: &sdk::StopReason,
    at: &Place<'_>,
) -> (StopReason, String) {
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
        other if spelling(other.as_str()).is_empty() => StopReason::Unspecified,
        other => {
            at.member("stopReason").leave_out_value(other.as_str());
            StopReason::Other
        }
    };
    (known, spelling(reason.as_str()).to_owned())
}

/// What Converse says beside the message, and ConverseStream in its last event, which `at` is.
pub(in crate::bedrock) fn completion(
    usage: Option<sdk::TokenUsage>,
    latency_ms: Option<i64>,
    performance_config: Option<&sdk::PerformanceConfiguration>,
    service_tier: Option<&sdk::ServiceTier>,
    guardrail: Option<sdk::GuardrailTraceAssessment>,
    prompt_router: Option<sdk::PromptRouterTrace>,
    at: &Place<'_>,
) -> Completion {
    let trace = at.member("trace");
    Completion {
        usage: usage
            .filter(is_reported)
            .map(|usage| token_usage(usage, &at.member("usage"))),
        latency: latency_ms
            .and_then(|latency| u64::try_from(latency).ok())
            .map(Duration::from_millis),
        latency_mode: performance_config.map_or(LatencyMode::Unspecified, |config| {
            latency_mode(&config.latency, &at.member("performanceConfig"))
        }),
        service_tier: service_tier.map_or(ServiceTier::Unspecified, |tier| {
            service_tier_of(&tier.r#type, &at.member("serviceTier"))
        }),
        guardrail_trace: guardrail
            .map(|guardrail| guardrail_trace(guardrail, &trace.member("guardrail")))
            .map(Box::new),
        prompt_router_model_id: prompt_router
            .and_then(|router| router.invoked_model_id)
            .unwrap_or_default(),
        omitted_members: Vec::new(),
    }
}

/// The SDK fills in zeros where the upstream says nothing, and no model ran without a token.
fn is_reported(usage: &sdk::TokenUsage) -> bool {
    usage.input_tokens != 0 || usage.output_tokens != 0 || usage.total_tokens != 0
}

fn token_usage(usage: sdk::TokenUsage, at: &Place<'_>) -> Usage {
    let details = at.member("cacheDetails");
    let mut cache_writes: Vec<_> = usage
        .cache_details
        .into_iter()
        .flatten()
        .enumerate()
        .map(|(position, detail)| CacheWrite {
            ttl: time_to_live(&detail.ttl, &details.item(position)),
            input_tokens: detail.input_tokens,
        })
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

fn latency_mode(latency: &sdk::PerformanceConfigLatency, at: &Place<'_>) -> LatencyMode {
    match latency {
        sdk::PerformanceConfigLatency::Standard => LatencyMode::Standard,
        sdk::PerformanceConfigLatency::Optimized => LatencyMode::Optimized,
        other => {
            at.member("latency").leave_out_value(other.as_str());
            LatencyMode::Unspecified
        }
    }
}

fn service_tier_of(tier: &sdk::ServiceTierType, at: &Place<'_>) -> ServiceTier {
    match tier {
        sdk::ServiceTierType::Default => ServiceTier::Default,
        sdk::ServiceTierType::Priority => ServiceTier::Priority,
        sdk::ServiceTierType::Flex => ServiceTier::Flex,
        sdk::ServiceTierType::Reserved => ServiceTier::Reserved,
        other => {
            at.member("type").leave_out_value(other.as_str());
            ServiceTier::Unspecified
        }
    }
}
