//! Answers of Bedrock that are made up: any blocks, any text, and JSON that is easily spoiled.

use bedrock_gateway::emulator::Reply;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// An answer of any length.
pub(crate) fn reply(block: impl Strategy<Value = Value>) -> impl Strategy<Value = Reply> {
    let stop_reason = select(&["end_turn", "tool_use", "guardrail_intervened", "bored"][..]);
    let fields = option::of(json().prop_map(|value| json!({ "/a": value })));
    let usage = (0..5_i32, 0..i32::MAX / 2, 0..9_i32).prop_map(|(input, output, cached)| {
        json!({
            "inputTokens": input,
            "outputTokens": output,
            "totalTokens": input + output,
            "cacheReadInputTokens": cached,
            "cacheDetails": [{"ttl": "5m", "inputTokens": cached}],
        })
    });
    (vec(block, 1..6), stop_reason, fields, usage).prop_map(
        |(content, stop_reason, fields, usage)| {
            let mut members = Map::new();
            members.insert("stopReason".to_owned(), json!(stop_reason));
            members.insert("usage".to_owned(), usage);
            members
                .extend(fields.map(|fields| ("additionalModelResponseFields".to_owned(), fields)));
            Reply {
                content: Some(content),
                members,
                ..Reply::default()
            }
        },
    )
}

/// Blocks that have a form in a stream of Bedrock.
pub(crate) fn block() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(|text| json!({ "text": text })),
        reasoning().prop_map(|reasoning| json!({ "reasoningContent": reasoning })),
        tool_use().prop_map(|call| json!({ "toolUse": call })),
        tool_result().prop_map(|result| json!({ "toolResult": result })),
        (text(), vec(citation(), 1..4)).prop_map(|(text, citations)| {
            json!({"citationsContent": {"content": [{"text": text}], "citations": citations}})
        }),
        image().prop_map(|image| json!({ "image": image })),
    ]
}

/// Blocks that have none.
pub(crate) fn media() -> impl Strategy<Value = Value> {
    let source = base64(1..20).prop_map(|data| json!({ "bytes": data }));
    let kind = select(&[("video", "mp4"), ("audio", "wav"), ("document", "pdf")][..]);
    let inside = (kind, source, text()).prop_map(|((kind, format), source, name)| {
        let mut media = json!({"format": format, "source": source});
        if kind == "document" {
            media["name"] = json!(name);
        }
        json!({ kind: media })
    });
    let inside = inside.boxed();
    let result = inside
        .clone()
        .prop_filter_map("no audio in results", |media| {
            let result = json!({"toolUseId": "tooluse_1", "content": [media]});
            media
                .get("audio")
                .is_none()
                .then(|| json!({ "toolResult": result }))
        });
    let cited = (vec(text(), 2..4), citation()).prop_map(|(texts, citation)| {
        let content: Value = texts.iter().map(|text| json!({ "text": text })).collect();
        json!({"citationsContent": {"content": content, "citations": [citation]}})
    });
    prop_oneof![inside, result, cited]
}

fn reasoning() -> impl Strategy<Value = Value> {
    let readable = (text(), option::of("[a-zA-Z0-9+/]{1,40}"));
    prop_oneof![
        readable.prop_map(|(text, signature)| {
            let mut reasoning = json!({ "text": text });
            if let Some(signature) = signature {
                reasoning["signature"] = json!(signature);
            }
            json!({ "reasoningText": reasoning })
        }),
        base64(1..60).prop_map(|data| json!({ "redactedContent": data })),
    ]
}

fn tool_use() -> impl Strategy<Value = Value> {
    (json(), any::<bool>()).prop_map(|(input, is_provider_run)| {
        let mut call = json!({"toolUseId": "tooluse_1", "name": "f", "input": {"x": input}});
        if is_provider_run {
            call["type"] = json!("server_tool_use");
        }
        call
    })
}

/// Never two texts in a row, which are one in a stream, and no `null` alone: the SDK takes a union
/// with it for an empty one.
fn tool_result() -> impl Strategy<Value = Value> {
    let pieces = vec(json().prop_map(|value| json!({"json": [value]})), 0..3);
    let status = option::of(select(&["success", "error"][..]));
    (pieces, option::of(text()), status).prop_map(|(mut content, text, status)| {
        content.extend(text.map(|text| json!({ "text": text })));
        let mut result = json!({"toolUseId": "tooluse_1", "content": content});
        if let Some(status) = status {
            result["status"] = json!(status);
            result["type"] = json!("search_result");
        }
        result
    })
}

fn citation() -> impl Strategy<Value = Value> {
    let location = prop_oneof![
        text().prop_map(|url| json!({"web": {"url": url, "domain": "example.com"}})),
        (0..3, 0..9).prop_map(|(index, end)| {
            json!({"documentChar": {"documentIndex": index, "start": 0, "end": end}})
        }),
    ];
    (text(), location).prop_map(|(title, location)| {
        json!({"title": title, "sourceContent": [{"text": title}], "location": location})
    })
}

/// Some are longer than what one event carries.
fn image() -> impl Strategy<Value = Value> {
    let error = option::of(text().prop_map(|message| json!({ "message": message })));
    let source = prop_oneof![
        base64(1..12_000).prop_map(|data| json!({ "bytes": data })),
        Just(json!({"s3Location": {"uri": "s3://out/a.png", "bucketOwner": "123456789012"}})),
    ];
    (source, error).prop_map(|(source, error)| {
        let mut image = json!({"format": "png", "source": source});
        if let Some(error) = error {
            image["error"] = error;
        }
        image
    })
}

fn base64(groups: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    (groups, "[a-zA-Z0-9+/]{4}").prop_map(|(groups, group)| group.repeat(groups))
}

/// Something to say, in all scripts and with what JSON must escape.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{1,40}",
        "\\PC{1,20}",
        Just("a\u{0}\n\"\\/\u{2028}😀".to_owned())
    ]
}

/// JSON that a map of doubles would spoil.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let number = select(
        &[
            "0",
            "-0",
            "1.0",
            "1",
            "1.50",
            "9007199254740993",
            "-18446744073709551617",
            "1e-7",
        ][..],
    );
    let leaf = prop_oneof![
        number.prop_map(|number| serde_json::from_str(number).unwrap()),
        any::<bool>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
