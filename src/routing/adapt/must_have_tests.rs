use super::*;
use crate::proto::AnyToolChoice;
use crate::proto::AudioBlock;
use crate::proto::AutoToolChoice;
use crate::proto::CitationsConfig;
use crate::proto::CitedContentBlock;
use crate::proto::DocumentBlock;
use crate::proto::GuardrailConfig;
use crate::proto::ImageBlock;
use crate::proto::InvokeRequest;
use crate::proto::JsonSchemaFormat;
use crate::proto::OutputConfig;
use crate::proto::PromptVariableValue;
use crate::proto::Role;
use crate::proto::RoutingConfig;
use crate::proto::SearchResultBlock;
use crate::proto::SpecificToolChoice;
use crate::proto::SystemContentBlock;
use crate::proto::VideoBlock;
use crate::proto::content_block::Block;
use crate::proto::document_block;
use crate::proto::image_block;
use crate::proto::output_config::TextFormat;
use crate::proto::system_content_block;
use crate::proto::tool;
use crate::proto::tool_choice::Choice;
use crate::proto::tool_result_content_block::Block as Item;
use crate::proto::video_block;
use crate::registry::Model;
use crate::routing::adapt::support_tests::conversation;
use crate::routing::adapt::support_tests::dropping;
use crate::routing::adapt::support_tests::fields;
use crate::routing::adapt::support_tests::fit;
use crate::routing::adapt::support_tests::limited;
use crate::routing::adapt::support_tests::message;
use crate::routing::adapt::support_tests::skip;
use crate::routing::adapt::support_tests::text;
use crate::routing::adapt::support_tests::text_result;
use crate::routing::adapt::support_tests::tool_result;
use crate::routing::adapt::support_tests::tool_use;
use crate::routing::adapt::support_tests::tools;
use crate::routing::adapt::support_tests::without;
use crate::routing::fixtures::model;
use crate::routing::fixtures::prompt;

fn said(block: Block) -> InvokeRequest {
    conversation([message(Role::User, [text("Look"), block])])
}

fn answered(blocks: impl IntoIterator<Item = Block>) -> InvokeRequest {
    conversation([
        message(Role::User, [text("What time is it?")]),
        message(Role::Assistant, [tool_use()]),
        message(Role::User, blocks),
    ])
}

fn returned(item: Item) -> InvokeRequest {
    answered([Block::ToolResult(tool_result(item))])
}

fn cited_document() -> Block {
    Block::Document(DocumentBlock {
        citations_config: Some(CitationsConfig { enabled: true }),
        ..DocumentBlock::default()
    })
}

fn with_schema() -> InvokeRequest {
    InvokeRequest {
        output_config: Some(OutputConfig {
            text_format: Some(TextFormat::JsonSchema(JsonSchemaFormat::default())),
        }),
        ..prompt()
    }
}

fn with_strict_tool() -> InvokeRequest {
    let mut config = tools(None);
    if let Some(tool::Tool::ToolSpec(spec)) = &mut config.tools[0].tool {
        spec.strict = true;
    }
    InvokeRequest {
        tool_config: Some(config),
        ..prompt()
    }
}

fn with_choice(choice: Choice) -> InvokeRequest {
    InvokeRequest {
        tool_config: Some(tools(Some(choice))),
        ..prompt()
    }
}

