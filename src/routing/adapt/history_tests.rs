use super::*;
use crate::proto::Message;
use crate::proto::ReasoningConfig;
use crate::proto::ReasoningText;
use crate::proto::Role;
use crate::proto::SystemContentBlock;
use crate::proto::Tool;
use crate::proto::ToolResultBlock;
use crate::proto::reasoning_block::Content;
use crate::proto::reasoning_config::Mode;
use crate::proto::tool_result_content_block;
use crate::provider::Adaptation;
use crate::registry::Model;
use crate::registry::ReasoningReplay;
use crate::registry::ReasoningStyle;
use crate::routing::adapt::support_tests::conversation;
use crate::routing::adapt::support_tests::fields;
use crate::routing::adapt::support_tests::fit;
use crate::routing::adapt::support_tests::limited;
use crate::routing::adapt::support_tests::message;
use crate::routing::adapt::support_tests::text;
use crate::routing::adapt::support_tests::text_result;
use crate::routing::adapt::support_tests::tool_result;
use crate::routing::adapt::support_tests::tool_use;
use crate::routing::adapt::support_tests::tools;
use crate::routing::adapt::support_tests::without;
use crate::routing::fixtures::model;

fn thought(model: &str, signature: &str) -> ReasoningBlock {
    ReasoningBlock {
        content: Some(Content::ReasoningText(ReasoningText {
            text: "hm".to_owned(),
            signature: signature.to_owned(),
        })),
        model: model.to_owned(),
    }
}

fn sealed(model: &str) -> ReasoningBlock {
    ReasoningBlock {
        content: Some(Content::RedactedContent(b"sealed".to_vec().into())),
        model: model.to_owned(),
    }
}

#[test]
#[rustfmt::skip]
fn reasoning_goes_back_to_the_model_that_signed_it_and_to_no_other() {
    let signed = model("own", 1);
    let mut plain = model("own", 1);
    plain.capabilities.reasoning_replay = ReasoningReplay::None;
    let mut aliased = model("new-name", 1);
    aliased.aliases.push("own".to_owned());
    let table = [
        (&signed,  thought("own", "sig"),   true),
        (&signed,  thought("", "sig"),      true),
        (&signed,  sealed("own"),           true),
        (&signed,  thought("other", "sig"), false),
        (&signed,  thought("own", ""),      false),
        (&signed,  sealed("other"),         false),
        (&aliased, thought("own", "sig"),   true),
        (&plain,   thought("own", "sig"),   false),
        (&plain,   thought("own", ""),      false),
        (&plain,   thought("", ""),         false),
    ];

    for (model, block, keeps) in table {
        let request = conversation([
            message(Role::User, [text("Hi")]),
            message(Role::Assistant, [Block::Reasoning(block.clone()), text("Hello")]),
            message(Role::User, [text("And?")]),
        ]);

        let fit = fit(&request, model).unwrap();

        let reported = fields(&fit);
        assert_eq!(fit.adaptation.keeps_reasoning(&block, model), keeps, "{}", block.model);
        assert_eq!(reported.is_empty(), keeps);
        assert!(keeps || reported == ["messages[1].content[0].reasoning"]);
    }
}

/// A loop of tool calls, as the messages of the assistant in it.
fn in_tool_turn(steps: &[&[Block]]) -> InvokeRequest {
    let asked = message(Role::User, [text("What time is it?")]);
    let steps = steps.iter().flat_map(|blocks| -> [Message; 2] {
        let said = blocks.iter().cloned().chain([tool_use()]);
        [
            message(Role::Assistant, said),
            message(Role::User, [text_result()]),
        ]
    });
    InvokeRequest {
        tool_config: Some(tools(None)),
        reasoning_config: Some(ReasoningConfig {
            mode: Mode::Enabled.into(),
            ..ReasoningConfig::default()
        }),
        ..conversation([asked].into_iter().chain(steps))
    }
}

#[test]
#[rustfmt::skip]
fn budget_for_reasoning_is_given_only_if_the_tool_turn_began_with_own_reasoning() {
    let own = || Block::Reasoning(thought("own", "sig"));
    let foreign = || Block::Reasoning(thought("other", "sig"));
    let unsigned = || Block::Reasoning(thought("own", ""));
    let table: [(&str, InvokeRequest, bool); 8] = [
        ("own",                     in_tool_turn(&[&[own()]]),                  true),
        ("own, then none",          in_tool_turn(&[&[own()], &[]]),             true),
        ("none",                    in_tool_turn(&[&[]]),                       false),
        ("text before it",          in_tool_turn(&[&[text("Well"), own()]]),    false),
        ("foreign",                 in_tool_turn(&[&[foreign()]]),              false),
        ("unsigned",                in_tool_turn(&[&[unsigned()]]),             false),
        ("own, then foreign",       in_tool_turn(&[&[own()], &[foreign()]]),    false),
        ("sealed",                  in_tool_turn(&[&[Block::Reasoning(sealed("own"))]]), true),
    ];

    for (name, request, reasons) in table {
        let fit = fit(&request, &model("own", 1)).unwrap();

        assert_eq!(fit.adaptation.reasoning.is_some(), reasons, "{name}");
        assert_eq!(fields(&fit).contains(&"reasoning_config"), !reasons, "{name}");
    }
}

