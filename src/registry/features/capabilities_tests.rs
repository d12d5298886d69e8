use std::fmt::Write as _;

use super::*;
use crate::registry::CallReason;
use crate::registry::Sampling;
use crate::registry::TopK;
use crate::registry::model::BesideToolResults;
use crate::registry::target::base_model_id;

/// What follows from an id alone. Columns:
///
/// * capabilities: s streaming, y system, T tools, t tools in streams, V images, D documents,
///   F film, A audio, R reasoning, S schemas, C prompt cache, Q citations, g guardrails, # tokens
/// * reasoning, `temperature` and `top_p`, `top_k`, tool choices, what may stand beside results
/// * status of results (+), i images in results, m messages of the system, p prefill, h one hour's
///   cache, c cache points among tools, b blank stop sequences
/// * most stop sequences, tiers
const DERIVED: &str = "
anthropic.claude-v2:1                           syDg           None               Both Anthropic auto,any,tool NoFiles  +ipc    2500 -
anthropic.claude-3-opus-20240229-v1:0           syTtVDg        None               Both Anthropic auto,any,tool NoFiles  +ipc    2500 -
anthropic.claude-3-sonnet-20240229-v1:0         syTtVDg        None               Both Anthropic auto,any,tool NoFiles  +ipc    2500 -
anthropic.claude-3-5-sonnet-20240620-v1:0       syTtVDg#       None               Both Anthropic auto,any,tool NoFiles  +ipc    2500 -
anthropic.claude-3-5-sonnet-20241022-v2:0       syTtVDCQg#     None               Both Anthropic auto,any,tool NoFiles  +ipc    2500 -
anthropic.claude-3-5-haiku-20241022-v1:0        syTtDCQg#      None               Both Anthropic auto,any,tool NoFiles  +pc     2500 -
anthropic.claude-3-7-sonnet-20250219-v1:0       syTtVDRCQg#    Budget             Both Anthropic auto,any,tool NoFiles  +ipc    2500 -
anthropic.claude-sonnet-4-20250514-v1:0         syTtVDRCQg#    Budget             Both Anthropic auto,any,tool NoFiles  +ipc    2500 -
us.anthropic.claude-opus-4-1-20250805-v1:0      syTtVDRCQg#    Budget             One  Anthropic auto,any,tool NoFiles  +ipc    2500 -
us.anthropic.claude-sonnet-4-5-20250929-v1:0    syTtVDRSCQg#   Budget             One  Anthropic auto,any,tool NoFiles  +iphc   2500 -
anthropic.claude-haiku-4-5-20251001-v1:0        syTtVDRSCQg#   Budget             One  Anthropic auto,any,tool NoFiles  +iphc   2500 -
global.anthropic.claude-opus-4-5-20251101-v1:0  syTtVDRSCQg#   Budget             One  Anthropic auto,any,tool NoFiles  +iphc   2500 -
anthropic.claude-opus-4-6-v1                    syTtVDRSCQg#   BudgetOrAdaptive   One  Anthropic auto,any,tool NoFiles  +ihc    2500 -
anthropic.claude-sonnet-4-6                     syTtVDRSCQg#   BudgetOrAdaptive   One  Anthropic auto,any,tool NoFiles  +ihc    2500 -
anthropic.claude-opus-4-7                       syTtVDRSCQg    Adaptive           None None      auto,any,tool NoFiles  +ihc    2500 -
anthropic.claude-opus-4-8                       syTtVDRSCQg    Adaptive           None None      auto,any,tool NoFiles  +imhc   2500 -
anthropic.claude-opus-5                         syTtVDRSCQg    Adaptive           None None      auto,any,tool NoFiles  +imhc   2500 -
au.anthropic.claude-opus-5-5                    syTtVDRSCQg    AlwaysAdaptive     None None      auto          NoFiles  +imhc   2500 -
anthropic.claude-sonnet-5                       syTtVDRSCQg    Adaptive           None None      auto,any,tool NoFiles  +imhc   2500 -
anthropic.claude-sonnet-5-5                     syTtVDRSCQg    AlwaysAdaptive     None None      auto          NoFiles  +imhc   2500 -
anthropic.claude-haiku-5-5                      syTtVDRSCQg    Adaptive           None None      auto,any,tool NoFiles  +imhc   2500 -
anthropic.claude-fable-5                        syTtVDRCQg     AlwaysAdaptive     None None      auto,any,tool NoFiles  +imhc   2500 -
us-gov.anthropic.claude-fable-5-1               syTtVDRCQg     AlwaysAdaptive     None None      auto          NoFiles  +imhc   2500 -
us.anthropic.claude-mythos-5                    syTtVDRSCQg    AlwaysAdaptive     None None      auto,any,tool NoFiles  +imhc   2500 -
amazon.nova-micro-v1:0                          syTtCg         None               Both Nova      auto,any,tool Anything +pb     4 -
us.amazon.nova-lite-v1:0                        syTtVDFCg      None               Both Nova      auto,any,tool Anything +ipb    4 -
amazon.nova-pro-v1:0                            syTtVDFCg      None               Both Nova      auto,any,tool Anything +ipb    4 priority,flex
amazon.nova-premier-v1:0                        syTtVDFCg      None               Both Nova      auto,any,tool Anything +ipb    4 priority,flex
jp.amazon.nova-2-lite-v1:0                      syTtVDFRCg     Nova               Both Nova      auto,any,tool Anything +ib     4 priority,flex
amazon.nova-2-pro-preview-20251202-v1:0         syTtVDFRCg     Nova               Both Nova      auto,any,tool Anything +ib     4 -
amazon.titan-text-express-v1                    sg             None               Both None      -             Anything +b      4 -
cohere.command-text-v14                         sg             None               Both None      -             Anything +b      4 -
cohere.command-r-plus-v1:0                      syTtg          None               Both None      -             Anything +b      4 -
deepseek.r1-v1:0                                syDRg          Always             Both None      -             Anything +b      10 -
deepseek.v3-v1:0                                syTtRSg        EffortOrNone       Both None      auto,any      Anything +b      4 priority,flex
us.deepseek.v3.2                                syTtRSg        EffortOrNone       Both None      auto,any      Anything +b      4 priority,flex
google.gemma-3-27b-it                           syTVSg         None               Both None      -             Anything +b      4 priority,flex
meta.llama2-70b-chat-v1                         syg            None               Both None      auto          Nothing  +b      4 -
meta.llama3-8b-instruct-v1:0                    syg            None               Both None      auto          Nothing  +b      4 -
us.meta.llama3-1-70b-instruct-v1:0              syTg           None               Both None      auto          Nothing  +b      4 -
meta.llama3-2-3b-instruct-v1:0                  syg            None               Both None      auto          Nothing  +b      4 -
meta.llama3-2-90b-instruct-v1:0                 syTVg          None               Both None      auto          Nothing  +b      4 -
meta.llama3-3-70b-instruct-v1:0                 syTg           None               Both None      auto          Nothing  +b      4 -
us.meta.llama4-maverick-17b-instruct-v1:0       syTVDg         None               Both None      auto          Nothing  +ib     4 -
minimax.minimax-m2.5                            syTSg          None               Both None      -             Anything +b      4 priority,flex
mistral.mistral-7b-instruct-v0:2                sg             None               Both None      -             Nothing  +b      10 -
mistral.mixtral-8x7b-instruct-v0:1              sg             None               Both None      -             Nothing  +b      10 -
mistral.mistral-large-2407-v1:0                 syTg           None               Both None      auto,any      Nothing  +b      10 -
mistral.mistral-large-3-675b-instruct           syTVSg         None               Both None      auto,any      Nothing  +b      10 priority,flex
mistral.ministral-3-8b-instruct                 syTVSg         None               Both None      -             Nothing  +b      10 priority,flex
mistral.magistral-small-2509                    syTVSg         None               Both None      -             Nothing  +b      10 priority,flex
mistral.devstral-2-123b                         syTg           None               Both None      -             Nothing  +b      10 priority,flex
eu.mistral.pixtral-large-2502-v1:0              syTVDg         None               Both None      -             Nothing  +b      10 -
mistral.voxtral-small-24b-2507                  syASg          None               Both None      -             Nothing  +b      10 priority,flex
moonshot.kimi-k2-thinking                       syTtRSg        Always             Both None      -             Anything +b      4 priority,flex
moonshotai.kimi-k2.5                            syTtVSg        None               Both None      -             Anything +b      4 priority,flex
nvidia.nemotron-nano-9b-v2                      syTSg          None               Both None      -             Anything +b      4 priority,flex
nvidia.nemotron-nano-12b-v2                     syTVSg         None               Both None      -             Anything +b      4 priority,flex
nvidia.nemotron-super-3-120b                    syTg           None               Both None      -             Anything +b      4 priority,flex
us.openai.gpt-5.4                               syTtVRg        NestedEffortOrNone None None      auto,any,tool Anything +b      0 -
openai.gpt-5.6-sol                              syTtVRg        NestedEffortOrNone None None      auto,any,tool Anything +b      0 -
global.openai.gpt-6-sol                         syTtVRg        NestedEffortOrNone None None      auto,any,tool Anything +b      0 -
openai.gpt-6-astra                              syTtVRg        NestedEffort       None None      auto,any,tool Anything +b      0 -
openai.gpt-6.1-sol                              syTtVRg        NestedEffort       None None      auto,any,tool Anything +b      0 -
openai.gpt-oss-120b-1:0                         syTtRSg        Effort             Both None      -             Anything +b      0 priority,flex
qwen.qwen3-235b-a22b-2507-v1:0                  syTtRSg        Qwen               Both None      -             Anything +b      0 priority,flex
qwen.qwen3-coder-480b-a35b-v1:0                 syTtSg         None               Both None      -             Anything +b      0 priority,flex
qwen.qwen3-vl-235b-a22b                         syTtVRSg       Qwen               Both None      -             Anything +b      0 priority,flex
writer.palmyra-x5-v1:0                          syTDg          None               Both None      -             Nothing  b       4 -
xai.grok-4.7                                    syTtVRg        NestedEffort       None None      auto,any,tool Anything +b      0 -
zai.glm-4.7                                     syTtRSg        EffortOrNone       Both None      auto,any      Anything +b      4 priority,flex
zai.glm-5.3                                     syTtRSg        Effort             Both None      auto,any,tool Anything +b      4 -
acme.large-v1:0                                 syg            None               Both None      -             Nothing  -       4 -
";

