//! The emulator as the AWS SDK for Rust sees it.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::Config;
use aws_sdk_bedrockruntime::config::BehaviorVersion;
use aws_sdk_bedrockruntime::config::Credentials as SdkCredentials;
use aws_sdk_bedrockruntime::config::Region;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::error::ProvideErrorMetadata;
use aws_sdk_bedrockruntime::operation::RequestId;
use aws_sdk_bedrockruntime::operation::converse_stream::ConverseStreamOutput as Opened;
use aws_sdk_bedrockruntime::types::ContentBlock;
use aws_sdk_bedrockruntime::types::ConversationRole;
use aws_sdk_bedrockruntime::types::ConverseStreamOutput as Event;
use aws_sdk_bedrockruntime::types::Message;
use tokio::net::TcpListener;

use super::*;

const KEY: &str = "claude-opus-4-1";
const ARN: &str = "arn:aws:bedrock:us-east-1:394686422207:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0";

fn options() -> Options {
    Options {
        registry: vec![include_str!("fixtures/models.json").to_owned()],
        ..Options::default()
    }
}

async fn started(framing: Framing) -> (Emulator, Client) {
    started_with(Options {
        framing,
        ..options()
    })
    .await
}

async fn started_with(options: Options) -> (Emulator, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let emulator = Emulator::start(listener, options).unwrap();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .endpoint_url(emulator.endpoint_url())
        .credentials_provider(SdkCredentials::new(
            EMULATOR_ACCESS_KEY_ID,
            EMULATOR_SECRET_ACCESS_KEY,
            None,
            None,
            "test",
        ))
        .retry_config(RetryConfig::disabled())
        .build();
    (emulator, Client::from_conf(config))
}

fn prompt() -> Message {
    Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("Hi".to_owned()))
        .build()
        .unwrap()
}

async fn opened(client: &Client) -> Opened {
    client
        .converse_stream()
        .model_id(ARN)
        .messages(prompt())
        .send()
        .await
        .unwrap()
}

/// The text of a stream, and how it ended.
async fn read(mut opened: Opened) -> (String, Result<(), String>) {
    let mut text = String::new();
    loop {
        match opened.stream.recv().await {
            Ok(Some(Event::ContentBlockDelta(event))) => {
                text.push_str(event.delta().unwrap().as_text().unwrap());
            }
            Ok(Some(_)) => {}
            Ok(None) => return (text, Ok(())),
            Err(error) => return (text, Err(format!("{error:?}"))),
        }
    }
}

#[tokio::test]
async fn converse_answers_with_text_usage_and_request_id() {
    let (emulator, client) = started(Framing::PerEvent).await;
    emulator.set_scenario(KEY, Scenario::reply("exact words"));

    let reply = client
        .converse()
        .model_id(ARN)
        .messages(prompt())
        .send()
        .await
        .unwrap();

    let message = reply.output().unwrap().as_message().unwrap();
    assert_eq!(message.content()[0].as_text().unwrap(), "exact words");
    let usage = reply.usage().unwrap();
    assert_eq!(
        usage.total_tokens(),
        usage.input_tokens() + usage.output_tokens()
    );
    assert!(reply.request_id().is_some());
    assert_eq!(emulator.calls(), [KEY]);
}

#[tokio::test]
async fn words_tell_by_which_call_they_were_said() {
    let (emulator, client) = started(Framing::PerEvent).await;
    emulator.set_scenario(KEY, Scenario::reply("call {call} and {call}"));

    let (first, _) = read(opened(&client).await).await;
    let (second, _) = read(opened(&client).await).await;

    let journal = emulator.journal();
    assert_eq!(first, "call 1 and 1");
    assert_eq!(second, "call 2 and 2");
    assert_eq!([journal[0].number, journal[1].number], [1, 2]);
    assert_eq!(
        *journal[1].scenario,
        Scenario::reply("call {call} and {call}")
    );
    assert!(journal[1].ended_at_ms.is_some());
}

