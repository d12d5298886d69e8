use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;

use clap::Parser;
use futures_util::stream;
use tokio::net::TcpListener;
use tokio_stream::Stream;
use tokio_stream::StreamExt as _;
use tonic::Request;
use tonic::Response;
use tonic::Status;
use tonic::transport::Server;

use super::*;
use crate::proto::Attempt;
use crate::proto::AttemptError;
use crate::proto::AttemptEvent;
use crate::proto::CitedContentBlock;
use crate::proto::CitedText;
use crate::proto::ContentBlock;
use crate::proto::ContentBlockDeltaEvent;
use crate::proto::ContentBlockStartEvent;
use crate::proto::CountTokensRequest;
use crate::proto::CountTokensResponse;
use crate::proto::ErrorReason;
use crate::proto::HeartbeatEvent;
use crate::proto::InvocationMetadata;
use crate::proto::InvokeResponse;
use crate::proto::InvokeStreamResponse;
use crate::proto::MessageStopEvent;
use crate::proto::attempt::State;
use crate::proto::cited_text;
use crate::proto::content_block;
use crate::proto::content_block_delta_event::Delta;
use crate::proto::content_block_start_event::Start;
use crate::proto::inference_service_server::InferenceService;
use crate::proto::inference_service_server::InferenceServiceServer;

type Script = Vec<Result<Event, Status>>;

/// A request, and its `grpc-timeout`.
type Seen = (InvokeRequest, Option<String>);

/// A gateway that says what the test wants, and keeps the last request.
#[derive(Clone, Default)]
struct Scripted {
    answer: Option<InvokeResponse>,
    events: Script,
    seen: Arc<Mutex<Option<Seen>>>,
}

#[tonic::async_trait]
impl InferenceService for Scripted {
    async fn invoke(
        &self,
        request: Request<InvokeRequest>,
    ) -> Result<Response<InvokeResponse>, Status> {
        let timeout = request.metadata().get("grpc-timeout");
        let timeout = timeout.map(|value| value.to_str().unwrap().to_owned());
        *self.seen.lock().unwrap() = Some((request.into_inner(), timeout));
        let refused = || Status::unavailable("every model is down");
        self.answer.clone().map(Response::new).ok_or_else(refused)
    }

    type InvokeStreamStream =
        Pin<Box<dyn Stream<Item = Result<InvokeStreamResponse, Status>> + Send>>;

    async fn invoke_stream(
        &self,
        _request: Request<InvokeStreamRequest>,
    ) -> Result<Response<Self::InvokeStreamStream>, Status> {
        let responses = stream::iter(self.events.clone())
            .map(|event| event.map(|event| InvokeStreamResponse { event: Some(event) }));
        Ok(Response::new(Box::pin(responses)))
    }

    async fn count_tokens(
        &self,
        _request: Request<CountTokensRequest>,
    ) -> Result<Response<CountTokensResponse>, Status> {
        Err(Status::unimplemented("not scripted"))
    }
}

#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    args: InvokeArgs,
}

/// What the command did: exit, standard output, standard error.
async fn invoke(gateway: &Scripted, flags: &[&str]) -> (Exit, String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepted = stream::unfold(listener, |listener| async {
        Some((listener.accept().await.map(|(socket, _)| socket), listener))
    });
    let server = Server::builder()
        .add_service(InferenceServiceServer::new(gateway.clone()))
        .serve_with_incoming(accepted);
    let mut arguments = vec!["invoke", "Hi", "--address", &address];
    arguments.extend(flags);
    let args = Command::try_parse_from(arguments).unwrap().args;
    let (mut output, mut notes) = (Vec::new(), Vec::new());

    let exit = tokio::select! {
        exit = run(args, &mut output, &mut notes) => exit.unwrap(),
        ended = server => panic!("the server ended: {ended:?}"),
    };

    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(output), text(notes))
}

fn answered() -> InvocationMetadata {
    InvocationMetadata {
        model: "claude-sonnet-4-5".to_owned(),
        ..InvocationMetadata::default()
    }
}

fn delta(text: &str) -> Event {
    Event::ContentBlockDelta(ContentBlockDeltaEvent {
        content_block_index: 0,
        delta: Some(Delta::Text(text.to_owned())),
    })
}