const LETTERS: [(char, Capability); 14] = [
    ('s', Capability::Streaming),
    ('y', Capability::SystemPrompt),
    ('T', Capability::ToolUse),
    ('t', Capability::StreamingToolUse),
    ('V', Capability::ImageInput),
    ('D', Capability::DocumentInput),
    ('F', Capability::VideoInput),
    ('A', Capability::AudioInput),
    ('R', Capability::Reasoning),
    ('S', Capability::StructuredOutput),
    ('C', Capability::PromptCaching),
    ('Q', Capability::Citations),
    ('g', Capability::Guardrails),
    ('#', Capability::TokenCounting),
];

fn target(id: &str) -> Target {
    Target {
        invocation_id: id.to_owned(),
        base_model_id: base_model_id(id).to_owned(),
        is_prompt: false,
        reason: CallReason::ModelId,
        region: "us-east-1".to_owned(),
        destination_regions: Vec::new(),
    }
}

fn derived(id: &str, words: &[&str]) -> Capabilities {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    capabilities(None, &target(id), &words)
}

fn marks<const N: usize>(marks: [(char, bool); N]) -> String {
    let set: String = marks
        .into_iter()
        .filter_map(|(mark, is_set)| is_set.then_some(mark))
        .collect();
    if set.is_empty() { "-".to_owned() } else { set }
}

