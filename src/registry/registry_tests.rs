use serde_json::Value;

use super::support::TODAY;
use super::support::choices;
use super::support::file;
use super::support::registry;
use super::*;
use crate::proto::Capability;

const GUIDE: &str = "config/aws-bedrock-models.json";
const LIVING: &str = "config/aws-bedrock-models.2026-11.json";

fn names(registry: &Registry) -> Vec<&str> {
    registry.models().iter().map(|m| m.name.as_str()).collect()
}

#[test]
fn the_shipped_registry_holds_the_eight_models_in_their_order() {
    let registry = registry(GUIDE);

    let found: Vec<(i32, &str)> = registry
        .models()
        .iter()
        .map(|model| (model.priority, model.name.as_str()))
        .collect();

    assert_eq!(
        found,
        [
            (1, "claude-opus-4-1"),
            (2, "claude-sonnet-4-5"),
            (3, "claude-3-opus"),
            (4, "claude-3-5-sonnet-v2"),
            (5, "claude-3-5-sonnet-v1"),
            (6, "claude-3-5-haiku"),
            (7, "claude-3-sonnet"),
            (9, "deepseek-r1"),
        ]
    );
}

#[test]
fn the_shipped_registry_calls_arns_where_a_profile_is_required() {
    let registry = registry(GUIDE);
    let account = "arn:aws:bedrock:us-east-1:394686422207:inference-profile";

    for (name, called) in [
        (
            "claude-opus-4-1",
            format!("{account}/us.anthropic.claude-opus-4-1-20250805-v1:0"),
        ),
        (
            "claude-sonnet-4-5",
            format!("{account}/us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ),
        ("deepseek-r1", format!("{account}/us.deepseek.r1-v1:0")),
        (
            "claude-3-opus",
            "us.anthropic.claude-3-opus-20240229-v1:0".to_owned(),
        ),
        (
            "claude-3-5-haiku",
            "us.anthropic.claude-3-5-haiku-20241022-v1:0".to_owned(),
        ),
    ] {
        assert_eq!(registry.find(name).unwrap().target.invocation_id, called);
    }
}

#[test]
fn limits_are_the_lower_of_the_configured_and_the_real_ones() {
    let registry = registry(GUIDE);
    let limits = |name| {
        let limits = registry.find(name).unwrap().limits;
        (
            limits.context_window_tokens,
            limits.max_output_tokens,
            limits.default_max_tokens,
        )
    };

    assert_eq!(limits("claude-opus-4-1"), (200_000, 32_000, 4096));
    assert_eq!(limits("claude-sonnet-4-5"), (200_000, 4096, 4096));
    assert_eq!(limits("claude-3-5-sonnet-v1"), (200_000, 4096, 4096));
    assert_eq!(limits("deepseek-r1"), (128_000, 8192, 4096));
}

#[test]
fn limits_that_nobody_knows_are_careful() {
    let registry = registry("tests/fixtures/registry/accepted/smallest.json");

    let limits = registry.find("claude").unwrap().limits;

    assert_eq!(limits.context_window_tokens, 0);
    assert_eq!(limits.max_output_tokens, 4096);
    assert_eq!(limits.default_max_tokens, 4096);
}

#[test]
fn a_model_is_found_by_name_and_alias_but_not_by_its_id() {
    let registry = registry(GUIDE);

    let by_name = registry.find("claude-opus-4-1").unwrap();
    let by_alias = registry.find("claude-opus-4.1").unwrap();

    assert_eq!(by_name.name, by_alias.name);
    assert!(registry.find("claude-opus").is_none());
    assert!(registry.find(&by_name.target.base_model_id).is_none());
}

#[test]
fn a_removed_model_is_found_by_id_and_name_and_names_its_replacement() {
    let registry = registry(GUIDE);

    let by_id = registry.removed("anthropic.claude-v2:1").unwrap();

    assert_eq!(by_id.replacement, "claude-sonnet-4-5");
    assert_eq!(registry.removed("claude-2-1"), Some(by_id));
    assert_eq!(registry.removed("claude-opus-4-1"), None);
    assert!(registry.find("anthropic.claude-v2:1").is_none());
}

#[test]
fn equal_priorities_are_ordered_by_name() {
    let text = r#"{"modelRegistry": {
        "b": {"modelId": "x.b", "priority": 1},
        "c": {"modelId": "x.c", "priority": 0},
        "a": {"modelId": "x.a", "priority": 1}
    }}"#;

    let registry = Registry::parse(text, &choices()).unwrap();

    assert_eq!(names(&registry), ["c", "a", "b"]);
}

#[test]
fn a_plain_file_of_the_original_format_is_read_as_it_is() {
    let registry = registry("tests/fixtures/registry/accepted/plain.json");

    let opus = registry.find("claude-opus-4-1").unwrap();
    let old = registry.find("claude-3-opus").unwrap();
    let r1 = registry.find("deepseek-r1").unwrap();

    assert_eq!(
        opus.description,
        "text-generation, extended-thinking, coding"
    );
    assert_eq!(opus.capabilities.reasoning, ReasoningStyle::Budget);
    assert!(opus.can(Capability::ToolUse));
    assert_eq!(opus.prices, None);
    assert!(old.can(Capability::ImageInput));
    assert!(old.lifecycle.is_over(TODAY));
    assert_eq!(r1.capabilities.reasoning, ReasoningStyle::Always);
}

