use super::*;
use crate::bedrock::test_server::answer;
use crate::bedrock::test_server::reply_to;
use crate::proto::automated_reasoning_finding::Kind;

const TRACE: &str = r#"{"modelOutput":["raw"],"actionReason":"why","inputAssessment":{"g1":{
"topicPolicy":{"topics":[{"name":"n","type":"DENY","action":"BLOCKED","detected":true}]},
"contentPolicy":{"filters":[{"type":"HATE","confidence":"HIGH","filterStrength":"LOW","action":"NONE"}]},
"wordPolicy":{"customWords":[{"match":"w","action":"BLOCKED"}],"managedWordLists":[{"match":"m","type":"PROFANITY","action":"NONE"}]},
"sensitiveInformationPolicy":{"piiEntities":[{"match":"e","type":"EMAIL","action":"ANONYMIZED"}],"regexes":[{"name":"r","match":"x","regex":".","action":"BLOCKED"}]},
"contextualGroundingPolicy":{"filters":[{"type":"GROUNDING","threshold":0.5,"score":0.25,"action":"BLOCKED","detected":true}]},
"automatedReasoningPolicy":{"findings":[
 {"valid":{"translation":{"premises":[{"logic":"p","naturalLanguage":"q"}],"untranslatedClaims":[{"text":"u"}],"confidence":0.5},"supportingRules":[{"identifier":"i","policyVersionArn":"a"}],"claimsTrueScenario":{"statements":[{"logic":"s"}]},"logicWarning":{"type":"ALWAYS_TRUE"}}},
 {"translationAmbiguous":{"options":[{"translations":[{"confidence":1.0}]}],"differenceScenarios":[{"statements":[]}]}},
 {"tooComplex":{}},{"noTranslations":{}},{"invalid":{}},{"impossible":{}},{"satisfiable":{}}]},
"invocationMetrics":{"guardrailProcessingLatency":9,"usage":{"topicPolicyUnits":1,"contentPolicyUnits":2,"wordPolicyUnits":3,"sensitiveInformationPolicyUnits":4,"sensitiveInformationPolicyFreeUnits":5,"contextualGroundingPolicyUnits":6,"contentPolicyImageUnits":7,"automatedReasoningPolicyUnits":8,"automatedReasoningPolicies":9},"guardrailCoverage":{"textCharacters":{"guarded":1,"total":2},"images":{"guarded":3,"total":4}}},
"appliedGuardrailDetails":{"guardrailId":"g","guardrailVersion":"1","guardrailArn":"arn","guardrailOrigin":["REQUEST"],"guardrailOwnership":"SELF"}}},
"outputAssessments":{"g1":[{},{}]}}"#;

async fn trace() -> GuardrailTrace {
    let body = format!(
        r#"{{"output":{{"message":{{"role":"assistant","content":[{{"text":"a"}}]}}}},"stopReason":"guardrail_intervened","usage":{{"inputTokens":1,"outputTokens":1,"totalTokens":2}},"metrics":{{"latencyMs":1}},"trace":{{"guardrail":{TRACE}}}}}"#
    );
    let reply = reply_to(answer("200 OK", &[], &body)).await;
    let reply = reply.map_err(|error| error.to_string()).unwrap();
    *reply.completion.guardrail_trace.unwrap()
}

#[tokio::test]
async fn every_policy_reports_its_findings() {
    let trace = trace().await;

    assert_eq!(trace.model_outputs, ["raw"]);
    assert_eq!(trace.action_reason, "why");
    assert_eq!(trace.output_assessments["g1"].assessments.len(), 2);
    let found = &trace.input_assessments["g1"];
    let topic = &found.topics[0];
    assert_eq!((topic.name.as_str(), topic.r#type.as_str()), ("n", "DENY"));
    assert_eq!(
        (topic.action(), topic.detected),
        (GuardrailAction::Blocked, true)
    );
    let filter = &found.content_filters[0];
    assert_eq!(filter.confidence(), GuardrailLevel::High);
    assert_eq!(filter.filter_strength(), GuardrailLevel::Low);
    assert_eq!(filter.action(), GuardrailAction::None);
    assert_eq!(found.custom_words[0].r#match, "w");
    assert_eq!(found.managed_words[0].r#type, "PROFANITY");
    assert_eq!(found.pii_entities[0].action(), GuardrailAction::Anonymized);
    assert_eq!(found.regexes[0].regex, ".");
    assert!(found.grounding_filters[0].score < found.grounding_filters[0].threshold);
}

#[tokio::test]
async fn automated_reasoning_becomes_one_message_with_a_kind() {
    let trace = trace().await;

    let findings = &trace.input_assessments["g1"].automated_reasoning_findings;
    let kinds: Vec<_> = findings.iter().map(|finding| finding.kind()).collect();
    assert!(
        kinds
            == [
                Kind::Valid,
                Kind::TranslationAmbiguous,
                Kind::TooComplex,
                Kind::NoTranslations,
                Kind::Invalid,
                Kind::Impossible,
                Kind::Satisfiable
            ]
    );
    let valid = &findings[0];
    let translation = valid.translation.as_ref().unwrap();
    assert_eq!(translation.premises[0].natural_language, "q");
    assert_eq!(translation.untranslated_claims, ["u"]);
    assert_eq!(valid.rules[0].policy_version_arn, "a");
    assert_eq!(
        valid.claims_true_scenario.as_ref().unwrap().statements[0].logic,
        "s"
    );
    assert_eq!(valid.logic_warning.as_ref().unwrap().r#type, "ALWAYS_TRUE");
    assert_eq!(findings[1].translation_options[0].translations.len(), 1);
    assert_eq!(findings[1].difference_scenarios.len(), 1);
}

#[tokio::test]
async fn metrics_and_the_guardrail_itself_are_reported() {
    let trace = trace().await;

    let found = &trace.input_assessments["g1"];
    let metrics = found.metrics.as_ref().unwrap();
    assert_eq!(metrics.processing_latency.unwrap().nanos, 9_000_000);
    let usage = metrics.usage.unwrap();
    assert_eq!(
        [
            usage.topic_policy_units,
            usage.content_policy_units,
            usage.word_policy_units,
            usage.sensitive_information_policy_units,
            usage.sensitive_information_policy_free_units,
            usage.contextual_grounding_policy_units,
            usage.content_policy_image_units,
            usage.automated_reasoning_policy_units,
            usage.automated_reasoning_policy_count,
        ],
        [1, 2, 3, 4, 5, 6, 7, 8, 9]
    );
    let coverage = metrics.coverage.unwrap();
    assert_eq!(
        [
            coverage.guarded_character_count,
            coverage.total_character_count,
            coverage.guarded_image_count,
            coverage.total_image_count,
        ],
        [1, 2, 3, 4]
    );
    let applied = found.applied_guardrail.as_ref().unwrap();
    assert_eq!(applied.origins, ["REQUEST"]);
    assert_eq!(applied.ownership, "SELF");
}
