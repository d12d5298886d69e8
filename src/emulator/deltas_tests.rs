use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::base64;

use super::*;

/// Payloads of the events of one block, without index and padding.
fn payloads(block: Value) -> Vec<Value> {
    let mut events = Vec::new();
    super::block(7, &Block::Exact(block), &mut events, &mut Seed::of(b"s")).unwrap();
    let payloads: Vec<Value> = events
        .iter()
        .map(|event| {
            let message = read_message_from(&mut event.frame.clone()).unwrap();
            let mut payload: Value = serde_json::from_slice(message.payload()).unwrap();
            let members = payload.as_object_mut().unwrap();
            assert!(members.remove("p").unwrap().is_string());
            assert_eq!(members.remove("contentBlockIndex"), Some(json!(7)));
            payload
        })
        .collect();
    let (stop, before) = payloads.split_last().unwrap();
    assert_eq!(*stop, json!({}));
    before.to_vec()
}

fn joined(payloads: &[Value], pointer: &str) -> String {
    let parts = payloads.iter().filter_map(|one| one.pointer(pointer));
    parts.map(|part| part.as_str().unwrap()).collect()
}

fn refusal(block: Value) -> String {
    let block = Block::Exact(block);
    super::block(0, &block, &mut Vec::new(), &mut Seed::of(b"s"))
        .unwrap_err()
        .message
}

#[test]
fn texts_and_thoughts_have_pieces_and_no_start() {
    let text = payloads(json!({"text": "one two three four five"}));
    let thought = payloads(json!({"reasoningContent": {"reasoningText": {
        "text": "hm hm hm hm hm", "signature": "c2ln"}}}));

    assert!(text.len() > 1);
    assert_eq!(joined(&text, "/delta/text"), "one two three four five");
    assert_eq!(
        joined(&thought, "/delta/reasoningContent/text"),
        "hm hm hm hm hm"
    );
    assert_eq!(
        thought.last().unwrap(),
        &json!({"delta": {"reasoningContent": {"signature": "c2ln"}}})
    );
}

#[test]
fn an_empty_text_is_one_empty_piece() {
    assert_eq!(
        payloads(json!({"text": ""})),
        [json!({"delta": {"text": ""}})]
    );
}

#[test]
fn redacted_thoughts_come_whole() {
    let redacted = payloads(json!({"reasoningContent": {"redactedContent": "AAEC"}}));

    assert_eq!(
        redacted,
        [json!({"delta": {"reasoningContent": {"redactedContent": "AAEC"}}})]
    );
}

#[test]
fn a_call_starts_with_all_but_its_input_and_streams_that_as_it_was_written() {
    let input = r#"{"z":1.50,"a":123456789012345678901234567890}"#;
    let mut call = json!({"toolUse": {"toolUseId": "t", "name": "f", "type": "server_tool_use"}});
    call["toolUse"]["input"] = serde_json::from_str(input).unwrap();

    let events = payloads(call);

    assert_eq!(
        events[0],
        json!({"start": {"toolUse": {"toolUseId": "t", "name": "f", "type": "server_tool_use"}}})
    );
    assert_eq!(joined(&events, "/delta/toolUse/input"), input);
}

#[test]
fn a_result_has_its_texts_and_json_in_one_delta() {
    let content = json!([{"text": "a b c d e f g"}, {"json": {"n": 1}}, {"text": "h"}]);
    let start = json!({"toolUseId": "t", "status": "success", "type": "web_search_tool_result"});
    let mut result = json!({"toolResult": start});
    result["toolResult"]["content"] = content.clone();

    let events = payloads(result);

    assert_eq!(
        events,
        [
            json!({"start": {"toolResult": start}}),
            json!({"delta": {"toolResult": content}})
        ]
    );
}

#[test]
fn each_piece_of_an_image_can_be_decoded_by_itself() {
    let bytes: Vec<u8> = (0..10_000_u32).map(|n| (n % 251) as u8).collect();
    let image = json!({"image": {"format": "png", "source": {"bytes": base64::encode(&bytes)}}});

    let events = payloads(image);

    assert_eq!(events[0], json!({"start": {"image": {"format": "png"}}}));
    assert!(events.len() > 3);
    let decoded: Vec<u8> = events
        .iter()
        .filter_map(|event| event.pointer("/delta/image/source/bytes")?.as_str())
        .flat_map(|part| base64::decode(part).unwrap())
        .collect();
    assert_eq!(decoded, bytes);
}

#[test]
fn images_elsewhere_and_failed_ones_are_said_in_one_delta_each() {
    let location = json!({"s3Location": {"uri": "s3://b/k", "bucketOwner": "111122223333"}});
    let image = json!({"image": {"format": "webp", "source": location, "error": {"message": "m"}}});

    let events = payloads(image);

    assert_eq!(
        events[1..],
        [
            json!({"delta": {"image": {"source": location}}}),
            json!({"delta": {"image": {"error": {"message": "m"}}}})
        ]
    );
}

#[test]
fn cited_text_comes_before_its_citations() {
    let citation = json!({
        "title": "t", "source": "s", "sourceContent": [{"text": "quoted"}],
        "location": {"documentPage": {"documentIndex": 0, "start": 1, "end": 2}}
    });

    let events = payloads(json!({"citationsContent": {
        "content": [{"text": "said because of it"}], "citations": [citation]}}));

    assert_eq!(joined(&events, "/delta/text"), "said because of it");
    assert_eq!(
        events.last().unwrap(),
        &json!({"delta": {"citation": citation}})
    );
}

#[test]
fn blocks_without_events_are_refused_by_name() {
    let document = refusal(json!({"document": {"name": "d", "source": {"text": "x"}}}));
    let unknown = refusal(json!({"hologram": {}}));
    let inside = refusal(json!({"toolResult": {"toolUseId": "t", "content": [{"image": {}}]}}));

    assert!(
        document.contains("cannot be streamed") && document.contains("kind document"),
        "{document}"
    );
    assert!(unknown.contains("hologram"), "{unknown}");
    assert!(inside.contains("toolResult with image"), "{inside}");
}
