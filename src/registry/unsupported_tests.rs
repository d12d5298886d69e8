use prost_reflect::DescriptorPool;
use prost_reflect::Kind;

use crate::proto::FILE_DESCRIPTOR_SET;
use crate::proto::model::State;
use crate::registry::Registry;
use crate::registry::support::choices;

fn unsupported_fields(model_id: &str) -> Vec<String> {
    let text =
        format!(r#"{{"modelRegistry": {{"m": {{"modelId": "{model_id}", "priority": 1}}}}}}"#);
    let registry = Registry::parse(&text, &choices()).unwrap();
    let described = registry.find("m").unwrap().describe(State::Active);
    described.unsupported_fields
}

#[test]
fn claude_lists_what_its_generation_refuses() {
    assert_eq!(
        unsupported_fields("us.anthropic.claude-opus-4-1-20250805-v1:0"),
        [
            "messages.content.video",
            "messages.content.audio",
            "messages.content.tool_result.content.video",
            "messages.content.tool_addition",
            "messages.content.tool_removal",
            "output_config.json_schema",
            "prompt_variables",
            "latency_mode",
        ]
    );
    assert_eq!(
        unsupported_fields("us.anthropic.claude-opus-5-5"),
        [
            "messages.content.video",
            "messages.content.audio",
            "messages.content.tool_result.content.video",
            "inference_config.temperature",
            "inference_config.top_p",
            "inference_config.top_k",
            "tool_config.tool_choice.any",
            "tool_config.tool_choice.tool",
            "reasoning_config.budget_tokens",
            "prompt_variables",
            "latency_mode",
        ]
    );
}

#[test]
fn fields_of_a_refused_message_are_not_listed() {
    let fields = unsupported_fields("us.deepseek.r1-v1:0");

    assert!(fields.contains(&"tool_config".to_owned()));
    assert!(fields.contains(&"messages.content.tool_result".to_owned()));
    for field in &fields {
        let is_within_tools =
            field.starts_with("tool_config.") || field.starts_with("messages.content.tool_result.");
        assert!(!is_within_tools, "{field}");
    }
}

#[test]
fn a_stored_prompt_refuses_what_it_brings_and_takes_variables() {
    let fields = unsupported_fields("arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ");

    for refused in [
        "system",
        "tool_config",
        "inference_config",
        "additional_model_request_fields",
    ] {
        assert!(fields.contains(&refused.to_owned()), "{refused}");
    }
    assert!(!fields.contains(&"prompt_variables".to_owned()));
}

#[test]
fn every_path_leads_to_a_field_of_the_request() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let request = pool
        .get_message_by_name("bedrock.gateway.v1.InvokeRequest")
        .unwrap();
    let paths = [
        "acme.large-v1:0",
        "meta.llama4-maverick-17b-instruct-v1:0",
        "anthropic.claude-opus-5-5",
        "amazon.nova-2-lite-v1:0",
        "openai.gpt-oss-120b-1:0",
        "writer.palmyra-x5-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEFGHIJ",
    ]
    .map(unsupported_fields)
    .concat();

    for path in paths {
        let mut message = Some(request.clone());
        for name in path.split('.') {
            let field = message
                .and_then(|message| message.get_field_by_name(name))
                .unwrap_or_else(|| panic!("{path} at {name}"));
            message = match field.kind() {
                Kind::Message(inner) => Some(inner),
                _ => None,
            };
        }
    }
}
