use prost_types::Struct;
use prost_types::Value;

use super::*;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::LatencyMode;
use crate::proto::ReasoningConfig;
use crate::proto::RoutingConfig;
use crate::proto::ServiceTier;
use crate::proto::SystemContentBlock;
use crate::proto::reasoning_config::Effort;
use crate::provider::Refusable;
use crate::registry::Model;
use crate::routing::adapt::adapt;
use crate::routing::adapt::support_tests::dropping;
use crate::routing::adapt::support_tests::fields;
use crate::routing::adapt::support_tests::fit;
use crate::routing::adapt::support_tests::limited;
use crate::routing::adapt::support_tests::skip;
use crate::routing::adapt::support_tests::tools;
use crate::routing::adapt::support_tests::with_config;
use crate::routing::adapt::support_tests::without;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;
use crate::routing::learned::Refusals;
use crate::routing::needs::Needs;

#[test]
fn latency_and_tier_that_are_not_offered_are_left_out_for_everybody() {
    let request = InvokeRequest {
        latency_mode: LatencyMode::Optimized.into(),
        service_tier: ServiceTier::Flex.into(),
        ..prompt()
    };
    let mut plain = without(Capability::OptimizedLatency);
    plain.capabilities.service_tiers = vec![ServiceTier::Priority];

    let changed = fit(&request, &plain).unwrap();
    let same = fit(&request, &model("able", 1)).unwrap();

    assert!(changed.adaptation.omit_latency_mode && changed.adaptation.omit_service_tier);
    assert_eq!(fields(&changed), ["latency_mode", "service_tier"]);
    assert_eq!(fields(&same), [""; 0]);
}

#[test]
fn default_tier_is_offered_everywhere() {
    let request = InvokeRequest {
        service_tier: ServiceTier::Default.into(),
        latency_mode: LatencyMode::Standard.into(),
        ..prompt()
    };
    let plain = limited(|capabilities| capabilities.service_tiers.clear());

    assert_eq!(fields(&fit(&request, &plain).unwrap()), [""; 0]);
}

#[test]
fn model_that_cannot_stream_the_tools_answers_whole_and_only_a_streaming_caller_is_told() {
    let request = InvokeRequest {
        tool_config: Some(tools(None)),
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
    let required = InvokeRequest {
        routing_config: Some(RoutingConfig {
            required_capabilities: vec![Capability::ToolUse.into()],
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    let fit = fit(&required, &without(Capability::StreamingToolUse)).unwrap();

    assert!(!fit.adaptation.whole_answer);
}

fn vendor_fields() -> InvokeRequest {
    InvokeRequest {
        additional_model_request_fields: Some(Struct {
            fields: [("x".to_owned(), Value::default())].into(),
        }),
        ..prompt()
    }
}

#[test]
fn vendor_fields_do_not_follow_to_another_provider() {
    let mut foreign = model("nova", 1);
    foreign.provider = "amazon".to_owned();

    let dropped = fit(&dropping(vendor_fields()), &foreign).unwrap();

    assert_eq!(
        skip(&vendor_fields(), &foreign),
        "additional_model_request_fields: they were written for a model of another provider"
    );
    assert!(dropped.adaptation.omit_additional_fields);
    assert_eq!(fields(&dropped), ["additional_model_request_fields"]);
}

#[test]
fn refused_vendor_fields_can_be_left_out() {
    let fit = |request: &InvokeRequest| {
        let refused = Refusals::of(Refusable::AdditionalFields, request);
        let needs = Needs::of(request, false);
        adapt(request, &needs, &model("own", 1), refused, "Anthropic")
    };

    assert!(fit(&vendor_fields()).is_err());
    assert!(
        fit(&dropping(vendor_fields()))
            .unwrap()
            .adaptation
            .omit_additional_fields
    );
}

fn stored() -> Model {
    let mut model = model("stored", 1);
    model.target.is_prompt = true;
    model
}

#[test]
fn stored_prompt_takes_no_parameters() {
    let mut request = with_config(InferenceConfig {
        max_tokens: Some(100),
        temperature: Some(0.5),
        top_p: Some(0.5),
        top_k: Some(5),
        stop_sequences: vec!["END".to_owned()],
    });
    request.reasoning_config = Some(ReasoningConfig {
        effort: Effort::Low.into(),
        ..ReasoningConfig::default()
    });
    request.additional_model_request_fields = vendor_fields().additional_model_request_fields;

    let dropped = fit(&dropping(request.clone()), &stored()).unwrap();

    let adaptation = &dropped.adaptation;
    assert!(adaptation.omit_max_tokens && adaptation.omit_additional_fields);
    assert!(adaptation.omit_temperature && adaptation.omit_top_p && adaptation.omit_top_k);
    assert_eq!(adaptation.max_stop_sequences, Some(0));
    assert_eq!(adaptation.reasoning, None);
    assert_eq!(
        fields(&dropped),
        [
            "inference_config.max_tokens",
            "inference_config.temperature",
            "inference_config.top_p",
            "inference_config.top_k",
            "inference_config.stop_sequences",
            "reasoning_config",
            "additional_model_request_fields",
        ]
    );
    assert!(
        skip(&request, &stored())
            .starts_with("inference_config.max_tokens: the model is a stored prompt")
    );
}

#[test]
fn stored_prompt_sends_no_tokens_and_reports_nothing_that_nobody_set() {
    let fit = fit(&prompt(), &stored()).unwrap();

    assert!(fit.adaptation.omit_max_tokens);
    assert_eq!(fields(&fit), [""; 0]);
}

#[test]
fn stored_prompt_brings_its_own_instructions_and_tools() {
    let request = dropping(InvokeRequest {
        system: vec![SystemContentBlock::default()],
        tool_config: Some(tools(None)),
        ..prompt()
    });

    assert_eq!(
        skip(&request, &stored()),
        "system: the model is a stored prompt, which brings its own; \
         tool_config: the model is a stored prompt, which brings its own"
    );
}
