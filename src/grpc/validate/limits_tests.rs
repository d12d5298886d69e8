//! Limits that JSON fixtures cannot reach or would be too large for.

use bytes::Bytes;
use prost::Message as _;
use prost_types::value::Kind;
use prost_types::{Duration, ListValue, Struct, Value};

use crate::grpc::validate::{Violation, invoke, invoke_stream};
use crate::proto::content_block::Block;
use crate::proto::tool::Tool as ToolKind;
use crate::proto::{
    ContentBlock, DocumentBlock, InferenceConfig, InvokeRequest, InvokeStreamRequest, Message,
    Role, RoutingConfig, StreamOptions, Tool, ToolConfig, ToolSpec, document_block, tool_spec,
};

fn prompt() -> InvokeRequest {
    InvokeRequest {
        prompt: "Hi".to_owned(),
        ..InvokeRequest::default()
    }
}

fn user(blocks: Vec<Block>) -> Message {
    let content = blocks
        .into_iter()
        .map(|block| ContentBlock { block: Some(block) })
        .collect();
    Message {
        role: Role::User.into(),
        content,
    }
}

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

/// The field and the reason of each violation.
fn found(request: InvokeRequest) -> Vec<(String, &'static str)> {
    let show = |violation: &Violation| (violation.field.clone(), violation.reason.as_str());
    match invoke(request) {
        Ok(_) => Vec::new(),
        Err(violations) => violations.kept().iter().map(show).collect(),
    }
}

fn one(field: &str, reason: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), reason)]
}

fn with_vendor_field(kind: Option<Kind>) -> InvokeRequest {
    let fields = [("x".to_owned(), Value { kind })].into();
    InvokeRequest {
        additional_model_request_fields: Some(Struct { fields }),
        ..prompt()
    }
}

fn with_attempt_timeout(seconds: i64, nanos: i32) -> InvokeRequest {
    InvokeRequest {
        routing_config: Some(RoutingConfig {
            attempt_timeout: Some(Duration { seconds, nanos }),
            ..RoutingConfig::default()
        }),
        ..prompt()
    }
}

#[test]
fn request_may_have_ten_thousand_messages() {
    let messages = |count: usize| InvokeRequest {
        messages: vec![user(vec![text("Hi")]); count],
        ..InvokeRequest::default()
    };

    assert_eq!(found(messages(10_000)), []);
    assert_eq!(found(messages(10_001)), one("messages", "TOO_MANY"));
}

#[test]
fn message_may_have_ten_thousand_blocks() {
    let blocks = |count: usize| InvokeRequest {
        messages: vec![user(vec![text("Hi"); count])],
        ..InvokeRequest::default()
    };

    assert_eq!(found(blocks(10_000)), []);
    assert_eq!(
        found(blocks(10_001)),
        one("messages[0].content", "TOO_MANY")
    );
}

#[test]
fn request_may_have_one_thousand_tools() {
    let schema = tool_spec::InputSchemaForm::InputSchemaJson("{}".to_owned());
    let tool = |index: usize| Tool {
        tool: Some(ToolKind::ToolSpec(ToolSpec {
            name: format!("tool_{index}"),
            input_schema_form: Some(schema.clone()),
            ..ToolSpec::default()
        })),
    };
    let tools = |count: usize| InvokeRequest {
        tool_config: Some(ToolConfig {
            tools: (0..count).map(tool).collect(),
            tool_choice: None,
        }),
        ..prompt()
    };

    assert_eq!(found(tools(1000)), []);
    assert_eq!(found(tools(1001)), one("tool_config.tools", "TOO_MANY"));
}

#[test]
fn request_may_have_2500_stop_sequences() {
    let stop = |count: usize| InvokeRequest {
        inference_config: Some(InferenceConfig {
            stop_sequences: vec!["END".to_owned(); count],
            ..InferenceConfig::default()
        }),
        ..prompt()
    };

    assert_eq!(found(stop(2500)), []);
    let too_many = one("inference_config.stop_sequences", "TOO_MANY");
    assert_eq!(found(stop(2501)), too_many);
}

#[test]
fn vendor_number_that_json_cannot_express_is_refused() {
    let field = "additional_model_request_fields.x";

    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let values = vec![Value {
            kind: Some(Kind::NumberValue(number)),
        }];
        let list = Kind::ListValue(ListValue { values });

        assert_eq!(found(with_vendor_field(Some(list))), one(field, "BAD_JSON"));
    }
    assert_eq!(found(with_vendor_field(None)), one(field, "BAD_JSON"));
}

#[test]
fn vendor_field_may_be_nested_64_levels_deep() {
    let nested = |levels: usize| {
        let wrap = |inner, _| {
            let values = vec![Value { kind: Some(inner) }];
            Kind::ListValue(ListValue { values })
        };
        // The struct itself is the first level.
        with_vendor_field(Some((1..levels).fold(Kind::NumberValue(1.0), wrap)))
    };

    assert_eq!(found(nested(64)), []);
    let too_deep = one("additional_model_request_fields.x", "BAD_JSON");
    assert_eq!(found(nested(65)), too_deep);
}

#[test]
fn malformed_time_span_is_refused() {
    let field = "routing_config.attempt_timeout";

    for (seconds, nanos) in [
        (1, 1_000_000_000),
        (1, -1),
        (-1, 1),
        (i64::MAX, 0),
        (i64::MIN, i32::MIN),
        (315_576_000_001, 0),
    ] {
        let request = with_attempt_timeout(seconds, nanos);

        assert_eq!(
            found(request),
            one(field, "BAD_FORMAT"),
            "{seconds}, {nanos}"
        );
    }
    assert_eq!(
        found(with_attempt_timeout(315_576_000_000, 999_999_999)),
        []
    );
}

#[test]
fn description_of_many_violations_fits_into_trailers() {
    let document = |index: usize| {
        Block::Document(DocumentBlock {
            mime_type: "application/x".to_owned(),
            name: index.to_string(),
            source: Some(document_block::Source::Data(Bytes::from_static(b"x"))),
            ..DocumentBlock::default()
        })
    };
    let request = InvokeRequest {
        messages: vec![user((0..100).map(document).collect())],
        ..prompt()
    };

    let violations = invoke(request).unwrap_err();

    let size = |violation: &Violation| {
        violation.field.len() + violation.description.len() + violation.reason.as_str().len()
    };
    let bytes: usize = violations.kept().iter().map(size).sum();
    assert!((2500..=3072).contains(&bytes), "{bytes}");
    assert!(violations.kept().len() < 20);
    // One for each document.
    assert_eq!(violations.kept().len() + violations.omitted(), 100);
}

#[test]
fn stream_request_is_split_without_loss() {
    let request = InvokeStreamRequest {
        model: "a".to_owned(),
        prompt: "Hi".to_owned(),
        messages: vec![user(vec![text("Hi")])],
        request_metadata: [("team".to_owned(), "x".to_owned())].into(),
        additional_model_response_field_paths: vec!["/stop".to_owned()],
        latency_mode: 1,
        service_tier: 2,
        inference_config: Some(InferenceConfig::default()),
        stream_options: Some(StreamOptions {
            recovery: 1,
            ..StreamOptions::default()
        }),
        ..InvokeStreamRequest::default()
    };
    let same_bytes = InvokeRequest::decode(request.encode_to_vec().as_slice()).unwrap();

    let (split, options) = invoke_stream(request).unwrap();

    assert_eq!(split.into_inner(), same_bytes);
    assert_eq!(options.recovery, 1);
}
