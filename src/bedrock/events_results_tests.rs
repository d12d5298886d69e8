//! Results of tools and images in a stream.

use super::*;

#[tokio::test]
async fn results_of_tools_and_images_are_carried() {
    let (words, error) = read(message(&[
        block_start(
            0,
            r#"{"toolResult":{"toolUseId":"a","type":"web","status":"success"}}"#,
        ),
        delta(0, r#"{"toolResult":[{"json":{"b":[1,2.5],"a":null}}]}"#),
        delta(0, r#"{"toolResult":[{"text":"words"}]}"#),
        block_stop(0),
        block_start(1, r#"{"image":{"format":"png"}}"#),
        delta(1, r#"{"image":{"source":{"bytes":"AAEC"}}}"#),
        block_stop(1),
    ]))
    .await;

    assert!(error.is_none());
    assert_eq!(
        words[1..8],
        [
            "0: start result a",
            "0: {\"b\":[1,2.5],\"a\":null}",
            "0: words",
            "0: stop",
            "1: start image/png",
            "1: bytes",
            "1: stop"
        ]
    );
}

#[tokio::test]
async fn every_way_an_image_can_come_is_carried() {
    let mut stream = events(message(&[
        block_start(0, r#"{"image":{"format":"png"}}"#),
        delta(0, r#"{"image":{"source":{"bytes":"AAEC"}}}"#),
        delta(
            0,
            r#"{"image":{"source":{"s3Location":{"uri":"s3://b/k","bucketOwner":"111122223333"}}}}"#,
        ),
        delta(0, r#"{"image":{"error":{"message":"no"}}}"#),
        block_stop(0),
    ]))
    .await;

    let deltas: Vec<_> = stream
        .drain(..)
        .filter_map(|event| match event {
            Event::BlockDelta(event) => match event.delta {
                Some(Delta::Image(image)) => Some(image),
                _ => None,
            },
            _ => None,
        })
        .collect();

    assert!(deltas[0].source == Some(image_block_delta::Source::Data(b"\0\x01\x02"[..].into())));
    let Some(image_block_delta::Source::S3Location(location)) = &deltas[1].source else {
        panic!("no location");
    };
    assert_eq!(location.uri, "s3://b/k");
    assert_eq!(location.bucket_owner, "111122223333");
    assert_eq!(deltas[2].error.as_ref().unwrap().message, "no");
}

#[tokio::test]
async fn json_of_tool_results_keeps_its_spelling() {
    let body = message(&[
        delta(0, r#"{"text":"a"}"#),
        block_stop(0),
        block_start(1, r#"{"toolResult":{"toolUseId":"a"}}"#),
        delta(
            1,
            r#"{"toolResult":[{"json":{"z":1.50,"a":18446744073709551616}}]}"#,
        ),
        block_stop(1),
    ]);

    for chunk_length in [1, 7, 100, 10_000] {
        let (words, error) = read_answer(answer(&body, chunk_length)).await;

        assert!(error.is_none());
        assert_eq!(words[5], "1: {\"z\":1.50,\"a\":18446744073709551616}");
    }
}
