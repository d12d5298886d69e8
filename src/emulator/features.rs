//! What a model can do, as far as the emulator lets it show.

use serde_json::Value;

/// How a model thinks before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reasoning {
    None,
    /// `{"thinking": {"type": "enabled", "budget_tokens": N}}`.
    Budget,
    /// The budget form, and `{"type": "adaptive"}`.
    Adaptive,
    /// Unasked, and without signatures.
    Always,
}

/// Which of temperature and topP a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sampling {
    Both,
    /// One of the two, not both.
    One,
    None,
}

/// Where a model takes top-k from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TopK {
    /// `{"top_k": N}`.
    Anthropic,
    /// `{"inferenceConfig": {"topK": N}}`.
    Nova,
    None,
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
    pub(super) reasoning: Reasoning,
    pub(super) sampling: Sampling,
    pub(super) top_k: TopK,
}

impl Features {
    /// Reads the registry's `features`; what is not stated is as with a Claude model.
    pub(super) fn read(features: Option<&Value>) -> Self {
        let flag = |name: &str, otherwise: bool| {
            features
                .and_then(|all| all.get(name))
                .and_then(Value::as_bool)
                .unwrap_or(otherwise)
        };
        let word = |name: &str| {
            features
                .and_then(|all| all.get(name))
                .and_then(Value::as_str)
        };
        Self {
            streaming: flag("streaming", true),
            system: flag("system", true),
            tools: flag("tools", true),
            streaming_tools: flag("streamingTools", flag("tools", true)),
            images: flag("images", true),
            documents: flag("documents", true),
            video: flag("video", false),
            audio: flag("audio", false),
            structured_output: flag("structuredOutput", true),
            prompt_caching: flag("promptCaching", true),
            citations: flag("citations", true),
            guardrails: flag("guardrails", true),
            token_counting: flag("tokenCounting", true),
            reasoning: match word("reasoning") {
                Some("none") => Reasoning::None,
                Some("adaptive") => Reasoning::Adaptive,
                Some("always") => Reasoning::Always,
                _ => Reasoning::Budget,
            },
            sampling: match word("sampling") {
                Some("one") => Sampling::One,
                Some("none") => Sampling::None,
                _ => Sampling::Both,
            },
            top_k: match word("topK") {
                Some("nova") => TopK::Nova,
                Some("none") => TopK::None,
                _ => TopK::Anthropic,
            },
        }
    }
}