#[test]
#[rustfmt::skip]
fn what_a_request_holds_is_a_capability_that_the_model_must_have() {
    use Capability as C;
    let system = || InvokeRequest {
        system: vec![SystemContentBlock {
            block: Some(system_content_block::Block::Text("Be brief".to_owned())),
        }],
        ..prompt()
    };
    let guarded = || InvokeRequest {
        guardrail_config: Some(GuardrailConfig::default()),
        ..prompt()
    };
    let search = || Block::SearchResult(SearchResultBlock::default());
    let drawn = || conversation([
        message(Role::User, [text("Draw")]),
        message(Role::Assistant, [Block::Image(ImageBlock::default())]),
        message(Role::User, [text("Again")]),
    ]);
    let cited = || conversation([
        message(Role::User, [text("Why?")]),
        message(Role::Assistant, [Block::CitedContent(CitedContentBlock::default())]),
        message(Role::User, [text("Again")]),
    ]);
    let table = [
        (C::SystemPrompt,     system()),
        (C::ToolUse,          InvokeRequest { tool_config: Some(tools(None)), ..prompt() }),
        (C::ToolUse,          answered([text_result()])),
        (C::ImageInput,       said(Block::Image(ImageBlock::default()))),
        (C::ImageInput,       returned(Item::Image(ImageBlock::default()))),
        (C::ImageOutput,      drawn()),
        (C::DocumentInput,    said(Block::Document(DocumentBlock::default()))),
        (C::DocumentInput,    returned(Item::Document(DocumentBlock::default()))),
        (C::VideoInput,       said(Block::Video(VideoBlock::default()))),
        (C::AudioInput,       said(Block::Audio(AudioBlock::default()))),
        (C::Citations,        said(cited_document())),
        (C::Citations,        said(search())),
        (C::Citations,        cited()),
        (C::StructuredOutput, with_schema()),
        (C::StructuredOutput, with_strict_tool()),
        (C::Guardrails,       guarded()),
    ];

    for (capability, request) in table {
        let lacking = skip(&dropping(request.clone()), &without(capability));

        assert_eq!(lacking, format!("the model lacks {}", capability_name(capability)));
        assert!(fit(&request, &model("able", 1)).is_ok(), "{capability:?}");
    }
}

#[test]
fn required_capability_is_needed_though_the_request_does_not_use_it() {
    let request = |capability: Capability| InvokeRequest {
        routing_config: Some(RoutingConfig {
            required_capabilities: vec![capability.into()],
            ..RoutingConfig::default()
        }),
        ..prompt()
    };

    for capability in [Capability::Streaming, Capability::StreamingToolUse] {
        let lacking = skip(&request(capability), &without(capability));

        assert_eq!(
            lacking,
            format!("the model lacks {}", capability_name(capability))
        );
        assert!(fit(&prompt(), &without(capability)).is_ok());
    }
}

#[test]
fn forced_tool_is_never_weakened() {
    let weak = limited(|capabilities| {
        capabilities.tool_choices.any = false;
        capabilities.tool_choices.tool = false;
    });
    let any = Choice::Any(AnyToolChoice {});
    let tool = Choice::Tool(SpecificToolChoice::default());

    for (choice, name) in [(any, "any"), (tool, "tool")] {
        assert_eq!(
            skip(&dropping(with_choice(choice)), &weak),
            format!("tool_config.tool_choice.{name}: the model cannot be made to call a tool")
        );
    }
}

#[test]
fn free_choice_is_left_unsaid_where_the_model_takes_no_word_for_it() {
    let silent = limited(|capabilities| capabilities.tool_choices.auto = false);

    let fit = fit(&with_choice(Choice::Auto(AutoToolChoice {})), &silent).unwrap();

    assert!(fit.adaptation.omit_tool_choice);
    assert_eq!(fields(&fit), ["tool_config.tool_choice"]);
}

#[test]
#[rustfmt::skip]
fn what_stands_beside_the_results_of_tools_must_suit_the_model() {
    use BesideToolResults::{Anything, NoFiles, Nothing};
    let document = || Block::Document(DocumentBlock::default());
    let alone = answered([text_result(), text_result()]);
    let with_text = answered([text_result(), text("Thanks")]);
    let with_file = answered([text_result(), document()]);
    let mut with_prompt = answered([text_result()]);
    with_prompt.prompt = "Thanks".to_owned();
    let mut in_neighbours = answered([text_result()]);
    in_neighbours.messages.push(message(Role::User, [text("Thanks"), document()]));
    let cached = answered([text_result(), Block::CachePoint(Default::default())]);
    let table = [
        ("alone",         alone,         [true, true, true]),
        ("with text",     with_text,     [true, true, false]),
        ("with a file",   with_file,     [true, false, false]),
        ("with a prompt", with_prompt,   [true, true, false]),
        ("in neighbours", in_neighbours, [true, false, false]),
        ("cached",        cached,        [true, true, true]),
    ];

    for (name, request, suits) in table {
        for (beside, suits) in [Anything, NoFiles, Nothing].into_iter().zip(suits) {
            let model = limited(|capabilities| capabilities.beside_tool_results = beside);

            assert_eq!(fit(&request, &model).is_ok(), suits, "{name}, {beside:?}");
        }
    }
}

