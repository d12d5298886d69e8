//! What a model can do, as far as the emulator lets it show.
//!
//! The registry has the last word. Where it says nothing, `families.json` does: features of all models
//! whose ids begin alike, in the registry's vocabulary, the later and closer ones first. They come
//! from the AWS pages "Supported models and model features" and "Prompt caching" and from refusals
//! that users of the service posted, collected 2026-11-22; what nobody knows is allowed.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;

/// How a model thinks before it answers, and what has to be said for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Reasoning {
    #[default]
    None,
    /// `{"thinking": {"type": "enabled", "budget_tokens": N}}`.
    Budget,
    /// The budget form, and `{"type": "adaptive"}`.
    BudgetOrAdaptive,
    /// `{"type": "adaptive"}` alone.
    Adaptive,
    /// The same, unasked, and it cannot be disabled.
    AlwaysAdaptive,
    /// Unasked; `reasoning_effort` says how much.
    Effort,
    /// As `reasoning_effort` says.
    EffortOrNone,
    /// Unasked; `{"reasoning": {"effort": …}}` says how much.
    NestedEffort,
    /// As `{"reasoning": {"effort": …}}` says.
    NestedEffortOrNone,
    /// As `reasoning_config` says.
    Qwen,
    /// `{"reasoningConfig": {"type": "enabled", "maxReasoningEffort": …}}`.
    Nova,
    /// Unasked, and nothing to be said about it.
    Always,
}

/// Whether a model takes its thoughts back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Replay {
    #[default]
    None,
    Signed,
}

/// Which of temperature and topP a model takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Sampling {
    #[default]
    Both,
    /// One of the two, not both.
    One,
    None,
}

/// Where a model takes top-k from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum TopK {
    #[default]
    None,
    /// `{"top_k": N}`.
    Anthropic,
    /// `{"inferenceConfig": {"topK": N}}`.
    Nova,
}

/// What may stand in a turn beside the results of tools.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Beside {
    #[default]
    Anything,
    /// Neither documents nor video.
    NoFiles,
    Nothing,
}

/// Capabilities of one model.
#[derive(Debug, Clone)]
pub(super) struct Features {
    pub(super) streaming: bool,
    pub(super) system: bool,
    pub(super) tools: bool,
    pub(super) streaming_tools: bool,
    pub(super) images: bool,
    pub(super) documents: bool,
    pub(super) video: bool,
    pub(super) audio: bool,
    pub(super) structured_output: bool,
    pub(super) prompt_caching: bool,
    pub(super) citations: bool,
    pub(super) guardrails: bool,
    pub(super) token_counting: bool,
    pub(super) optimized_latency: bool,
    pub(super) reasoning: Reasoning,
    pub(super) reasoning_replay: Replay,
    pub(super) sampling: Sampling,
    pub(super) top_k: TopK,
    /// Of `auto`, `any` and `tool`, those it takes.
    pub(super) tool_choice: Vec<String>,
    pub(super) beside_tool_results: Beside,
    pub(super) tool_result_status: bool,
    pub(super) tool_result_images: bool,
    pub(super) system_messages: bool,
    pub(super) prefill: bool,
    /// Whether the conversation may begin with the model.
    pub(super) assistant_first: bool,
    pub(super) one_hour_cache: bool,
    pub(super) tool_cache_points: bool,
    /// Shorter prefixes are not cached.
    pub(super) min_cache_tokens: u64,
    pub(super) max_stop_sequences: usize,
    pub(super) blank_stop_sequences: bool,
    /// Tiers beside the default one.
    pub(super) service_tiers: Vec<String>,
}

impl Features {
    /// The features of a model, from the registry's `features` and from its family.
    pub(super) fn read(base_id: &str, registry: Option<&Value>, families: &Families) -> Self {
        let stated = registry.and_then(Value::as_object);
        let sources: Vec<_> = stated.into_iter().chain(families.of(base_id)).collect();
        let all = Sources(sources);
        let reasoning = all.get("reasoning");
        Self {
            streaming: all.get("streaming"),
            system: all.get("system"),
            tools: all.get("tools"),
            streaming_tools: all.get("streamingTools"),
            images: all.get("images"),
            documents: all.get("documents"),
            video: all.get("video"),
            audio: all.get("audio"),
            structured_output: all.get("structuredOutput"),
            prompt_caching: all.get("promptCaching"),
            citations: all.get("citations"),
            guardrails: all.get("guardrails"),
            token_counting: all.get("tokenCounting"),
            optimized_latency: all.get("optimizedLatency"),
            reasoning,
            reasoning_replay: match reasoning {
                // There is nothing to take back.
                Reasoning::None => Replay::None,
                _ => all.get("reasoningReplay"),
            },
            sampling: all.get("sampling"),
            top_k: all.get("topK"),
            tool_choice: all.get("toolChoice"),
            beside_tool_results: all.get("besideToolResults"),
            tool_result_status: all.get("toolResultStatus"),
            tool_result_images: all.get("toolResultImages"),
            system_messages: all.get("systemMessages"),
            prefill: all.get("prefill"),
            assistant_first: all.get("assistantFirst"),
            one_hour_cache: all.get("oneHourCache"),
            tool_cache_points: all.get("toolCachePoints"),
            min_cache_tokens: all.get("minCacheTokens"),
            max_stop_sequences: all.get("maxStopSequences"),
            blank_stop_sequences: all.get("blankStopSequences"),
            service_tiers: all.get("serviceTiers"),
        }
    }
}

