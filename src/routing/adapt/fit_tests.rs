use super::*;
use crate::proto::Capability;
use crate::proto::ContentBlock;
use crate::proto::ImageBlock;
use crate::proto::InferenceConfig;
use crate::proto::Message;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningConfig;
use crate::proto::RoutingConfig;
use crate::proto::ToolConfig;
use crate::proto::content_block::Block;
use crate::proto::reasoning_block::Content;
use crate::proto::reasoning_config::Effort;
use crate::provider::ReasoningBlocks;
use crate::registry::ReasoningStyle;
use crate::registry::Sampling;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;

fn fit(request: &InvokeRequest, model: &Model) -> Result<Fit, Skip> {
    let needs = Needs::of(request, false);
    adapt(request, &needs, model, Refusals::default(), "anthropic")
}

fn fields(fit: &Fit) -> Vec<&str> {
    let adjustments = fit.adjustments.iter();
    adjustments
        .map(|adjustment| adjustment.field.as_str())
        .collect()
}

fn with_config(config: InferenceConfig) -> InvokeRequest {
    InvokeRequest {
        inference_config: Some(config),
        ..prompt()
    }
}

fn dropping(request: InvokeRequest) -> InvokeRequest {
    InvokeRequest {
        routing_config: Some(RoutingConfig {
            unsupported_field_policy: UnsupportedFieldPolicy::DropField.into(),
            ..RoutingConfig::default()
        }),
        ..request
    }
}

fn without(capability: Capability) -> Model {
    let mut model = model("plain", 1);
    model.capabilities.flags.retain(|flag| *flag != capability);
    model
}

fn vendor_fields() -> prost_types::Struct {
    prost_types::Struct {
        fields: [("x".to_owned(), prost_types::Value::default())].into(),
    }
}

fn message(block: Block) -> Message {
    Message {
        role: crate::proto::Role::User.into(),
        content: vec![ContentBlock { block: Some(block) }],
    }
}

#[test]
fn plain_prompt_is_sent_as_it_is_with_the_models_default_of_tokens() {
    let fit = fit(&prompt(), &model("any", 1)).unwrap();

    assert_eq!(fit.adaptation.max_tokens, 1_024);
    assert_eq!(fields(&fit), [""; 0]);
}

#[test]
fn max_tokens_above_the_limit_is_reduced_and_reported() {
    let request = with_config(InferenceConfig {
        max_tokens: Some(100_000),
        ..InferenceConfig::default()
    });

    let fit = fit(&request, &model("any", 1)).unwrap();

    assert_eq!(fit.adaptation.max_tokens, 8_192);
    assert_eq!(fields(&fit), ["inference_config.max_tokens"]);
}

#[test]
fn image_needs_a_model_that_sees() {
    let request = InvokeRequest {
        messages: vec![message(Block::Image(ImageBlock::default()))],
        ..InvokeRequest::default()
    };

    let skip = fit(&request, &without(Capability::ImageInput)).unwrap_err();

    assert_eq!(skip.reason, ErrorReason::CapabilityUnsupported);
    assert_eq!(skip.message, "the model lacks IMAGE_INPUT");
}

#[test]
fn tools_are_never_dropped_even_if_the_caller_allows_dropping_fields() {
    let request = dropping(InvokeRequest {
        tool_config: Some(ToolConfig::default()),
        ..prompt()
    });

    let skip = fit(&request, &without(Capability::ToolUse)).unwrap_err();

    assert_eq!(skip.message, "the model lacks TOOL_USE");
}

#[test]
fn model_that_cannot_stream_the_tools_answers_whole_and_only_a_streaming_caller_is_told() {
    let request = InvokeRequest {
        tool_config: Some(ToolConfig::default()),
        ..prompt()
    };
    let model = without(Capability::StreamingToolUse);
    let fit = |wants_stream| {
        let needs = Needs::of(&request, wants_stream);
        adapt(&request, &needs, &model, Refusals::default(), "anthropic").unwrap()
    };

    let (unary, stream) = (fit(false), fit(true));

    assert!(unary.adaptation.whole_answer && stream.adaptation.whole_answer);
    assert_eq!(fields(&unary), [""; 0]);
    assert_eq!(fields(&stream), ["stream"]);
}