#[test]
fn what_was_said_before_the_results_of_tools_is_another_turn() {
    let strict = limited(|capabilities| {
        capabilities.beside_tool_results = BesideToolResults::Nothing;
    });
    let mut request = answered([text_result()]);
    request
        .messages
        .push(message(Role::Assistant, [text("Noon.")]));
    request.messages.push(message(Role::User, [text("Thanks")]));

    assert!(fit(&request, &strict).is_ok());
}

#[test]
fn images_in_the_results_of_tools_are_not_taken_by_all_that_see() {
    let blind = limited(|capabilities| capabilities.tool_result_images = false);
    let image = || ImageBlock::default();

    assert_eq!(
        skip(&returned(Item::Image(image())), &blind),
        "the model takes no images in the results of tools"
    );
    assert!(fit(&said(Block::Image(image())), &blind).is_ok());
}

#[test]
fn instructions_between_messages_need_a_model_that_takes_them() {
    let plain = limited(|capabilities| capabilities.system_messages = false);
    let request = conversation([
        message(Role::User, [text("Hi")]),
        message(Role::System, [text("Be brief")]),
    ]);

    assert_eq!(
        skip(&request, &plain),
        "the model takes no messages with ROLE_SYSTEM"
    );
}

#[test]
fn begun_answer_needs_a_model_that_goes_on_with_it() {
    let plain = limited(|capabilities| capabilities.prefill = false);
    let mut request = conversation([
        message(Role::User, [text("Hi")]),
        message(Role::Assistant, [text("Hello, ")]),
    ]);

    let begun = skip(&request, &plain);
    request.prompt = "Go on".to_owned();

    assert_eq!(begun, "the model wants the last message to be the user's");
    assert!(fit(&request, &plain).is_ok());
}

#[test]
fn prompt_variables_need_a_stored_prompt() {
    let request = InvokeRequest {
        prompt_variables: [("city".to_owned(), PromptVariableValue::default())].into(),
        ..InvokeRequest::default()
    };
    let mut stored = model("stored", 1);
    stored.target.is_prompt = true;

    assert_eq!(
        skip(&request, &model("plain", 1)),
        "prompt_variables: the model is no stored prompt"
    );
    assert!(fit(&request, &stored).is_ok());
}

fn image_of(bytes: usize) -> ImageBlock {
    ImageBlock {
        source: Some(image_block::Source::Data(vec![0; bytes].into())),
        ..ImageBlock::default()
    }
}

fn image(bytes: usize) -> Block {
    Block::Image(image_of(bytes))
}

fn small() -> Model {
    let mut model = model("small", 1);
    model.limits.media.max_images = 2;
    model.limits.media.max_image_bytes = 100;
    model.limits.media.max_documents = 1;
    model.limits.media.max_document_bytes = 10;
    model.limits.media.max_inline_bytes = 50;
    model
}

#[test]
#[rustfmt::skip]
fn media_beyond_a_limit_are_named_with_limit_and_place() {
    let document = |text: &str| Block::Document(DocumentBlock {
        source: Some(document_block::Source::Text(text.to_owned())),
        ..DocumentBlock::default()
    });
    let video = |bytes| Block::Video(VideoBlock {
        source: Some(video_block::Source::Data(vec![0; bytes].into())),
        ..VideoBlock::default()
    });
    let in_result = |bytes| Block::ToolResult(tool_result(Item::Image(image_of(bytes))));
    let table = [
        (vec![image(100), image(100)], ""),
        (vec![image(1), image(1), image(1)], "the request holds 3 images; small takes at most 2"),
        (vec![image(1), image(101)], "messages[0].content[1] is an image of 101 bytes; small takes at most 100"),
        (vec![in_result(101)], "messages[0].content[0].tool_result.content[0] is an image of 101 bytes; small takes at most 100"),
        (vec![document("a"), document("b")], "the request holds 2 documents; small takes at most 1"),
        (vec![document("eleven here")], "messages[0].content[0] is a document of 11 bytes; small takes at most 10"),
        (vec![video(51)], "messages[0].content[0] is a recording that is not in S3 of 51 bytes; small takes at most 50"),
    ];

    for (blocks, problem) in table {
        let request = conversation([message(Role::User, blocks)]);

        let found = fit(&request, &small()).map_or_else(|skip| skip.message, |_| String::new());

        assert_eq!(found, problem);
    }
}
