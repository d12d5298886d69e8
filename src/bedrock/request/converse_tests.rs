use crate::bedrock::test_server::body_of;
use crate::bedrock::test_server::model;
use crate::proto::AutoToolChoice;
use crate::proto::CachePointBlock;
use crate::proto::ContentBlock;
use crate::proto::InferenceConfig;
use crate::proto::InvokeRequest;
use crate::proto::Message;
use crate::proto::PromptVariableValue;
use crate::proto::Role;
use crate::proto::ServiceTier;
use crate::proto::SystemContentBlock;
use crate::proto::Tool;
use crate::proto::ToolChoice;
use crate::proto::ToolConfig;
use crate::proto::ToolResultBlock;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolResultStatus;
use crate::proto::content_block::Block;
use crate::proto::prompt_variable_value;
use crate::proto::system_content_block;
use crate::proto::tool;
use crate::proto::tool_choice::Choice;
use crate::proto::tool_result_content_block;
use crate::provider::Adaptation;
use crate::provider::Effort;
use crate::provider::Reasoning;
use crate::provider::ReasoningMode;
use crate::registry::ReasoningStyle;

fn cached(ttl_seconds: i64) -> CachePointBlock {
    CachePointBlock {
        ttl: Some(prost_types::Duration {
            seconds: ttl_seconds,
            nanos: 0,
        }),
        ..CachePointBlock::default()
    }
}

/// A request with everything that can be left out for a model.
fn request() -> InvokeRequest {
    let result = ToolResultBlock {
        tool_use_id: "t1".to_owned(),
        content: vec![ToolResultContentBlock {
            block: Some(tool_result_content_block::Block::Text("noon".to_owned())),
        }],
        status: ToolResultStatus::Error.into(),
        ..ToolResultBlock::default()
    };
    let block = |block| ContentBlock { block: Some(block) };
    InvokeRequest {
        messages: vec![Message {
            role: Role::User.into(),
            content: vec![
                block(Block::ToolResult(result)),
                block(Block::CachePoint(cached(300))),
            ],
        }],
        system: vec![SystemContentBlock {
            block: Some(system_content_block::Block::CachePoint(cached(3600))),
        }],
        tool_config: Some(ToolConfig {
            tools: vec![Tool {
                tool: Some(tool::Tool::CachePoint(cached(3600))),
            }],
            tool_choice: Some(ToolChoice {
                choice: Some(Choice::Auto(AutoToolChoice {})),
            }),
        }),
        inference_config: Some(InferenceConfig {
            max_tokens: Some(7),
            stop_sequences: [" ", "a", "b"].map(str::to_owned).into(),
            ..InferenceConfig::default()
        }),
        service_tier: ServiceTier::Flex.into(),
        ..InvokeRequest::default()
    }
}

#[tokio::test]
#[rustfmt::skip]
async fn each_change_is_the_only_one() {
    let same = || Adaptation::default();
    let table: [(Adaptation, &str, &str); 7] = [
        (Adaptation { omit_max_tokens: true, ..same() },           r#""maxTokens":7,"#, ""),
        (Adaptation { omit_blank_stop_sequences: true, ..same() }, r#"[" ","a","b"]"#, r#"["a","b"]"#),
        (Adaptation { max_stop_sequences: Some(2), ..same() },     r#"[" ","a","b"]"#, r#"[" ","a"]"#),
        (Adaptation { omit_tool_cache_points: true, ..same() },    r#""tools":[{"cachePoint":{"type":"default","ttl":"1h"}}]"#, r#""tools":[]"#),
        (Adaptation { omit_tool_choice: true, ..same() },          r#","toolChoice":{"auto":{}}"#, ""),
        (Adaptation { omit_tool_result_status: true, ..same() },   r#","status":"error""#, ""),
        (Adaptation { omit_service_tier: true, ..same() },         r#""serviceTier":{"type":"flex"},"#, ""),
    ];
    let whole = body_of(&request(), &same(), &model()).await;

    for (adaptation, given, left) in table {
        let body = body_of(&request(), &adaptation, &model()).await;

        assert!(whole.contains(given), "{whole}");
        assert_eq!(body, whole.replace(given, left));
    }
}

#[tokio::test]
async fn no_time_to_live_is_sent_where_all_are_left_out() {
    let adaptation = Adaptation {
        omit_cache_ttl: true,
        ..Adaptation::default()
    };

    let body = body_of(&request(), &adaptation, &model()).await;

    assert_eq!(body.matches(r#"{"type":"default"}"#).count(), 3, "{body}");
}

#[tokio::test]
async fn blank_stop_sequences_do_not_count_against_the_limit() {
    let adaptation = Adaptation {
        omit_blank_stop_sequences: true,
        max_stop_sequences: Some(1),
        ..Adaptation::default()
    };

    let body = body_of(&request(), &adaptation, &model()).await;

    assert!(body.contains(r#""stopSequences":["a"]"#), "{body}");
}

#[tokio::test]
async fn stored_prompt_gets_its_variables_and_nothing_else() {
    let value = prompt_variable_value::Value::Text("Oslo".to_owned());
    let request = InvokeRequest {
        prompt_variables: [(
            "city".to_owned(),
            PromptVariableValue { value: Some(value) },
        )]
        .into(),
        ..InvokeRequest::default()
    };
    let adaptation = Adaptation {
        max_tokens: 4096,
        omit_max_tokens: true,
        ..Adaptation::default()
    };

    assert_eq!(
        body_of(&request, &adaptation, &model()).await,
        r#"{"promptVariables":{"city":{"text":"Oslo"}}}"#
    );
}

#[tokio::test]
async fn effort_stands_beside_the_form_of_the_answer() {
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..InvokeRequest::default()
    };
    let adaptation = Adaptation {
        reasoning: Some(Reasoning {
            mode: ReasoningMode::Free,
            effort: Some(Effort::ExtraHigh),
        }),
        ..Adaptation::default()
    };
    let mut claude = model();
    claude.capabilities.reasoning = ReasoningStyle::Adaptive;

    let body = body_of(&request, &adaptation, &claude).await;

    assert!(body.contains(r#""thinking":{"type":"adaptive"}"#), "{body}");
    assert!(
        body.contains(r#""outputConfig":{"effort":"xhigh"}"#),
        "{body}"
    );
}
