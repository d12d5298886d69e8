//! What a guardrail's automated reasoning found: seven shapes upstream, one message here.

use aws_sdk_bedrockruntime::types as sdk;

use crate::bedrock::reading::Place;
use crate::proto::AutomatedReasoningFinding;
use crate::proto::AutomatedReasoningLogicWarning;
use crate::proto::AutomatedReasoningRule;
use crate::proto::AutomatedReasoningScenario;
use crate::proto::AutomatedReasoningStatement;
use crate::proto::AutomatedReasoningTranslation;
use crate::proto::AutomatedReasoningTranslationOption;
use crate::proto::automated_reasoning_finding::Kind;

/// `None` for a verdict this SDK does not know.
pub(super) fn automated_reasoning_finding(
    finding: sdk::GuardrailAutomatedReasoningFinding,
    at: &Place<'_>,
) -> Option<AutomatedReasoningFinding> {
    use sdk::GuardrailAutomatedReasoningFinding as Upstream;
    Some(match finding {
        Upstream::Valid(finding) => AutomatedReasoningFinding {
            kind: Kind::Valid.into(),
            translation: finding.translation.map(translation),
            claims_true_scenario: finding.claims_true_scenario.map(scenario),
            rules: rules(finding.supporting_rules),
            logic_warning: finding.logic_warning.map(logic_warning),
            ..Default::default()
        },
        Upstream::Invalid(finding) => AutomatedReasoningFinding {
            kind: Kind::Invalid.into(),
            translation: finding.translation.map(translation),
            rules: rules(finding.contradicting_rules),
            logic_warning: finding.logic_warning.map(logic_warning),
            ..Default::default()
        },
        Upstream::Satisfiable(finding) => AutomatedReasoningFinding {
            kind: Kind::Satisfiable.into(),
            translation: finding.translation.map(translation),
            claims_true_scenario: finding.claims_true_scenario.map(scenario),
            claims_false_scenario: finding.claims_false_scenario.map(scenario),
            logic_warning: finding.logic_warning.map(logic_warning),
            ..Default::default()
        },
        Upstream::Impossible(finding) => AutomatedReasoningFinding {
            kind: Kind::Impossible.into(),
            translation: finding.translation.map(translation),
            rules: rules(finding.contradicting_rules),
            logic_warning: finding.logic_warning.map(logic_warning),
            ..Default::default()
        },
        Upstream::TranslationAmbiguous(finding) => AutomatedReasoningFinding {
            kind: Kind::TranslationAmbiguous.into(),
            translation_options: finding.options.into_iter().flatten().map(option).collect(),
            difference_scenarios: finding
                .difference_scenarios
                .into_iter()
                .flatten()
                .map(scenario)
                .collect(),
            ..Default::default()
        },
        Upstream::TooComplex(_) => AutomatedReasoningFinding {
            kind: Kind::TooComplex.into(),
            ..Default::default()
        },
        Upstream::NoTranslations(_) => AutomatedReasoningFinding {
            kind: Kind::NoTranslations.into(),
            ..Default::default()
        },
        _ => {
            at.leave_out_member();
            return None;
        }
    })
}

fn translation(
    translation: sdk::GuardrailAutomatedReasoningTranslation,
) -> AutomatedReasoningTranslation {
    AutomatedReasoningTranslation {
        premises: statements(translation.premises),
        claims: statements(translation.claims),
        untranslated_premises: texts(translation.untranslated_premises),
        untranslated_claims: texts(translation.untranslated_claims),
        confidence: translation.confidence.unwrap_or_default(),
    }
}

fn texts(
    references: Option<Vec<sdk::GuardrailAutomatedReasoningInputTextReference>>,
) -> Vec<String> {
    references
        .into_iter()
        .flatten()
        .filter_map(|reference| reference.text)
        .collect()
}

fn statements(
    statements: Option<Vec<sdk::GuardrailAutomatedReasoningStatement>>,
) -> Vec<AutomatedReasoningStatement> {
    statements
        .into_iter()
        .flatten()
        .map(|statement| AutomatedReasoningStatement {
            logic: statement.logic.unwrap_or_default(),
            natural_language: statement.natural_language.unwrap_or_default(),
        })
        .collect()
}

fn scenario(scenario: sdk::GuardrailAutomatedReasoningScenario) -> AutomatedReasoningScenario {
    AutomatedReasoningScenario {
        statements: statements(scenario.statements),
    }
}

fn rules(rules: Option<Vec<sdk::GuardrailAutomatedReasoningRule>>) -> Vec<AutomatedReasoningRule> {
    rules
        .into_iter()
        .flatten()
        .map(|rule| AutomatedReasoningRule {
            identifier: rule.identifier.unwrap_or_default(),
            policy_version_arn: rule.policy_version_arn.unwrap_or_default(),
        })
        .collect()
}

fn logic_warning(
    warning: sdk::GuardrailAutomatedReasoningLogicWarning,
) -> AutomatedReasoningLogicWarning {
    AutomatedReasoningLogicWarning {
        r#type: warning
            .r#type
            .map(|kind| kind.as_str().to_owned())
            .unwrap_or_default(),
        premises: statements(warning.premises),
        claims: statements(warning.claims),
    }
}

fn option(
    option: sdk::GuardrailAutomatedReasoningTranslationOption,
) -> AutomatedReasoningTranslationOption {
    AutomatedReasoningTranslationOption {
        translations: option
            .translations
            .into_iter()
            .flatten()
            .map(translation)
            .collect(),
    }
}
