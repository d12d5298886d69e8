//! Request fields that a model is known to refuse, read off its entry.
//!
//! Where only some values of a field are refused, the field is not among them.

use crate::proto::Capability;
use crate::registry::model::Model;
use crate::registry::model::ReasoningReplay;
use crate::registry::model::ReasoningStyle;
use crate::registry::model::Sampling;
use crate::registry::model::TopK;

/// The fields as dotted paths. Where a whole message is refused, its fields are not listed.
pub(super) fn unsupported_fields(model: &Model) -> Vec<String> {
    let fields = content(model).into_iter().chain(parameters(model));
    let refused: Vec<&str> = fields
        .filter_map(|(path, is_refused)| is_refused.then_some(path))
        .collect();
    let is_within = |path: &str, whole: &str| {
        path.strip_prefix(whole)
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let outermost = refused
        .iter()
        .filter(|path| !refused.iter().any(|whole| is_within(path, whole)));
    outermost.map(|path| (*path).to_owned()).collect()
}

/// Fields of messages and instructions, and whether the model refuses them.
fn content(model: &Model) -> [(&'static str, bool); 20] {
    let can = &model.capabilities;
    let lacks = |capability| !model.can(capability);
    let no_images = lacks(Capability::ImageInput);
    let no_documents = lacks(Capability::DocumentInput);
    let no_video = lacks(Capability::VideoInput);
    let no_tools = lacks(Capability::ToolUse);
    let no_cache = lacks(Capability::PromptCaching);
    let no_citations = lacks(Capability::Citations);
    let no_guardrails = lacks(Capability::Guardrails);
    let no_reasoning = can.reasoning_replay == ReasoningReplay::None;
    let no_tool_changes = no_tools || !can.system_messages;
    let no_images_in_results = no_images || !can.tool_result_images;
    let no_status = !can.tool_result_status;
    [
        ("messages.content.image", no_images),
        ("messages.content.document", no_documents),
        ("messages.content.document.citations_config", no_citations),
        ("messages.content.video", no_video),
        ("messages.content.audio", lacks(Capability::AudioInput)),
        ("messages.content.tool_use", no_tools),
        ("messages.content.tool_result", no_tools),
        (
            "messages.content.tool_result.content.image",
            no_images_in_results,
        ),
        (
            "messages.content.tool_result.content.document",
            no_documents,
        ),
        ("messages.content.tool_result.content.video", no_video),
        ("messages.content.tool_result.status", no_status),
        ("messages.content.reasoning", no_reasoning),
        (
            "messages.content.search_result.citations_config",
            no_citations,
        ),
        ("messages.content.guard_content", no_guardrails),
        ("messages.content.cache_point", no_cache),
        ("messages.content.tool_addition", no_tool_changes),
        ("messages.content.tool_removal", no_tool_changes),
        ("system", lacks(Capability::SystemPrompt)),
        ("system.guard_content", no_guardrails),
        ("system.cache_point", no_cache),
    ]
}

/// All other fields of a request, and whether the model refuses them. `service_tier` is not among
/// them: every model runs on the default tier.
fn parameters(model: &Model) -> [(&'static str, bool); 18] {
    let can = &model.capabilities;
    let is_prompt = model.target.is_prompt;
    let lacks = |capability| !model.can(capability);
    let no_sampling = can.sampling == Sampling::None;
    let no_top_k = no_sampling || can.top_k == TopK::None;
    let no_cache_points = lacks(Capability::PromptCaching) || !can.tool_cache_points;
    let no_schema = lacks(Capability::StructuredOutput);
    let no_guardrails = lacks(Capability::Guardrails);
    let no_fast_variant = lacks(Capability::OptimizedLatency);
    [
        ("inference_config", is_prompt),
        ("inference_config.temperature", no_sampling),
        ("inference_config.top_p", no_sampling),
        ("inference_config.top_k", no_top_k),
        (
            "inference_config.stop_sequences",
            can.max_stop_sequences == 0,
        ),
        ("tool_config", lacks(Capability::ToolUse)),
        ("tool_config.tools.cache_point", no_cache_points),
        ("tool_config.tool_choice.auto", !can.tool_choices.auto),
        ("tool_config.tool_choice.any", !can.tool_choices.any),
        ("tool_config.tool_choice.tool", !can.tool_choices.tool),
        ("reasoning_config", lacks(Capability::Reasoning)),
        ("reasoning_config.effort", !takes_effort(can.reasoning)),
        (
            "reasoning_config.budget_tokens",
            !takes_budget(can.reasoning),
        ),
        ("output_config.json_schema", no_schema),
        ("guardrail_config", no_guardrails),
        ("additional_model_request_fields", is_prompt),
        ("prompt_variables", !is_prompt),
        ("latency_mode", no_fast_variant),
    ]
}

const fn takes_effort(reasoning: ReasoningStyle) -> bool {
    match reasoning {
        ReasoningStyle::None | ReasoningStyle::Always => false,
        ReasoningStyle::Budget
        | ReasoningStyle::BudgetOrAdaptive
        | ReasoningStyle::Adaptive
        | ReasoningStyle::AlwaysAdaptive
        | ReasoningStyle::Effort
        | ReasoningStyle::EffortOrNone
        | ReasoningStyle::NestedEffort
        | ReasoningStyle::NestedEffortOrNone
        | ReasoningStyle::Qwen
        | ReasoningStyle::Nova => true,
    }
}

const fn takes_budget(reasoning: ReasoningStyle) -> bool {
    match reasoning {
        ReasoningStyle::Budget | ReasoningStyle::BudgetOrAdaptive => true,
        ReasoningStyle::None
        | ReasoningStyle::Adaptive
        | ReasoningStyle::AlwaysAdaptive
        | ReasoningStyle::Effort
        | ReasoningStyle::EffortOrNone
        | ReasoningStyle::NestedEffort
        | ReasoningStyle::NestedEffortOrNone
        | ReasoningStyle::Qwen
        | ReasoningStyle::Nova
        | ReasoningStyle::Always => false,
    }
}

#[cfg(test)]
#[path = "unsupported_tests.rs"]
mod tests;