fn words(words: &[(&str, bool)]) -> String {
    let set: Vec<&str> = words
        .iter()
        .filter_map(|(word, is_set)| is_set.then_some(*word))
        .collect();
    if set.is_empty() {
        "-".to_owned()
    } else {
        set.join(",")
    }
}

/// A row of the table, with single blanks.
fn row(id: &str, can: &Capabilities) -> String {
    let choices = can.tool_choices;
    let tiers = &can.service_tiers;
    let mut row = String::new();
    write!(
        row,
        "{id} {} {:?} {:?} {:?} {} {:?} {} {} {}",
        marks(LETTERS.map(|(letter, flag)| (letter, can.flags.contains(&flag)))),
        can.reasoning,
        can.sampling,
        can.top_k,
        words(&[
            ("auto", choices.auto),
            ("any", choices.any),
            ("tool", choices.tool)
        ]),
        can.beside_tool_results,
        marks([
            ('+', can.tool_result_status),
            ('i', can.tool_result_images),
            ('m', can.system_messages),
            ('p', can.prefill),
            ('h', can.one_hour_cache),
            ('c', can.tool_cache_points),
            ('b', can.blank_stop_sequences),
        ]),
        can.max_stop_sequences,
        words(&[
            ("priority", tiers.contains(&ServiceTier::Priority)),
            ("flex", tiers.contains(&ServiceTier::Flex)),
            ("reserved", tiers.contains(&ServiceTier::Reserved)),
        ]),
    )
    .unwrap();
    row
}