#[test]
fn what_is_derived_for_the_eight_models_is_what_the_file_says() {
    let mut file: serde_json::Value = serde_json::from_str(&support::file(GUIDE)).unwrap();
    for (_, entry) in file["modelRegistry"].as_object_mut().unwrap() {
        entry.as_object_mut().unwrap().remove("features");
    }

    let derived = Registry::parse(&file.to_string(), &choices()).unwrap();

    for (model, written) in derived.models().iter().zip(registry(GUIDE).models()) {
        assert_eq!(model.capabilities, written.capabilities, "{}", model.name);
    }
}

#[test]
fn every_member_arrives_in_the_model() {
    let registry = registry("tests/fixtures/registry/accepted/every_member.json");

    let model = registry.find("c").unwrap();

    assert_eq!(model.name, "claude");
    assert_eq!(model.display_name, "Claude");
    assert_eq!(model.description, "All of it");
    assert_eq!(model.priority, 3);
    assert!(model.disabled);
    assert!(model.lifecycle.deprecated);
    assert_eq!(model.limits.context_window_tokens, 100_000);
    assert_eq!(model.limits.max_output_tokens, 16_000);
    assert_eq!(model.limits.default_max_tokens, 1000);
    assert_eq!(model.lifecycle.replacement.as_deref(), Some("other"));
    assert_eq!(model.target.destination_regions, ["us-east-1", "us-west-2"]);
    assert_eq!(model.timeouts.idle.unwrap().as_secs(), 5);
    assert_eq!(
        model.limits.media,
        MediaLimits {
            max_images: 10,
            max_image_bytes: 1_000_000,
            max_documents: 1,
            max_document_bytes: 2_000_000,
            max_inline_bytes: 3_000_000,
        }
    );
    assert_eq!(
        model.capabilities,
        Capabilities {
            reasoning: ReasoningStyle::Adaptive,
            sampling: Sampling::None,
            top_k: TopK::Nova,
            beside_tool_results: BesideToolResults::NoFiles,
            max_stop_sequences: 10,
            ..Capabilities::unrestricted()
        }
    );
    assert_eq!(
        model.prices,
        Some(Prices {
            input: 15_000_000_000,
            output: 75_000_000_000,
            cache_read: Some(1_500_000_000),
            cache_write: Some(18_750_000_000),
            cache_write_one_hour: Some(30_000_000_000),
        })
    );
}

#[test]
fn the_operator_is_told_about_ageing_models() {
    let registry = registry(GUIDE);

    let lines: Vec<String> = registry
        .warnings(TODAY)
        .iter()
        .map(ToString::to_string)
        .collect();

    assert_eq!(
        lines,
        [
            "model claude-opus-4-1 is legacy since 2026-07-08, 47 days before its end of life; \
             use claude-sonnet-4-5 instead",
            "model claude-sonnet-4-5 is legacy since 2026-10-08, 137 days before its end of life",
            "model claude-3-opus is past its end of life, 2026-01-31; use claude-sonnet-4-5 instead",
            "model claude-3-5-sonnet-v2 is past its end of life, 2026-07-30; \
             use claude-sonnet-4-5 instead",
            "model claude-3-5-sonnet-v1 is past its end of life, 2026-03-01; \
             use claude-sonnet-4-5 instead",
            "model claude-3-5-haiku is past its end of life, 2026-06-19; \
             use claude-sonnet-4-5 instead",
            "model claude-3-sonnet is past its end of life, 2026-07-30; \
             use claude-sonnet-4-5 instead",
            "model deepseek-r1 is legacy since 2026-09-30, 128 days before its end of life",
        ]
    );
}

#[test]
fn warnings_have_a_place_in_the_file() {
    let text = r#"{"modelRegistry": {
        "far": {"modelId": "x.far", "priority": 1, "regions": ["eu-west-1"]},
        "old.one": {"modelId": "x.old", "priority": 2, "deprecated": true},
        "over": {"modelId": "x.over", "priority": 2, "lifecycle": {"endOfLifeDate": "2026-01-01"}},
        "late": {"modelId": "x.late", "priority": 3, "lifecycle": {"legacyDate": "2026-01-01"}}
    }}"#;

    let registry = Registry::parse(text, &choices()).unwrap();

    let places = Places::of(text);
    let found: Vec<(String, &str, Option<usize>)> = registry
        .warnings(TODAY)
        .iter()
        .filter(|warning| warning.kind != WarningKind::NoPrices)
        .map(|warning| {
            let path = warning.path();
            let line = places.find(&path).map(|position| position.line);
            (path, warning.kind.name(), line)
        })
        .collect();
    let expected = [
        ("modelRegistry.far.regions", "NOT_OFFERED_IN_REGION", 2),
        ("modelRegistry[\"old.one\"].deprecated", "DEPRECATED", 3),
        (
            "modelRegistry.over.lifecycle.endOfLifeDate",
            "PAST_END_OF_LIFE",
            4,
        ),
        ("modelRegistry.late.lifecycle.legacyDate", "LEGACY", 5),
    ]
    .map(|(path, kind, line)| (path.to_owned(), kind, Some(line)));
    assert_eq!(found, expected);
}

