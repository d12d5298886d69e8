//! The guardrail's trace, except for automated reasoning.

use std::time::Duration;

use aws_sdk_bedrockruntime::types as sdk;

use super::guardrail_reasoning::automated_reasoning_finding;
use crate::bedrock::reading::Place;
use crate::bedrock::reading::spelling;
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
pub(super) fn guardrail_trace(
    trace: sdk::GuardrailTraceAssessment,
    at: &Place<'_>,
) -> GuardrailTrace {
    let (input, output) = (at.member("inputAssessment"), at.member("outputAssessments"));
    GuardrailTrace {
        model_outputs: trace.model_output.unwrap_or_default(),
        input_assessments: trace
            .input_assessment
            .into_iter()
            .flatten()
            .map(|(guardrail, findings)| {
                let findings = assessment(findings, &input.key(&guardrail));
                (guardrail, findings)
            })
            .collect(),
        output_assessments: trace
            .output_assessments
            .into_iter()
            .flatten()
            .map(|(guardrail, list)| {
                let assessments = converted(list, &output.key(&guardrail), assessment);
                (guardrail, GuardrailAssessmentList { assessments })
            })
            .collect(),
        action_reason: trace.action_reason.unwrap_or_default(),
    }
}

/// Converts each item of the list at a place.
fn converted<T, U>(
    list: impl IntoIterator<Item = T>,
    at: &Place<'_>,
    convert: impl Fn(T, &Place<'_>) -> U,
) -> Vec<U> {
    list.into_iter()
        .enumerate()
        .map(|(position, item)| convert(item, &at.item(position)))
        .collect()
}

fn assessment(assessment: sdk::GuardrailAssessment, at: &Place<'_>) -> GuardrailAssessment {
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
    let words = at.member("wordPolicy");
    let sensitive = at.member("sensitiveInformationPolicy");
    GuardrailAssessment {
        topics: converted(
            topics.into_iter().flatten(),
            &at.member("topicPolicy").member("topics"),
            topic,
        ),
        content_filters: converted(
            filters.into_iter().flatten(),
            &at.member("contentPolicy").member("filters"),
            content_filter,
        ),
        custom_words: converted(custom_words, &words.member("customWords"), custom_word),
        managed_words: converted(
            managed_words,
            &words.member("managedWordLists"),
            managed_word,
        ),
        pii_entities: converted(pii_entities, &sensitive.member("piiEntities"), pii_entity),
        regexes: converted(regexes, &sensitive.member("regexes"), regex),
        grounding_filters: converted(
            grounding.into_iter().flatten(),
            &at.member("contextualGroundingPolicy").member("filters"),
            grounding_filter,
        ),
        automated_reasoning_findings: converted(
            reasoning.into_iter().flatten(),
            &at.member("automatedReasoningPolicy").member("findings"),
            automated_reasoning_finding,
        )
        .into_iter()
        .flatten()
        .collect(),
        metrics: assessment.invocation_metrics.map(metrics),
        applied_guardrail: assessment.applied_guardrail_details.map(applied_guardrail),
    }
}

fn topic(topic: sdk::GuardrailTopic, at: &Place<'_>) -> GuardrailTopicFinding {
    GuardrailTopicFinding {
        name: topic.name,
        r#type: spelling(topic.r#type.as_str()).to_owned(),
        action: action(topic.action.as_str(), at),
        detected: topic.detected.unwrap_or_default(),
    }
}

fn content_filter(filter: sdk::GuardrailContentFilter, at: &Place<'_>) -> GuardrailContentFinding {
    GuardrailContentFinding {
        r#type: spelling(filter.r#type.as_str()).to_owned(),
        confidence: level(filter.confidence.as_str(), &at.member("confidence")),
        filter_strength: filter.filter_strength.map_or(0, |strength| {
            level(strength.as_str(), &at.member("filterStrength"))
        }),
        action: action(filter.action.as_str(), at),
        detected: filter.detected.unwrap_or_default(),
    }
}

fn custom_word(word: sdk::GuardrailCustomWord, at: &Place<'_>) -> GuardrailWordFinding {
    GuardrailWordFinding {
        r#match: word.r#match,
        r#type: String::new(),
        action: action(word.action.as_str(), at),
        detected: word.detected.unwrap_or_default(),
    }
}

fn managed_word(word: sdk::GuardrailManagedWord, at: &Place<'_>) -> GuardrailWordFinding {
    GuardrailWordFinding {
        r#match: word.r#match,
        r#type: spelling(word.r#type.as_str()).to_owned(),
        action: action(word.action.as_str(), at),
        detected: word.detected.unwrap_or_default(),
    }
}

fn pii_entity(entity: sdk::GuardrailPiiEntityFilter, at: &Place<'_>) -> GuardrailSensitiveFinding {
    GuardrailSensitiveFinding {
        r#match: entity.r#match,
        r#type: spelling(entity.r#type.as_str()).to_owned(),
        name: String::new(),
        regex: String::new(),
        action: action(entity.action.as_str(), at),
        detected: entity.detected.unwrap_or_default(),
    }
}

fn regex(filter: sdk::GuardrailRegexFilter, at: &Place<'_>) -> GuardrailSensitiveFinding {
    GuardrailSensitiveFinding {
        r#match: filter.r#match.unwrap_or_default(),
        r#type: String::new(),
        name: filter.name.unwrap_or_default(),
        regex: filter.regex.unwrap_or_default(),
        action: action(filter.action.as_str(), at),
        detected: filter.detected.unwrap_or_default(),
    }
}

fn grounding_filter(
    filter: sdk::GuardrailContextualGroundingFilter,
    at: &Place<'_>,
) -> GuardrailGroundingFinding {
    GuardrailGroundingFinding {
        r#type: spelling(filter.r#type.as_str()).to_owned(),
        threshold: filter.threshold,
        score: filter.score,
        action: action(filter.action.as_str(), at),
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

/// What was done about the finding at a place. The SDK has one type of action per policy; their
/// values are the same.
fn action(name: &str, at: &Place<'_>) -> i32 {
    let action = match name {
        "NONE" => GuardrailAction::None,
        "BLOCKED" => GuardrailAction::Blocked,
        "ANONYMIZED" => GuardrailAction::Anonymized,
        other => {
            at.member("action").leave_out_value(other);
            GuardrailAction::Unspecified
        }
    };
    action.into()
}

fn level(name: &str, at: &Place<'_>) -> i32 {
    let level = match name {
        "NONE" => GuardrailLevel::None,
        "LOW" => GuardrailLevel::Low,
        "MEDIUM" => GuardrailLevel::Medium,
        "HIGH" => GuardrailLevel::High,
        other => {
            at.leave_out_value(other);
            GuardrailLevel::Unspecified
        }
    };
    level.into()
}

#[cfg(test)]
#[path = "guardrail_tests.rs"]
mod tests;
