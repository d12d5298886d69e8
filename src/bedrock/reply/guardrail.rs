//! The guardrail's trace, except for automated reasoning.

use std::time::Duration;

use aws_sdk_bedrockruntime::types as sdk;

use super::guardrail_reasoning::automated_reasoning_finding;
use crate::proto::AppliedGuardrail;
use crate::proto::GuardrailAction;
use crate::proto::GuardrailAssessment;
use crate::proto::GuardrailAssessmentList;
use crate::proto::GuardrailContentFinding;
use crate::proto::GuardrailCoverage;
use crate::proto::GuardrailGroundingFinding;
use crate::proto::GuardrailLevel;
use crate::proto::GuardrailMetrics;
use crate::proto::GuardrailSensitiveFinding;
use crate::proto::GuardrailTopicFinding;
use crate::proto::GuardrailTrace;
use crate::proto::GuardrailUsage;
use crate::proto::GuardrailWordFinding;

/// What a guardrail did.
pub(super) fn guardrail_trace(trace: sdk::GuardrailTraceAssessment) -> GuardrailTrace {
    GuardrailTrace {
        model_outputs: trace.model_output.unwrap_or_default(),
        input_assessments: trace
            .input_assessment
            .into_iter()
            .flatten()
            .map(|(guardrail, findings)| (guardrail, assessment(findings)))
            .collect(),
        output_assessments: trace
            .output_assessments
            .into_iter()
            .flatten()
            .map(|(guardrail, list)| {
                let assessments = list.into_iter().map(assessment).collect();
                (guardrail, GuardrailAssessmentList { assessments })
            })
            .collect(),
        action_reason: trace.action_reason.unwrap_or_default(),
    }
}

fn assessment(assessment: sdk::GuardrailAssessment) -> GuardrailAssessment {
    let topics = assessment.topic_policy.map(|policy| policy.topics);
    let filters = assessment.content_policy.map(|policy| policy.filters);
    let (custom_words, managed_words) = assessment
        .word_policy
        .map(|policy| (policy.custom_words, policy.managed_word_lists))
        .unwrap_or_default();
    let (pii_entities, regexes) = assessment
        .sensitive_information_policy
        .map(|policy| (policy.pii_entities, policy.regexes))
        .unwrap_or_default();
    let grounding = assessment
        .contextual_grounding_policy
        .and_then(|policy| policy.filters);
    let reasoning = assessment
        .automated_reasoning_policy
        .and_then(|policy| policy.findings);
    GuardrailAssessment {
        topics: topics.into_iter().flatten().map(topic).collect(),
        content_filters: filters.into_iter().flatten().map(content_filter).collect(),
        custom_words: custom_words.into_iter().map(custom_word).collect(),
        managed_words: managed_words.into_iter().map(managed_word).collect(),
        pii_entities: pii_entities.into_iter().map(pii_entity).collect(),
        regexes: regexes.into_iter().map(regex).collect(),
        grounding_filters: grounding
            .into_iter()
            .flatten()
            .map(grounding_filter)
            .collect(),
        automated_reasoning_findings: reasoning
            .into_iter()
            .flatten()
            .filter_map(automated_reasoning_finding)
            .collect(),
        metrics: assessment.invocation_metrics.map(metrics),
        applied_guardrail: assessment.applied_guardrail_details.map(applied_guardrail),
    }
}

fn topic(topic: sdk::GuardrailTopic) -> GuardrailTopicFinding {
    GuardrailTopicFinding {
        name: topic.name,
        r#type: topic.r#type.as_str().to_owned(),
        action: action(topic.action.as_str()),
        detected: topic.detected.unwrap_or_default(),
    }
}

fn content_filter(filter: sdk::GuardrailContentFilter) -> GuardrailContentFinding {
    GuardrailContentFinding {
        r#type: filter.r#type.as_str().to_owned(),
        confidence: level(filter.confidence.as_str()),
        filter_strength: filter
            .filter_strength
            .map_or(GuardrailLevel::Unspecified.into(), |strength| {
                level(strength.as_str())
            }),
        action: action(filter.action.as_str()),
        detected: filter.detected.unwrap_or_default(),
    }
}

fn custom_word(word: sdk::GuardrailCustomWord) -> GuardrailWordFinding {
    GuardrailWordFinding {
        r#match: word.r#match,
        r#type: String::new(),
        action: action(word.action.as_str()),
        detected: word.detected.unwrap_or_default(),
    }
}

fn managed_word(word: sdk::GuardrailManagedWord) -> GuardrailWordFinding {
    GuardrailWordFinding {
        r#match: word.r#match,
        r#type: word.r#type.as_str().to_owned(),
        action: action(word.action.as_str()),
        detected: word.detected.unwrap_or_default(),
    }
}