fn message_stop() -> Event {
    Event::MessageStop(MessageStopEvent {
        stop_reason: StopReason::EndTurn.into(),
        ..MessageStopEvent::default()
    })
}

#[tokio::test]
async fn the_answer_goes_to_output_and_the_line_about_it_to_notes() {
    let gateway = Scripted {
        answer: Some(InvokeResponse {
            text: "Hello".to_owned(),
            stop_reason: StopReason::EndTurn.into(),
            metadata: Some(answered()),
            ..InvokeResponse::default()
        }),
        ..Scripted::default()
    };

    let (exit, output, notes) = invoke(&gateway, &[]).await;

    assert_eq!(exit, Exit::Success);
    assert_eq!(output, "Hello\n");
    assert_eq!(notes, "claude-sonnet-4-5 · price unknown · 0 attempts\n");
}

#[tokio::test]
async fn flags_become_the_request_and_its_deadline() {
    let gateway = Scripted::default();
    let flags = [
        "--model",
        "opus",
        "--system",
        "Be brief.",
        "--max-tokens",
        "40",
        "--temperature",
        "0.5",
        "--timeout",
        "30s",
    ];

    invoke(&gateway, &flags).await;

    let (request, timeout) = gateway.seen.lock().unwrap().take().unwrap();
    assert_eq!(request.model, "opus");
    assert_eq!(request.prompt, "Hi");
    let system = Some(Block::Text("Be brief.".to_owned()));
    assert_eq!(request.system, [SystemContentBlock { block: system }]);
    let config = request.inference_config.unwrap();
    assert_eq!(config.max_tokens, Some(40));
    assert_eq!(config.temperature, Some(0.5));
    assert_eq!(timeout.as_deref(), Some("30000000u"));
}

#[tokio::test]
async fn parameters_that_nobody_set_are_not_sent() {
    let gateway = Scripted::default();

    invoke(&gateway, &[]).await;

    let (request, timeout) = gateway.seen.lock().unwrap().take().unwrap();
    assert_eq!(request.inference_config, None);
    assert!(timeout.is_some());
}

#[tokio::test]
async fn a_failure_is_told_in_notes_and_output_stays_empty() {
    let (exit, output, notes) = invoke(&Scripted::default(), &[]).await;

    assert_eq!(exit, Exit::Failure);
    assert_eq!(output, "");
    assert!(
        notes.starts_with("error: UNAVAILABLE: every model is down\n"),
        "{notes}"
    );
}

#[tokio::test]
async fn json_is_one_object_for_success_and_failure() {
    let gateway = Scripted {
        answer: Some(InvokeResponse {
            text: "Hello".to_owned(),
            stop_reason: StopReason::MaxTokens.into(),
            metadata: Some(answered()),
            ..InvokeResponse::default()
        }),
        ..Scripted::default()
    };

    let (_, success, _) = invoke(&gateway, &["--json"]).await;
    let (exit, failure, notes) = invoke(&Scripted::default(), &["--json"]).await;

    let success: serde_json::Value = serde_json::from_str(&success).unwrap();
    assert_eq!(success["text"], "Hello");
    assert_eq!(success["stopReason"], "STOP_REASON_MAX_TOKENS");
    assert_eq!(success["metadata"]["model"], "claude-sonnet-4-5");
    let failure: serde_json::Value = serde_json::from_str(&failure).unwrap();
    assert_eq!(failure["error"]["code"], "UNAVAILABLE");
    assert_eq!((exit, notes.as_str()), (Exit::Failure, ""));
}

#[tokio::test]
async fn a_stream_is_printed_piece_by_piece() {
    let events = [
        delta("Hel"),
        delta("lo"),
        message_stop(),
        Event::Metadata(Box::new(answered())),
    ];
    let gateway = Scripted {
        events: events.map(Ok).to_vec(),
        ..Scripted::default()
    };

    let (exit, output, notes) = invoke(&gateway, &["--stream"]).await;

    assert_eq!(exit, Exit::Success);
    assert_eq!(output, "Hello\n");
    assert_eq!(notes, "claude-sonnet-4-5 · price unknown · 0 attempts\n");
}