#[test]
fn removed_models_are_listed_once() {
    let registry = registry(GUIDE);

    let removed: Vec<&str> = registry
        .removed_models()
        .iter()
        .map(|removed| removed.model_id.as_str())
        .collect();

    assert_eq!(removed, ["anthropic.claude-v2:1"]);
}

#[test]
fn the_operator_is_told_about_regions_prices_and_deprecation() {
    let text = r#"{"modelRegistry": {
        "far": {"modelId": "x.far", "priority": 1, "regions": ["eu-west-1"]},
        "old": {"modelId": "x.old", "priority": 2, "deprecated": true, "deprecationNote": "slow"},
        "off": {"modelId": "x.off", "priority": 3, "enabled": false}
    }}"#;

    let registry = Registry::parse(text, &choices()).unwrap();

    let lines: Vec<String> = registry
        .warnings(TODAY)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "model far is not offered in us-east-1, only in eu-west-1",
            "model far has no prices: its answers carry no cost",
            "model old is deprecated (slow)",
            "model old has no prices: its answers carry no cost",
        ]
    );
}

#[test]
fn a_model_ages_on_the_day_that_was_announced() {
    let registry = registry(GUIDE);
    let lifecycle = &registry.find("claude-opus-4-1").unwrap().lifecycle;
    let (legacy, end) = (lifecycle.legacy.unwrap(), lifecycle.end_of_life.unwrap());

    assert!(!lifecycle.is_legacy(legacy.yesterday().unwrap()));
    assert!(lifecycle.is_legacy(legacy));
    assert!(!lifecycle.is_over(end.yesterday().unwrap()));
    assert!(lifecycle.is_over(end));
    assert!(!lifecycle.is_legacy(end));
}

#[test]
fn the_registry_of_living_models_has_no_model_past_its_end() {
    let registry = registry(LIVING);

    assert_eq!(registry.warnings(TODAY), []);
    assert!((12..=16).contains(&registry.models().len()));
    assert_eq!(
        registry.find("claude-opus").unwrap().name,
        "claude-opus-5-5"
    );
}

#[test]
fn the_living_models_want_to_be_asked_as_their_generation_does() {
    let registry = registry(LIVING);
    let style = |name| {
        let capabilities = &registry.find(name).unwrap().capabilities;
        (
            capabilities.reasoning,
            capabilities.sampling,
            capabilities.top_k,
        )
    };

    for (name, expected) in [
        (
            "claude-opus-5-5",
            (ReasoningStyle::AlwaysAdaptive, Sampling::None, TopK::None),
        ),
        (
            "claude-opus-4-6",
            (
                ReasoningStyle::BudgetOrAdaptive,
                Sampling::One,
                TopK::Anthropic,
            ),
        ),
        (
            "claude-haiku-4-5",
            (ReasoningStyle::Budget, Sampling::One, TopK::Anthropic),
        ),
        (
            "gpt-6-sol",
            (
                ReasoningStyle::NestedEffortOrNone,
                Sampling::None,
                TopK::None,
            ),
        ),
        (
            "nova-pro",
            (ReasoningStyle::None, Sampling::Both, TopK::Nova),
        ),
    ] {
        assert_eq!(style(name), expected, "{name}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = crate::settings::RegistrySource::File("config/no-such-file.json".into());

    let error = Registry::load(&missing, &choices()).unwrap_err();

    assert_eq!(
        error.to_string(),
        "failed to read the registry file config/no-such-file.json"
    );
}

#[test]
fn a_file_that_was_cut_off_is_reported_with_the_line() {
    let text = support::file(GUIDE);
    let text = text.trim_end();

    for end in (0..text.len()).step_by(101) {
        let errors = Registry::parse(text.get(..end).unwrap(), &choices()).unwrap_err();

        assert!(errors.to_string().contains(" at line "), "{end}: {errors}");
    }
}

#[test]
fn what_the_shipped_files_say_of_a_model_is_what_follows_from_its_id() {
    for path in [GUIDE, LIVING] {
        let stated = registry(path);
        let mut bare: Value = serde_json::from_str(&file(path)).unwrap();
        for model in bare["modelRegistry"].as_object_mut().unwrap().values_mut() {
            let members = model.as_object_mut().unwrap();
            let features = members.remove("features").unwrap();
            assert_eq!(features.as_object().unwrap().len(), 29);
        }

        let derived = Registry::parse(&bare.to_string(), &choices()).unwrap();

        for (stated, derived) in stated.models().iter().zip(derived.models()) {
            assert_eq!(stated.name, derived.name);
            assert_eq!(stated.capabilities, derived.capabilities, "{}", stated.name);
        }
    }
}