fn pii_entity(entity: sdk::GuardrailPiiEntityFilter) -> GuardrailSensitiveFinding {
    GuardrailSensitiveFinding {
        r#match: entity.r#match,
        r#type: entity.r#type.as_str().to_owned(),
        name: String::new(),
        regex: String::new(),
        action: action(entity.action.as_str()),
        detected: entity.detected.unwrap_or_default(),
    }
}

fn regex(filter: sdk::GuardrailRegexFilter) -> GuardrailSensitiveFinding {
    GuardrailSensitiveFinding {
        r#match: filter.r#match.unwrap_or_default(),
        r#type: String::new(),
        name: filter.name.unwrap_or_default(),
        regex: filter.regex.unwrap_or_default(),
        action: action(filter.action.as_str()),
        detected: filter.detected.unwrap_or_default(),
    }
}

fn grounding_filter(filter: sdk::GuardrailContextualGroundingFilter) -> GuardrailGroundingFinding {
    GuardrailGroundingFinding {
        r#type: filter.r#type.as_str().to_owned(),
        threshold: filter.threshold,
        score: filter.score,
        action: action(filter.action.as_str()),
        detected: filter.detected.unwrap_or_default(),
    }
}

fn metrics(metrics: sdk::GuardrailInvocationMetrics) -> GuardrailMetrics {
    GuardrailMetrics {
        processing_latency: metrics
            .guardrail_processing_latency
            .and_then(|latency| u64::try_from(latency).ok())
            .map(Duration::from_millis)
            .and_then(|latency| prost_types::Duration::try_from(latency).ok()),
        usage: metrics.usage.map(usage),
        coverage: metrics.guardrail_coverage.map(coverage),
    }
}

fn usage(usage: sdk::GuardrailUsage) -> GuardrailUsage {
    GuardrailUsage {
        topic_policy_units: usage.topic_policy_units,
        content_policy_units: usage.content_policy_units,
        word_policy_units: usage.word_policy_units,
        sensitive_information_policy_units: usage.sensitive_information_policy_units,
        sensitive_information_policy_free_units: usage.sensitive_information_policy_free_units,
        contextual_grounding_policy_units: usage.contextual_grounding_policy_units,
        content_policy_image_units: usage.content_policy_image_units.unwrap_or_default(),
        automated_reasoning_policy_units: usage
            .automated_reasoning_policy_units
            .unwrap_or_default(),
        automated_reasoning_policy_count: usage.automated_reasoning_policies.unwrap_or_default(),
    }
}

fn coverage(coverage: sdk::GuardrailCoverage) -> GuardrailCoverage {
    let text = coverage.text_characters.as_ref();
    let images = coverage.images.as_ref();
    GuardrailCoverage {
        guarded_character_count: text.and_then(|text| text.guarded).unwrap_or_default(),
        total_character_count: text.and_then(|text| text.total).unwrap_or_default(),
        guarded_image_count: images.and_then(|images| images.guarded).unwrap_or_default(),
        total_image_count: images.and_then(|images| images.total).unwrap_or_default(),
    }
}

fn applied_guardrail(details: sdk::AppliedGuardrailDetails) -> AppliedGuardrail {
    AppliedGuardrail {
        guardrail_id: details.guardrail_id.unwrap_or_default(),
        guardrail_version: details.guardrail_version.unwrap_or_default(),
        guardrail_arn: details.guardrail_arn.unwrap_or_default(),
        origins: details
            .guardrail_origin
            .into_iter()
            .flatten()
            .map(|origin| origin.as_str().to_owned())
            .collect(),
        ownership: details
            .guardrail_ownership
            .map(|ownership| ownership.as_str().to_owned())
            .unwrap_or_default(),
    }
}

/// The SDK has one type of action per policy; their values are the same.
fn action(name: &str) -> i32 {
    let action = match name {
        "NONE" => GuardrailAction::None,
        "BLOCKED" => GuardrailAction::Blocked,
        "ANONYMIZED" => GuardrailAction::Anonymized,
        other => {
            tracing::warn!(action = other, "left out an unknown action of a guardrail");
            GuardrailAction::Unspecified
        }
    };
    action.into()
}

fn level(name: &str) -> i32 {
    let level = match name {
        "NONE" => GuardrailLevel::None,
        "LOW" => GuardrailLevel::Low,
        "MEDIUM" => GuardrailLevel::Medium,
        "HIGH" => GuardrailLevel::High,
        other => {
            tracing::warn!(level = other, "left out an unknown level of a guardrail");
            GuardrailLevel::Unspecified
        }
    };
    level.into()
}