#[tokio::test]
async fn text_of_a_block_that_comes_whole_is_printed_too() {
    let part = |text: &str| CitedText {
        content: Some(cited_text::Content::Text(text.to_owned())),
    };
    let cited = CitedContentBlock {
        content: vec![part("Hel"), part("lo")],
        citations: Vec::new(),
    };
    let events = [
        Event::ContentBlockStart(ContentBlockStartEvent {
            content_block_index: 0,
            start: Some(Start::Whole(Box::new(ContentBlock {
                block: Some(content_block::Block::CitedContent(cited)),
            }))),
        }),
        message_stop(),
        Event::Metadata(Box::new(answered())),
    ];
    let gateway = Scripted {
        events: events.map(Ok).to_vec(),
        ..Scripted::default()
    };

    let (exit, output, _) = invoke(&gateway, &["--stream"]).await;

    assert_eq!((exit, output.as_str()), (Exit::Success, "Hello\n"));
}

#[tokio::test]
async fn a_broken_stream_keeps_what_came_and_fails() {
    let gateway = Scripted {
        events: vec![
            Ok(delta("Hel")),
            Err(Status::aborted("the stream broke off")),
        ],
        ..Scripted::default()
    };

    let (exit, output, notes) = invoke(&gateway, &["--stream"]).await;

    assert_eq!(exit, Exit::Failure);
    assert_eq!(output, "Hel\n");
    assert!(
        notes.starts_with("error: ABORTED: the stream broke off\n"),
        "{notes}"
    );
}

#[tokio::test]
async fn text_that_is_taken_back_is_announced_and_the_new_one_has_its_own_line() {
    let discarded = AttemptEvent {
        attempt: Some(Attempt {
            model: "claude-opus-4-1".to_owned(),
            state: State::Failed.into(),
            error: Some(AttemptError {
                reason: ErrorReason::UpstreamUnavailable.into(),
                ..AttemptError::default()
            }),
            ..Attempt::default()
        }),
        output_discarded: true,
        backoff: None,
    };
    let events = [
        delta("Hel"),
        Event::Attempt(Box::new(discarded)),
        Event::Heartbeat(HeartbeatEvent {}),
        delta("Hello"),
        message_stop(),
        Event::Metadata(Box::new(answered())),
    ];
    let gateway = Scripted {
        events: events.map(Ok).to_vec(),
        ..Scripted::default()
    };

    let (exit, output, notes) = invoke(&gateway, &["--stream", "--restart"]).await;

    assert_eq!(exit, Exit::Success);
    assert_eq!(output, "Hel\nHello\n");
    assert!(
        notes.starts_with(
            "the text above was taken back: claude-opus-4-1 UPSTREAM_UNAVAILABLE; \
             the answer begins anew\n"
        ),
        "{notes}"
    );
}

#[tokio::test]
async fn a_stream_without_its_last_event_is_a_failure() {
    let gateway = Scripted {
        events: vec![Ok(delta("Hello")), Ok(message_stop())],
        ..Scripted::default()
    };

    let (exit, _, notes) = invoke(&gateway, &["--stream"]).await;

    assert_eq!(exit, Exit::Failure);
    assert!(
        notes.contains("the stream ended without its last event"),
        "{notes}"
    );
}

#[tokio::test]
async fn nobody_at_the_address_says_how_to_start_a_gateway() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let args = Command::try_parse_from(["invoke", "Hi", "--address", &address]);

    let error = run(args.unwrap().args, &mut Vec::new(), &mut Vec::new())
        .await
        .unwrap_err();

    let text = format!("{error:#}");
    assert!(
        text.starts_with(&format!("no gateway answers at http://{address}: Conn")),
        "{text}"
    );
    assert!(
        text.ends_with("start one with: bedrock-gateway serve --emulator"),
        "{text}"
    );
    assert!(error.is::<crate::cli::connection::Unreachable>());
}

#[test]
fn a_dash_reads_the_prompt_from_the_input() {
    let args = Command::try_parse_from(["invoke", "-"]).unwrap().args;

    let args = args.with_prompt_from("from a pipe".as_bytes()).unwrap();

    assert_eq!(args.prompt, "from a pipe");
}