#[test]
fn finished_tool_turn_does_not_matter_to_reasoning() {
    let mut request = in_tool_turn(&[&[]]);
    request
        .messages
        .push(message(Role::Assistant, [text("Noon.")]));
    request
        .messages
        .push(message(Role::User, [text("And in Oslo?")]));

    let fit = fit(&request, &model("own", 1)).unwrap();

    assert!(fit.adaptation.reasoning.is_some());
}

#[test]
fn model_that_reasons_as_it_sees_fit_may_begin_within_a_tool_turn() {
    let free = limited(|capabilities| capabilities.reasoning = ReasoningStyle::Adaptive);

    let fit = fit(&in_tool_turn(&[&[]]), &free).unwrap();

    assert!(fit.adaptation.reasoning.is_some());
}

fn cached(ttl_seconds: Option<i64>) -> CachePointBlock {
    CachePointBlock {
        ttl: ttl_seconds.map(|seconds| prost_types::Duration { seconds, nanos: 0 }),
        ..CachePointBlock::default()
    }
}

/// Cache points everywhere: an hour in system and tools, five minutes in the message.
fn cached_everywhere() -> InvokeRequest {
    let mut request = conversation([message(
        Role::User,
        [text("Hi"), Block::CachePoint(cached(Some(300)))],
    )]);
    request.system = vec![SystemContentBlock {
        block: Some(system_content_block::Block::CachePoint(cached(Some(3600)))),
    }];
    let mut config = tools(None);
    config.tools.push(Tool {
        tool: Some(tool::Tool::CachePoint(cached(Some(3600)))),
    });
    request.tool_config = Some(config);
    request
}

#[test]
#[rustfmt::skip]
fn cache_points_are_left_out_as_far_as_the_model_has_no_cache() {
    let no_hour = limited(|capabilities| capabilities.one_hour_cache = false);
    let no_tools = limited(|capabilities| capabilities.tool_cache_points = false);
    let neither = limited(|capabilities| {
        capabilities.one_hour_cache = false;
        capabilities.tool_cache_points = false;
    });
    let all = Adaptation { omit_cache_points: true, ..unchanged() };
    let hours = Adaptation { omit_cache_ttl: true, ..unchanged() };
    let tools = Adaptation { omit_tool_cache_points: true, ..unchanged() };
    let both = Adaptation { omit_cache_ttl: true, ..tools.clone() };
    let table: [(Model, Adaptation, &[&str]); 5] = [
        (model("able", 1), unchanged(), &[]),
        (without(Capability::PromptCaching), all, &["system[0].cache_point", "messages[0].content[1].cache_point", "tool_config.tools[1].cache_point"]),
        (no_hour,  hours, &["system[0].cache_point.ttl", "tool_config.tools[1].cache_point.ttl"]),
        (no_tools, tools, &["tool_config.tools[1].cache_point"]),
        (neither,  both,  &["tool_config.tools[1].cache_point", "system[0].cache_point.ttl"]),
    ];

    for (model, adaptation, reported) in table {
        let fit = fit(&cached_everywhere(), &model).unwrap();

        assert_eq!(fit.adaptation, adaptation);
        assert_eq!(fields(&fit), reported);
    }
}

fn unchanged() -> Adaptation {
    Adaptation {
        max_tokens: 1_024,
        ..Adaptation::default()
    }
}

#[test]
fn status_of_a_result_is_left_out_where_the_model_does_not_take_it() {
    let plain = limited(|capabilities| capabilities.tool_result_status = false);
    let failed = ToolResultBlock {
        status: ToolResultStatus::Error.into(),
        ..tool_result(tool_result_content_block::Block::Text(
            "no clock".to_owned(),
        ))
    };
    let request = conversation([
        message(Role::User, [text("What time is it?")]),
        message(Role::Assistant, [tool_use()]),
        message(Role::User, [Block::ToolResult(failed)]),
    ]);

    let changed = fit(&request, &plain).unwrap();
    let same = fit(&request, &model("able", 1)).unwrap();

    assert!(changed.adaptation.omit_tool_result_status);
    assert_eq!(
        fields(&changed),
        ["messages[2].content[0].tool_result.status"]
    );
    assert_eq!(same.adaptation, unchanged());
}

#[test]
fn blank_answer_is_no_beginning_of_the_next() {
    let mut cautious = model("cautious", 1);
    cautious.capabilities.prefill = false;
    let request = conversation([
        message(Role::User, [text("What time is it?")]),
        message(Role::Assistant, [text(""), text(" \n")]),
    ]);

    let fit = fit(&request, &cautious).unwrap();

    assert_eq!(
        fields(&fit),
        ["messages[1].content[0].text", "messages[1].content[1].text"]
    );
}