#[tokio::test]
async fn a_stream_reads_the_same_however_its_frames_are_cut() {
    for framing in [Framing::PerEvent, Framing::Coalesced, Framing::PerByte] {
        let (emulator, client) = started(framing).await;
        emulator.set_scenario(KEY, Scenario::reply("exact words, in a stream"));

        let (text, end) = read(opened(&client).await).await;

        assert_eq!(text, "exact words, in a stream");
        assert_eq!(end, Ok(()));
        assert_eq!(emulator.journal()[0].outcome, Outcome::Answered);
    }
}

#[tokio::test]
async fn an_exception_in_the_stream_follows_the_content_before_it() {
    let (emulator, client) = started(Framing::PerEvent).await;
    emulator.push_scenario(
        KEY,
        Scenario {
            reply: Scenario::reply("cut off soon").reply,
            ..Scenario::stream_exception("throttlingException", 2)
        },
    );

    let (text, end) = read(opened(&client).await).await;
    let (_, next) = read(opened(&client).await).await;

    assert!("cut off soon".starts_with(&text) && !text.is_empty());
    assert!(end.unwrap_err().contains("ThrottlingException"));
    assert_eq!(next, Ok(()));
}

#[tokio::test]
async fn an_exception_before_the_stream_has_its_code_and_text() {
    let (emulator, client) = started(Framing::PerEvent).await;
    emulator.set_scenario("*", Scenario::exception("ModelNotReadyException"));

    let call = client.converse_stream().model_id(ARN).messages(prompt());
    let error = call.send().await.unwrap_err();

    assert_eq!(error.raw_response().unwrap().status().as_u16(), 429);
    assert_eq!(error.code(), Some("ModelNotReadyException"));
    assert!(error.message().unwrap().starts_with("Model is not ready"));
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn streams_that_break_end_as_errors_and_truncated_ones_silently() {
    let (emulator, client) = started(Framing::PerEvent).await;
    let after_events = 2;
    let broken = [
        Fault::Cut {
            after_events: Some(after_events),
        },
        Fault::Reset {
            after_events: Some(after_events),
        },
        Fault::HalfFrame { after_events },
        Fault::CorruptCrc {
            event: after_events,
        },
        Fault::StreamError {
            code: "InternalFailure".to_owned(),
            message: "gone".to_owned(),
            after_events,
        },
    ];

    for fault in broken {
        emulator.push_scenario(KEY, Scenario::fault(fault.clone()));
        let (text, end) = read(opened(&client).await).await;
        assert!(end.is_err(), "{fault:?} after {text:?}");
        assert!(!text.is_empty(), "{fault:?}");
    }
    emulator.push_scenario(KEY, Scenario::fault(Fault::Truncate { after_events }));
    let (_, end) = read(opened(&client).await).await;

    assert_eq!(end, Ok(()));
}

#[tokio::test]
async fn connections_ended_before_the_headers_are_dispatch_failures() {
    let (emulator, client) = started(Framing::PerEvent).await;

    for fault in [
        Fault::Cut { after_events: None },
        Fault::Reset { after_events: None },
    ] {
        emulator.push_scenario(KEY, Scenario::fault(fault.clone()));
        let call = client.converse().model_id(ARN).messages(prompt());
        let error = call.send().await.unwrap_err();
        assert!(error.as_service_error().is_none(), "{fault:?}: {error:?}");
    }
}

#[tokio::test]
async fn a_body_nobody_can_read_is_an_error_without_a_code() {
    let (emulator, client) = started(Framing::PerEvent).await;
    emulator.push_scenario(KEY, Scenario::fault(Fault::Garbage { status: 200 }));

    let call = client.converse().model_id(ARN).messages(prompt());
    let error = call.send().await.unwrap_err();

    // The SDK calls it a service error, although the status is 200.
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 200);
    assert_eq!(error.code(), None);
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed_while_the_answer_waits() {
    let (emulator, client) = started(Framing::PerEvent).await;
    let long = Delay {
        headers_ms: 60_000,
        ..Delay::default()
    };
    emulator.push_scenario(KEY, Scenario::default().delayed(long));
    emulator.push_scenario(
        KEY,
        Scenario::fault(Fault::Hang {
            after_events: Some(3),
        }),
    );

    let unary = client.converse().model_id(ARN).messages(prompt()).send();
    tokio::select! {
        _ = unary => panic!("answered"),
        _ = emulator.wait_until(|entries| entries.len() == 1) => {}
    }
    emulator
        .wait_until(|entries| entries[0].client_closed)
        .await;
    let stream = opened(&client).await;
    drop(stream);
    let entries = emulator
        .wait_until(|entries| entries.len() == 2 && entries[1].client_closed)
        .await;

    assert_eq!(entries[1].operation, "ConverseStream");
}

#[tokio::test]
async fn the_journal_keeps_the_body_as_it_was_sent() {
    let (emulator, client) = started(Framing::PerEvent).await;

    client
        .converse()
        .model_id(ARN)
        .messages(prompt())
        .send()
        .await
        .unwrap();

    let entry = &emulator.journal()[0];
    assert_eq!(entry.model_id, ARN);
    assert_eq!(
        entry.body,
        r#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#
    );
}

#[tokio::test]
async fn shutdown_ends_calls_that_hang() {
    let (emulator, client) = started(Framing::PerEvent).await;
    emulator.set_scenario(KEY, Scenario::fault(Fault::Hang { after_events: None }));
    let call = tokio::spawn(client.converse().model_id(ARN).messages(prompt()).send());
    emulator.wait_until(|entries| !entries.is_empty()).await;

    emulator.shutdown().await;

    assert!(call.await.unwrap().is_err());
}

#[tokio::test]
async fn models_past_their_end_of_life_are_refused_where_that_is_enforced() {
    let today = Some("2026-11-22".parse().unwrap());
    let (_emulator, client) = started_with(Options {
        enforce_lifecycle: true,
        today,
        ..options()
    })
    .await;
    let call = |model: &str| client.converse().model_id(model).messages(prompt()).send();

    let ended = call("us.anthropic.claude-3-5-sonnet-20241022-v2:0").await;
    let legacy = call(ARN).await;

    let error = ended.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    assert!(
        error
            .message()
            .unwrap()
            .contains("reached the end of its life")
    );
    assert!(legacy.is_ok());
}

#[tokio::test]
async fn scenarios_from_a_file_are_in_force_from_the_start() {
    let scenarios = r#"{"claude-opus-4-1": [{"exception": {"name": "ThrottlingException"}}]}"#;
    let (_emulator, client) = started_with(Options {
        scenarios: Some(scenarios.to_owned()),
        ..options()
    })
    .await;
    let call = || client.converse().model_id(ARN).messages(prompt()).send();

    let first = call().await.unwrap_err();
    let second = call().await;

    assert_eq!(first.code(), Some("ThrottlingException"));
    assert!(second.is_ok());
}

#[tokio::test]
async fn a_wrong_scenario_file_keeps_the_emulator_from_starting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let wrong = Options {
        scenarios: Some(r#"{"claude-opus-4-1": {"slow": true}}"#.to_owned()),
        ..options()
    };

    let Err(OptionsError::Scenario(error)) = Emulator::start(listener, wrong) else {
        panic!("started");
    };

    assert_eq!(error.model, "claude-opus-4-1");
    assert!(error.problem.contains("slow"));
}

#[tokio::test]
async fn a_huge_frame_is_one_event_with_all_its_text() {
    let (emulator, client) = started(Framing::PerEvent).await;
    emulator.push_scenario(
        KEY,
        Scenario::fault(Fault::HugeFrame {
            bytes: 1_000_000,
            after_events: 1,
        }),
    );

    let (text, end) = read(opened(&client).await).await;

    assert!(text.len() > 1_000_000);
    assert_eq!(end, Ok(()));
}