/// How many media one request may hold, and how large each may be, in bytes before base64.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct MediaLimits {
    pub(super) max_images: u64,
    pub(super) max_image_bytes: u64,
    pub(super) max_documents: u64,
    pub(super) max_document_bytes: u64,
    /// Of one recording that is not in S3.
    pub(super) max_inline_bytes: u64,
}

impl Default for MediaLimits {
    /// Source: documentation of `Message.content` in botocore 1.44.8, and for recordings the user
    /// guide of Nova, seen 2026-11-22.
    fn default() -> Self {
        const KIB: u64 = 1_024;
        Self {
            max_images: 20,
            max_image_bytes: 3_840 * KIB,
            max_documents: 5,
            max_document_bytes: 4_608 * KIB,
            max_inline_bytes: 25 * KIB * KIB,
        }
    }
}

impl MediaLimits {
    pub(super) fn read(registry: Option<&Value>) -> Self {
        let stated = registry.and_then(|limits| Self::deserialize(limits).ok());
        stated.unwrap_or_default()
    }
}

/// Places where a feature may be stated, the strongest first.
struct Sources<'a>(Vec<&'a Map<String, Value>>);

impl Sources<'_> {
    /// The first statement that can be read; a word nobody knows is as good as none.
    fn get<T: DeserializeOwned + Default>(&self, name: &str) -> T {
        let stated = self.0.iter().filter_map(|source| source.get(name));
        stated
            .filter_map(|value| T::deserialize(value).ok())
            .next()
            .unwrap_or_default()
    }
}

/// What is known of families of models.
pub(super) struct Families(Vec<Family>);

#[derive(Deserialize)]
struct Family {
    /// How the ids begin.
    ids: Vec<String>,
    features: Map<String, Value>,
}

impl Families {
    #[expect(
        clippy::expect_used,
        reason = "the text is a part of the program, and every test reads it"
    )]
    pub(super) fn read() -> Self {
        Self(
            serde_json::from_str(include_str!("families.json")).expect("families.json is readable"),
        )
    }

    /// The families that a model belongs to, the closest first.
    fn of<'a>(&'a self, base_id: &'a str) -> impl Iterator<Item = &'a Map<String, Value>> {
        let begins =
            |family: &&Family| family.ids.iter().any(|id| base_id.starts_with(id.as_str()));
        self.0
            .iter()
            .rev()
            .filter(begins)
            .map(|family| &family.features)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn features(base_id: &str, registry: &Value) -> Features {
        Features::read(base_id, Some(registry), &Families::read())
    }

    #[test]
    fn the_registry_has_the_last_word() {
        let stated = features("anthropic.claude-opus-4-1-v1:0", &json!({"images": false}));

        assert!(!stated.images);
        assert_eq!(stated.reasoning, Reasoning::Budget);
        assert_eq!(stated.sampling, Sampling::One);
    }

    #[test]
    fn words_nobody_knows_leave_it_to_the_family() {
        let stated = features(
            "amazon.nova-2-lite-v1:0",
            &json!({"reasoning": "telepathic", "tools": 7}),
        );

        assert_eq!(stated.reasoning, Reasoning::Nova);
        assert!(stated.tools);
    }

    #[test]
    fn every_feature_has_a_statement_for_every_model() {
        let families = Families::read();
        let all = &families.0[0];

        assert_eq!(all.ids, [""]);
        for family in &families.0 {
            for (name, value) in &family.features {
                let general = all.features.get(name);
                assert!(
                    general.is_some_and(|general| {
                        std::mem::discriminant(general) == std::mem::discriminant(value)
                    }),
                    "{name}"
                );
            }
        }
    }
}
