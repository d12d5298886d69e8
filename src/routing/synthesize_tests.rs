use std::collections::HashSet;
use std::mem::discriminant;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use prost::Message as _;

use super::*;
use crate::proto::Citation;
use crate::proto::ReasoningBlock;
use crate::proto::ReasoningText;
use crate::proto::ToolResultContentBlock;
use crate::proto::ToolUseBlock;
use crate::provider::scripted;
use crate::routing::gather::Gathering;
use crate::routing::generated::Made;
use crate::routing::generated::blocks;
use crate::routing::generated::recut;
use crate::routing::generated::replies;

fn joined(events: Vec<Event>, request_id: &str) -> Reply {
    let mut gathering = Gathering::default();
    for event in events {
        gathering.add(event).unwrap();
    }
    assert!(gathering.is_complete());
    gathering.finish(request_id.to_owned())
}

proptest! {
    #[test]
    fn joined_events_are_the_message_they_were_made_of(Made(reply) in replies()) {
        let again = joined(events(reply.clone()), &reply.request_id);

        prop_assert!(again == reply);
    }

    #[test]
    fn joining_does_not_depend_on_where_texts_are_cut_and_how_blocks_interleave(
        Made(reply) in replies(),
        choices in prop::collection::vec(0_usize..1000, 1..40),
    ) {
        let again = joined(recut(events(reply.clone()), &choices), &reply.request_id);

        prop_assert!(again == reply);
    }

    #[test]
    fn text_of_the_answer_is_that_of_the_deltas_and_of_whole_blocks(Made(reply) in replies()) {
        let mut text = String::new();
        for event in events(reply.clone()) {
            match event {
                Event::BlockStart(ContentBlockStartEvent { start: Some(Start::Whole(block)), .. }) => {
                    text.extend(block.texts());
                }
                Event::BlockDelta(ContentBlockDeltaEvent { delta: Some(Delta::Text(more)), .. }) => {
                    text.push_str(&more);
                }
                _ => {}
            }
        }

        prop_assert_eq!(text, reply.message.text());
    }
}

#[test]
fn every_kind_of_block_is_made_up() {
    let mut runner = TestRunner::deterministic();
    let blocks = blocks();

    let kinds: HashSet<_> = (0..1_000)
        .map(|_| discriminant(&blocks.new_tree(&mut runner).unwrap().current()))
        .collect();

    assert_eq!(kinds.len(), 14);
}

#[test]
fn events_come_in_the_order_of_a_stream() {
    let reply = reply(vec![
        Block::Text("hello".to_owned()),
        Block::ToolUse(ToolUseBlock {
            input_json: "{}".to_owned(),
            ..ToolUseBlock::default()
        }),
        Block::Document(Default::default()),
    ]);

    let kinds: Vec<_> = events(reply).iter().map(kind).collect();

    assert_eq!(
        kinds,
        [
            "message start",
            "0 start",
            "0 delta",
            "0 stop",
            "1 start",
            "1 delta",
            "1 stop",
            "2 start whole",
            "2 stop",
            "message stop",
            "completion"
        ]
    );
}

#[test]
fn whatever_has_pieces_comes_in_events_below_a_mebibyte() {
    let text = "\u{1f600}".repeat(700_000);
    let data = Bytes::from(vec![7; 3_932_160]);
    let reply = reply(vec![
        Block::Text(text.clone()),
        Block::Image(ImageBlock {
            source: Some(image_block::Source::Data(data.clone())),
            ..ImageBlock::default()
        }),
        Block::ToolUse(ToolUseBlock {
            input_json: text.clone(),
            ..ToolUseBlock::default()
        }),
        reasoning(reasoning_block::Content::ReasoningText(ReasoningText {
            text: text.clone(),
            signature: "signed".to_owned(),
        })),
        reasoning(reasoning_block::Content::RedactedContent(data)),
        Block::CitedContent(CitedContentBlock {
            content: vec![CitedText {
                content: Some(cited_text::Content::Text(text.clone())),
            }],
            citations: vec![Citation::default()],
        }),
        Block::ToolResult(ToolResultBlock {
            content: vec![ToolResultContentBlock {
                block: Some(tool_result_content_block::Block::Text(text)),
            }],
            ..ToolResultBlock::default()
        }),
    ]);

    let events = events(reply.clone());

    let largest = events.iter().map(encoded_len).max().unwrap();
    assert!(largest < 1 << 20, "{largest}");
    assert!(!events.iter().any(|event| kind(event).ends_with("whole")));
    assert!(joined(events, &reply.request_id) == reply);
}

#[test]
fn texts_side_by_side_in_a_tool_result_stay_apart() {
    let text = |text: &str| ToolResultContentBlock {
        block: Some(tool_result_content_block::Block::Text(text.to_owned())),
    };
    let reply = reply(vec![Block::ToolResult(ToolResultBlock {
        content: vec![text("one"), text("two")],
        ..ToolResultBlock::default()
    })]);

    let events = events(reply);

    assert_eq!(kind(&events[1]), "0 start whole");
}

fn reasoning(content: reasoning_block::Content) -> Block {
    Block::Reasoning(ReasoningBlock {
        content: Some(content),
        model: "first".to_owned(),
    })
}

fn reply(blocks: Vec<Block>) -> Reply {
    let mut reply = scripted::reply("");
    let blocks = blocks.into_iter();
    reply.message.content = blocks
        .map(|block| ContentBlock { block: Some(block) })
        .collect();
    reply
}

fn kind(event: &Event) -> String {
    match event {
        Event::MessageStart => "message start".to_owned(),
        Event::BlockStart(event) => {
            let whole = match event.start {
                Some(Start::Whole(_)) => " whole",
                _ => "",
            };
            format!("{} start{whole}", event.content_block_index)
        }
        Event::BlockDelta(event) => format!("{} delta", event.content_block_index),
        Event::BlockStop(event) => format!("{} stop", event.content_block_index),
        Event::MessageStop(_) => "message stop".to_owned(),
        Event::Completion(_) => "completion".to_owned(),
    }
}

fn encoded_len(event: &Event) -> usize {
    match event {
        Event::BlockStart(event) => event.encoded_len(),
        Event::BlockDelta(event) => event.encoded_len(),
        Event::MessageStart
        | Event::BlockStop(_)
        | Event::MessageStop(_)
        | Event::Completion(_) => 0,
    }
}
