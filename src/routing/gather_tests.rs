use super::*;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ReasoningBlockDelta;
use crate::proto::TextBlockStart;

fn start(content_block_index: i32, start: Option<Start>) -> Event {
    Event::BlockStart(ContentBlockStartEvent {
        content_block_index,
        start,
    })
}

fn text_start(index: i32) -> Event {
    start(index, Some(Start::Text(TextBlockStart {})))
}

fn delta(content_block_index: i32, delta: Delta) -> Event {
    Event::BlockDelta(ContentBlockDeltaEvent {
        content_block_index,
        delta: Some(delta),
    })
}

fn text_delta(index: i32, text: &str) -> Event {
    delta(index, Delta::Text(text.to_owned()))
}

fn gather(events: impl IntoIterator<Item = Event>) -> Result<Reply, ProviderError> {
    let mut gathering = Gathering::default();
    for event in events {
        gathering.add(event)?;
    }
    Ok(gathering.finish(String::new()))
}

#[test]
fn blocks_stand_in_the_order_of_their_indexes() {
    let reply = gather([
        text_start(2),
        text_start(0),
        text_delta(2, "world"),
        text_delta(0, "hello "),
    ]);

    assert_eq!(reply.unwrap().message.text(), "hello world");
}

#[test]
fn block_of_an_unknown_kind_is_left_out_with_all_that_belongs_to_it() {
    let reply = gather([
        start(0, None),
        text_delta(0, "?"),
        text_start(1),
        text_delta(1, "hello"),
    ]);

    let message = reply.unwrap().message;
    assert_eq!((message.content.len(), &*message.text()), (1, "hello"));
}

#[test]
fn delta_that_fits_no_block_makes_the_answer_bad_instead_of_vanishing() {
    let reasoning = || Delta::Reasoning(ReasoningBlockDelta::default());

    for events in [
        vec![text_delta(0, "lost")],
        vec![text_start(0), delta(0, reasoning())],
        vec![text_start(0), text_delta(1, "lost")],
    ] {
        let error = gather(events).err().unwrap();

        assert_eq!(error.kind, ErrorKind::BadAnswer);
    }
}

#[test]
fn message_is_bounded_in_bytes_and_in_events() {
    let mebibyte = "x".repeat(1 << 20);
    let large = (0..64).map(|_| text_delta(0, &mebibyte));
    let many = (0..=MAX_MESSAGE_BYTES / EVENT_BYTES).map(|_| text_delta(0, ""));

    let too_large = gather([text_start(0)].into_iter().chain(large));
    let too_many = gather([text_start(0)].into_iter().chain(many));

    assert_eq!(too_large.err().unwrap().kind, ErrorKind::BadAnswer);
    assert_eq!(too_many.err().unwrap().kind, ErrorKind::BadAnswer);
}
