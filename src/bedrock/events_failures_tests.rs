//! Streams that break, or are not what they should be.

use super::*;

#[tokio::test]
async fn a_proper_end_before_metadata_is_a_truncated_stream() {
    let parts = [
        event("messageStart", START),
        delta(0, r#"{"text":"a"}"#),
        block_stop(0),
        event("messageStop", STOP),
    ];

    for count in 0..=parts.len() {
        let (_, error) = read(parts[..count].concat()).await;

        assert_eq!(error.unwrap().kind, ErrorKind::Truncated);
    }
}

#[tokio::test]
async fn events_out_of_order_are_a_bad_answer() {
    let tool_delta = delta(0, r#"{"toolUse":{"input":"{}"}}"#);
    let text = delta(0, r#"{"text":"a"}"#);
    let reasoning = delta(0, r#"{"reasoningContent":{"text":"a"}}"#);
    let bodies = [
        delta(0, r#"{"text":"a"}"#),
        message(&[tool_delta]),
        message(&[text.clone(), reasoning]),
        message(&[text.clone(), block_stop(0), text]),
        message(&[event("messageStart", START)]),
        message(&[event("metadata", METADATA)]),
    ];

    for body in bodies {
        let (_, error) = read(body).await;

        assert_eq!(error.unwrap().kind, ErrorKind::BadAnswer);
    }
}

#[tokio::test]
async fn nothing_of_a_frame_that_cannot_be_read_is_told() {
    let result = block_start(0, r#"{"toolResult":{"toolUseId":"t"}}"#);
    let not_json = delta(0, r#"{"toolResult":[{"text":"a"},{"json":{"z":00}}]}"#);

    let (words, error) = read(message(&[result, not_json])).await;

    assert_eq!(error.unwrap().kind, ErrorKind::BadAnswer);
    assert_eq!(words.len(), 2, "{words:?}");
}

#[tokio::test]
async fn what_came_before_a_frame_that_is_too_large_is_told() {
    let too_large = (8 * 1024 * 1024_u32).to_be_bytes().to_vec();
    let body = [event("messageStart", START), too_large].concat();

    let (words, error) = read(body).await;

    assert_eq!(words, ["message"]);
    assert_eq!(error.unwrap().kind, ErrorKind::BadAnswer);
}

#[tokio::test]
async fn usage_that_comes_too_early_is_known_though_the_answer_is_bad() {
    let (_, error) = read(message(&[event("metadata", METADATA)])).await;

    let usage = error.unwrap().completion.unwrap().usage.unwrap();
    assert_eq!(usage.total_tokens, 3);
}

#[tokio::test]
async fn exceptions_in_the_stream_are_known_in_both_casings() {
    let cases = [
        ("throttlingException", ErrorKind::Throttled),
        ("ThrottlingException", ErrorKind::Throttled),
        ("serviceUnavailableException", ErrorKind::Unavailable),
        ("internalServerException", ErrorKind::Internal),
        ("modelStreamErrorException", ErrorKind::ModelError),
        ("validationException", ErrorKind::Validation),
        ("modelTimeoutException", ErrorKind::ModelTimeout),
        ("teapotException", ErrorKind::UnknownServer),
    ];

    for (name, kind) in cases {
        let body = [
            event("messageStart", START),
            exception(name, r#"{"message":"words"}"#),
            delta(0, r#"{"text":"never"}"#),
        ];
        let (words, error) = read(body.concat()).await;

        let error = error.unwrap();
        assert_eq!(words, ["message"]);
        assert_eq!(error.kind, kind, "{name}");
        assert!(error.upstream_error.ends_with("Exception"));
        assert!(
            error
                .upstream_error
                .starts_with(|first: char| first.is_uppercase())
        );
    }
}

#[tokio::test]
async fn what_the_model_s_server_said_is_known_in_both_casings() {
    let payload = r#"{"message":"m","originalStatusCode":400,"originalMessage":"o"}"#;

    for name in ["modelStreamErrorException", "ModelStreamErrorException"] {
        let (_, error) = read(exception(name, payload)).await;

        let error = error.unwrap();
        assert_eq!(error.kind, ErrorKind::ModelRejected, "{name}");
        let origin = error.origin.unwrap();
        assert_eq!((origin.status, origin.message.as_str()), (Some(400), "o"));
    }
}

#[tokio::test]
async fn a_refusal_in_the_stream_is_named_in_both_casings() {
    let payload = r#"{"message":"This model doesn't support tool use in streaming mode."}"#;

    for name in ["validationException", "ValidationException"] {
        let (_, error) = read(exception(name, payload)).await;

        let error = error.unwrap();
        assert_eq!(error.kind, ErrorKind::FieldRefused, "{name}");
        assert_eq!(error.refused, Some(Refusable::StreamedTools), "{name}");
    }
}

#[tokio::test]
async fn an_error_frame_is_classified_by_its_code() {
    let error_frame = |code| {
        frame(
            &[
                (":message-type", "error"),
                (":error-code", code),
                (":error-message", "words"),
            ],
            "",
        )
    };

    let (_, known) = read(error_frame("InternalFailure")).await;
    let (_, unknown) = read(error_frame("Oops")).await;

    assert_eq!(known.unwrap().kind, ErrorKind::Internal);
    assert_eq!(unknown.unwrap().kind, ErrorKind::UnknownServer);
}

#[tokio::test]
async fn an_arn_in_place_of_an_error_code_is_not_told() {
    let code = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/x";
    let headers = [(":message-type", "error"), (":error-code", code)];

    let (_, error) = read(frame(&headers, "")).await;

    assert_eq!(error.unwrap().upstream_error, "Arn");
}

#[tokio::test]
async fn damaged_frames_are_a_bad_answer() {
    let whole = [event("messageStart", START), delta(0, r#"{"text":"a"}"#)].concat();
    let half = whole[..whole.len() - 10].to_vec();
    let mut flipped = whole.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    let no_json = [event("messageStart", START), delta(0, "{oops")].concat();

    for body in [half, [flipped, whole.clone()].concat(), no_json] {
        let (words, error) = read(body).await;

        assert_eq!(words, ["message"]);
        assert_eq!(error.unwrap().kind, ErrorKind::BadAnswer);
    }
}

#[tokio::test]
async fn a_connection_cut_in_the_stream_is_a_truncated_stream() {
    let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-amzn-requestid: r-1\r\n\r\n";
    let frame = event("messageStart", START);
    let chunk = format!("{:x}\r\n", frame.len());
    let answer = [head.as_bytes(), chunk.as_bytes(), &frame, b"\r\n"].concat();

    let (words, error) = read_answer(answer).await;

    assert_eq!(words, ["message"]);
    assert_eq!(error.unwrap().kind, ErrorKind::Truncated);
}

#[tokio::test]
async fn what_happens_after_a_whole_message_does_not_matter() {
    let whole = message(&[]);
    let cut = {
        let mut answer = answer(&whole, 1000);
        answer.truncate(answer.len() - 5);
        answer
    };
    let more = [whole, exception("throttlingException", "{}")].concat();

    for answer in [cut, answer(&more, 1000)] {
        let (words, error) = read_answer(answer).await;

        assert!(error.is_none());
        assert_eq!(words, ["message", "end_turn", "3 tokens"]);
    }
}

#[tokio::test]
async fn dropping_the_stream_ends_the_upstream_call() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let upstream = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        read_request(&mut connection).await;
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-amzn-requestid: r-1\r\n\r\n";
        let frame = event("messageStart", START);
        let chunk = format!("{:x}\r\n", frame.len());
        let answer = [head.as_bytes(), chunk.as_bytes(), &frame, b"\r\n"].concat();
        connection.write_all(&answer).await.unwrap();
        let mut rest = Vec::new();
        // Ends when the other side closes.
        let _ = connection.read_to_end(&mut rest).await;
    });
    let request = InvokeRequest {
        prompt: "Hi".to_owned(),
        ..Default::default()
    };
    let (model, adaptation) = (model(), Adaptation::default());
    let bedrock = Bedrock::new(&config(&address).await);
    let stream = bedrock.invoke_stream(call(&model, &request, &adaptation));
    let mut stream = stream.await.ok().unwrap();
    assert!(matches!(
        stream.events.next().await,
        Some(Ok(Event::MessageStart))
    ));

    drop(stream);

    upstream.await.unwrap();
}
