use super::*;

fn derived(provider: &str, id: &str, words: &[&str]) -> Capabilities {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    capabilities(None, provider, id, &words)
}

#[test]
fn generation_of_claude_is_read_from_its_id() {
    for (id, version) in [
        ("anthropic.claude-3-opus-20240229-v1:0", (3, 0)),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", (3, 5)),
        ("anthropic.claude-opus-4-1-20250805-v1:0", (4, 1)),
        ("anthropic.claude-opus-4-20250514-v1:0", (4, 0)),
        ("anthropic.claude-opus-4-6-v1", (4, 6)),
        ("anthropic.claude-sonnet-5", (5, 0)),
        ("anthropic.claude-fable-5-1", (5, 1)),
        ("anthropic.claude-v2:1", (0, 0)),
    ] {
        assert_eq!(claude_version(id), version, "{id}");
    }
}

#[test]
fn claude_changes_with_its_generation() {
    for (id, reasoning, sampling, top_k) in [
        (
            "anthropic.claude-3-opus-20240229-v1:0",
            ReasoningStyle::None,
            Sampling::Both,
            TopK::Anthropic,
        ),
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            ReasoningStyle::Budget,
            Sampling::One,
            TopK::Anthropic,
        ),
        (
            "anthropic.claude-opus-4-6-v1",
            ReasoningStyle::Adaptive,
            Sampling::One,
            TopK::Anthropic,
        ),
        (
            "anthropic.claude-opus-4-7",
            ReasoningStyle::Adaptive,
            Sampling::None,
            TopK::None,
        ),
        (
            "anthropic.claude-haiku-5-5",
            ReasoningStyle::Adaptive,
            Sampling::None,
            TopK::None,
        ),
    ] {
        let capabilities = derived("anthropic", id, &[]);

        assert_eq!(capabilities.reasoning, reasoning, "{id}");
        assert_eq!(capabilities.sampling, sampling, "{id}");
        assert_eq!(capabilities.top_k, top_k, "{id}");
    }
}

#[test]
fn vision_is_a_word_for_claude_three_and_a_matter_of_course_from_four() {
    let can_see = |id, words: &[&str]| {
        derived("anthropic", id, words)
            .flags
            .contains(&Capability::ImageInput)
    };

    assert!(can_see(
        "anthropic.claude-3-opus-20240229-v1:0",
        &["vision"]
    ));
    assert!(!can_see("anthropic.claude-3-5-haiku-20241022-v1:0", &[]));
    assert!(can_see("anthropic.claude-opus-4-1-20250805-v1:0", &[]));
}

#[test]
fn deepseek_r1_always_reasons_and_calls_no_tools() {
    let capabilities = derived("deepseek", "deepseek.r1-v1:0", &["Deep reasoning"]);

    assert_eq!(capabilities.reasoning, ReasoningStyle::Always);
    assert!(capabilities.flags.contains(&Capability::Reasoning));
    assert!(!capabilities.flags.contains(&Capability::ToolUse));
    assert!(capabilities.flags.contains(&Capability::Streaming));
}

#[test]
fn llama_and_mistral_call_tools_only_without_a_stream() {
    for (provider, id) in [
        ("meta", "meta.llama4-maverick-17b-instruct-v1:0"),
        ("mistral", "mistral.mistral-large-3-675b-instruct"),
    ] {
        let flags = derived(provider, id, &[]).flags;

        assert!(flags.contains(&Capability::ToolUse), "{id}");
        assert!(!flags.contains(&Capability::StreamingToolUse), "{id}");
    }
}

#[test]
fn a_flag_in_the_file_overrules_what_would_be_derived_and_leaves_the_rest() {
    let features = FeaturesEntry {
        tools: Some(false),
        reasoning: Some(ReasoningStyle::None),
        ..FeaturesEntry::default()
    };

    let capabilities = capabilities(
        Some(&features),
        "anthropic",
        "anthropic.claude-opus-4-1-20250805-v1:0",
        &[],
    );

    assert!(!capabilities.flags.contains(&Capability::ToolUse));
    assert!(!capabilities.flags.contains(&Capability::Reasoning));
    assert!(capabilities.flags.contains(&Capability::StreamingToolUse));
}

#[test]
fn an_unknown_provider_streams_and_takes_system_instructions() {
    let capabilities = derived("acme", "acme.large-v1:0", &["Function calling"]);

    assert_eq!(
        capabilities.flags,
        [
            Capability::Streaming,
            Capability::SystemPrompt,
            Capability::ToolUse,
            Capability::Guardrails
        ]
    );
}