#[test]
fn model_that_cannot_stream_with_tools_streams_without_them() {
    let model = without(Capability::StreamingToolUse);

    let stream = fit(&prompt(), &model).unwrap();

    assert!(!stream.adaptation.whole_answer);
}

#[test]
fn who_insists_on_streaming_does_not_get_a_model_that_cannot() {
    let request = InvokeRequest {
        routing_config: Some(RoutingConfig {
            required_capabilities: vec![Capability::Streaming.into()],
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    let skip = fit(&request, &without(Capability::Streaming)).unwrap_err();

    assert_eq!(skip.message, "the model lacks STREAMING");
}

#[test]
fn top_p_beside_temperature_is_left_out_where_only_one_is_taken() {
    let request = with_config(InferenceConfig {
        temperature: Some(0.5),
        top_p: Some(0.9),
        ..InferenceConfig::default()
    });
    let mut model = model("one", 1);
    model.capabilities.sampling = Sampling::One;

    let fit = fit(&request, &model).unwrap();

    assert!(fit.adaptation.omit_top_p);
    assert!(!fit.adaptation.omit_temperature);
    assert_eq!(fields(&fit), ["inference_config.top_p"]);
}

#[test]
fn field_the_model_does_not_take_skips_it_unless_the_caller_allows_dropping() {
    let request = with_config(InferenceConfig {
        temperature: Some(0.5),
        top_k: Some(40),
        ..InferenceConfig::default()
    });
    let mut model = model("none", 1);
    model.capabilities.sampling = Sampling::None;

    let skip = fit(&request, &model).unwrap_err();
    let dropped = fit(&dropping(request), &model).unwrap();

    assert_eq!(
        skip.message,
        "inference_config.temperature: the model does not take it; \
         inference_config.top_k: the model does not take it"
    );
    assert!(dropped.adaptation.omit_temperature && dropped.adaptation.omit_top_k);
    assert_eq!(
        fields(&dropped),
        ["inference_config.temperature", "inference_config.top_k"]
    );
}

#[test]
fn reasoning_is_asked_only_of_models_that_reason() {
    let request = InvokeRequest {
        reasoning_config: Some(ReasoningConfig {
            effort: Effort::Low.into(),
            ..ReasoningConfig::default()
        }),
        ..with_config(InferenceConfig {
            max_tokens: Some(4_096),
            ..InferenceConfig::default()
        })
    };
    let mut silent = model("silent", 1);
    silent.capabilities.reasoning = ReasoningStyle::None;

    assert!(
        fit(&request, &model("budget", 1))
            .unwrap()
            .adjustments
            .is_empty()
    );
    assert!(fit(&request, &silent).is_err());
    assert_eq!(
        fit(&dropping(request), &silent)
            .unwrap()
            .adaptation
            .reasoning,
        None
    );
}

#[test]
fn reasoning_of_another_model_is_left_out_and_reported_with_its_place() {
    let reasoning = |model: &str| {
        message(Block::Reasoning(ReasoningBlock {
            content: Some(Content::RedactedContent(b"sealed".to_vec().into())),
            model: model.to_owned(),
        }))
    };
    let request = InvokeRequest {
        messages: vec![reasoning("other"), reasoning("own")],
        ..prompt()
    };

    let fit = fit(&request, &model("own", 1)).unwrap();

    assert_eq!(fit.adaptation.reasoning_blocks, ReasoningBlocks::Own);
    assert_eq!(fields(&fit), ["messages[0].content[0].reasoning"]);
}

#[test]
fn vendor_options_do_not_follow_to_another_provider() {
    let request = InvokeRequest {
        additional_model_request_fields: Some(vendor_fields()),
        ..prompt()
    };
    let mut foreign = model("nova", 1);
    foreign.provider = "amazon".to_owned();

    assert!(fit(&request, &foreign).is_err());
    assert!(
        fit(&dropping(request), &foreign)
            .unwrap()
            .adaptation
            .omit_additional_fields
    );
}