#[test]
fn what_a_model_does_follows_from_its_id() {
    let rows = DERIVED.trim().lines();
    assert!(rows.clone().count() > 70);

    for expected in rows {
        let columns: Vec<&str> = expected.split_whitespace().collect();
        let id = columns[0];

        let found = row(id, &derived(id, &[]));

        assert_eq!(found, columns.join(" "));
    }
}

#[test]
fn only_claude_takes_its_reasoning_back() {
    for (id, expected) in [
        ("anthropic.claude-opus-4-1-20250805-v1:0", true),
        ("anthropic.claude-opus-4-6-v1", true),
        ("anthropic.claude-opus-5", true),
        ("anthropic.claude-opus-5-5", true),
        ("anthropic.claude-3-opus-20240229-v1:0", false),
        ("deepseek.r1-v1:0", false),
        ("deepseek.v3.2", false),
        ("openai.gpt-oss-120b-1:0", false),
        ("openai.gpt-6-sol", false),
        ("qwen.qwen3-32b-v1:0", false),
        ("amazon.nova-2-lite-v1:0", false),
    ] {
        let replay = derived(id, &[]).reasoning_replay;

        assert_eq!(replay == ReasoningReplay::Signed, expected, "{id}");
    }
}

#[test]
fn free_words_add_what_they_mean() {
    let capabilities = derived(
        "acme.large-v1:0",
        &["Function calling", " VISION ", "coding"],
    );

    assert!(capabilities.flags.contains(&Capability::ToolUse));
    assert!(capabilities.flags.contains(&Capability::ImageInput));
    assert_eq!(capabilities.flags.len(), 5);
}

#[test]
fn a_stored_prompt_takes_no_instructions_tools_and_parameters() {
    let target = Target {
        is_prompt: true,
        ..target("arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ:1")
    };

    let capabilities = capabilities(None, &target, &["tools".to_owned()]);

    assert_eq!(
        capabilities.flags,
        [Capability::Streaming, Capability::Guardrails]
    );
    assert_eq!(capabilities.sampling, Sampling::None);
    assert_eq!(capabilities.max_stop_sequences, 0);
}

#[test]
fn what_the_file_says_overrules_what_would_be_derived_and_leaves_the_rest() {
    let features = FeaturesEntry {
        tools: Some(false),
        reasoning: Some(ReasoningStyle::None),
        ..FeaturesEntry::default()
    };
    let target = target("anthropic.claude-opus-4-1-20250805-v1:0");

    let capabilities = capabilities(Some(&features), &target, &[]);

    assert!(!capabilities.flags.contains(&Capability::ToolUse));
    assert!(!capabilities.flags.contains(&Capability::Reasoning));
    assert!(capabilities.flags.contains(&Capability::StreamingToolUse));
    assert_eq!(capabilities.reasoning_replay, ReasoningReplay::None);
    assert_eq!(capabilities.sampling, Sampling::One);
}

#[test]
fn every_member_of_features_has_the_last_word() {
    let features = FeaturesEntry {
        reasoning_replay: Some(ReasoningReplay::Signed),
        sampling: Some(Sampling::None),
        top_k: Some(TopK::Nova),
        tool_choice: Some(vec![ToolChoiceWord::Any, ToolChoiceWord::Tool]),
        beside_tool_results: Some(BesideToolResults::NoFiles),
        tool_result_status: Some(true),
        tool_result_images: Some(true),
        system_messages: Some(true),
        prefill: Some(true),
        one_hour_cache: Some(true),
        tool_cache_points: Some(true),
        max_stop_sequences: Some(7),
        blank_stop_sequences: Some(true),
        service_tiers: Some(vec![ServiceTierWord::Reserved, ServiceTierWord::Flex]),
        ..FeaturesEntry::default()
    };

    let capabilities = capabilities(Some(&features), &target("acme.large-v1:0"), &[]);

    assert_eq!(
        row("-", &capabilities),
        "- syg None None Nova any,tool NoFiles +imphcb 7 flex,reserved"
    );
    assert_eq!(capabilities.reasoning_replay, ReasoningReplay::Signed);
}
